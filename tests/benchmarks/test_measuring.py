"""Measuring: clients and servers are counted, and the floor is what the product wrote."""

import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.ledger.policies import shipped
from benchmarks import __main__ as command
from benchmarks import cpu, past, settle, stage, town
from benchmarks.clients import Done
from benchmarks.ground import database_at
from points_engine.postgres import verify

BUSY = 0.2  # seconds: twenty ticks of the kernel's
BURN = f"import time\nwhile time.process_time() < {BUSY}: pass"


@pytest.fixture(scope="module")
def ground(stand):
    if not stand.embedded:
        pytest.skip("the processes of that server are not ours to see")
    with database_at(stand.admin_url) as ground:
        yield replace(ground, scale=0.001, pairs=1)


def test_a_child_counts_while_it_lives_and_after_it_has_ended():
    before = cpu.family_seconds(os.getpid())
    child = subprocess.Popen(
        [sys.executable, "-c", f"{BURN}\nprint('done', flush=True)\ninput()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    child.stdout.readline()
    alive = cpu.family_seconds(os.getpid())
    child.communicate(b"\n")
    ended = cpu.family_seconds(os.getpid())

    assert BUSY * 0.9 <= alive - before < BUSY + 1
    assert ended >= alive - 2 / cpu.TICK


def busy(connection, seconds, go):
    """Keep the server busy for so long, and then ourselves."""
    go()
    connection.execute(
        sa.text(
            "DO $$ DECLARE began timestamptz := clock_timestamp(); BEGIN"
            f" WHILE clock_timestamp() < began + interval '{seconds} seconds' LOOP END LOOP;"
            " END $$"
        )
    )
    began = time.process_time()
    while time.process_time() < began + seconds:
        pass
    return Done(1, (seconds,))


def test_clients_and_the_server_are_counted_apart(ground):
    measured = ground.measure(busy, [BUSY, BUSY])

    assert measured.count == 2
    assert measured.latencies == (BUSY, BUSY)
    assert measured.wall >= 2 * BUSY
    assert measured.client_cpu >= 2 * BUSY
    # The machine may be busy with others, and then the clock runs on while we do not.
    assert measured.server_cpu >= 0.2 * BUSY
    assert measured.peak > 10 * 2**20


def test_the_floor_of_settling_leaves_the_very_rows_that_the_product_leaves(ground):
    built = town.build(ground, people=20, facts=50)
    stage.keep(ground)
    shares = tuple((each, built.waiting(place)) for place, each in enumerate(built.communities))

    ground.measure(settle.settle, [settle.Settling(shares=shares, limit=10)])
    left = rows(ground)
    copies = settle.written_down(ground, built, batch=10)
    stage.restore(ground)
    ground.measure(settle.copy, copies)

    assert len(copies[0].steps) == 3
    assert any("UPDATE account" in statement for statement in copies[0].statements)
    assert rows(ground) == left
    assert left["decision"]
    assert not left["settle_queue"]


def rows(ground):
    with ground.engine.connect() as connection:
        return {
            table.name: sorted(connection.execute(sa.select(table)).all(), key=repr)
            for table in stage.TABLES
        }


def test_a_history_made_by_sql_is_one_that_the_engine_could_have_written(ground):
    built = town.build(ground, people=2, communities=1)
    for person_id, count in zip(built.people, (100, 150), strict=True):
        past.load(ground, person_id, count, community_id=built.communities[0])

    with ground.engine.connect() as connection:
        assert verify(connection, town.TENANT) == []
        lines = connection.scalar(sa.text("SELECT count(*) FROM transfer WHERE kind = 'earn'"))
    assert lines >= 75 + 100


@pytest.mark.parametrize("name", command.BENCHMARKS)
def test_every_benchmark_runs_however_small(ground, name):
    lines = list(command.BENCHMARKS[name].run(ground))

    assert lines
    assert [line for line in lines if not line.skipped and line.product <= 0] == []


def test_a_benchmark_that_does_not_exist_is_refused(capsys):
    assert command.main(["settle,nothing"]) == 2
    assert "no such benchmark: nothing" in capsys.readouterr().err


def test_the_policy_of_the_benchmarks_is_one_that_is_shipped():
    assert shipped("hours10") in list(town.policies_in_force())
