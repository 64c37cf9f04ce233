"""Replays: what a draft would have made of the past, and that asking for it changes nothing."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from points_engine import (
    Change,
    FactKind,
    MemoryEngine,
    Past,
    Policies,
    Policy,
    Replayed,
    Spread,
    Unit,
    replay,
)
from points_engine.caps import Cap, Window
from points_engine.postgres import PostgresEngine, count_settled_facts, metadata, settled_facts
from points_engine.replaying import CHUNK, Scratch
from tests.points_engine import make
from tests.points_engine.make import HOURS, POLICIES
from tests.support.hands import NOON

SPAN = {"since": make.DAY - timedelta(days=40), "until": make.DAY + timedelta(days=40)}
TOWN = make.a_town()
PEOPLE = [UUID(int=n) for n in range(1, 5)]


def capped(limit, window=Window.DAY, policy=HOURS):
    """The same policy with a cap that all points for attendance share."""
    cap = Cap(id="attendance", limit=limit, window=window)
    rules = [
        replace(rule, caps=(cap,)) if rule.id in {"points", "health"} else rule
        for rule in policy.rules
    ]
    return replace(policy, version=f"{policy.version}-capped", rules=tuple(rules))


def points_halved():
    document = HOURS.to_document() | {"version": "2026-half"}
    document["rules"] = [
        rule | {"per": rule["per"] * 2} if rule["unit"] == "points" else rule
        for rule in document["rules"]
        if rule["kind"] == "attendance"
    ]
    return Policy.from_document(document)


def told(*facts):
    return [Past(fact) for fact in sorted(facts, key=lambda fact: fact.order)]


def settled(facts, policies, limit=1000):
    """The facts with what a real run granted for them, in batches of a size."""
    engine = MemoryEngine()
    for fact in facts:
        engine.report(fact)
    while engine.settle(
        TOWN.community, policies, now=NOON + timedelta(days=90), limit=limit
    ).claimed:
        pass
    return [Past(past.deed, _granted(engine, past.deed)) for past in told(*facts)]


def _granted(engine, fact):
    found = {each.judgement.unit: each.judgement.granted for each in engine.decisions(fact.source)}
    return [found.get(unit, 0) for unit in Unit]


attendances = st.builds(
    TOWN.attendance,
    st.sampled_from(PEOPLE),
    st.integers(0, 300),
    at=st.integers(0, 40 * 24).map(lambda hours: NOON + timedelta(hours=hours)),
    category=st.sampled_from(["environment", "health"]),
    activity_id=st.sampled_from([None, UUID(int=9)]),
)


@given(
    facts=st.lists(attendances, max_size=30),
    limit=st.sampled_from([1, 7, 1000]),
    cap=st.integers(1, 60),
    window=st.sampled_from(list(Window)),
)
@settings(max_examples=60, deadline=None)
def test_a_dry_run_and_a_real_run_agree(facts, limit, cap, window):
    """I22: the policy that was in force changes nothing for anybody."""
    policies = Policies([capped(cap, window)])

    again = replay(settled(facts, policies, limit), policies)

    assert all(change.gain == 0 for unit in Unit for change in again.changes[unit].values())
    assert (again.facts, again.unjudgeable) == (len(facts), 0)


def test_half_the_points_are_half_for_everybody():
    past = told(*[TOWN.attendance(who, 60 * hours) for hours, who in enumerate(PEOPLE, start=1)])

    halved = replay(past, Policies([points_halved()]), POLICIES, value_fen_per_10_points=200)

    assert halved.total(Unit.POINTS) == Change(had=10 + 20 + 30 + 40, would=5 + 10 + 15 + 20)
    assert halved.total(Unit.SCORE) == Change(had=100, would=100)
    assert halved.cost_fen == Change(had=2000, would=1000)
    assert halved.gainers(Unit.POINTS) == []
    assert halved.losers(Unit.POINTS) == [
        (who, Change(had=10 * hours, would=5 * hours))
        for hours, who in reversed(list(enumerate(PEOPLE, start=1)))
    ]
    assert halved.spread(Unit.POINTS) == (
        Spread(people=4, median=20, nine_in_ten=40, most=40),
        Spread(people=4, median=10, nine_in_ten=20, most=20),
    )


def test_a_new_cap_hurts_exactly_those_who_were_above_it():
    above, just, over_days, idle = PEOPLE
    past = told(
        *[TOWN.attendance(above, 120, at=NOON + timedelta(minutes=n)) for n in range(2)],
        TOWN.attendance(just, 180),
        *[TOWN.attendance(over_days, 120, at=NOON + timedelta(days=n)) for n in range(3)],
        TOWN.attendance(idle, 3),
    )

    with_cap = replay(past, Policies([capped(30)]), POLICIES)

    assert with_cap.losers(Unit.POINTS) == [(above, Change(had=40, would=30))]
    assert with_cap.gainers(Unit.POINTS) == []
    assert idle not in with_cap.changes[Unit.POINTS]


def test_what_was_taken_back_was_nobodys_and_fills_no_cap():
    lin = PEOPLE[0]
    first, second = told(
        TOWN.attendance(lin, 120), TOWN.attendance(lin, 120, at=NOON + timedelta(hours=3))
    )
    policies = Policies([capped(30)])
    taken = first._replace(granted=(0, 0, 20, 0, 0), taken_back=(Unit.POINTS,))

    again = replay([taken, second._replace(granted=(0, 0, 20, 0, 0))], policies)

    assert again.changes[Unit.POINTS] == {lin: Change(had=20, would=20)}


def test_a_household_gains_what_its_members_do_for_it():
    home = UUID(int=77)
    merit = {"kind": "household", "category": "*", "unit": "household", "worth": "flat"}
    merits = Policy.from_document(
        {
            "version": "m",
            "in_force_from": "2026-01-01",
            "rules": [{"id": "merit", "amount": 6, **merit}],
        }
    )

    with_merits = replay(
        told(TOWN.deed(PEOPLE[0], kind=FactKind.HOUSEHOLD, household_id=home)),
        Policies([merits]),
        POLICIES,
    )

    assert with_merits.gainers(Unit.HOUSEHOLD) == [(home, Change(had=0, would=6))]


def test_facts_out_of_order_are_refused():
    past = told(TOWN.visit(PEOPLE[0]), TOWN.visit(PEOPLE[0], at=NOON + timedelta(hours=1)))

    with pytest.raises(ValueError, match="comes after one that occurred later"):
        replay(reversed(past), POLICIES)


def test_caps_whose_windows_are_over_are_let_go():
    books = Scratch(Policies([capped(30)]))
    days = 100
    most = 0
    for day in range(days):
        at = NOON + timedelta(days=day)
        list(books.grants(told(*[TOWN.attendance(who, at=at) for who in PEOPLE])))
        most = max(most, books.caps_in_use)

    assert most <= 5 * len(PEOPLE) < days


@pytest.fixture
def lived(undone, tenant, town):
    """Three weeks of a town on PostgreSQL, more than one chunk of them, settled as they came."""
    engine = PostgresEngine(undone, tenant)
    people = [make.someone() for _ in range(7)]
    for number in range(CHUNK + 50):
        who, at = people[number % 7], NOON + timedelta(minutes=30 * number)
        engine.report(town.attendance(who, 30 + number % 200, at=at))
    engine.settle(town.community, POLICIES, now=NOON + timedelta(days=30), limit=2000)
    return engine


def test_the_past_is_streamed_from_the_books_with_what_was_granted(lived, undone, tenant, town):
    past = list(settled_facts(undone, tenant, town.community, **SPAN))

    instants = [each.deed.occurred_at for each in past]
    assert instants == sorted(instants)
    assert len(past) == count_settled_facts(undone, tenant, **SPAN) == CHUNK + 50
    assert list(settled_facts(undone, tenant, make.someone(), **SPAN)) == []
    one_day = {"since": make.DAY, "until": make.DAY}
    assert {each.deed.occurred_on for each in settled_facts(undone, tenant, **one_day)} == {
        make.DAY
    }


def test_a_replay_of_the_books_agrees_with_them_and_writes_nothing(lived, undone, tenant):
    before = everything(undone, tenant)

    again = replay(settled_facts(undone, tenant, **SPAN), POLICIES)
    halved = replay(settled_facts(undone, tenant, **SPAN), Policies([points_halved()]))

    assert again.total(Unit.POINTS).had > 0
    assert all(change.gain == 0 for unit in Unit for change in again.changes[unit].values())
    assert len(halved.losers(Unit.POINTS)) == 7
    assert everything(undone, tenant) == before


def everything(connection, tenant):
    """Every row of every table of a tenant."""
    return {
        name: sorted(
            map(repr, connection.execute(sa.select(table).where(table.c.tenant_id == tenant)))
        )
        for name, table in metadata.tables.items()
    }


def test_a_spread_counts_only_those_who_have_any():
    assert Spread.of([0, 0]) == Spread()
    assert Spread.of([0, 1]) == Spread(people=1, median=1, nine_in_ten=1, most=1)
    assert Spread.of(range(21)) == Spread(people=20, median=10, nine_in_ten=18, most=20)
    assert Spread.of([7, 3, 5]) == Spread(people=3, median=5, nine_in_ten=7, most=7)


def replayed(*changes):
    """By person, what was had and what would be."""
    each = {who: Change(*change) for who, change in zip(PEOPLE, changes, strict=False)}
    return Replayed(changes={Unit.POINTS: each})


def test_who_gains_or_loses_most_comes_first_and_of_two_alike_the_first_by_name():
    some, more, alike, none = PEOPLE
    gained = replayed((4, 5), (1, 9), (6, 7), (8, 8))
    lost = replayed((5, 4), (9, 1), (7, 6), (8, 8))

    assert [who for who, _ in gained.gainers(Unit.POINTS)] == [more, some, alike]
    assert [who for who, _ in lost.losers(Unit.POINTS)] == [more, some, alike]
    assert gained.losers(Unit.POINTS) == lost.gainers(Unit.POINTS) == []
    assert gained.gainers(Unit.SCORE) == []
    assert gained.total(Unit.SCORE) == Change()
    assert none not in dict(gained.gainers(Unit.POINTS))


def test_goods_cost_nothing_where_a_policy_does_not_say_what_they_cost():
    past = told(TOWN.attendance(PEOPLE[0], 60))

    assert replay(past, POLICIES, POLICIES).cost_fen == Change(had=0, would=0)


def test_what_was_recorded_for_a_household_is_the_households():
    home, lin = UUID(int=77), PEOPLE[0]
    merit = TOWN.deed(lin, kind=FactKind.HOUSEHOLD, household_id=home)

    again = replay([Past(merit, granted=(0, 0, 0, 6, 0))], POLICIES)

    assert again.changes[Unit.HOUSEHOLD] == {home: Change(had=6, would=0)}
    with pytest.raises(ValueError, match="zip"):
        replay([Past(merit, granted=(0, 6))], POLICIES)


def test_facts_are_counted_over_all_chunks_with_those_that_cannot_be_judged():
    """More than one chunk, in each a fact that fails under one of the two policies."""
    many = [
        TOWN.attendance(PEOPLE[0], at=NOON + timedelta(seconds=number))
        for number in range(CHUNK + 10)
    ]
    past = told(*many)
    broken = {many[0].id, many[-1].id}
    failing = [Past(Odd(each.deed)) if each.deed.id in broken else each for each in past]

    again = replay(failing, POLICIES, POLICIES)
    alone = replay([each._replace(granted=(0,) * len(Unit)) for each in failing], POLICIES)

    assert (again.facts, again.unjudgeable) == (CHUNK + 10, 2)
    assert (alone.facts, alone.unjudgeable) == (CHUNK + 10, 2)


class Odd:
    """A fact of a kind that no policy knows."""

    def __init__(self, fact):
        self._fact = fact

    kind = "ceremony"

    def __getattr__(self, name):
        return getattr(self._fact, name)


@pytest.mark.parametrize(
    ("window", "days"),
    [("day", 1), ("week", 7), ("month", 31), ("quarter", 92), ("year", 366), ("activity", 366)],
)
def test_a_cap_is_kept_as_long_as_its_window_can_go_on(window, days):
    """Two days more than that, as civil days are in the order of instants but for the zones."""
    books = Scratch(Policies([capped(30, Window(window))]))
    activity = UUID(int=9)

    def serve(day, who):
        at = NOON + timedelta(days=day)
        books.grants(told(TOWN.attendance(who, at=at, activity_id=activity)))

    serve(0, PEOPLE[0])
    serve(days + 2, PEOPLE[1])
    kept = books.caps_in_use
    serve(days + 3, PEOPLE[2])

    assert kept == 2
    assert books.caps_in_use == 2


def test_who_had_nothing_and_would_have_something_gains_all_of_it():
    past = told(TOWN.visit(PEOPLE[0]))
    before = Policies([replace(HOURS, rules=HOURS.rules[1:])])

    now = replay(past, POLICIES, before).changes[Unit.POINTS]
    then = replay(past, before, POLICIES).changes[Unit.POINTS]

    assert (now, then) == ({PEOPLE[0]: Change(0, 2)}, {PEOPLE[0]: Change(2, 0)})


def test_facts_that_only_the_former_policies_fail_on_are_counted_too():
    class Broken:
        def in_force_on(self, day):
            raise LookupError(day)

    assert replay(told(TOWN.visit(PEOPLE[0])), POLICIES, Broken()).unjudgeable == 1
