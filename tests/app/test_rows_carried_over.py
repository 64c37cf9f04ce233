"""Rows that an earlier version left are what this one needs them to be, once it has migrated."""

import os
from dataclasses import dataclass

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from app import schema
from app.core.vault import DataKeys, Place, Vault

CITY = """
    INSERT INTO tenant (id, slug, name, zone) VALUES (7, 't7', 'City', 'Asia/Shanghai'),
        (8, 't8', 'Town', 'Asia/Shanghai');
    SET session_replication_role = replica;  -- whom and what they are of matters to no step
"""


def uuid(number):
    return f"018f0000-0000-7000-8000-{number:012}"


@dataclass
class Earlier:
    """A database as an earlier version left it."""

    url: str

    def read(self, query):
        with psycopg.connect(self.url.replace("+psycopg", "")) as connection:
            return connection.execute(query).fetchall()

    def go_back(self, revision, vault):
        """As whoever has to do without this version would."""
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            config = Config(schema.ROOT / "alembic.ini")
            config.attributes.update(connection=connection, vault=vault)
            command.downgrade(config, revision)
            connection.commit()


@pytest.fixture
def earlier(stand):
    """Make one, at a revision and with some rows."""
    made = []

    def earlier(revision, rows):
        name = f"red_account_at_{revision}_{os.getpid()}"
        url = stand.create(name)
        made.append(name)
        engine = sa.create_engine(url, poolclass=sa.NullPool)
        with engine.connect() as connection:
            schema.bring(connection, revision)
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute(CITY + rows)
        return Earlier(url)

    yield earlier
    for name in made:
        stand.drop(name)


ANNA, BERT, SHOP, OTHER_SHOP = (uuid(number) for number in (1, 2, 3, 4))
SHARE, SHARE_ELSEWHERE = uuid(11), uuid(12)


def terminal(tenant, seller, shop, share):
    """A slice somebody was granted, and a share of it; all of that goes by the same number."""
    return f"""
        INSERT INTO offline_slice (tenant_id, id, shop_id, granted_to, terminal, granted_at, day,
            ends_at, kept_until)
        VALUES ({tenant}, '{share}', '{shop}', '{seller}', '{uuid(9)}', '2026-03-02T01:00Z',
            '2026-03-02', '2026-03-02T12:00Z', '2026-03-09T12:00Z');
        INSERT INTO offline_share (tenant_id, id, slice_id, person_id, day, points, state)
        VALUES ({tenant}, '{share}', '{share}', '{share}', '2026-03-02', 20, 'open');
    """


def stray(number, told, *, tenant=7, closed_by=None):
    """A sale that was put aside by a colleague, in the first shop."""
    closed = f"now(), '{closed_by}', '看过了'" if closed_by else "NULL, NULL, NULL"
    return f"""
        INSERT INTO offline_stray (tenant_id, id, shop_id, nonce, told, problem, said, put_at,
            put_by, closed_at, closed_by, reason)
        VALUES ({tenant}, '{uuid(number)}', '{SHOP}', '{uuid(number)}', '{told}', 'slice_forged',
            '被改动过', now(), '{uuid(7)}', {closed});
    """


def person(tenant, id_):
    return f"""
        INSERT INTO person (tenant_id, id, display_name, kinds, community_id, created_at)
        VALUES ({tenant}, '{id_}', '汤*', '{{resident}}', '{uuid(6)}', now());
    """


STRAYS = (
    person(7, ANNA)
    + person(8, BERT)
    + terminal(7, ANNA, SHOP, SHARE)
    + terminal(7, ANNA, OTHER_SHOP, SHARE_ELSEWHERE)
    + terminal(8, BERT, SHOP, SHARE)
    + stray(101, f'{{"share": "{SHARE.upper()}"}}')
    + stray(102, "{}")
    + stray(103, '{"share": "no longer known"}')
    + stray(104, '{"share": 5}')
    + stray(105, f'{{"share": "{SHARE_ELSEWHERE}"}}')
    + stray(106, f'{{"share": "{SHARE}"}}', closed_by=ANNA)
    + stray(107, f'{{"share": "{SHARE}"}}', tenant=8)
)


def test_what_waits_aside_is_known_by_its_share_to_be_whose_it_was(earlier):
    database = earlier("0038", STRAYS)

    schema.upgrade(database.url)

    sellers = database.read(
        "SELECT right(id::text, 3)::int, sold_by::text FROM offline_stray ORDER BY id, tenant_id"
    )
    walled = database.read(
        "SELECT bool_and(relforcerowsecurity), count(*) FROM pg_class"
        " WHERE relname IN ('offline_stray', 'offline_share', 'offline_slice')"
    )
    assert dict(sellers) == {
        101: ANNA,
        102: None,
        103: None,
        104: None,
        105: None,  # of another shop
        106: None,  # which she had ended herself, as one could then
        107: BERT,
    }
    assert walled == [(True, 3)]


POLICIES = """
    INSERT INTO policy (tenant_id, version, in_force_from, document, published_at)
    VALUES (7, '1', '2026-01-01', '{"b": [1, 2.50], "a": "积分"}', now()),
        (7, '2', '2026-02-01', '{}', now()),
        (8, '1', '2026-01-01', '{"a": "积分", "b": [1, 2.50]}', now());
"""


def test_every_policy_that_was_published_keeps_what_tells_it_apart(earlier):
    database = earlier("0039", POLICIES)

    schema.upgrade(database.url)

    told = database.read(
        "SELECT digest, digest = md5(document::text) FROM policy ORDER BY tenant_id, version"
    )
    assert [right for _digest, right in told] == [True, True, True]
    (first, _), (second, _), (elsewhere, _) = told
    assert first == elsewhere != second


ANSWER = '{"redemption": {"vouchers": [{"code": "ABCD2345", "name": "理发券"}]}}'
KEYS = f"""
    INSERT INTO idempotency (tenant_id, id, actor_id, key, fingerprint, status, content_type,
        answer, created_at)
    VALUES (7, '{uuid(21)}', '{ANNA}', '{"a" * 20}', 'x', 201, 'application/json',
            convert_to('{ANSWER}', 'UTF8'), now()),
        (8, '{uuid(22)}', '{BERT}', '{"b" * 20}', 'x', 409, 'application/problem+json',
            convert_to('{{}}', 'UTF8'), now()),
        (8, '{uuid(23)}', '{BERT}', '{"c" * 20}', 'x', NULL, NULL, NULL, now());
"""


def test_answers_that_were_kept_in_clear_are_sealed_and_can_be_given_again(earlier):
    database, vault = earlier("0040", KEYS), Vault(DataKeys.new(), algorithm="aes256gcm")
    with pytest.raises(schema.MigrationRefused, match="DATA_KEYS"):
        schema.upgrade(database.url)

    schema.upgrade(database.url, vault=vault)

    kept = database.read("SELECT tenant_id, id, answer_sealed FROM idempotency ORDER BY id")
    places = [
        Place(tenant_id=tenant_id, table="idempotency", field="answer", row_id=id_)
        for tenant_id, id_, _sealed in kept
    ]
    answers = [
        sealed and vault.unseal(sealed, at) for (*_, sealed), at in zip(kept, places, strict=True)
    ]
    assert answers == [ANSWER, "{}", None]
    assert "ABCD2345" not in str(kept)

    database.go_back("0040", vault)

    before = database.read("SELECT convert_from(answer, 'UTF8') FROM idempotency ORDER BY id")
    assert before == [(ANSWER,), ("{}",), (None,)]
