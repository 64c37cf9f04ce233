"""The journal of an engine in dictionaries, as whoever rebuilds the books reads it."""

from operator import itemgetter
from types import SimpleNamespace

from points_engine.journal import (
    BOOKED,
    PARCELLED,
    Ended,
    GivenBack,
    LastUse,
    Moved,
    Settled,
    Standing,
)
from points_engine.ledger import TransferKind, earn_reference


class Remembered:
    """What happened in a tenant's books, in its order, and what they say in the end."""

    def __init__(self, engine):
        self._state = engine._state
        self.tenant = self._state.tenant_id

    def events(self):
        settled = sorted(self._state.decided.items(), key=self._told_at)
        moved = [each for each in self._state.transfers.values() if not is_settled(each)]
        streams = [
            *(self._settled(fact_id, decided) for fact_id, decided in settled),
            *(leg for each in moved for leg in self._legs(each)),
            *(self._given_back(each) for each in moved if each.reverses),
            *(
                LastUse(usage.last_booked_at, key, usage.used)
                for key, usage in self._state.caps.items()
            ),
        ]
        return sorted(streams, key=itemgetter(0))

    def ended(self):
        return [
            Ended(at, str(community), quarter)
            for (community, quarter), at in self._state.periods.items()
        ]

    def standing(self):
        return [
            Standing(account.id_in(self.tenant).hex, kept.version, kept.posted)
            for account, kept in self._state.accounts.items()
            if kept.version
        ]

    def _told_at(self, told):
        fact_id, decided = told
        return decided.decided_at, self._state.facts[fact_id].occurred_at, fact_id

    def _settled(self, fact_id, decided):
        fact = self._state.facts[fact_id]
        found = [
            (award.unit.value, self._entry(fact, award, decided.decided_at))
            for award in decided.awards
        ]
        return Settled(decided.decided_at, as_a_row(fact), found)

    def _entry(self, fact, award, at):
        booked = self._state.transfers.get(earn_reference(fact.source, award.unit))
        return (
            award.rule_id, award.policy_version, award.raw, award.granted, award.reason,
            award.bound, list(award.cap_keys), at,
            *(self._booked(booked) if booked else [None] * len(BOOKED)),
            *(self._parcelled(booked) if booked else [None] * len(PARCELLED)),
        )  # fmt: skip

    def _booked(self, booked):
        return (
            booked.id.hex, booked.kind.value, booked.reference, booked.source,
            booked.debit.id_in(self.tenant).hex, booked.credit.id_in(self.tenant).hex,
            booked.amount, booked.policy_version, str(booked.community_id), booked.quarter,
            booked.occurred_on, booked.booked_at, str(booked.actor_id), booked.reason,
            booked.debit_version, booked.debit_balance_after,
            booked.credit_version, booked.credit_balance_after,
        )  # fmt: skip

    def _parcelled(self, booked):
        lot = self._state.lots[booked.credit].get(booked.id)
        if lot is None:
            return [None] * len(PARCELLED)
        account = booked.credit.id_in(self.tenant).hex
        return account, str(lot.community_id), lot.earned_on, lot.granted_until, lot.original

    def _legs(self, booked):
        sides = [
            (booked.debit, -booked.amount, booked.debit_version, booked.debit_balance_after),
            (booked.credit, booked.amount, booked.credit_version, booked.credit_balance_after),
        ]
        for account, amount, version, after in sides:
            if account.guarded:
                account_id = account.id_in(self.tenant).hex
                yield Moved(booked.booked_at, account_id, booked.reference, amount, version, after)

    def _given_back(self, reversal):
        by_id = {each.id: each for each in self._state.transfers.values()}
        earned = by_id[reversal.reverses]
        awards = self._state.decided[earned.fact_id].awards
        (award,) = [each for each in awards if each.unit is earned.unit]
        return GivenBack(reversal.booked_at, award.cap_keys, reversal.amount)


def is_settled(booked):
    """Whether it follows from a fact."""
    return booked.kind in {TransferKind.EARN, TransferKind.PENALTY} and booked.fact_id is not None


def as_a_row(fact):
    """A fact as a database gives it: identifiers are texts."""
    told = {name: getattr(fact, name) for name in ROW}
    identifiers = {name: getattr(fact, name) for name in IDENTIFIERS}
    return SimpleNamespace(
        **told, **{name: value and str(value) for name, value in identifiers.items()}
    )


ROW = (
    "kind", "source", "category", "quantity", "planned", "circumstances", "evidence", "acting_as",
    "occurred_on",
)  # fmt: skip
IDENTIFIERS = ("beneficiary_id", "household_id", "activity_id", "community_id", "actor_id")
