"""One's household and delegates as the page shows them."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.households import labels, queries
from app.households.kinds import Act, Deed, Relation
from app.households.models import Delegation
from app.identity import queries as identity
from app.identity.roles import Principal
from app.organisation import queries as organisation

SHOWN = 10


def shown(session: Session, me: Principal, *, on: date) -> dict[str, Any]:
    """Where one lives and with whom, who acts for one, and for whom one acts."""
    membership = queries.open_membership(session, me.person_id)
    household = queries.get_household(session, membership.household_id) if membership else None
    members = queries.members_of(session, household.id) if household else []
    given = queries.mandates_of(session, me.person_id)
    had = [one for one in queries.mandates_to(session, me.person_id) if _holds(one, on)]
    people = {one.person_id for one in members} | {one.delegate_id for one in given}
    names = identity.names_of(session, people | {one.person_id for one in had})
    taken = {one.delegate_id for one in given}
    return {
        "door": household.door if household else "",
        "place": _place(session, household.unit_id) if household else "",
        "members": [
            {
                "id": str(one.person_id),
                "name": names[one.person_id],
                "is_head": one.is_head,
                "is_me": one.person_id == me.person_id,
                "may_be_asked": one.person_id != me.person_id and one.person_id not in taken,
                "since": one.from_day.isoformat(),
            }
            for one in members
        ],
        "given": [_mandate(one, names[one.delegate_id]) for one in given],
        "had": [_mandate(one, names[one.person_id]) for one in had],
        "errands": _errands(session, me),
    }


def _errands(session: Session, me: Principal) -> list[tuple[str, str]]:
    """What others did for one, the latest first, and on which day."""
    rows = queries.errands_of(session, me.person_id, limit=SHOWN)
    names = identity.names_of(session, {one.delegate_id for one in rows})
    return [
        (f"{names[one.delegate_id]}{labels.DEEDS[Deed(one.deed)]}", one.on_day.isoformat())
        for one in rows
    ]


def _place(session: Session, unit_id: UUID) -> str:
    path = organisation.path_of(session, unit_id)
    units = organisation.units_of(session, path)
    return "".join(units[one].name for one in path[1:])


def _mandate(row: Delegation, name: str) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "person_id": str(row.person_id),
        "name": name,
        "relation": labels.RELATIONS[Relation(row.relation)],
        "acts": labels.acts_text(row.acts),
        "may_read": Act.READ.value in row.acts,
        "may_redeem": Act.REDEEM.value in row.acts,
        "may_register": Act.REGISTER.value in row.acts,
        "may_check_in": Act.CHECK_IN.value in row.acts,
        "daily_limit": row.daily_limit,
        "from_day": row.from_day.isoformat(),
        "to_day": row.to_day.isoformat() if row.to_day else "",
    }


def _holds(row: Delegation, on: date) -> bool:
    return row.from_day <= on and (row.to_day is None or on < row.to_day)
