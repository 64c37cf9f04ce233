"""Migrations run as the logins that administrators of a database hand out, and never block it."""

import json
import os
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
import sqlalchemy as sa

from app import schema
from app.core.db import Database
from app.core.embedded import Servers
from app.core.vault import DataKeys, Place, Vault

DEBIAN = Path("/usr/lib/postgresql/15/bin")
POSTGRES = frozenset({"postgres"})

REMEMBER = """
    CREATE TABLE remembered (lock_timeout text);
    CREATE FUNCTION remember() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN INSERT INTO public.remembered VALUES (current_setting('lock_timeout')); END $$;
    CREATE EVENT TRIGGER remember ON ddl_command_start EXECUTE FUNCTION remember();
"""


@pytest.fixture(
    params=[
        pytest.param(None, id="bundled"),
        pytest.param(
            DEBIAN,
            id="debian",
            marks=pytest.mark.skipif(not DEBIAN.exists(), reason="no PostgreSQL of Debian here"),
        ),
    ]
)
def servers(request, tmp_path):
    """A server nobody has migrated anything on: roles belong to all of its databases."""
    var = tmp_path / "var"
    with Servers(
        var=var, wanted=POSTGRES, postgres_bin=request.param, durable=False, disposable=True
    ) as servers:
        yield servers


@pytest.fixture
def landlord_url(servers):
    """A database of a login that may create roles, and is not a superuser."""
    access = (servers.var / "postgres").resolve().parent / "access"
    logins = (access / "pg_ident.conf").read_text(encoding="utf-8")
    (access / "pg_ident.conf").write_text(logins + logins.replace('"owner"', '"landlord"'))
    address = servers.database_url("postgres", "postgres").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE ROLE landlord LOGIN CREATEROLE")
        connection.execute("CREATE DATABASE house OWNER landlord")
        connection.execute("SELECT pg_reload_conf()")
    return servers.database_url("landlord", "house")


def test_a_login_that_may_create_roles_is_enough(landlord_url):
    """Takes about three seconds: a server of its own is made."""
    schema.upgrade(landlord_url)
    schema.upgrade(landlord_url)

    for role in ("owner", "app", "worker"):
        database = Database(landlord_url, role=role)
        with database.open(None) as session:
            assert session.scalar(sa.text("SELECT current_user")) == role
        database.engine.dispose()


ORPHAN = """
    SET session_replication_role = replica;  -- as a restored or mended database may have it
    INSERT INTO redemption (tenant_id, id, shop_id, person_id, manager_id, code_id,
        state, cost, balance_after, transfer_id, at)
    SELECT 1, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
        gen_random_uuid(), 'completed', 16, 4, gen_random_uuid(), now();
"""


@pytest.fixture
def earlier_url(stand):
    """A database as an earlier version left it: a redemption whose transfer is nowhere."""
    name = f"red_account_earlier_{os.getpid()}"
    url = stand.create(name)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        schema.bring(connection, "0003")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(ORPHAN)
    yield url
    stand.drop(name)


def test_rows_that_break_a_new_rule_are_named_and_the_step_changes_nothing(earlier_url):
    with pytest.raises(schema.MigrationRefused, match=r"fk_redemption_.* changed nothing"):
        schema.upgrade(earlier_url)

    with psycopg.connect(earlier_url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            ("0003",)
        ]
        connection.execute("DELETE FROM redemption")
        connection.commit()
        schema.upgrade(earlier_url)
        forced = connection.execute(
            "SELECT relname FROM pg_class WHERE relname IN ('redemption', 'transfer')"
            " AND relforcerowsecurity"
        ).fetchall()
    assert len(forced) == 2


@pytest.fixture
def remembering_url(stand):
    """A database that remembers how long each change of its tables would have waited."""
    name = f"red_account_waiting_{os.getpid()}"
    url = stand.create(name)
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(REMEMBER)
    yield url
    stand.drop(name)


def test_a_migration_waits_for_nobody_for_long(remembering_url):
    schema.upgrade(remembering_url)

    with psycopg.connect(remembering_url.replace("+psycopg", "")) as connection:
        told = connection.execute("SELECT DISTINCT lock_timeout FROM remembered").fetchall()
    assert told == [("5s",)]


VISITOR = """
    INSERT INTO tenant (id, slug, name, zone) VALUES (7, 't7', 'City', 'Asia/Shanghai');
    SET session_replication_role = replica;
    INSERT INTO person (tenant_id, id, display_name, kinds, community_id, created_at)
    VALUES (7, '018f0000-0000-7000-8000-000000000002', '林*', '{resident}',
        gen_random_uuid(), now());
    INSERT INTO super_app_identity (tenant_id, id, platform, appid, subject, person_id)
    VALUES (7, '018f0000-0000-7000-8000-000000000001', 'wechat', 'wxabc', 'oLinXiaoyan',
        '018f0000-0000-7000-8000-000000000002');
    INSERT INTO wechat_right
        (tenant_id, id, appid, subject, template_id, left_over, changed_at)
    VALUES (7, gen_random_uuid(), 'wxabc', 'oLinXiaoyan', 'T1', 2, now());
"""


