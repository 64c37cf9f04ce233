"""Settlement in dictionaries: fact by fact, in the plainest way that is right."""

from datetime import datetime
from uuid import UUID

from points_engine.accounts import Unit
from points_engine.awards import Award, grant, weigh
from points_engine.bookings import beneficiary_account, booking
from points_engine.engine import Quarantined, Settled
from points_engine.expiring import CHINA
from points_engine.facts import Fact
from points_engine.lots import first_last_day
from points_engine.memory.state import Decided, State, Waiting
from points_engine.policy import Policies


def settle(
    state: State, community_id: UUID, policies: Policies, *, now: datetime, limit: int
) -> Settled:
    facts = _claim(state, community_id, now)[:limit]
    weighed = weigh(facts, policies)
    caps = weighed.limits()
    accounts = {
        beneficiary_account(facts[award.place], award.unit)
        for award in weighed.awards
        if award.granted
    }
    booked_at = state.booking_instant(now, accounts, weighed.shared())
    used = {key: state.caps[key].used for key in caps if key in state.caps}
    grant(weighed, used)
    _count(state, used, caps, booked_at=booked_at)
    awards = [award for award in weighed.awards if award.granted]
    for award in awards:
        _book(state, facts[award.place], award, booked_at=booked_at)
    _conclude(state, facts, weighed.awards, booked_at=booked_at)
    for place, error in weighed.failed.items():
        _set_apart(state, facts[place].id, error, now=now)
    return Settled(
        facts=len(facts) - len(weighed.failed),
        transfers=len(awards),
        quarantined=len(weighed.failed),
    )


def due(state: State, now: datetime) -> list[Fact]:
    """The facts that may be settled, in the order in which they are judged."""
    ready = [
        state.facts[fact_id]
        for fact_id, waiting in state.queue.items()
        if waiting.quarantined_at is None and waiting.not_before <= now
    ]
    return sorted(ready, key=lambda fact: fact.order)


def _claim(state: State, community_id: UUID, now: datetime) -> list[Fact]:
    return [fact for fact in due(state, now) if fact.community_id == community_id]


def _count(
    state: State, used: dict[str, int], limits: dict[str, int], *, booked_at: datetime
) -> None:
    for key, amount in used.items():
        usage = state.caps[key]
        usage.used, usage.allowed = amount, max(usage.allowed, limits[key])
        usage.last_booked_at = booked_at


def _book(state: State, fact: Fact, award: Award, *, booked_at: datetime) -> None:
    booked = state.post(booking(fact, award, tenant_id=state.tenant_id, now=booked_at), booked_at)
    if award.unit is Unit.POINTS:
        day = booked_at.astimezone(CHINA).date()
        state.add_lot(booked, first_last_day(award.expires_on, day))


def _conclude(state: State, facts: list[Fact], awards: list[Award], *, booked_at: datetime) -> None:
    for award in awards:
        fact = facts[award.place]
        if fact.id in state.queue:
            state.decided[fact.id] = Decided(decided_at=booked_at, awards=[])
            del state.queue[fact.id]
        state.decided[fact.id].awards.append(award)


def _set_apart(state: State, fact_id: UUID, error: str, *, now: datetime) -> None:
    waiting = state.queue[fact_id]
    waiting.attempts += 1
    waiting.error, waiting.quarantined_at = error, now


def quarantined(fact: Fact, waiting: Waiting, since: datetime) -> Quarantined:
    return Quarantined(
        fact_id=fact.id,
        source=fact.source,
        community_id=fact.community_id,
        beneficiary_id=fact.beneficiary_id,
        attempts=waiting.attempts,
        error=waiting.error,
        quarantined_at=since,
    )
