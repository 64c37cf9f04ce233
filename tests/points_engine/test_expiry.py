"""Expiry: what is not spent in time goes where its owner wanted, and says so beforehand."""

from datetime import UTC, date, datetime, timedelta

import pytest

from points_engine import (
    Balance,
    Destination,
    Expired,
    Expiring,
    InsufficientPoints,
    TransferKind,
    Unit,
)
from points_engine.expiring import summed
from points_engine.lots import Lot
from points_engine.postgres import PostgresEngine
from tests.points_engine import make
from tests.points_engine.asked import earned, given
from tests.points_engine.make import DAY
from tests.support.hands import NOON

A_DAY = timedelta(days=1)
LAST_DAY = date(2026, 12, 31)
NEW_YEAR = LAST_DAY + A_DAY
MIDNIGHT = datetime(2026, 12, 31, 16, tzinfo=UTC)  # when the last day ends in China
MOMENT = timedelta(seconds=1)


def points(engine, who, *, on=NEW_YEAR):
    return engine.balances(who, on=on)[Unit.POINTS]


def expire(engine, *, on=NEW_YEAR, now=MIDNIGHT, **other):
    return engine.expire(on, now=now, **other)


def last_line(engine, who):
    return engine.lines(who, Unit.POINTS)[0]


def ends_in(engine, town, who):
    """Where the points of the last lot went: in which words the passbook says it."""
    return "爱心池" in last_line(engine, who).reason


def test_a_lot_can_be_spent_on_its_last_day_and_lapses_after_it(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 20, expires_on=LAST_DAY)
    engine.spend(town.spending(lin, 5, at=MIDNIGHT - MOMENT, occurred_on=LAST_DAY))
    assert expire(engine, on=LAST_DAY) == Expired()

    with pytest.raises(InsufficientPoints):
        engine.spend(town.spending(lin, 1, at=MIDNIGHT, occurred_on=NEW_YEAR))
    assert points(engine, lin) == Balance(posted=15, lapsed=15)

    assert expire(engine) == Expired(claimed=1, lots=1, points=15)
    assert points(engine, lin) == Balance()


def test_the_passbook_says_what_lapsed_and_when(engine, town):
    lin = make.someone()
    lot = earned(engine, town, lin, 20, expires_on=LAST_DAY)

    expire(engine, on=NEW_YEAR + 3 * A_DAY, now=MIDNIGHT + 3 * A_DAY)

    line = last_line(engine, lin)
    assert (line.kind, line.amount, line.balance_after) == (TransferKind.EXPIRE, -20, 0)
    assert line.reference == f"expire:{lot.id}:2027-01-04"
    assert (line.occurred_on, line.quarter) == (NEW_YEAR, "2027Q1")
    assert line.booked_at == MIDNIGHT + 3 * A_DAY
    assert line.reason == "积分到期未使用"
    assert line.community_id == town.community


def test_each_lot_lapses_by_itself_and_what_never_expires_stays(engine, town):
    lin = make.someone()
    for last_day in (LAST_DAY - A_DAY, LAST_DAY, NEW_YEAR, None):
        earned(engine, town, lin, 10, expires_on=last_day)

    assert expire(engine) == Expired(claimed=2, lots=2, points=20)
    assert points(engine, lin) == Balance(posted=20)
    assert expire(engine) == Expired()


def test_a_batch_takes_no_more_lots_than_its_limit(engine, town):
    people = [make.someone() for _ in range(3)]
    for who in people:
        for _ in range(2):
            earned(engine, town, who, 10, expires_on=LAST_DAY)

    batches = [expire(engine, limit=4).lots for _ in range(3)]

    assert batches == [4, 2, 0]
    assert [points(engine, who) for who in people] == [Balance()] * 3


@pytest.mark.parametrize(
    ("choices", "given"),
    [
        ([], False),
        ([(-3, Destination.LOVE_POOL)], True),
        ([(-3, Destination.LOVE_POOL), (-2, Destination.COMMUNITY)], False),
        ([(-2, Destination.LOVE_POOL), (-3, Destination.COMMUNITY)], True),
        ([(0, Destination.LOVE_POOL)], False),
        ([(-3, Destination.LOVE_POOL), (1, Destination.COMMUNITY)], True),
        ([(-3, Destination.LOVE_POOL), (-3, Destination.COMMUNITY)], True),
    ],
    ids=["silent", "gives", "recants", "comes round", "too late", "recants too late", "at once"],
)
def test_the_last_word_before_the_last_day_ended_decides(engine, town, choices, given):
    lin = make.someone()
    earned(engine, town, lin, 20, expires_on=LAST_DAY)
    for seconds, goes_to in choices:
        engine.choose_expiry(lin, goes_to, chosen_at=MIDNIGHT + seconds * MOMENT)

    expire(engine, now=MIDNIGHT + A_DAY)

    assert ends_in(engine, town, lin) == given


