"""Quarters in dictionaries: one thread books, so nobody can be in the middle of it."""

from datetime import date, datetime
from uuid import UUID

from points_engine.accounts import OwnerKind
from points_engine.closing import Standing, check_may_close, check_may_end, not_closed
from points_engine.errors import NothingToProve
from points_engine.leaves import row_of
from points_engine.ledger import Transfer
from points_engine.memory.state import State
from points_engine.proofs import Document, Period, Seal, Sealed


def publicise(state: State, community_id: UUID, quarter: str, *, on: date, at: datetime) -> bool:
    ended, booked = state.ended_quarters(community_id), _booked(state, community_id)
    if quarter in ended:
        return False
    standing = Standing(
        booked=quarter in booked,
        earlier=_first_before(quarter, booked - ended),
        later_ended=any(other > quarter for other in ended),
    )
    check_may_end(quarter, standing, on=on)
    state.periods[community_id, quarter] = at
    return True


def close(state: State, community_id: UUID, quarter: str, *, at: datetime, secret: bytes) -> Seal:
    if (community_id, quarter) in state.seals:
        return state.seals[community_id, quarter].seal
    ended, closed = state.ended_quarters(community_id), seals(state, community_id)
    to_close = (ended | _booked(state, community_id)) - {seal.quarter for seal in closed}
    check_may_close(quarter, publicised=quarter in ended, earlier=_first_before(quarter, to_close))
    before = [seal.root for seal in closed if seal.quarter < quarter]
    period = Period(
        tenant_id=state.tenant_id, community_id=community_id, quarter=quarter, secret=secret
    )
    seal = period.seal(
        _rows(state, community_id, quarter),
        previous_root=before[-1] if before else None,
        sealed_at=at,
    )
    state.seals[community_id, quarter] = Sealed(seal=seal, secret=secret)
    return seal


def seals(state: State, community_id: UUID) -> list[Seal]:
    mine = [each.seal for each in state.seals.values() if each.seal.community_id == community_id]
    return sorted(mine, key=lambda seal: seal.quarter)


def prove(state: State, community_id: UUID, quarter: str, *, person_id: UUID) -> Document:
    sealed = state.seals.get((community_id, quarter))
    if sealed is None:
        raise not_closed(quarter)
    wanted = {
        booked.id
        for booked in _transfers(state, community_id, quarter)
        for side in (booked.debit, booked.credit)
        if (side.owner_kind, side.owner_id) == (OwnerKind.PERSON, person_id)
    }
    if not wanted:
        raise NothingToProve(quarter)
    return sealed.prove(_rows(state, community_id, quarter), wanted)


def _booked(state: State, community_id: UUID) -> set[str]:
    """The quarters in which anything of a community was booked."""
    transfers = state.transfers.values()
    return {each.quarter for each in transfers if each.community_id == community_id}


def _first_before(quarter: str, others: set[str]) -> str | None:
    return min([other for other in others if other < quarter], default=None)


def _transfers(state: State, community_id: UUID, quarter: str) -> list[Transfer]:
    mine = (community_id, quarter)
    found = [
        booked
        for booked in state.transfers.values()
        if (booked.community_id, booked.quarter) == mine
    ]
    return sorted(found, key=lambda booked: (booked.booked_at, booked.id))


def _rows(state: State, community_id: UUID, quarter: str) -> list[tuple[object, ...]]:
    booked = _transfers(state, community_id, quarter)
    return [row_of(each, state.tenant_id) for each in booked]
