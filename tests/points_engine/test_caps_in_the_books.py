"""Caps that facts share, through the whole engine: who gets the last points, and when again."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta

import pytest

from points_engine import Cap, FactKind, Flat, Holder, Policies, Reason, Rule, Unit, Window
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.asked import reversal
from tests.points_engine.conftest import WORKERS
from tests.points_engine.make import DAY, HOURS
from tests.support.hands import NOON

A_DAY = timedelta(days=1)
LATER = NOON + 5 * A_DAY


def of_person(limit, window=Window.DAY):
    return Cap(id=f"person.{window}", limit=limit, window=window)


def of_home(limit, window=Window.MONTH):
    return Cap(id=f"home.{window}", limit=limit, window=window, holder=Holder.HOUSEHOLD)


def capped(*caps, **other):
    """A policy under which a deed gives ten points, as far as its caps allow."""
    rule = Rule(id="deed", kind=FactKind.DEED, unit=Unit.POINTS, worth=Flat(amount=10), caps=caps)
    return replace(HOURS, version="capped", rules=(rule,), **other)


@pytest.fixture
def settled(engine, town):
    """Report what was done and settle it under these policies; what was decided, by source."""

    def settle(*facts, under, now=LATER):
        for policy in under:
            engine.publish(policy, now=NOON)
        engine.report_many(facts)
        engine.settle(town.community, Policies(under), now=now)
        return [of_points(engine, fact) for fact in facts]

    return settle


def of_points(engine, fact):
    (found,) = [
        each.judgement
        for each in engine.decisions(fact.source)
        if each.judgement.unit is Unit.POINTS
    ]
    return found


def granted(judgements):
    return [each.granted for each in judgements]


def deeds(town, who, number, *, at=NOON, **told):
    """One after the other, a minute apart."""
    return [town.deed(who, at=at + timedelta(minutes=n), **told) for n in range(number)]


@pytest.fixture
def lin():
    return make.someone()


FROM_NEW_YEAR = {"in_force_from": date(2025, 12, 1)}  # before the policy every engine has


def test_the_last_points_are_a_part_and_say_which_cap_left_it(settled, engine, town, lin):
    first, part, nothing = settled(
        *deeds(town, lin, 3), under=[capped(of_person(14), **FROM_NEW_YEAR)]
    )

    assert granted([first, part, nothing]) == [10, 4, 0]
    assert (first.reason, first.bound) == (Reason.GRANTED, "")
    for bound in (part, nothing):
        assert (bound.raw, bound.reason) == (10, Reason.CAPPED)
        assert bound.bound == f"person.day/{DAY}/{lin}"
        assert bound.explanation
    assert part.explanation != nothing.explanation
    assert engine.balances(lin, on=DAY)[Unit.POINTS].posted == 14


def test_of_two_caps_the_one_that_leaves_least_binds(settled, town, lin):
    told = [*deeds(town, lin, 2), *deeds(town, lin, 2, at=NOON + A_DAY)]

    decided = settled(
        *told, under=[capped(of_person(15), of_person(22, Window.WEEK), **FROM_NEW_YEAR)]
    )

    assert granted(decided) == [10, 5, 7, 0]
    assert [each.bound.partition("/")[0] for each in decided] == [
        "", "person.day", "person.week", "person.week",
    ]  # fmt: skip


def test_who_moves_counts_where_they_lived_when_it_was_done(settled, town, lin):
    wang, old, new = make.someone(), make.someone(), make.someone()
    told = [
        *deeds(town, lin, 2, household_id=old),
        *deeds(town, lin, 2, at=NOON + A_DAY, household_id=new),
        *deeds(town, wang, 1, at=NOON + 2 * A_DAY, household_id=old),
        *deeds(town, wang, 1, at=NOON + 3 * A_DAY),
    ]

    decided = settled(*told, under=[capped(of_home(16), **FROM_NEW_YEAR)])

    # What each home has left; who lives nowhere counts under no home.
    assert granted(decided) == [10, 6, 10, 6, 0, 10]
    assert decided[4].bound == f"home.month/2026-03/{old}"


def test_what_is_reversed_can_be_earned_again_in_its_own_window(settled, engine, town, lin):
    under = [capped(of_person(10), **FROM_NEW_YEAR)]
    (first, second), today = deeds(town, lin, 2), deeds(town, lin, 2, at=NOON + A_DAY)
    settled(first, second, *today, under=under)

    engine.reverse(reversal(town, f"{first.source}:points", at=LATER))
    late = town.deed(lin, at=NOON + timedelta(hours=1))
    too_late = town.deed(lin, at=NOON + timedelta(hours=2))
    no_more = town.deed(lin, at=NOON + A_DAY + timedelta(hours=1))

    again = settled(late, too_late, no_more, under=under, now=LATER + A_DAY)
    assert granted(again) == [10, 0, 0]
    assert of_points(engine, first).granted == 10  # what was decided stays decided


def test_a_policy_that_raises_a_cap_counts_what_was_used_before(settled, town, lin):
    low = capped(of_person(15, Window.WEEK), **FROM_NEW_YEAR)
    high = replace(
        capped(of_person(25, Window.WEEK)), version="high", in_force_from=(NOON + A_DAY).date()
    )
    told = [*deeds(town, lin, 2), *deeds(town, lin, 2, at=NOON + A_DAY)]
    late = town.deed(lin, at=NOON + timedelta(hours=1))

    assert granted(settled(*told, under=[low, high])) == [10, 5, 10, 0]
    assert granted(settled(late, under=[low, high])) == [0]


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_four_workers_never_pass_a_cap(books, tenant, limit):
    towns, home = [make.a_town() for _ in range(2)], make.someone()
    people = [make.someone() for _ in range(4)]
    policies = Policies([capped(of_person(25), of_home(70))])
    with books.begin() as connection:
        engine = PostgresEngine(connection, tenant)
        for town in towns:
            for who in people:
                engine.report_many(deeds(town, who, 5, household_id=home))

    def work(number):
        town, claimed = towns[number % 2], True
        while claimed:
            with books.begin() as connection:
                engine = PostgresEngine(connection, tenant)
                claimed = engine.settle(
                    town.community, policies, now=LATER, limit=limit
                ).claimed  # fmt: skip

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))

    with books.begin() as connection:
        engine = PostgresEngine(connection, tenant)
        have = [engine.balances(who, on=DAY)[Unit.POINTS].posted for who in people]
        assert verify(connection, tenant) == []
    assert max(have) <= 25
    assert sum(have) == 70


@pytest.fixture
def at_home(town):
    """Somebody of one home, under a cap that those who live there share, settled at an instant."""
    home, policies = make.someone(), Policies([capped(of_home(20))])

    def settle(engine, who, at):
        fact = town.deed(who, household_id=home)
        engine.report(fact)
        engine.settle(town.community, policies, now=at)
        return fact

    return settle


INSTANT = timedelta(microseconds=1)
SOON, SOONER = NOON + timedelta(hours=2), NOON + timedelta(hours=1)


def test_who_shares_a_cap_is_booked_after_whoever_used_it_last(engine, at_home):
    at_home(engine, make.someone(), SOON)

    fact = at_home(engine, make.someone(), SOONER)

    assert {each.decided_at for each in engine.decisions(fact.source)} == {SOON + INSTANT}


def test_what_gives_a_shared_cap_back_is_booked_after_whoever_used_it_last(engine, town, at_home):
    lin, wang = make.someone(), make.someone()
    mistake = at_home(engine, lin, NOON)
    at_home(engine, wang, SOON)

    undone = engine.reverse(reversal(town, f"{mistake.source}:points", at=SOONER))

    assert undone.booked_at == SOON + INSTANT