@pytest.fixture
def open_url(stand):
    """A database as an earlier version left it, with what WeChat calls somebody in clear."""
    name = f"red_account_open_{os.getpid()}"
    url = stand.create(name)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        schema.bring(connection, "0014")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(VISITOR)
    yield url
    stand.drop(name)


def test_what_wechat_calls_people_is_carried_over_sealed(open_url):
    vault = Vault(DataKeys.new(), algorithm="aes256gcm")
    with pytest.raises(schema.MigrationRefused, match="DATA_KEYS"):
        schema.upgrade(open_url)

    schema.upgrade(open_url, vault=vault)

    with psycopg.connect(open_url.replace("+psycopg", "")) as connection:
        account, right = (
            connection.execute(
                f"SELECT row_to_json(one)::text, subject_blind FROM {table} one"
            ).fetchone()
            for table in ("super_app_identity", "wechat_right")
        )
    assert account[1] == right[1]
    assert account[1] == vault.blind("wxabc|oLinXiaoyan", tenant_id=7, use="openid")
    assert "oLinXiaoyan" not in account[0] + right[0]
    place = Place(
        tenant_id=7,
        table="super_app_identity",
        field="subject",
        row_id=UUID("018f0000-0000-7000-8000-000000000001"),
    )
    sealed = json.loads(account[0])["subject_sealed"]
    assert vault.unseal(sealed, place) == "oLinXiaoyan"


SHELF = """
    INSERT INTO tenant (id, slug, name, zone) VALUES (7, 't7', 'City', 'Asia/Shanghai');
    SET session_replication_role = replica;
    INSERT INTO item (tenant_id, id, shop_id, sku, name, points)
    VALUES (7, '018f0000-0000-7000-8000-000000000011', gen_random_uuid(), '1', '大米', 16),
        (7, '018f0000-0000-7000-8000-000000000012', gen_random_uuid(), '2', '酱油', 8);
    INSERT INTO stock (tenant_id, id, on_hand)
    VALUES (7, '018f0000-0000-7000-8000-000000000011', 7),
        (7, '018f0000-0000-7000-8000-000000000012', 0);
    INSERT INTO redemption (tenant_id, id, shop_id, person_id, manager_id, code_id, state, cost,
        balance_after, transfer_id, at)
    VALUES (7, '018f0000-0000-7000-8000-000000000013', gen_random_uuid(), gen_random_uuid(),
        '018f0000-0000-7000-8000-000000000014', gen_random_uuid(), 'completed', 48, 2,
        gen_random_uuid(), '2026-03-01T17:00Z');
    INSERT INTO stock_move (tenant_id, id, item_id, delta, kind, reference, redemption_id, at)
    VALUES (7, gen_random_uuid(), '018f0000-0000-7000-8000-000000000011', 10, 'stock_in',
            'opening', NULL, '2026-02-01T17:00Z'),
        (7, gen_random_uuid(), '018f0000-0000-7000-8000-000000000011', -3, 'redemption',
            'redemption:13', '018f0000-0000-7000-8000-000000000013', '2026-03-01T17:00Z');
"""


@pytest.fixture
def shelf_url(stand):
    """A database as an earlier version left it, with one number for each kind of goods."""
    name = f"red_account_shelf_{os.getpid()}"
    url = stand.create(name)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.connect() as connection:
        schema.bring(connection, "0024")
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        connection.execute(SHELF)
    yield url
    stand.drop(name)


def test_what_stood_on_the_shelves_is_one_batch_an_item_with_its_price(shelf_url):
    schema.upgrade(shelf_url)

    with psycopg.connect(shelf_url.replace("+psycopg", "")) as connection:
        on_hand = connection.execute("SELECT on_hand FROM auditor.stock ORDER BY 1").fetchall()
        moves = connection.execute("""
            SELECT kind, delta, day::text, entered_by::text FROM stock_move
            WHERE batch_id = item_id ORDER BY at
        """).fetchall()
        prices = connection.execute("""
            SELECT points FROM item_price
            WHERE is_first AND valid_from <= DATE '2026-02-01' ORDER BY 1
        """).fetchall()
        batches = connection.execute("SELECT best_before FROM batch").fetchall()
    assert on_hand == [(0,), (7,)]
    assert moves == [
        ("opening", 10, "2026-02-02", None),
        ("redemption", -3, "2026-03-02", "018f0000-0000-7000-8000-000000000014"),
    ]
    assert prices == [(16,)]  # the other was never there, and costs what it costs from now on
    assert batches == [(None,), (None,)]
