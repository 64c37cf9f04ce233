"""What an operator reads when a command cannot do its work: one sentence, and exit code 1."""

import os

import psycopg
import pytest

from app.core.embedded import Addresses, CannotStart, Servers
from tests.support.fixtures import application, settings_for


@pytest.fixture
def bare(stand):
    """An empty database, as nobody has migrated it yet."""
    name = f"red_account_commands_{os.getpid()}"
    stand.create(name)
    yield name
    stand.drop(name)


def migrate(stand, database):
    settings = settings_for(stand, database).with_changes(owner_database_url=stand.url(database))
    with application(settings) as app, app.app_context():
        return app.test_cli_runner().invoke(args=["migrate"])


def test_a_migration_says_that_it_is_done(stand, bare):
    assert migrate(stand, bare).stdout == "the schema is this version's\n"


def test_a_database_of_a_newer_version_is_told_in_one_line(stand, bare):
    address = stand.url(bare).replace("postgresql+psycopg:", "postgresql:")
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num text)")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")

    outcome = migrate(stand, bare)

    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("Error: The database is at revision 9999")
    assert outcome.stderr.count("\n") == 1


def test_a_database_that_is_not_there_is_told_in_one_line(stand):
    outcome = migrate(stand, "red_account_nowhere")

    assert outcome.exit_code == 1
    assert "The database cannot be used" in outcome.stderr
    assert outcome.stderr.count("\n") == 1


def test_an_embedded_database_that_does_not_answer_is_told(tmp_path):
    servers = Servers(var=tmp_path)
    servers.addresses = Addresses(postgres=str(tmp_path / "sockets"))

    with pytest.raises(CannotStart, match="embedded database"):
        servers.ensure_database()


def test_without_an_embedded_database_none_of_the_machines_is_used(tmp_path):
    with pytest.raises(LookupError):
        Servers(var=tmp_path).ensure_database()


def test_a_forgotten_password_is_replaced(app, api, world):
    username = world.employ(world.staff("shop_manager"), password="forgotten at once")
    entry = {"username": username, "password": "forgotten at once"}
    before = api.post("/staff-sessions", **entry).json["token"]
    run = app.test_cli_runner().invoke

    with app.app_context():
        short = run(args=["staff-password", username, "--password", "short"])
        nobody = run(args=["staff-password", "nobody", "--password", "long enough"])
        told = run(args=["staff-password", username, "--password", "long enough"])

    assert (short.exit_code, nobody.exit_code, told.exit_code) == (1, 1, 0)
    assert "8 characters" in short.stderr
    assert nobody.stderr == "Error: Nobody signs in as nobody.\n"
    signed_in = api.post("/staff-sessions", username=username, password="long enough")
    assert (signed_in.status_code, signed_in.json["must_choose"]) == (201, True)
    assert api.bearing(before).status_code == 401
