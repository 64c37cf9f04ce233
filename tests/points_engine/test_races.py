"""Races: real commits, several threads, and books that must add up whoever came first."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from points_engine import InsufficientPoints, ReferenceConflict, SourceConflict, Unit
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.conftest import WORKERS
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON


@pytest.fixture
def at_once(books, tenant):
    """Do every deed, each in a transaction of its own, on four threads at once."""

    def do(deed):
        try:
            with books.begin() as connection:
                return deed(PostgresEngine(connection, tenant))
        except (InsufficientPoints, ReferenceConflict, SourceConflict) as refusal:
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


def test_settlers_and_spenders_share_accounts_without_deadlock(at_once, checked, town):
    people = [make.someone() for _ in range(6)]
    at_once(
        [
            lambda engine, who=who, n=n: engine.report(town.attendance(who, 30 + n))
            for n in range(25)
            for who in people
        ]
    )
    settling = [
        lambda engine: engine.settle(town.community, POLICIES, now=NOON, limit=3)
    ] * 50  # fmt: skip
    spending = [
        lambda engine, who=who: engine.spend(town.spending(who, 7))
        for _ in range(25)
        for who in people
    ]
    mixed = [deed for three in zip(settling * 3, spending, strict=True) for deed in three]

    at_once(mixed)
    at_once([lambda engine: engine.settle(town.community, POLICIES, now=NOON)])

    broken, engine = checked()
    assert broken == []
    assert engine.communities_waiting(NOON) == []
    assert all(engine.balances(who, on=DAY)[Unit.POINTS].posted >= 0 for who in people)


def test_impatient_fingers_report_one_fact(at_once, checked, town):
    lin = make.someone()
    fact = town.visit(lin)

    taken = at_once([lambda engine: engine.report(make.told_again(fact))] * 32)

    assert sorted(taken) == [False] * 31 + [True]
    broken, engine = checked()
    assert broken == []
    assert len(engine.waiting(lin)) == 1


def test_of_two_stories_about_one_source_the_first_stands(at_once, checked, town):
    lin = make.someone()
    fact = town.attendance(lin, 60)
    stories = [replace(fact, quantity=60 + n % 2) for n in range(16)]

    taken = at_once(
        [lambda engine, told=told: engine.report(make.told_again(told)) for told in stories]
    )

    assert sorted(map(str, taken)) == ["False"] * 7 + ["True"] + ["source_conflict"] * 8
    assert len(checked()[1].waiting(lin)) == 1


def test_many_tills_never_overdraw_one_payer(at_once, checked, town):
    lin = make.someone()
    at_once([lambda engine: engine.report(town.attendance(lin, 120))])
    at_once([lambda engine: engine.settle(town.community, POLICIES, now=NOON)])

    paid = at_once([lambda engine: engine.spend(town.spending(lin, 3))] * 32)

    assert paid.count("insufficient_points") == 32 - 20 // 3
    broken, engine = checked()
    assert broken == []
    assert engine.balances(lin, on=DAY)[Unit.POINTS].posted == 20 % 3


def test_one_redemption_asked_for_many_times_is_paid_once(at_once, checked, town):
    lin = make.someone()
    at_once([lambda engine: engine.report(town.attendance(lin, 120))])
    at_once([lambda engine: engine.settle(town.community, POLICIES, now=NOON)])
    asked = town.spending(lin, 3)

    paid = at_once([lambda engine: engine.spend(asked)] * 16)

    assert len({transfer.id for transfer in paid}) == 1
    assert checked()[1].balances(lin, on=DAY)[Unit.POINTS].posted == 17


def test_one_reference_is_never_paid_by_two_people(at_once, checked, town):
    people = [make.someone() for _ in range(8)]
    at_once([lambda engine, who=who: engine.report(town.visit(who)) for who in people])
    at_once([lambda engine: engine.settle(town.community, POLICIES, now=NOON)])

    paid = at_once(
        [
            lambda engine, who=who: engine.spend(town.spending(who, 2, reference="redemption:1"))
            for who in people
        ]
    )

    assert paid.count("reference_conflict") == 7
    broken, engine = checked()
    assert broken == []
    assert sum(engine.balances(who, on=DAY)[Unit.POINTS].posted for who in people) == 14
