"""What only rows can show so far: lots that are pinned by a hold, and quarters that have ended."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from points_engine import Balance, Expired, Expiring, Unit
from points_engine.accounts import expired, love_pool
from points_engine.lots import Destination
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.asked import earned, reversal
from tests.points_engine.make import DAY
from tests.support.hands import NOON

A_DAY = timedelta(days=1)
LAPSED = DAY + A_DAY


@pytest.fixture
def rows(undone, tenant):
    def change(statement, **values):
        undone.execute(sa.text(statement), {"tenant": tenant, **values})

    return change


@pytest.fixture
def engine(undone, tenant):
    return PostgresEngine(undone, tenant)


@pytest.fixture
def pin(rows):
    """Hold so much of a lot, or let go of it."""

    def pin(lot, held):
        rows(
            "UPDATE lot SET held = :held WHERE tenant_id = :tenant AND id = :id",
            held=held,
            id=lot.id,
        )
        rows(
            "UPDATE account SET held = :held WHERE tenant_id = :tenant AND id ="
            " (SELECT account_id FROM lot WHERE tenant_id = :tenant AND id = :id)",
            held=held,
            id=lot.id,
        )

    return pin


def points(engine, who, *, on=LAPSED):
    return engine.balances(who, on=on)[Unit.POINTS]


def test_what_is_held_does_not_lapse_before_it_is_let_go(engine, town, pin):
    lin = make.someone()
    lot = earned(engine, town, lin, 20, expires_on=DAY)
    pin(lot, 12)

    assert engine.expire(LAPSED, now=NOON + A_DAY) == Expired(claimed=1, lots=1, points=8)
    assert points(engine, lin) == Balance(posted=12, held=12)
    assert engine.schedule(lin, on=LAPSED) == [Expiring(expires_on=DAY, amount=12, held=12)]

    pin(lot, 0)
    assert engine.expire(LAPSED, now=NOON + A_DAY) == Expired()
    assert engine.expire(LAPSED + A_DAY, now=NOON + 2 * A_DAY).points == 12
    assert points(engine, lin) == Balance()


def test_the_schedule_says_how_much_of_a_day_is_held(engine, town, pin):
    lin = make.someone()
    pin(earned(engine, town, lin, 20, expires_on=LAPSED), 12)
    earned(engine, town, lin, 5, expires_on=LAPSED)

    assert engine.schedule(lin, on=DAY) == [Expiring(expires_on=LAPSED, amount=25, held=12)]


def test_held_points_stay_with_their_hold_when_their_earning_is_reversed(engine, town, pin):
    lin = make.someone()
    lot = earned(engine, town, lin, 20)
    pin(lot, 12)

    engine.reverse(reversal(town, lot.reference))

    assert points(engine, lin) == Balance(posted=12, held=12, owed=12)


def test_what_is_booked_after_a_quarter_has_ended_counts_in_the_next(engine, town, rows):
    lin = make.someone()
    gone, kept = (earned(engine, town, lin, 20, expires_on=day) for day in (DAY, None))
    rows(
        "INSERT INTO period (tenant_id, community_id, quarter, publicised_at, stopped_by)"
        " VALUES (:tenant, :community, '2026Q1', :now, 0)",
        community=town.community,
        now=NOON,
    )

    engine.expire(LAPSED, now=NOON + A_DAY)
    undone = engine.reverse(reversal(town, kept.reference, at=NOON + A_DAY))
    given = earned(engine, town, lin, 20)

    assert {gone.quarter, kept.quarter} == {"2026Q1"}
    assert {undone.quarter, given.quarter, engine.lines(lin)[2].quarter} == {"2026Q2"}


def test_points_end_in_the_community_that_gave_them(engine, town, tenant, undone):
    lin, elsewhere = make.someone(), make.a_town()
    engine.choose_expiry(lin, Destination.LOVE_POOL, chosen_at=NOON)
    earned(engine, town, lin, 20, expires_on=DAY)
    earned(engine, elsewhere, make.someone(), 5, expires_on=DAY)

    engine.expire(LAPSED, now=NOON + A_DAY)

    ended = undone.execute(
        sa.text(
            "SELECT credit_account_id, amount FROM transfer"
            " WHERE tenant_id = :tenant AND kind = 'expire'"
        ),
        {"tenant": tenant},
    )
    assert {tuple(row) for row in ended} == {
        (love_pool(town.community).id_in(tenant), 20),
        (expired(elsewhere.community).id_in(tenant), 5),
    }
    assert verify(undone, tenant) == []
