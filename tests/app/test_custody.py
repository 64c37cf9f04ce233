"""The commands about what is kept safe, and what the night does for it."""

import io
import json
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.commands import work_by_night
from app.core import audit
from app.core.audit import anchors
from app.core.vault import DataKeys, Vault
from app.identity.elsewhere import accounts_of
from app.roster import importing
from app.roster.models import ImportChunk
from app.wechat.token_store import DatabaseTokens
from app.wechat.tokens import Token
from tests.support.browser import Browser


@pytest.fixture
def run(app, world):
    """A command about this world's tenant."""

    def run(*args):
        with app.app_context():
            return app.test_cli_runner().invoke(args=[*args, "--tenant", f"t{world.tenant_id}"])

    return run


@pytest.fixture
def three(world):
    for _ in range(3):
        with world.work() as session:
            audit.record(
                session,
                actor=audit.SYSTEM,
                action="setting.change",
                subject=("tenant", uuid4()),
                scope=None,
                at=world.now(),
            )


@pytest.fixture
def superuser(stand, database_name, world):
    engine = sa.create_engine(stand.url(database_name), poolclass=sa.NullPool)

    def says(statement):
        with engine.begin() as connection:
            connection.execute(sa.text(statement), {"t": world.tenant_id})

    return says


def test_a_whole_log_is_said_to_be_whole(run, three):
    outcome = run("audit", "verify")

    assert outcome.exit_code == 0
    assert "3 entries, all whole" in outcome.stdout


@pytest.mark.parametrize(
    ("deed", "entry"),
    [
        ("UPDATE audit_entry SET reason = 'x' WHERE tenant_id = :t AND seq = 2", 2),
        ("DELETE FROM audit_entry WHERE tenant_id = :t AND seq = 1", 1),
        ("DELETE FROM audit_entry WHERE tenant_id = :t AND seq = 3", 3),
    ],
    ids=["edited", "removed", "cut off"],
)
def test_a_log_that_somebody_laid_hands_on_is_told_with_the_entry(
    run, three, superuser, deed, entry
):
    superuser(deed)

    outcome = run("audit", "verify")

    assert outcome.exit_code == 1
    assert f"entry {entry} is broken" in outcome.stdout
    assert run("nightly").exit_code == 1


def test_the_night_anchors_the_log_outside_the_database(app, world, three, run):
    file = anchors.file_in(app.config["SETTINGS"].var)

    assert run("nightly").exit_code == 0

    assert sorted(anchors.read(file, world.tenant_id)) == [3]
    assert "1 anchors fit" in run("audit", "verify").stdout


def test_the_sweeper_anchors_it_too(app, world, three):
    with app.app_context():
        work_by_night([world.tenant])

    file = anchors.file_in(app.config["SETTINGS"].var)
    assert sorted(anchors.read(file, world.tenant_id)) == [3]


def test_a_log_that_was_written_anew_does_not_fit_its_anchor(run, three, superuser):
    run("nightly")

    superuser("DELETE FROM audit_entry WHERE tenant_id = :t")
    superuser("DELETE FROM audit_head WHERE tenant_id = :t")
    outcome = run("audit", "verify")

    assert outcome.exit_code == 1
    assert "entry 1 is broken: it is missing" in outcome.stdout


def test_a_new_key_is_added_to_those_there_are(app):
    with app.app_context():
        printed = app.test_cli_runner().invoke(args=["vault", "new-key"])

    before, after = DataKeys.read(app.config["SETTINGS"].data_keys), DataKeys.read(printed.stdout)
    assert (after.current, after.index) == ("k2", before.index)
    assert after.keys["k1"] == before.keys["k1"]


def test_older_keys_can_go_once_everything_is_sealed_anew(app, world, api, run, monkeypatch):
    old = DataKeys.read(app.config["SETTINGS"].data_keys)
    lin, appid = world.person(), world.appid
    clerk = Browser(world, api, world.staff("community_clerk"))
    api.post("/me/phone", as_=lin, number="13812345678", name="林晓梅")
    sheet = io.BytesIO("姓名,手机号\n张三,13912345678\n".encode())
    upload = {"kind": "people", "community_id": str(world.units["Mingde"])}
    path = "/staff/people/import"
    clerk.submit(path, shown_on=path, file=(sheet, "people.csv"), **upload)
    token = Token("a token of WeChat", world.now() + timedelta(hours=2))
    with app.app_context(), DatabaseTokens(app.extensions["vault"]).locked(appid) as held:
        held.write(token)
    renewed = old.with_another()

    monkeypatch.setitem(app.extensions, "vault", Vault(renewed, algorithm="aes256gcm"))
    assert run("vault", "rotate").exit_code == 0
    rest = DataKeys("k2", {"k2": renewed.keys["k2"]}, renewed.index)
    monkeypatch.setitem(app.extensions, "vault", Vault(rest, algorithm="aes256gcm"))

    with app.app_context():
        assert DatabaseTokens(app.extensions["vault"]).read(appid) == token
    assert api.get("/me/phone", as_=lin).json["claim"]["masked"] == "138****5678"
    with world.work() as session:
        vault = app.extensions["vault"]
        (chunk,), (sealed,) = session.scalars(sa.select(ImportChunk)).all(), importing.SEALED
        (row,) = json.loads(vault.unseal(chunk.sealed, sealed.place(chunk)))
        (account,) = accounts_of(session, vault, lin.id)
    assert "张三" in row.values()
    assert account.subject == world.openid_of(lin)


def test_an_answer_is_given_again_when_the_key_that_sealed_it_has_gone(
    app, world, counter, run, monkeypatch
):
    old = DataKeys.read(app.config["SETTINGS"].data_keys)
    shown, key = counter.code(world.person(points=100)), "k" * 20
    first = counter.redeem(shown, key=key)
    renewed = old.with_another()

    monkeypatch.setitem(app.extensions, "vault", Vault(renewed, algorithm="aes256gcm"))
    assert run("vault", "rotate").exit_code == 0
    rest = DataKeys("k2", {"k2": renewed.keys["k2"]}, renewed.index)
    monkeypatch.setitem(app.extensions, "vault", Vault(rest, algorithm="aes256gcm"))

    assert counter.redeem(shown, key=key).data == first.data
