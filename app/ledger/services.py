"""Reporting facts, paying at the counter, and what a person's three numbers are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import tenant_of
from app.ledger import labels
from app.ledger.expected import Expected
from points_engine import (
    ALWAYS_JUDGED,
    Destination,
    Expired,
    Fact,
    Hold,
    Judgement,
    Line,
    LineCursor,
    Policy,
    Seal,
    Settled,
    Spending,
    Unit,
    judge,
)
from points_engine.postgres import PostgresEngine

BATCH = 1000
MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One of a person's numbers: what is theirs now, what is reserved, what is on its way.

    `lapsed` and `owed` are in the books, and cannot be spent any more.
    """

    available: int
    held: int
    pending: int
    lapsed: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The three numbers of a red account. They are never added up."""

    minutes: Number
    score: Number
    points: Number

    @property
    def is_waiting(self) -> bool:
        """Whether anything is on its way."""
        return any(number.pending for number in (self.minutes, self.score, self.points))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsing:
    """So many points that can be spent until the end of a day."""

    on: date
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A fact that waits for settlement, and what it will be credited."""

    title: str
    expected: tuple[Expected, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a reported fact is credited, and whether that still waits for settlement."""

    expected: tuple[Expected, ...]
    waits: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """The transfer that paid, and what the payer has left."""

    transfer_id: UUID
    balance_after: int


def report(session: Session, fact: Fact) -> bool:
    """Hand a fact to settlement; False when the same source was reported before."""
    return _engine(session).report(fact)


def report_many(session: Session, facts: Sequence[Fact]) -> int:
    """Hand many facts to settlement at once; how many of them were new."""
    return _engine(session).report_many(facts)


def available(session: Session, *, person_id: UUID, on: date) -> int:
    """The points a person could spend on a civil day."""
    return _engine(session).balances(person_id, on=on)[Unit.POINTS].available


def expect(session: Session, fact: Fact) -> tuple[Expected, ...]:
    """What a fact will earn by the policy of its day, in every unit that has a rule for it."""
    judgements = judge(fact, _engine(session).policies())
    return tuple(_expected(judgement) for judgement in judgements if judgement.rule_id)


def outcome(session: Session, fact: Fact) -> Outcome:
    """What a fact that was reported will earn, or has earned once it waits no more."""
    waiting = _engine(session).waiting(fact.beneficiary_id)
    return Outcome(
        expected=expect(session, fact),
        waits=any(one.source == fact.source for one in waiting),
    )


def pay(session: Session, spending: Spending) -> Paid:
    """Take points from a member at once; raises the engine's `InsufficientPoints`."""
    transfer = _engine(session).spend(spending)
    assert transfer.debit_balance_after is not None  # a member's account is guarded
    return Paid(transfer_id=transfer.id, balance_after=transfer.debit_balance_after)


def holds(session: Session, *, person_id: UUID) -> list[Hold]:
    """What is held of a person's points, and why, the first to end first."""
    return _engine(session).holds(person_id)


def numbers(session: Session, *, person_id: UUID, on: date) -> Numbers:
    """The three numbers of a person on a civil day, with what is waiting to be settled."""
    engine = _engine(session)
    held = engine.balances(person_id, on=on)
    coming = _coming(list_waiting(session, person_id=person_id))
    found = {
        unit.value: Number(
            available=held[unit].available,
            held=held[unit].held,
            pending=coming[unit],
            lapsed=held[unit].lapsed,
            owed=held[unit].owed,
        )
        for unit in ALWAYS_JUDGED
    }
    return Numbers(**found)


def list_waiting(session: Session, *, person_id: UUID) -> list[Waiting]:
    """The person's facts that wait, and what each will earn."""
    engine = _engine(session)
    waiting = engine.waiting(person_id)
    if not waiting:
        return []
    policies = engine.policies()
    return [
        Waiting(
            title=fact.evidence.get("title") or labels.cause(fact.source),
            expected=tuple(_expected(one) for one in judge(fact, policies) if one.rule_id),
        )
        for fact in waiting
    ]


def list_holds(session: Session, *, person_id: UUID) -> list[Hold]:
    """What is kept for the person and not fetched yet."""
    return _engine(session).holds(person_id)


def lines(
    session: Session,
    *,
    person_id: UUID,
    unit: Unit | None,
    before: LineCursor | None,
    limit: int,
) -> list[Line]:
    """A page of the passbook, the newest first."""
    return _engine(session).lines(person_id, unit, before=before, limit=limit)


def titles(session: Session, sources: Iterable[str]) -> dict[str, str]:
    """What each line of a passbook is about: the station, the activity, the goods."""
    facts = _engine(session).facts(sources)
    return {source: fact.evidence.get("title", "") for source, fact in facts.items()}


def communities_waiting(session: Session, *, now: datetime) -> list[UUID]:
    return _engine(session).communities_waiting(now)


def settle(session: Session, *, community_id: UUID, now: datetime, limit: int = BATCH) -> Settled:
    """Settle one batch of one community."""
    engine = _engine(session)
    return engine.settle(community_id, engine.policies(), now=now, limit=limit)


def schedule(session: Session, *, person_id: UUID, on: date) -> list[Lapsing]:
    """What a person has that lapses, by its last day, the soonest first."""
    return [
        Lapsing(on=one.expires_on, amount=one.amount)
        for one in _engine(session).schedule(person_id, on=on)
        if one.expires_on is not None
    ]


def ending(session: Session, *, last_day: date) -> dict[UUID, int]:
    """What people have that lapses after a day, by person."""
    return _engine(session).ending(last_day)


def earned(session: Session, *, day: date, zone: str) -> dict[UUID, dict[Unit, int]]:
    """What settlement credited people on a civil day, by person and unit."""
    until = clock.midnight(day + timedelta(days=1), zone)
    return _engine(session).earned(clock.midnight(day, zone), until)


def choose_expiry(
    session: Session, *, person_id: UUID, goes_to: Destination, now: datetime
) -> None:
    """Say where points shall go from now on that lapse unspent."""
    _engine(session).choose_expiry(person_id, goes_to, chosen_at=now)


def chosen_expiry(session: Session, *, person_id: UUID, now: datetime) -> Destination:
    """Where points of the person go that lapse from now on; a choice made just now counts."""
    return _engine(session).chosen_expiry(person_id, at=now + MOMENT)


def outstanding(session: Session, *, community_id: UUID) -> int:
    """The points a community gave that are still in somebody's account."""
    return _engine(session).outstanding(community_id)


def lapse_holds(session: Session, *, now: datetime, on: date, limit: int = BATCH) -> int:
    """End some holds for which nobody came in time; answer how many."""
    return _engine(session).lapse_holds(now, on=on, limit=limit)


def expire(session: Session, *, on: date, now: datetime, zone: str, limit: int = BATCH) -> Expired:
    """Book out some of what lapsed before a civil day."""
    return _engine(session).expire(on, now=now, limit=limit, zone=ZoneInfo(zone))


def publish(session: Session, policy: Policy, *, now: datetime) -> bool:
    """Publish a policy for good; False when it is published already."""
    return _engine(session).publish(policy, now=now)


def publicise_quarter(
    session: Session, *, community_id: UUID, quarter: str, on: date, now: datetime
) -> bool:
    """Book nothing more into a quarter; False when it was publicised before."""
    return _engine(session).publicise(community_id, quarter, on=on, at=now)


def close_quarter(
    session: Session, *, community_id: UUID, quarter: str, secret: bytes, now: datetime
) -> Seal:
    """Seal a publicised quarter, with a secret of its own."""
    return _engine(session).close(community_id, quarter, at=now, secret=secret)


def prove(session: Session, *, community_id: UUID, quarter: str, person_id: UUID) -> dict[str, Any]:
    """The proof of what moved on a person's accounts in a closed quarter."""
    return _engine(session).prove(community_id, quarter, person_id=person_id)


def policy_on(session: Session, day: date) -> Policy | None:
    """The policy in force on a civil day."""
    return _engine(session).policies().in_force_on(day)


def _engine(session: Session) -> PostgresEngine:
    return PostgresEngine(session, tenant_of(session))


def _expected(judgement: Judgement) -> Expected:
    return Expected(unit=judgement.unit, amount=judgement.granted, reason=judgement.explanation)


def _coming(waiting: Iterable[Waiting]) -> dict[Unit, int]:
    coming = dict.fromkeys(Unit, 0)
    for fact in waiting:
        for line in fact.expected:
            coming[line.unit] += line.amount
    return coming
