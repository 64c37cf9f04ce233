"""What two engines live through together: people, places, policies, and how they are compared."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from uuid import UUID, uuid5

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from points_engine import (
    Decision,
    Line,
    MemoryEngine,
    PointsError,
    Policies,
    Seal,
    Transfer,
    Unit,
    household_account,
)
from points_engine.postgres import PostgresEngine, metadata, rebuild, verify
from tests.points_engine.make import Town
from tests.points_engine.town_policies import FIRST
from tests.support.hands import NOON

TENANT = 1
SCATTER = UUID(int=7)
YEARS_LATER = date(2028, 6, 1)  # past every last day
HOUR = timedelta(hours=1)
OFTEN = 5  # steps from one look at everything that a step may have changed to the next

# A home's cap is opened to be locked, whether or not anything is granted under it then.
_USED = sa.text("""
    SELECT key, used, allowed FROM cap_usage WHERE tenant_id = :tenant_id AND used > 0
""")


def named(word: str) -> UUID:
    """Scattered identifiers that are the same in every run, so that a failure can be replayed."""
    return uuid5(SCATTER, word)


PEOPLE = [named("lin"), named("wang"), named("chen")]
HOMES = [named("home 1"), named("home 2")]
ACTIVITIES = [named("cleanup"), named("concert"), None]
TOWNS = [Town(named(f"town {n}"), named(f"shop {n}"), named(f"clerk {n}")) for n in (1, 2)]

people = st.sampled_from(PEOPLE)
towns = st.sampled_from(TOWNS)
amounts = st.integers(1, 30)
places = st.integers(0, 1000)
# Clocks disagree and go back; minutes are enough to make them meet.
off = st.integers(-90, 90).map(lambda minutes: timedelta(minutes=minutes))


class TwoEngines(RuleBasedStateMachine):
    """Both do the same, and after each step what can be seen of whoever it touched is the same."""

    steps = 0  # of all examples

    def __init__(self, books):
        super().__init__()
        self.connection = books.connect()
        self.memory = MemoryEngine(TENANT)
        self.postgres = PostgresEngine(self.connection, TENANT)
        self.now = NOON
        self.number = 0
        self.told = []
        self.asked = []
        self.published = []
        self.homes = dict(zip(PEOPLE, [HOMES[0], HOMES[0], None], strict=True))
        self.touched = set()
        self.kept = False

    @initialize(cut_alike=st.booleans())
    def open_the_books(self, cut_alike):
        """Batches that are cut alike are booked at the same instants, others at their own."""
        self.cut_alike = cut_alike
        self.publish_at_once(FIRST)

    def publish_at_once(self, policy):
        self.both(lambda engine: engine.publish(policy, now=self.now))
        self.published = list(self.memory.policies())

    def teardown(self):
        try:
            self.everything_is_right()
        finally:
            self.connection.rollback()
            if self.kept:
                self.forget()
            self.connection.close()

    def keep(self):
        """Commit what was lived so far: only then can a quarter be closed."""
        self.connection.commit()
        self.kept = True

    def forget(self):
        for table in reversed(metadata.sorted_tables):
            self.connection.execute(table.delete().where(table.c.tenant_id == TENANT))
        self.connection.commit()

    def everything_is_right(self):
        for who in PEOPLE:
            self.both(partial(everything_of, who, self.now))
        self.both(lambda engine: engine.quarantined())
        self.both(lambda engine: engine.communities_waiting(self.now))
        self.both(lambda engine: list(engine.policies()))
        used, kept = self.used_in_memory(), self.used_in_postgres()
        assert used == kept, f"memory: {used}\npostgres: {kept}"
        rebuilt = list(rebuild(self.connection, TENANT))
        for broken in (verify(self.connection, TENANT), rebuilt):
            assert not broken, broken

    def used_in_memory(self):
        caps = self.memory._state.caps
        return {key: (cap.used, cap.allowed) for key, cap in caps.items() if cap.used}

    def used_in_postgres(self):
        found = self.connection.execute(_USED, {"tenant_id": TENANT})
        return {row.key: (row.used, row.allowed) for row in found}

    @property
    def policies(self):
        return Policies(self.published)

    @property
    def comparable(self):
        """Units whose lines together have one order, whatever the instants of booking."""
        return None if self.cut_alike else Unit.POINTS

    @property
    def today(self):
        return self.now.date()

    def name(self, word):
        self.number += 1
        return f"{word}:{self.number}"

    def both(self, act, *, other=None):
        """Let both act; what they answer or refuse must be the same."""
        remembered = outcome(act, self.memory)
        stored = outcome(other or act, self.postgres)
        if not self.is_same(remembered, stored):
            raise AssertionError("\n".join(differing(remembered, stored)))
        return remembered

    def is_same(self, remembered, stored):
        return remembered == stored or (
            not self.cut_alike and timeless(remembered) == timeless(stored)
        )

    @invariant()
    def they_show_the_same(self):
        TwoEngines.steps += 1
        for who in sorted(self.touched):
            self.both(partial(what_changed_for, who, self.now, self.comparable))
            self.lots_are_what_the_account_has(who)
            if TwoEngines.steps % OFTEN == 0:
                self.both(lambda engine, who=who: engine.decisions_of(who, limit=3))
                self.both(lambda engine, who=who: engine.holds(who))
        self.touched = set()

    def lots_are_what_the_account_has(self, who):
        balance = self.memory.balances(who, on=self.today)[Unit.POINTS]
        scheduled = self.memory.schedule(who, on=self.today)
        assert sum(line.amount for line in scheduled) + balance.lapsed == balance.posted


def what_changed_for(who, now, unit, engine):
    return (
        engine.balances(who, on=now.date()),
        engine.schedule(who, on=now.date()),
        engine.lines(who, unit, limit=6),
    )


def everything_of(who, now, engine):
    return (
        engine.balances(who, on=now.date()),
        engine.balances(who, on=YEARS_LATER),
        engine.schedule(who, on=now.date()),
        engine.holds(who),
        engine.waiting(who),
        engine.lines(who, limit=1000),
        engine.decisions_of(who, limit=1000),
        [engine.balance_as_of(who, unit).balance for unit in (Unit.POINTS, Unit.WORK)],
        [engine.account_as_of(household_account(home)).balance for home in HOMES],
    )


def outcome(act, engine):
    try:
        return act(engine)
    except PointsError as refusal:
        return refusal.code, str(refusal)


def timeless(seen):
    """The same but for the instants of booking: how batches are cut decides them."""
    if isinstance(seen, list) and seen and isinstance(seen[0], Line):
        seen = sorted(seen, key=lambda line: (line.unit, line.version))
    if isinstance(seen, list | tuple):
        return [timeless(each) for each in seen]
    if isinstance(seen, Line | Transfer):
        return replace(seen, booked_at=NOON)
    if isinstance(seen, Seal):
        return seen.quarter, seen.leaf_count, seen.previous_root is None
    return replace(seen, decided_at=NOON) if isinstance(seen, Decision) else seen


def differing(remembered, stored):
    """The parts in which they differ, and not all the rest."""
    if isinstance(remembered, list | tuple) and len(remembered) == len(stored or ()):
        for one, other in zip(remembered, stored, strict=True):
            if one != other:
                yield from differing(one, other)
    else:
        yield f"memory: {remembered}\npostgres: {stored}"
