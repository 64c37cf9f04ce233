"""Moving in and out: dated, written down, and never in two households at once."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add, claim
from app.core.vault import normal
from app.households import queries
from app.households.errors import (
    NO_PERSON,
    HeadAlready,
    HouseholdUnknown,
    LivesNowhere,
    LivesThereAlready,
    MoveTooEarly,
    PersonUnknown,
)
from app.households.models import Household, HouseholdMember
from app.identity import queries as identity
from app.identity import services as people
from app.identity import units
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.kinds import UnitKind

# Behind whose doors people live.
HOMES = (UnitKind.COMMUNITY, UnitKind.GRID, UnitKind.BUILDING, UnitKind.ENTRANCE)


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveIn:
    """Somebody who belongs to a household from a day on."""

    person_id: UUID
    household_id: UUID
    on: date
    is_head: bool = False


def find_or_make(session: Session, *, unit_id: UUID, door: str, now: datetime) -> Household:
    """The household behind a door; made when nobody has lived there yet."""
    made = claim(session, Household, unit_id=unit_id, door=door, created_at=now)
    found = made or queries.find_household(session, unit_id=unit_id, door=door)
    assert found is not None  # the claim lost against it
    return found


def open_door(
    session: Session, *, unit_id: UUID, door: str, me: Principal, now: datetime
) -> Household:
    """The household behind a door of one's own subtree; made, and written down, where it is new."""
    unit = organisation.find_under(session, unit_id, me.units_with(Permission.HOUSEHOLD_MANAGE))
    if unit is None or unit.kind not in HOMES:
        raise HouseholdUnknown("没有找到这个社区、网格或楼栋，请在列表里选择。")
    door = " ".join(normal.half_width(door).split())
    known = queries.find_household(session, unit_id=unit.id, door=door)
    if known is not None:
        return known
    units.hold_open(session, unit.id)
    made = find_or_make(session, unit_id=unit.id, door=door, now=now)
    audit.record(
        session,
        actor=me.actor(Permission.HOUSEHOLD_MANAGE, unit.path),
        action="household.make",
        subject=("household", made.id),
        scope=unit.id,
        at=now,
    )
    return made


def name_head(
    session: Session, *, me: Principal, person_id: UUID, now: datetime
) -> HouseholdMember:
    """Let somebody be the head of the household they belong to, from now on."""
    community_id = community_in_reach(session, me, person_id)
    identity.lock_person(session, person_id)
    member = queries.open_membership(session, person_id)
    if member is None:
        raise LivesNowhere("这个人现在没有登记在哪一户，请先办入户。")
    if member.is_head:
        raise HeadAlready("这个人已经是户主，不用再改。")
    queries.lock_household(session, member.household_id)  # two heads at once would fail
    before = queries.head_of(session, member.household_id)
    _step_down(session, member.household_id)
    member.is_head = True
    session.flush()
    audit.record(
        session,
        actor=me.actor(Permission.HOUSEHOLD_MANAGE),
        action="household.head",
        subject=("person", person_id),
        scope=community_id,
        at=now,
        changed={"head": (str(before.person_id) if before else "", str(person_id))},
    )
    return member


def move_in(session: Session, move: MoveIn, *, me: Principal, now: datetime) -> HouseholdMember:
    """Let somebody of one's own subtree belong to a household there; it ends where they were."""
    community_in_reach(session, me, move.person_id)
    household = _in_reach(session, me, move.household_id)
    if move.on > clock.civil_day(now, me.zone):
        raise MoveTooEarly("入户日期不能晚于今天，请重新填写。", errors={"on": ["晚于今天"]})
    before = queries.open_membership(session, move.person_id)
    former = queries.get_household(session, before.household_id) if before else None
    member = enter(session, move, entered_by=me.person_id)
    community = organisation.community_of(session, household.unit_id)
    if community is not None:
        people.settle_in(session, person_id=move.person_id, community_id=community)
    audit.record(
        session,
        actor=me.actor(
            Permission.HOUSEHOLD_MANAGE, organisation.path_of(session, household.unit_id)
        ),
        action="household.move_in",
        subject=("person", move.person_id),
        scope=household.unit_id,
        at=now,
        changed={
            "household": (str(former.id) if former else "", str(household.id)),
            "from_day": ("", move.on.isoformat()),
        },
    )
    return member


