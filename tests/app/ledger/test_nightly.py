"""The night's work: once each night, made up for when it was missed, told when all is not well."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.commands import work_by_night
from app.core.db import Database, transaction
from app.ledger import nightly
from tests.support.hands import NOON

NEXT_YEAR_END = datetime(2027, 12, 31, 16, 10, tzinfo=UTC)  # ten past midnight in Shanghai
CROWD = 4


@pytest.fixture
def worker(app, settings, monkeypatch):
    database = Database(settings.worker_database_url, role="worker", pool_size=CROWD)
    monkeypatch.setitem(app.extensions, "database", database)
    yield
    database.engine.dispose()


@pytest.fixture
def lin(world):
    """Somebody whose four points last until the end of next year."""
    return world.person(points=4)


def tonight(app, world, now):
    """Whether the sweeper found this city's night due."""
    invariants = app.extensions["invariants"]
    with app.app_context():
        return nightly.run_if_due(world.tenant, invariants, now=now)


def run(app, world):
    query = sa.text("SELECT slug FROM tenant WHERE id = :t")
    with world.own() as session:
        slug = session.execute(query, {"t": world.tenant_id}).scalar_one()
    return app.test_cli_runner().invoke(args=["nightly", "--tenant", slug])


def nights_of(world):
    query = "SELECT day, finished_at IS NOT NULL FROM nightly_run WHERE tenant_id = :t ORDER BY day"
    with world.own() as session:
        return [tuple(row) for row in session.execute(sa.text(query), {"t": world.tenant_id})]


def test_what_has_lapsed_is_booked_out_by_night(app, world, lin, worker):
    night = tonight(app, world, NEXT_YEAR_END)

    assert (night.lots, night.points, night.broken) == (2, 4, ())
    assert world.violations() == []
    assert nights_of(world) == [(date(2028, 1, 1), True)]


def test_until_ten_past_midnight_it_is_still_the_night_before(app, world, lin, worker):
    early = tonight(app, world, NEXT_YEAR_END - timedelta(minutes=1))

    assert early.points == 0
    assert nights_of(world) == [(date(2027, 12, 31), True)]
    assert tonight(app, world, NEXT_YEAR_END).points == 4


def test_a_night_is_worked_through_once(app, world, lin, worker):
    tonight(app, world, NOON)

    assert tonight(app, world, NOON) is None
    assert tonight(app, world, NOON + timedelta(hours=3)) is None
    assert tonight(app, world, NOON + timedelta(days=1)) is not None


def test_of_many_sweepers_one_does_it(app, world, lin, worker):
    with ThreadPoolExecutor(CROWD) as pool:
        done = list(pool.map(lambda _: tonight(app, world, NEXT_YEAR_END), range(CROWD)))

    assert [night.points for night in done if night is not None] == [4]
    assert world.violations() == []


def test_a_night_that_somebody_died_in_is_taken_over(app, world, worker):
    with app.app_context(), transaction(world.tenant_id) as session:
        assert nightly.claim(session, day=date(2026, 3, 2), now=NOON)

    assert tonight(app, world, NOON + timedelta(minutes=59)) is None
    assert tonight(app, world, NOON + timedelta(minutes=60)) is not None


def test_missed_nights_are_made_up_for(app, world, lin, worker):
    assert tonight(app, world, NOON).points == 0
    assert tonight(app, world, NEXT_YEAR_END + timedelta(days=40)).points == 4


def test_the_command_says_what_it_did(app, world, hands, lin):
    hands.instant = NEXT_YEAR_END

    with app.app_context():
        again = [run(app, world) for _ in range(2)]

    assert [one.exit_code for one in again] == [0, 0]
    assert "0 holds ended, 2 lots lapsed with 4 points, every invariant holds" in again[0].stdout
    assert "0 holds ended, 0 lots lapsed with 0 points" in again[1].stdout
    assert nights_of(world) == [(date(2028, 1, 1), True)]


def test_a_broken_promise_is_told_without_anybodys_data(app, world, lin, caplog):
    spoil = "UPDATE account SET posted = posted + 1 WHERE tenant_id = :t AND owner_id = :lin"
    with world.own() as session:
        session.execute(sa.text(spoil), {"t": world.tenant_id, "lin": lin.id})

    with app.app_context():
        outcome = run(app, world)

    told = [record for record in caplog.records if record.msg == "invariant broken"]
    assert outcome.exit_code == 1
    assert told
    assert all(record.levelname == "ERROR" and record.rows >= 1 for record in told)
    assert {record.invariant in outcome.stdout for record in told} == {True}
    assert str(lin.id) not in outcome.stdout + caplog.text


def test_the_sweeper_does_it_by_itself(app, world, lin, hands):
    hands.instant = NEXT_YEAR_END

    with app.app_context():
        work_by_night([world.tenant])

    assert nights_of(world) == [(date(2028, 1, 1), True)]
    assert world.points_of(lin) == 0
