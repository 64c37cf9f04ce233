"""Starting, sharing and stopping, as a person at a terminal would see it."""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from app.core.embedded import Addresses, CannotStart, Servers
from tests.app.core.embedded.support import ROOT, execute, list_servers

DEBIAN = Path("/usr/lib/postgresql/15/bin")
VALKEY = frozenset({"valkey"})

PR_CAPBSET_DROP, CAP_SYS_PTRACE = 24, 19
LOOK = """
import sys
from pathlib import Path
from app.core.embedded.residents import can_be_listed, list_residents
try:
    print(not Path(f"/proc/{list_residents(Path(sys.argv[1]))[0]}/cwd").readlink())
except PermissionError:
    print(True)
print(can_be_listed())
print(list_residents(Path(sys.argv[1])))
"""


def forbid_looking():
    """Take from the next program what containers do not give to root."""
    ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_SYS_PTRACE, 0, 0, 0)


def quick(var, *, durable=False, **changes):
    return Servers(var=var, durable=durable, **changes)


@pytest.mark.parametrize(
    "postgres_bin",
    [
        pytest.param(None, id="bundled"),
        pytest.param(
            DEBIAN,
            id="debian",
            marks=pytest.mark.skipif(not DEBIAN.exists(), reason="no PostgreSQL of Debian here"),
        ),
    ],
)
def test_a_cold_start_answers_and_a_stop_leaves_nothing(var, postgres_bin):
    with quick(var, postgres_bin=postgres_bin) as servers:
        servers.ensure_database()
        servers.ensure_database()
        told = execute(
            servers.addresses.postgres,
            "SELECT current_setting('listen_addresses'), pg_encoding_to_char(encoding), datcollate"
            " FROM pg_database WHERE datname = 'redaccount'",
        )
        with redis.Redis.from_url(servers.redis_url) as bell:
            assert bell.ping()

    assert told in ([("", "UTF8", "C.UTF-8")], [("", "UTF8", "C")])
    assert list_servers(var) == []
    assert Addresses.read(var) == Addresses()


def test_the_second_to_ask_shares_and_its_stop_stops_nothing(var):
    with quick(var, wanted=VALKEY) as first:
        with quick(var, wanted=VALKEY) as second:
            shared = second.redis_url

        assert (first.is_owner, second.is_owner) == (True, False)
        assert shared == first.redis_url
        assert len(list_servers(var)) == 1


def test_only_what_is_wanted_runs(var):
    with quick(var, wanted=VALKEY) as servers, pytest.raises(LookupError):
        servers.database_url("app")


def test_a_disposable_folder_leaves_no_data(var):
    with quick(var, wanted=VALKEY, disposable=True):
        home = (var / "valkey").resolve()

    assert not home.exists()


def test_a_refused_row_is_not_quoted_in_the_log(var):
    with quick(var, wanted=frozenset({"postgres"})) as servers:
        sockets = servers.addresses.postgres
        execute(sockets, "CREATE TABLE person (name text, age int CHECK (age > 0))")
        with psycopg.connect(host=sockets, user="postgres", dbname="postgres") as connection:
            with pytest.raises(psycopg.errors.CheckViolation, match="person_age_check"):
                connection.execute("INSERT INTO person VALUES (%s, %s)", ["金丝雀", -1])
            connection.rollback()

    log = (var / "log" / "postgres.log").read_text(encoding="utf-8")
    assert "person_age_check" in log
    assert "金丝雀" not in log


def test_files_of_a_server_that_was_killed_do_not_matter(var):
    with quick(var, wanted=frozenset({"postgres"})) as servers:
        data = (var / "postgres").resolve()
        sockets = Path(servers.addresses.postgres)
    somebody = f"{os.getppid()}\n{data}\n0\n5432\n{sockets}\n"
    (data / "postmaster.pid").write_text(somebody)
    (sockets / ".s.PGSQL.5432.lock").write_text(somebody)
    (sockets / ".s.PGSQL.5432").touch()

    with quick(var, wanted=frozenset({"postgres"})) as servers:
        assert execute(servers.addresses.postgres, "SELECT 1") == [(1,)]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look at others, or be forbidden to")
def test_root_in_a_container_sees_who_lives_in_a_folder(var):
    with quick(var, wanted=VALKEY):
        home = (var / "valkey").resolve()
        outcome = subprocess.run(
            [sys.executable, "-c", LOOK, home],
            cwd=ROOT,
            preexec_fn=forbid_looking,
            capture_output=True,
            text=True,
            check=True,
        )

        forbidden, listable, residents = outcome.stdout.splitlines()

        assert forbidden == "True"
        assert listable == "True"
        assert residents == str(list_servers(var))


def test_a_start_that_fails_repeats_what_the_server_said_last(var):
    with quick(var, wanted=VALKEY, durable=True):
        data = (var / "valkey").resolve()
    (manifest,) = data.glob("appendonlydir/*.manifest")
    manifest.write_text("nonsense\n")

    with pytest.raises(
        CannotStart, match=r"embedded valkey did not start: .*\(more in .*valkey\.log\)"
    ):
        quick(var, wanted=VALKEY, durable=True).start()

    assert list_servers(var) == []


def test_a_full_disk_is_refused_before_anything_is_written(var):
    with pytest.raises(CannotStart, match="MiB are free"):
        quick(var, least_free_bytes=2**62).start()

    assert list(var.glob("postgres/*")) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused_even_to_root(var):
    var.mkdir()
    os.chown(var, 65534, 65534)

    with pytest.raises(CannotStart, match="belongs to user id 65534"):
        quick(var).start()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_refused(var):
    var.mkdir(mode=0o500)

    with pytest.raises(CannotStart, match="may not be written"):
        quick(var).start()