def enter(session: Session, move: MoveIn, *, entered_by: UUID | None) -> HouseholdMember:
    """Write down a membership for somebody who may: which is for the caller to know."""
    identity.lock_person(session, move.person_id)  # whoever moves the same person waits
    household = queries.get_household(session, move.household_id)
    assert household is not None  # the caller has found it
    units.hold_open(session, household.unit_id)
    _leave(session, move.person_id, on=move.on, entering=move.household_id)
    if move.is_head:
        _step_down(session, move.household_id)
    return add(
        session,
        HouseholdMember(
            household_id=move.household_id,
            person_id=move.person_id,
            is_head=move.is_head,
            from_day=move.on,
            entered_by=entered_by,
        ),
    )


def move_out(
    session: Session, *, me: Principal, person_id: UUID, on: date, now: datetime
) -> HouseholdMember:
    """End a membership; that it was stays."""
    community_id = community_in_reach(session, me, person_id)
    identity.lock_person(session, person_id)
    member = queries.open_membership(session, person_id)
    if member is None:
        raise LivesNowhere("这个人现在没有登记在哪一户，不用迁出。")
    if not member.from_day <= on <= clock.civil_day(now, me.zone):
        raise MoveTooEarly(
            f"迁出日期要在 {member.from_day} 和今天之间，请重新填写。", errors={"on": ["无效"]}
        )
    path = path_of_person(session, person_id, community_id)
    member.to_day = on
    audit.record(
        session,
        actor=me.actor(Permission.HOUSEHOLD_MANAGE, path),
        action="household.move_out",
        subject=("person", person_id),
        scope=community_id,
        at=now,
        changed={"household": (str(member.household_id), ""), "to_day": ("", on.isoformat())},
    )
    return member


def community_in_reach(session: Session, me: Principal, person_id: UUID) -> UUID:
    """The community of somebody of one's own subtree; anybody else does not exist."""
    person = identity.get_person(session, person_id)
    path = path_of_person(session, person_id, person.community_id) if person else ()
    if person is None or not me.may(Permission.HOUSEHOLD_MANAGE, path):
        raise PersonUnknown(NO_PERSON)
    return person.community_id


def path_of_person(session: Session, person_id: UUID, community_id: UUID) -> tuple[UUID, ...]:
    """Where somebody lives, from the city down: their household's unit, or their community."""
    membership = queries.open_membership(session, person_id)
    household = queries.get_household(session, membership.household_id) if membership else None
    return organisation.path_of(session, household.unit_id if household else community_id)


def _in_reach(session: Session, me: Principal, household_id: UUID) -> Household:
    household = queries.get_household(session, household_id)
    path = organisation.path_of(session, household.unit_id) if household else ()
    if household is None or not me.may(Permission.HOUSEHOLD_MANAGE, path):
        raise HouseholdUnknown("没有找到这一户，请核对社区、网格和门牌。")
    return household


def _leave(session: Session, person_id: UUID, *, on: date, entering: UUID) -> None:
    """End where they were; spans of one person never overlap."""
    history = queries.memberships_of(session, person_id)
    if not history:
        return
    latest = history[0]
    if latest.to_day is None and latest.household_id == entering:
        raise LivesThereAlready("这个人已经登记在这一户，不用再登记。")
    earliest = latest.to_day or latest.from_day
    if on < earliest:
        raise MoveTooEarly(
            f"入户日期不能早于 {earliest}，那时还在原来的一户。", errors={"on": ["太早"]}
        )
    if latest.to_day is None:
        latest.to_day = on
        session.flush()  # one is open at a time


def _step_down(session: Session, household_id: UUID) -> None:
    head = queries.head_of(session, household_id)
    if head is not None:
        head.is_head = False
        session.flush()  # a household has one head
