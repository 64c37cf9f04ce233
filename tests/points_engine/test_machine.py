"""Two engines live through the same random history and must agree after every step of it."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid5

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as live_through

from points_engine import MemoryEngine, PointsError
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine.make import POLICIES, Town
from tests.points_engine.poison import POISON
from tests.support.hands import NOON

TENANT = 1
SCATTER = UUID(int=7)


def named(word: str) -> UUID:
    """Scattered identifiers that are the same in every run, so that a failure can be replayed."""
    return uuid5(SCATTER, word)


PEOPLE = [named("lin"), named("wang")]
TOWNS = [Town(named(f"town {n}"), named(f"shop {n}"), named(f"clerk {n}")) for n in (1, 2)]

people = st.sampled_from(PEOPLE)
towns = st.sampled_from(TOWNS)
# Clocks disagree and go back; minutes around noon are enough to make them meet.
instants = st.integers(-90, 90).map(lambda minutes: NOON + timedelta(minutes=minutes))
batches = st.sampled_from([1, 2, 3, 1000])
places = st.integers(0, 1000)


class TwoEngines(RuleBasedStateMachine):
    def __init__(self, books):
        super().__init__()
        self.connection = books.connect()
        self.memory = MemoryEngine(TENANT)
        self.postgres = PostgresEngine(self.connection, TENANT)
        self.told = []
        self.asked = []
        self.touched = PEOPLE

    def teardown(self):
        self.touched = PEOPLE
        self.they_show_the_same()
        broken = verify(self.connection, TENANT)
        self.connection.rollback()
        self.connection.close()
        if broken:
            raise AssertionError(broken)

    def both(self, act):
        """Let both act; what they answer or refuse must be the same."""
        remembered, stored = outcome(act, self.memory), outcome(act, self.postgres)
        if remembered != stored:
            raise AssertionError(f"memory: {remembered}\npostgres: {stored}")

    @rule(
        who=people,
        town=towns,
        minutes=st.integers(0, 400),
        category=st.sampled_from(["", "health", "poison"]),
        at=instants,
        received=instants,
    )
    def serve(self, who, town, minutes, category, at, received):
        self.tell(
            town.attendance(
                who,
                minutes,
                at=at,
                category=category,
                received_at=received,
                id=named(f"fact {len(self.told)}"),
                source=f"attendance:{len(self.told)}",
            )
        )

    @rule(who=people, town=towns, at=instants)
    def visit(self, who, town, at):
        number = len(self.told)
        self.tell(town.visit(who, at=at, id=named(f"fact {number}"), source=f"visit:{number}"))

    def tell(self, fact):
        self.touched = [fact.beneficiary_id]
        self.told.append(fact)
        self.both(lambda engine: engine.report(fact))

    @precondition(lambda self: self.told)
    @rule(place=places, later=instants, longer=st.integers(0, 1))
    def repeat_a_report(self, place, later, longer):
        fact = self.told[place % len(self.told)]
        self.touched = [fact.beneficiary_id]
        again = replace(fact, id=named("repeated"), received_at=later)
        if longer and fact.source.startswith("attendance"):
            again = replace(again, quantity=fact.quantity + longer)
        self.both(lambda engine: engine.report(again))

    @rule(town=towns, now=instants, limit=batches, policies=st.sampled_from([POLICIES, POISON]))
    def settle(self, town, now, limit, policies):
        self.touched = PEOPLE
        self.both(lambda engine: engine.settle(town.community, policies, now=now, limit=limit))

    @rule(who=people, town=towns, amount=st.integers(1, 60), at=instants)
    def spend(self, who, town, amount, at):
        asked = town.spending(who, amount, at=at, reference=f"redemption:{len(self.asked)}")
        self.touched = [who]
        self.asked.append(asked)
        self.both(lambda engine: engine.spend(asked))

    @precondition(lambda self: self.asked)
    @rule(place=places, later=instants, more=st.integers(0, 1))
    def repeat_a_spending(self, place, later, more):
        asked = self.asked[place % len(self.asked)]
        self.touched = [asked.payer_id]
        again = replace(asked, booked_at=later, amount=asked.amount + more)
        self.both(lambda engine: engine.spend(again))

    @precondition(lambda self: self.told)
    @rule(place=places, at=instants)
    def release(self, place, at):
        fact = self.told[place % len(self.told)]
        self.touched = [fact.beneficiary_id]
        self.both(lambda engine: engine.release(fact.id, not_before=at))

    @invariant()
    def they_show_the_same(self):
        for who in self.touched:
            self.both(partial(everything_visible, who))
        self.touched = ()


def everything_visible(who, engine):
    return (
        engine.balances(who),
        engine.waiting(who),
        engine.lines(who, limit=100),
        engine.decisions_of(who, limit=100),
        engine.quarantined(),
        engine.communities_waiting(NOON),
    )


def outcome(act, engine):
    try:
        return act(engine)
    except PointsError as refusal:
        return refusal.code, str(refusal)


def test_memory_and_postgres_live_the_same_life(books):
    quick = settings(max_examples=60, stateful_step_count=30, deadline=None)
    deep = settings.get_current_profile_name() == "deep"

    live_through(lambda: TwoEngines(books), settings=settings() if deep else quick)