def test_the_day_ends_where_people_live(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 20, expires_on=LAST_DAY)
    engine.choose_expiry(lin, Destination.LOVE_POOL, chosen_at=MIDNIGHT + timedelta(hours=1))

    expire(engine, now=MIDNIGHT + A_DAY, zone=UTC)

    assert ends_in(engine, town, lin)


def test_whose_points_end_on_a_day_is_told_for_everybody_at_once(engine, town):
    lin, chen, wu = sorted(make.someone() for _ in range(3))
    for who, amount, last_day in (
        (chen, 10, LAST_DAY),
        (lin, 20, LAST_DAY),
        (lin, 5, LAST_DAY),
        (lin, 7, None),
        (wu, 9, date(2028, 12, 31)),
    ):
        engine.adjust(given(town, who, amount, at=NOON - 2 * A_DAY, expires_on=last_day))
    engine.spend(town.spending(lin, 4))

    assert list(engine.ending(LAST_DAY).items()) == [(lin, 21), (chen, 10)]
    assert engine.ending(date(2028, 12, 31)) == {wu: 9}
    assert engine.ending(DAY) == {}


def test_the_schedule_says_what_can_be_spent_until_when(engine, town):
    lin = make.someone()
    for last_day in (LAST_DAY, date(2028, 12, 31), None, LAST_DAY, DAY - A_DAY):
        at = NOON - 2 * A_DAY
        engine.adjust(given(town, lin, 10, at=at, expires_on=last_day))
    engine.spend(town.spending(lin, 4))

    assert engine.schedule(lin, on=DAY) == [
        Expiring(expires_on=LAST_DAY, amount=16),
        Expiring(expires_on=date(2028, 12, 31), amount=10),
        Expiring(expires_on=None, amount=10),
    ]
    assert engine.schedule(lin, on=DAY, until=LAST_DAY) == [
        Expiring(expires_on=LAST_DAY, amount=16)
    ]
    assert engine.schedule(make.someone(), on=DAY) == []
    balance = points(engine, lin, on=DAY)
    assert sum(line.amount for line in engine.schedule(lin, on=DAY)) == balance.available


def test_the_number_of_statements_does_not_grow_with_what_lapses(undone, tenant, town, statements):
    engine = PostgresEngine(undone, tenant)

    def expiring(lots, limit):
        for number in range(lots):
            community = {"community_id": make.someone()} if number % 2 else {}
            earned(engine, town, make.someone(), 10, expires_on=LAST_DAY, **community)
        statements.clear()
        return expire(engine, limit=limit).lots, len(statements)

    assert expiring(1, limit=1) == (
        1,
        8,
    )  # its accounts are not there yet: locked, made, locked again
    assert expiring(50, limit=50) == (50, 8)
    assert expiring(0, limit=50) == (0, 2)


def test_the_choice_that_counts_can_be_read(engine):
    lin, wang = make.someone(), make.someone()
    engine.choose_expiry(lin, Destination.LOVE_POOL, chosen_at=NOON)

    assert engine.chosen_expiry(lin, at=NOON) is Destination.COMMUNITY
    assert engine.chosen_expiry(lin, at=NOON + MOMENT) is Destination.LOVE_POOL
    assert engine.chosen_expiry(wang, at=NOON + MOMENT) is Destination.COMMUNITY


def test_what_is_held_of_two_lots_of_one_day_is_one_line():
    lots = [
        Lot(id=make.someone(), community_id=make.someone(), earned_on=DAY, expires_on=DAY,
            original=9, remaining=remaining, held=held)
        for remaining, held in ((8, 3), (6, 2))
    ]  # fmt: skip

    assert summed(lots, on=DAY, until=None) == [Expiring(expires_on=DAY, amount=14, held=5)]
