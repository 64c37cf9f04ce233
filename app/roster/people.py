"""The people of one's own communities: found by what somebody says, and one person's file."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import masking
from app.core.vault import Vault
from app.households import labels as household_labels
from app.households import queries as households
from app.households.kinds import Consent, Kinship, Relation
from app.households.services import HOMES
from app.identity import finding, personal
from app.identity import queries as identity
from app.identity.fields import Field
from app.identity.queries import Listed, Reach
from app.identity.ranks import ROLE_LABELS
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.kinds import RegistrationState, UnitKind
from app.organisation.labels import STATES
from app.roster import labels
from app.roster.errors import ResidentUnknown

MOST = 50


def search(session: Session, vault: Vault, text: str, *, me: Principal) -> list[dict[str, Any]]:
    """Who of one's own people it is: by name, by phone or its last four, by card, masked."""
    candidates = finding.candidates(session, vault, text)
    found = identity.listed(session, candidates, reach=reach(session, me))
    return rows(session, vault, found[:MOST])


def latest(session: Session, vault: Vault, *, me: Principal) -> list[dict[str, Any]]:
    """Some of one's own people, where nobody was asked for."""
    found = identity.list_within(session, reach(session, me), limit=MOST)
    return rows(session, vault, found)


def reach(
    session: Session, me: Principal, permission: Permission = Permission.PEOPLE_READ
) -> Reach:
    """The people of the communities under one's units, and who lives in a grid of one's own."""
    below = organisation.list_units(session, me.units_with(permission))
    communities = {unit.id for unit in below if unit.kind == UnitKind.COMMUNITY.value}
    smaller = [unit.id for unit in below if not communities & set(unit.path)]
    return Reach(communities=communities, people=households.people_in(session, smaller))


def rows(session: Session, vault: Vault, found: Sequence[Listed]) -> list[dict[str, Any]]:
    """People as a list shows them: nothing of them in full."""
    ids = [one.id for one in found]
    phones = personal.read_masked(session, vault, person_ids=ids, field=Field.PHONE)
    numbers = personal.read_masked(session, vault, person_ids=ids, field=Field.ID_NUMBER)
    units = organisation.units_of(session, {one.community_id for one in found})
    return [
        {
            "id": str(one.id),
            "name": shown_name(one.name),
            "kinds": "、".join(labels.KINDS.get(kind, kind) for kind in one.kinds),
            "community": units[one.community_id].name,
            "phone": phones.get(one.id, ""),
            "id_number": numbers.get(one.id, ""),
            "card": labels.card(one.card_no),
        }
        for one in found
    ]


def shown_name(name: str) -> str:
    """A name that is masked already stays as it is."""
    return name if "*" in name else masking.name(name)


def file_of(
    session: Session, vault: Vault, person_id: UUID, *, me: Principal, on: date
) -> dict[str, Any]:
    """Everything staff see of one person of their own communities."""
    found = refuse_stranger(session, person_id, me=me)
    registrations = organisation.list_own(session, person_id)
    memberships = households.memberships_of(session, person_id)
    return {
        "person": rows(session, vault, [found])[0],
        "homes": _homes(session, me),
        "roles": _roles(session, person_id, on=on),
        "household": _household(session, person_id),
        "mandates": _mandates(session, person_id),
        "agreed": _consents(session, person_id),
        "timeline": _timeline(session, registrations, memberships),
    }


def refuse_stranger(session: Session, person_id: UUID, *, me: Principal) -> Listed:
    """Somebody of one's own communities; anybody else does not exist."""
    return of_reach(session, person_id, reach=reach(session, me))


def card_holder(session: Session, person_id: UUID, *, me: Principal) -> Listed:
    """Somebody whose card the caller may give out; anybody else does not exist."""
    return of_reach(session, person_id, reach=reach(session, me, Permission.CARD_MANAGE))


def of_reach(session: Session, person_id: UUID, *, reach: Reach) -> Listed:
    """Somebody within reach; anybody else does not exist."""
    found = identity.listed(session, [person_id], reach=reach)
    if not found:
        raise ResidentUnknown("没有找到这个人，请从“居民”里查找后进入。")
    return found[0]


def _homes(session: Session, me: Principal) -> list[tuple[str, str]]:
    """Where in one's own subtrees doors are: each unit, behind the names of those around it."""
    units = organisation.open_units(session, me.units_with(Permission.HOUSEHOLD_MANAGE))
    names = {unit.id: unit.name for unit in units}
    shown = [
        (str(unit.id), " ".join(names[one] for one in unit.path if one in names))
        for unit in units
        if unit.kind in HOMES
    ]
    return sorted(shown, key=lambda home: home[1])


def _roles(session: Session, person_id: UUID, *, on: date) -> list[str]:
    grants = identity.list_grants(session, person_id, on=on)
    units = organisation.units_of(session, {grant.org_unit_id for grant in grants})
    return [
        f"{ROLE_LABELS.get(grant.role, grant.role)}（{units[grant.org_unit_id].name}）"
        for grant in grants
    ]


def _household(session: Session, person_id: UUID) -> dict[str, Any] | None:
    membership = households.open_membership(session, person_id)
    household = households.get_household(session, membership.household_id) if membership else None
    if membership is None or household is None:
        return None
    members = households.members_of(session, household.id)
    names = identity.names_of(session, {one.person_id for one in members})
    return {
        "door": household.door,
        "since": membership.from_day.isoformat(),
        "is_head": membership.is_head,
        "members": [
            {
                "id": str(one.person_id),
                "name": shown_name(names[one.person_id]),
                "is_head": one.is_head,
                "is_them": one.person_id == person_id,
            }
            for one in members
        ],
    }


def _mandates(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    mandates = households.mandates_of(session, person_id)
    names = identity.names_of(session, {one.delegate_id for one in mandates})
    return [
        {
            "id": str(one.id),
            "name": shown_name(names[one.delegate_id]),
            "relation": household_labels.RELATIONS[Relation(one.relation)],
            "acts": household_labels.acts_text(one.acts),
            "daily_limit": one.daily_limit,
            "from_day": one.from_day.isoformat(),
            "to_day": one.to_day.isoformat() if one.to_day else "",
            "consent": household_labels.CONSENTS[Consent(one.consent)],
        }
        for one in mandates
    ]


def _consents(session: Session, person_id: UUID) -> list[dict[str, Any]]:
    consents = households.consents_of(session, person_id)
    names = identity.names_of(session, {one.guardian_id for one in consents})
    return [
        {
            "id": str(one.id),
            "name": shown_name(names[one.guardian_id]),
            "kinship": household_labels.KINSHIPS[Kinship(one.kinship)],
            "from_day": one.from_day.isoformat(),
        }
        for one in consents
    ]


def _timeline(
    session: Session, registrations: Sequence[Any], memberships: Sequence[Any]
) -> list[dict[str, str]]:
    """What changed when, the latest first."""
    units = organisation.units_of(session, {one.community_id for one in registrations})
    told = [
        (one.since or one.asked_on, f"{units[one.community_id].name}：{_state(one.state)}")
        for one in registrations
    ]
    for one in memberships:
        household = households.get_household(session, one.household_id)
        assert household is not None  # the membership's foreign key says so
        told.append((one.from_day, f"入户 {household.door}"))
        if one.to_day is not None:
            told.append((one.to_day, f"迁出 {household.door}"))
    return [{"on": day.isoformat(), "text": text} for day, text in sorted(told, reverse=True)]


def _state(state: str) -> str:
    return STATES[RegistrationState(state)]
