"""Sudden deaths: of the owner, of a server, of the making of a cluster."""

import signal

from app.core.embedded import Servers, postgres, valkey
from app.core.embedded.binaries import SHARED
from app.core.embedded.home import digest_of
from tests.app.core.embedded.support import (
    execute,
    kill,
    list_servers,
    read_line,
    running_owner,
    wait_until_gone,
)
from tests.support.house import until

POSTGRES = frozenset({"postgres"})


def test_a_killed_owner_leaves_nothing_running_and_loses_nothing(var):
    with running_owner(var) as owner:
        sockets = read_line(owner)
        execute(sockets, "CREATE TABLE kept AS SELECT 7 AS number")
        servers = list_servers(var)

        kill(owner.pid)

        wait_until_gone(servers)
    with Servers(var=var) as again:
        assert again.is_owner
        assert execute(again.addresses.postgres, "SELECT number FROM kept") == [(7,)]


def test_a_start_right_after_the_kill_waits_for_the_old_server(var):
    with running_owner(var) as owner:
        read_line(owner)

        kill(owner.pid)
        owner.wait()

        with Servers(var=var, wanted=POSTGRES) as again:
            assert execute(again.addresses.postgres, "SELECT 1") == [(1,)]


def test_killed_servers_are_started_again_and_an_order_to_stop_is_obeyed(var):
    with running_owner(var) as owner:
        sockets = read_line(owner)
        (server,) = execute(
            sockets, "SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int"
        )[0]
        kill(server)
        kill(list_servers(var)[-1])

        until(lambda: read_line(owner).startswith("supervisor"))
        until(lambda: _answers(sockets))

        owner.send_signal(signal.SIGTERM)
        assert owner.wait(20) == 0
    assert list_servers(var) == []


def test_a_cluster_is_there_whole_or_not_at_all(var):
    shared = SHARED / digest_of(var)
    with running_owner(var) as owner:
        until(lambda: any((f / "postgres.new" / "base").exists() for f in (var, shared)))
        kill(owner.pid)
    assert not (shared / "postgres").exists()
    assert not (var / "postgres").is_dir()

    with Servers(var=var, wanted=POSTGRES) as again:
        assert execute(again.addresses.postgres, "SELECT 1") == [(1,)]
    assert not any((folder / "postgres.new").exists() for folder in (var, shared))


def _answers(sockets):
    """Whether both servers are back."""
    return postgres.answers(sockets) and valkey.answers(f"{sockets}/valkey.sock")
