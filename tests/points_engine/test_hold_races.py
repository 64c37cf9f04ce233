"""Races around holds and refusals: real commits, several threads, and books that add up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from points_engine import Balance, Capture, PointsError, Unit
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.conftest import WORKERS
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON

LATER = NOON + timedelta(days=4)


@pytest.fixture
def at_once(books, tenant):
    """Do every deed, each in a transaction of its own, on four threads at once.

    Refusals are committed, as at a counter; only conflicts are rolled back.
    """

    def do(deed):
        with books.connect() as connection:
            try:
                done = deed(PostgresEngine(connection, tenant))
            except PointsError as refusal:
                done = refusal.code
            if done == "reference_conflict":
                connection.rollback()
            else:
                connection.commit()
            return done

    def do_all(deeds):
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(do, deeds))

    return do_all


@pytest.fixture
def lin(at_once, town):
    """Somebody with 40 points, of two afternoons."""
    who = make.someone()
    at_once([lambda engine: engine.report(town.attendance(who, 120))] * 1)
    at_once([lambda engine: engine.report(town.attendance(who, 121))])
    at_once([lambda engine: engine.settle(town.community, POLICIES, now=NOON)])
    return who


@pytest.fixture
def points(books, tenant):
    """What somebody has after the race, in books that are known to add up."""

    def read(who):
        with books.begin() as connection:
            assert verify(connection, tenant) == []
            return PostgresEngine(connection, tenant).balances(who, on=DAY)[Unit.POINTS]

    return read


def coming(asked, at=NOON, amount=None):
    return Capture(
        reference=asked.reference,
        amount=amount,
        occurred_on=at.date(),
        booked_at=at,
        actor_id=asked.actor_id,
        reason=asked.reason,
    )


def test_holds_and_payments_together_never_take_more_than_there_is(at_once, points, town, lin):
    deeds = [
        lambda engine: engine.hold(town.reservation(lin, 3)),
        lambda engine: engine.spend(town.spending(lin, 3)),
    ] * 16

    done = at_once(deeds)

    assert done.count("insufficient_points") == 32 - 40 // 3
    assert points(lin).available == 40 % 3


def test_one_reservation_asked_for_many_times_is_held_once(at_once, points, town, lin):
    asked = town.reservation(lin, 3)

    holds = at_once([lambda engine: engine.hold(asked)] * 16)

    assert len(set(holds)) == 1
    assert points(lin) == Balance(posted=40, held=3)


def test_one_reference_is_never_held_by_two_people(at_once, points, town, lin):
    people = [lin, *(make.someone() for _ in range(3))]
    at_once([lambda engine, who=who: engine.report(town.visit(who)) for who in people])
    at_once([lambda engine: engine.settle(town.community, POLICIES, now=NOON)])

    done = at_once(
        [
            lambda engine, who=who: engine.hold(town.reservation(who, 2, reference="order:1"))
            for who in people
        ]
    )

    assert done.count("reference_conflict") == 3
    assert sum(points(who).held for who in people) == 2


def test_a_hold_is_paid_or_given_up_or_expires_and_only_one_of_them(at_once, points, town, lin):
    asked = [town.reservation(lin, 4) for _ in range(10)]
    at_once([lambda engine, one=one: engine.hold(one) for one in asked])
    deeds = [
        deed
        for one in asked
        for deed in (
            lambda engine, one=one: engine.capture(coming(one, amount=3)),
            lambda engine, one=one: engine.release_hold(one.reference, at=NOON, on=DAY),
            lambda engine: engine.lapse_holds(LATER, on=DAY, limit=3),
        )
    ]

    at_once(deeds)
    at_once([lambda engine: engine.lapse_holds(LATER, on=DAY)] * WORKERS)

    left = points(lin)
    assert left.held == 0
    assert (40 - left.posted) % 3 == 0


def test_a_hold_that_many_come_for_is_paid_once(at_once, points, town, lin):
    asked = town.reservation(lin, 4)
    at_once([lambda engine: engine.hold(asked)])

    paid = at_once([lambda engine: engine.capture(coming(asked))] * 16)

    assert len({transfer.id for transfer in paid}) == 1
    assert points(lin) == Balance(posted=36)


def test_workers_that_end_the_same_holds_end_each_once(at_once, points, town, lin):
    others = [make.someone() for _ in range(3)]
    at_once([lambda engine, who=who: engine.report(town.visit(who)) for who in others])
    at_once([lambda engine: engine.settle(town.community, POLICIES, now=NOON)])
    people = [lin, *others]
    at_once(
        [
            lambda engine, who=who: engine.hold(town.reservation(who, 1))
            for who in people
            for _ in range(2)
        ]
    )

    ended = at_once([lambda engine: engine.lapse_holds(LATER, on=DAY, limit=3)] * 16)

    assert sum(ended) == 8
    assert [points(who).held for who in people] == [0, 0, 0, 0]


def test_a_payment_and_a_worker_may_both_end_what_is_overdue(at_once, points, town, lin):
    at_once([lambda engine: engine.hold(town.reservation(lin, 4)) for _ in range(10)])

    done = at_once(
        [
            lambda engine: engine.spend(town.spending(lin, 5, at=LATER)),
            lambda engine: engine.lapse_holds(LATER, on=DAY, limit=2),
        ]
        * 8
    )

    assert "insufficient_points" not in done
    assert points(lin) == Balance(posted=0)


def test_one_refusal_is_heard_by_everybody_who_asks_the_same(at_once, points, town):
    nobody = make.someone()
    asked = town.spending(nobody, 3)

    done = at_once([lambda engine: engine.spend(asked)] * 16)

    assert set(done) == {"insufficient_points"}
    assert points(nobody) == Balance()
