"""Races of what undoes and what lapses with everything else, on books that must add up."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from points_engine import Destination, InsufficientPoints, MemoryEngine, PointsError, Unit
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.asked import donation, earned, given, repayment, reversal
from tests.points_engine.conftest import WORKERS
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON

LAST_DAY = DAY + timedelta(days=40)
LAPSED = LAST_DAY + timedelta(days=1)
LATER = NOON + timedelta(days=41)


@pytest.fixture
def at_once(books, tenant):
    """Do every deed, each in a transaction of its own, on four threads at once."""

    def do(deed):
        try:
            with books.begin() as connection:
                return deed(PostgresEngine(connection, tenant))
        except PointsError as refusal:
            return refusal.code

    def do_all(deeds):
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(do, deeds))

    return do_all


@pytest.fixture
def checked(books, tenant):
    """The engine after the race, on books that are known to add up."""
    with books.begin() as connection:
        yield lambda: (verify(connection, tenant), PostgresEngine(connection, tenant))


def points(engine, who, *, on=DAY):
    return engine.balances(who, on=on)[Unit.POINTS]


def test_one_movement_that_many_reverse_is_reversed_once(at_once, checked, town):
    lin = make.someone()
    (first,) = at_once([lambda engine: earned(engine, town, lin, 20)])
    asked = reversal(town, first.reference)

    repeated = at_once([lambda engine: engine.reverse(asked)] * 8)
    others = at_once(
        [lambda engine: engine.reverse(reversal(town, first.reference)) for _ in range(8)]
    )

    assert len(set(repeated)) == 1
    assert others == ["already_reversed"] * 8
    broken, engine = checked()
    assert broken == []
    assert points(engine, lin).posted == 0


def test_of_many_different_reversals_one_wins(at_once, checked, town):
    lin = make.someone()
    (first,) = at_once([lambda engine: earned(engine, town, lin, 20)])

    undone = at_once(
        [
            lambda engine, n=n: engine.reverse(
                reversal(town, first.reference, reference=f"reversal:{lin}:{n}")
            )
            for n in range(16)
        ]
    )

    assert undone.count("already_reversed") == 15
    assert checked()[0] == []


def test_a_reversal_and_the_counter_never_give_the_same_points_twice(at_once, checked, town):
    people = [make.someone() for _ in range(12)]
    gifts = at_once([lambda engine, who=who: earned(engine, town, who, 20) for who in people])

    at_once(
        [
            deed
            for who, gift in zip(people, gifts, strict=True)
            for deed in (
                lambda engine, who=who: engine.spend(town.spending(who, 15)),
                lambda engine, gift=gift: engine.reverse(reversal(town, gift.reference)),
            )
        ]
    )

    broken, engine = checked()
    assert broken == []
    for who in people:
        assert (points(engine, who).posted, points(engine, who).owed) in {(0, 0), (0, 15)}


def test_any_number_of_workers_books_out_each_lot_once(at_once, checked, town):
    people = [make.someone() for _ in range(20)]
    at_once(
        [
            lambda engine, who=who: earned(engine, town, who, 10, expires_on=LAST_DAY)
            for who in people * 4
        ]
    )

    def until_nothing_is_left(engine):
        return engine.expire(LAPSED, now=LATER, limit=7)

    batches = at_once([until_nothing_is_left] * 40)

    assert sum(batch.lots for batch in batches) == 80
    assert sum(batch.points for batch in batches) == 800
    broken, engine = checked()
    assert broken == []
    assert not engine.expire(LAPSED, now=LATER).claimed
    assert all(points(engine, who, on=LAPSED).posted == 0 for who in people)


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_batches_and_workers_change_nothing(books, tenant, town, limit, workers):
    people = [make.someone() for _ in range(6)]
    gifts = [
        given(town, who, 5 + n, expires_on=LAST_DAY - timedelta(days=n % 3))
        for n, who in enumerate(people * 4)
    ]
    paying = town.spending(people[1], 9)

    def prepare(engine):
        for gift in gifts:
            engine.adjust(gift)
        engine.choose_expiry(people[0], Destination.LOVE_POOL, chosen_at=NOON)
        engine.spend(paying)

    def until_nothing_is_left(_):
        claimed = True
        while claimed:
            with books.begin() as connection:
                engine = PostgresEngine(connection, tenant)
                claimed = engine.expire(LAPSED, now=LATER, limit=limit).claimed

    by_hand = MemoryEngine(tenant)
    prepare(by_hand)
    by_hand.expire(LAPSED, now=LATER)
    with books.begin() as connection:
        prepare(PostgresEngine(connection, tenant))
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(until_nothing_is_left, range(workers)))

    with books.begin() as connection:
        assert verify(connection, tenant) == []
        engine = PostgresEngine(connection, tenant)
        assert what_they_have(engine, people) == what_they_have(by_hand, people)


def what_they_have(engine, people):
    """What everybody has, and what left them under which reference and with which words."""
    lines = {
        (line.reference, line.amount, line.reason, line.quarter)
        for who in people
        for line in engine.lines(who, limit=1000)
    }
    return [engine.balances(who, on=LAPSED) for who in people], lines


def test_everything_that_moves_points_shares_accounts_without_deadlock(at_once, checked, town):
    people = [make.someone() for _ in range(5)]
    for who in people:
        at_once(
            [
                lambda engine, who=who: earned(engine, town, who, 30, expires_on=LAST_DAY),
                lambda engine, who=who: earned(engine, town, who, 30),
                lambda engine, who=who: engine.choose_expiry(
                    who, Destination.LOVE_POOL, chosen_at=NOON
                ),
            ]
        )

    def a_day_of(n):
        who, other = people[n % 5], people[(n + 2) % 5]
        spending = town.spending(who, 3, at=LATER)
        fact = town.attendance(who, 60, at=LATER, source=f"attendance:{n}")
        return [
            lambda engine: engine.report(fact),
            lambda engine: engine.spend(spending),
            lambda engine: engine.settle(town.community, POLICIES, now=LATER, limit=2),
            lambda engine: engine.expire(LAPSED, now=LATER, limit=2),
            lambda engine: engine.donate(donation(town, who, 2, to=other, at=LATER)),
            lambda engine: engine.reverse(reversal(town, spending.reference, at=LATER)),
            lambda engine: engine.donate(donation(town, other, 1, at=LATER)),
            lambda engine: engine.settle(town.community, POLICIES, now=LATER, limit=3),
            lambda engine: engine.reverse(reversal(town, f"{fact.source}:points", at=LATER)),
            lambda engine: engine.repay(repayment(town, who, 1, at=LATER)),
            lambda engine: engine.adjust(given(town, who, -1, at=LATER)),
        ]

    answers = at_once([deed for n in range(40) for deed in a_day_of(n)])

    refused = {answer for answer in answers if isinstance(answer, str)}
    assert refused <= {InsufficientPoints.code, "not_reversible", "not_owed"}
    broken, engine = checked()
    assert broken == []
    assert all(points(engine, who, on=date.max).posted >= 0 for who in people)
