"""How the two engines' people use points, lose them, and get them back."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from points_engine import (
    Capture,
    Destination,
    Expiring,
    Reservation,
    Transfer,
    TransferKind,
    Unit,
)
from tests.points_engine import asked as ask
from tests.points_engine.town_life import (
    HOUR,
    PEOPLE,
    TwoEngines,
    amounts,
    off,
    people,
    places,
    towns,
)

lives = st.sampled_from([None, 0, 3, 3, 40])
days_off = st.sampled_from([0, 0, 0, 2, 700])  # the last is past every last day
A_DAY = timedelta(days=1)


class Trading(TwoEngines):
    def ask(self, verb, request, *touching):
        """Ask both, and remember it: anything may be asked again."""
        self.touched |= set(touching)
        self.asked.append((verb, request, touching))
        return self.both(lambda engine: getattr(engine, verb)(request))

    @precondition(lambda self: self.asked)
    @rule(place=places, later=off, more=st.sampled_from([1, 1, 1, 2]))
    def ask_again(self, place, later, more):
        verb, request, touching = self.asked[place % len(self.asked)]
        self.touched |= set(touching)
        again = asked_again(request, self.now + later, more)
        self.both(lambda engine: getattr(engine, verb)(again))

    def called(self, word, at=timedelta(0)):
        at = self.now + at
        return {"at": at, "reference": self.name(word)}

    @rule(who=people, town=towns, amount=amounts, at=off)
    def spend(self, who, town, amount, at):
        self.take("spend", town.spending(who, amount, **self.called("redemption", at)), who)

    @rule(who=people, town=towns, amount=amounts, at=off, minutes=st.integers(1, 3000))
    def hold(self, who, town, amount, at, minutes):
        said = self.called("order", at)
        until = said["at"] + timedelta(minutes=minutes)
        self.ask("hold", town.reservation(who, amount, expires_at=until, **said), who)

    @precondition(lambda self: self.memory._state.holds)
    @rule(place=places, at=off, days=days_off, part=st.integers(0, 30))
    def come_for_a_hold(self, place, at, days, part):
        held = self.some_hold(place)
        coming = Capture(
            reference=held.reference,
            amount=part or None,
            booked_at=self.now + at,
            occurred_on=self.today + timedelta(days=days),
            actor_id=held.actor_id,
            reason=held.reason,
        )
        self.ask("capture", coming, held.payer_id)

    @precondition(lambda self: self.memory._state.holds)
    @rule(place=places, at=off, days=days_off)
    def give_a_hold_up(self, place, at, days):
        held = self.some_hold(place)
        at, on = self.now + at, self.today + timedelta(days=days)
        self.touched.add(held.payer_id)
        self.both(lambda engine: engine.release_hold(held.reference, at=at, on=on))

    def some_hold(self, place):
        """Mostly one of the latest: they are still open."""
        holds = list(self.memory._state.holds.values())
        among = holds[-3:] if place % 4 else holds
        return among[place % len(among)]

    @rule(at=off, limit=st.sampled_from([1, 2, 1000]))
    def nobody_came(self, at, limit):
        self.touched |= set(PEOPLE)
        now = self.now + at
        self.both(lambda engine: engine.lapse_holds(now, on=self.today, limit=limit))

    @rule(
        who=people,
        town=towns,
        amount=amounts,
        life=lives,
        kind=st.sampled_from([TransferKind.ADJUST, TransferKind.REWARD]),
        unit=st.sampled_from([Unit.POINTS, Unit.POINTS, Unit.SCORE, Unit.WORK]),
    )
    def give(self, who, town, amount, life, kind, unit):
        last_day = self.last_day(life) if unit is Unit.POINTS else None
        said = self.called("adjust") | {"expires_on": last_day, "kind": kind, "unit": unit}
        self.ask("adjust", ask.given(town, who, amount, **said), who)

    def last_day(self, life):
        return None if life is None else self.today + life * A_DAY

    @rule(who=people, town=towns, amount=amounts, unit=st.sampled_from([Unit.MINUTES, Unit.WORK]))
    def correct(self, who, town, amount, unit):
        said = self.called("adjust") | {"unit": unit}
        self.ask("adjust", ask.given(town, who, -amount, **said), who)

    @rule(who=people, town=towns, amount=amounts)
    def lose(self, who, town, amount):
        said = self.called("adjust") | {"kind": TransferKind.PENALTY}
        self.take("adjust", ask.given(town, who, -amount, **said), who)

    @rule(who=people, town=towns, amount=amounts, other=people, life=lives)
    def give_away(self, who, town, amount, other, life):
        other, life = (None, None) if other == who else (other, life)
        said = self.called("donation") | {"to": other, "expires_on": self.last_day(life)}
        self.take("donate", ask.donation(town, who, amount, **said), who, *[other] * bool(other))

    @rule(who=people, town=towns, amount=amounts, all_of_it=st.booleans())
    def pay_back(self, who, town, amount, all_of_it):
        owed = self.memory.balances(who, on=self.today)[Unit.POINTS].owed
        amount = owed if owed and all_of_it else amount
        said = self.called("repayment")
        self.take("repay", ask.repayment(town, who, amount, **said), who)

    def take(self, verb, request, who, *others):
        """What is taken comes off the front of the schedule; lapsed lots stay as they are.

        Unless holds end with it for which nobody came: then there is more to take from.
        """
        if any(hold.expires_at <= request.booked_at for hold in self.memory.holds(who)):
            self.ask(verb, request, who, *others)
            return
        day = request.occurred_on
        before = self.memory.schedule(who, on=day)
        lapsed = self.memory.balances(who, on=day)[Unit.POINTS].lapsed
        taken = isinstance(self.ask(verb, request, who, *others), Transfer)
        left = off_the_front(before, abs(request.amount)) if taken else before
        assert self.memory.schedule(who, on=day) == left
        assert self.memory.balances(who, on=day)[Unit.POINTS].lapsed == lapsed

    @precondition(lambda self: self.memory._state.transfers)
    @rule(place=places, town=towns, lately=st.booleans(), days=st.sampled_from([0, 0, 5]))
    def undo(self, place, town, lately, days):
        if days:
            self.now += timedelta(days=days)
            self.let_lapse(limit=1000)
        booked = list(self.memory._state.transfers)
        among = booked[-4:] if lately else booked
        of = among[place % len(among)]
        self.ask("reverse", ask.reversal(town, of, **self.called("reversal")), *PEOPLE)

    @rule(who=people, goes_to=st.sampled_from(Destination), at=off)
    def choose(self, who, goes_to, at):
        self.both(lambda engine: engine.choose_expiry(who, goes_to, chosen_at=self.now + at))

    @rule(limit=st.sampled_from([1, 2, 1000]))
    def let_lapse(self, limit):
        self.touched |= set(PEOPLE)
        self.both(lambda engine: engine.expire(self.today, now=self.now, limit=limit))


def asked_again(request, later, more):
    """The same again, or more of it; whoever asks again asks later."""
    if isinstance(request, Reservation):
        again = {"held_at": later, "expires_at": later + HOUR}
    else:
        again = {"booked_at": later}
    if getattr(request, "amount", None):
        again["amount"] = request.amount * more
    return replace(request, **again)


def off_the_front(schedule, amount):
    """What is left of a schedule: held points stay with their hold."""
    left = []
    for line in schedule:
        taken = min(line.amount - line.held, amount)
        amount -= taken
        if line.amount > taken:
            left.append(
                Expiring(expires_on=line.expires_on, amount=line.amount - taken, held=line.held)
            )
    return left
