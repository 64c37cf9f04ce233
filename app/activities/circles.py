"""For whom a member of staff keeps the list of an activity: everybody, or those near them.

A building steward and a grid worker have no activities of their own. They see to it that their
own people are on the list of those of their community.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import queries
from app.activities.models import Activity
from app.core.vault import Vault
from app.households import queries as households
from app.identity import finding
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.kinds import UnitKind
from app.organisation.queries import Unit

BY = Permission.ATTENDANCE_AID
SMALLER = (UnitKind.GRID, UnitKind.BUILDING, UnitKind.ENTRANCE)
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Whom the caller sees and enters at an activity; everybody where there are no `people`.

    `path` leads to the unit for which they hold the role that lets them.
    """

    path: tuple[UUID, ...]
    people: frozenset[UUID] | None = None

    def holds(self, person_id: UUID) -> bool:
        return self.people is None or person_id in self.people


def around(session: Session, activity: Activity, *, me: Principal) -> Circle | None:
    """For whom the caller keeps the list of an activity; None where it is not theirs to keep."""
    path = organisation.path_of(session, activity.community_id)
    if me.may(BY, path):
        return Circle(path=path)
    near = [
        unit for unit in _smaller(session, me.units_with(BY)) if activity.community_id in unit.path
    ]
    if not near:
        return None
    people = households.people_in(session, [unit.id for unit in near])
    return Circle(path=near[0].path, people=frozenset(people))


def path_to(session: Session, activity: Activity, *, me: Principal) -> tuple[UUID, ...]:
    """Where the role stands by which the caller keeps the list of an activity."""
    return path_within(session, activity, tops=me.units_with(BY))


def path_within(
    session: Session, activity: Activity, *, tops: Collection[UUID]
) -> tuple[UUID, ...]:
    """The same, for whoever holds their role in these subtrees."""
    path = organisation.path_of(session, activity.community_id)
    if set(tops) & set(path):
        return path
    near = (unit for unit in _smaller(session, tops) if activity.community_id in unit.path)
    return next((unit.path for unit in near), ())


def is_own(session: Session, person_id: UUID, *, me: Principal) -> bool:
    """Whether somebody belongs to a community of the caller's, or lives in their building."""
    person = identity.get_person(session, person_id)
    if person is None or person.erased_at is not None:
        return False
    path = organisation.path_of(session, person.community_id)
    return me.may(BY, path) or person.id in _neighbours(session, me)


def found(session: Session, vault: Vault, text: str, *, me: Principal) -> list[tuple[UUID, str]]:
    """Who of the caller's own people it may be, by what somebody says."""
    people = _neighbours(session, me)
    return finding.people_in(session, vault, text, tops=me.units_with(BY), people=people)


def list_open(session: Session, *, me: Principal, now: datetime) -> list[Activity]:
    """Published activities whose list the caller keeps, from a month ago on, by their start."""
    tops = me.units_with(BY)
    communities = set(organisation.communities_under(session, tops))
    for unit in _smaller(session, me.units_with(BY)):
        communities |= {one for one in unit.path if one != unit.id}
    return queries.list_published(session, communities, now=now, limit=MOST_SHOWN)


def _neighbours(session: Session, me: Principal) -> Collection[UUID]:
    """Who lives in the caller's own buildings and grids."""
    return households.people_in(session, [unit.id for unit in _smaller(session, me.units_with(BY))])


def _smaller(session: Session, tops: Collection[UUID]) -> list[Unit]:
    """The grids and buildings of these subtrees, where the community around is not in them."""
    below = organisation.list_units(session, tops)
    communities = {unit.id for unit in below if unit.kind == UnitKind.COMMUNITY}
    return [unit for unit in below if unit.kind in SMALLER and not communities & set(unit.path)]
