"""How the two engines' people earn: what they do, how it is settled, and what changes meanwhile."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from points_engine import Circumstance, FactKind, Policies, Settled
from tests.points_engine.town_life import (
    ACTIVITIES,
    HOMES,
    PEOPLE,
    TwoEngines,
    named,
    off,
    people,
    places,
    towns,
)
from tests.points_engine.town_policies import LATER, poisoned

days_ago = st.sampled_from([0, 0, 0, 1, 6, 40])
circumstances = st.sets(
    st.sampled_from(["leader", "night", "paid_duty", "accepted", "halved", "voided"]), max_size=2
).map(lambda words: frozenset(map(Circumstance, words)))
nothing_particular = st.just(frozenset())
evidence = st.sampled_from([{}, {"op": "clerk"}, {"op": "clerk", "ben": "home"}, {"photo": "1"}])
cuts = st.lists(st.sampled_from([1, 2, 3, 7, 1000]), min_size=1, max_size=3)
seldom = st.sampled_from([False] * 5 + [True])


class Earning(TwoEngines):
    @rule(days=st.sampled_from([0, 1, 5, 31]))
    def wait(self, days):
        self.now += timedelta(days=days, minutes=1)

    @rule(
        who=people,
        town=towns,
        minutes=st.integers(0, 400),
        planned=st.sampled_from([None, 90, 240]),
        category=st.sampled_from(["", "health", "poison"]),
        at=off,
        ago=days_ago,
        activity=st.sampled_from(ACTIVITIES),
        particular=nothing_particular | circumstances,
        shown=evidence,
    )
    def serve(
        self, who, town, minutes, planned, category, at, ago, activity, particular, shown
    ):  # fmt: skip
        if category == "poison":  # nothing else may be said of it than that it cannot be judged
            minutes, particular = minutes + 1, frozenset()
        self.tell(
            town.attendance,
            who,
            at=self.now + at - timedelta(days=ago),
            quantity=minutes,
            planned=planned,
            category=category,
            activity_id=activity,
            circumstances=particular,
            evidence=shown,
        )

    @rule(who=people, town=towns, at=off, ago=days_ago)
    def visit(self, who, town, at, ago):
        self.tell(town.visit, who, at=self.now + at - timedelta(days=ago))

    @rule(
        who=people,
        town=towns,
        kind=st.sampled_from([FactKind.DEED, FactKind.DONATION, FactKind.WORK]),
        category=st.sampled_from(["", "advice", "overdue"]),
        acting_as=st.sampled_from(["", "steward", "grid_worker"]),
        particular=nothing_particular | circumstances,
        value=st.integers(0, 30_000),
    )
    def do(self, who, town, kind, category, acting_as, particular, value):
        self.tell(
            partial(town.deed, kind=kind),
            who,
            at=self.now,
            category=category,
            acting_as=acting_as,
            circumstances=particular,
            quantity=value if kind is FactKind.DONATION else 1,
        )

    @rule(who=people, town=towns, ago=days_ago)
    def merit(self, who, town, ago):
        home = self.homes[who] or HOMES[1]
        at = self.now - timedelta(days=ago)
        self.tell(partial(town.deed, kind=FactKind.HOUSEHOLD), who, at=at, household_id=home)

    def tell(self, deed, who, **said):
        name = self.name("fact")
        said = {"household_id": self.homes[who], "received_at": self.now} | said
        fact = deed(who, id=named(name), source=name, **said)
        self.told.append(fact)
        self.both(lambda engine: engine.report(fact))

    @precondition(lambda self: self.told)
    @rule(place=places, later=off, longer=st.integers(0, 1))
    def tell_again(self, place, later, longer):
        fact = self.told[place % len(self.told)]
        again = replace(fact, id=named("again"), received_at=self.now + later)
        if longer and fact.kind is FactKind.ATTENDANCE:
            again = replace(again, quantity=fact.quantity + longer)
        self.both(lambda engine: engine.report(again))

    @rule(who=people, home=st.sampled_from([*HOMES, None]))
    def move_house(self, who, home):
        self.homes[who] = home

    @rule(policy=st.sampled_from(LATER))
    def publish(self, policy):
        # Hours after everything that was decided and before everything that will be: clocks do
        # not disagree by so much, and who rebuilds must know which policies there were.
        self.now += timedelta(hours=4)
        self.publish_at_once(policy)
        self.now += timedelta(hours=4)

    @rule(town=towns, at=off, cut=cuts, other=cuts, poison=seldom)
    def settle(self, town, at, cut, other, poison):
        policies = Policies(map(poisoned, self.published)) if poison else self.policies
        self.touched |= set(PEOPLE)
        now = self.now + at

        def settled(engine, limits):
            each = [engine.settle(town.community, policies, now=now, limit=n) for n in limits]
            return summed(each)

        if self.cut_alike:
            self.both(lambda engine: settled(engine, cut))
        else:
            rest = sum(cut) - sum(other)
            whole = [sum(other)] if rest < 0 else [*other, *[rest] * (rest > 0)]
            self.both(
                lambda engine: settled(engine, [sum(whole)]),
                other=lambda engine: settled(engine, whole),
            )

    @precondition(lambda self: self.memory._state.queue)
    @rule(place=places, later=off)
    def retry(self, place, later):
        apart = self.memory.quarantined() or self.told
        each = apart[place % len(apart)]
        fact_id = getattr(each, "fact_id", None) or each.id
        self.both(lambda engine: engine.retry(fact_id, not_before=self.now + later))


def summed(each):
    return Settled(
        facts=sum(one.facts for one in each),
        transfers=sum(one.transfers for one in each),
        quarantined=sum(one.quarantined for one in each),
    )
