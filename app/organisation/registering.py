"""Registrations as the API and the pages both show them."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import masking
from app.core.paging import Page, decode, page
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries
from app.organisation.kinds import RegistrationState
from app.organisation.labels import NEXT, STATES
from app.organisation.models import Registration

TO = {
    "accept": RegistrationState.ACCEPTED,
    "refuse": RegistrationState.REFUSED,
    "suspend": RegistrationState.SUSPENDED,
    "close": RegistrationState.CLOSED,
}


def own(session: Session, me: Principal) -> Page[dict[str, Any]]:
    """All registrations of the caller: there are never many."""
    return Page(_shown(session, queries.list_own(session, me.subject_id)), None)


def to_decide(
    session: Session,
    me: Principal,
    *,
    state: RegistrationState,
    cursor: str | None,
    limit: int,
) -> Page[dict[str, Any]]:
    """Registrations with the communities on which the caller decides."""
    communities = queries.communities_under(session, me.units_with(Permission.REGISTRATION_DECIDE))
    after = decode(cursor, (UUID,))
    rows = queries.list_in_state(
        session, communities, state, after=after[0] if after else None, limit=limit + 1
    )
    cut = page(rows, limit=limit, key=lambda row: (str(row.id),))
    return Page(_shown(session, cut.items), cut.next_cursor)


def shown(session: Session, registration: Registration) -> dict[str, Any]:
    """One of them."""
    return _shown(session, [registration])[0]


def _shown(session: Session, rows: Sequence[Registration]) -> list[dict[str, Any]]:
    asked = {row.asked_by for row in rows}
    people = identity.names_of(session, asked | {row.person_id for row in rows if row.person_id})
    units = queries.units_of(session, _units(rows))
    return [
        {
            "id": row.id,
            "name_masked": _name(row, people, units),
            "is_unit": row.unit_id is not None,
            "community_id": row.community_id,
            "community": units[row.community_id].name,
            "state": row.state,
            "state_label": STATES[RegistrationState(row.state)],
            "asked_on": row.asked_on,
            "asked_by": _delegate(row, people),
            "since": row.since,
            "until": row.until,
            "reason": row.reason,
            "is_move": row.moved_from_id is not None,
            "next": NEXT[RegistrationState(row.state)],
        }
        for row in rows
    ]


def _delegate(row: Registration, people: dict[UUID, str]) -> str:
    """Who asked for a person, where it was not themself."""
    by_another = row.person_id is not None and row.asked_by != row.person_id
    return masking.name(people[row.asked_by]) if by_another else ""


def _units(rows: Iterable[Registration]) -> set[UUID]:
    return {one for row in rows for one in (row.community_id, row.unit_id) if one}


def _name(row: Registration, people: dict[UUID, str], units: dict[UUID, queries.Unit]) -> str:
    """A unit's name is public; a person's is not."""
    if row.unit_id is not None:
        return units[row.unit_id].name
    assert row.person_id is not None  # one of the two registers
    return masking.name(people[row.person_id])
