"""驻区单位: units stationed in a community, their contact, and their seats in joint committees."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add, claim
from app.identity import queries as identity
from app.identity import units
from app.identity.roles import Permission, Principal
from app.organisation import queries, registrations, services
from app.organisation.errors import (
    NO_UNIT,
    CommitteeUnknown,
    CommunityUnknown,
    ContactUnknown,
    SeatOver,
    SeatTaken,
    SeatUnknown,
    UnitUnknown,
)
from app.organisation.kinds import JOINT, Nature, UnitKind
from app.organisation.models import PartTimeMember, StationedUnit
from app.organisation.queries import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Arriving:
    """A unit that registers with the community in which it is stationed."""

    community_id: UUID
    name: str
    nature: Nature
    contact_id: UUID | None = None


def station_unit(
    session: Session, arriving: Arriving, *, me: Principal, now: datetime
) -> StationedUnit:
    """Enter a unit under its community, where it is registered from today on."""
    community = queries.find_under(
        session, arriving.community_id, me.units_with(Permission.REGISTRATION_DECIDE)
    )
    if community is None or community.kind != UnitKind.COMMUNITY.value:
        raise CommunityUnknown("没有找到这个社区，请在您负责的社区里选择。")
    if arriving.contact_id is not None:
        _person_here(session, arriving.contact_id, me)
    day = clock.civil_day(now, me.zone)
    founding = services.Founding(parent_id=community.id, kind=UnitKind.UNIT, name=arriving.name)
    unit = services.found(session, founding, placed_by=me.person_id, on=day)
    row = StationedUnit(
        id=unit.id,
        nature=arriving.nature.value,
        contact_id=arriving.contact_id,
        created_at=now,
    )
    add(session, row)
    registrations.register_unit(session, me=me, unit_id=unit.id, community_id=community.id, now=now)
    return row


def seat(
    session: Session,
    *,
    me: Principal,
    unit_id: UUID,
    committee_id: UUID,
    person_id: UUID,
    now: datetime,
) -> PartTimeMember:
    """Give somebody of a stationed unit a seat in a joint committee from today on."""
    unit = _mine(session, unit_id, me)
    if unit is None or unit.kind != UnitKind.UNIT.value:
        raise UnitUnknown(NO_UNIT)
    committee = _mine(session, committee_id, me)
    if committee is None or UnitKind(committee.kind) not in JOINT:
        raise CommitteeUnknown("兼职委员要在大工委或大党委任职，请在列表里选择。")
    for one in (unit, committee):
        units.hold_open(session, one.id)
    _person_here(session, person_id, me)
    taken = claim(
        session,
        PartTimeMember,
        unit_id=unit.id,
        committee_id=committee.id,
        person_id=person_id,
        from_day=clock.civil_day(now, me.zone),
    )
    if taken is None:
        raise SeatTaken("这个人已经是这里的兼职委员，不用再加。")
    audit.record(
        session,
        actor=me.actor(Permission.REGISTRATION_DECIDE, committee.path),
        action="part_time_member.seat",
        subject=("person", person_id),
        scope=committee.id,
        at=now,
        changed={"committee": ("", committee.name), "unit": ("", unit.name)},
    )
    return taken


def unseat(session: Session, *, me: Principal, seat_id: UUID, now: datetime) -> PartTimeMember:
    """Let a seat be free from today on; that it was held stays."""
    held = queries.get_seat(session, seat_id, lock=True)
    committee = _mine(session, held.committee_id, me) if held else None
    if held is None or committee is None:
        raise SeatUnknown("没有找到这个席位，请刷新后再看。")
    if held.to_day is not None:
        raise SeatOver("这个席位已经结束，不用再办。")
    held.to_day = clock.civil_day(now, me.zone)
    session.flush()
    audit.record(
        session,
        actor=me.actor(Permission.REGISTRATION_DECIDE, committee.path),
        action="part_time_member.unseat",
        subject=("person", held.person_id),
        scope=committee.id,
        at=now,
        changed={"committee": (committee.name, "")},
    )
    return held


def _mine(session: Session, unit_id: UUID, me: Principal) -> Unit | None:
    return queries.find_under(session, unit_id, me.units_with(Permission.REGISTRATION_DECIDE))


def _person_here(session: Session, person_id: UUID, me: Principal) -> None:
    person = identity.get_person(session, person_id)
    path = queries.path_of(session, person.community_id) if person else ()
    if not me.may(Permission.REGISTRATION_DECIDE, path):
        raise ContactUnknown("没有找到这个人，请先在“居民”里查到，再填写编号。")
