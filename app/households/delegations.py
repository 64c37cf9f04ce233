"""代办: who may act for whom, in which matters, how far a day; given and taken back."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import claim
from app.households import labels, queries, told
from app.households.errors import (
    NO_MANDATE,
    DelegateSelf,
    DelegateTwice,
    DelegateUnknown,
    MandateExceeded,
    MandateOver,
    MandateUnknown,
    WitnessIsDelegate,
)
from app.households.kinds import Act, Consent, Deed, Relation
from app.households.models import Delegation
from app.households.services import community_in_reach, path_of_person
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

GRID_WORKER = "grid_worker"
MOST_CHECK_INS = 5  # of one delegate a day, for however many people
MOST_PICKUPS = 5  # that one delegate fetches a day, for however many people


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """What somebody lets another do for them."""

    person_id: UUID
    delegate_id: UUID
    acts: frozenset[Act]
    daily_limit: int
    to_day: date | None = None
    consent: Consent = Consent.ONLINE


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What a delegate has done today: points by this mandate, and pick-ups by all."""

    points: int
    pickups: int


def give(session: Session, mandate: Mandate, *, me: Principal, now: datetime) -> Delegation:
    """Let one of one's household, or one's grid worker, act for oneself."""
    assert mandate.person_id == me.person_id  # the edge asks for nobody else
    return _give(session, mandate, me=me, witnessed_by=None, now=now)


def witness(session: Session, mandate: Mandate, *, me: Principal, now: datetime) -> Delegation:
    """Enter at the counter what somebody agreed to in person or on paper."""
    community_in_reach(session, me, mandate.person_id)
    if mandate.delegate_id == me.person_id:
        raise WitnessIsDelegate("不能给自己登记代办，请另一位工作人员办理。")
    return _give(session, mandate, me=me, witnessed_by=me.person_id, now=now)


def revoke(session: Session, *, me: Principal, mandate_id: UUID, now: datetime) -> Delegation:
    """Take a mandate back: who gave it, who has it, or staff at the counter may."""
    mandate = queries.get_mandate(session, mandate_id, lock=True)
    if mandate is None or not _may_revoke(session, me, mandate):
        raise MandateUnknown("没有找到这个代办授权，请刷新后查看。")
    if mandate.revoked_at is None:
        mandate.revoked_at, mandate.revoked_by = now, me.person_id
        _audit(session, mandate, me=me, action="delegate.revoke", at=now)
        told.revoked(session, mandate, now=now)
    return mandate


def acting_for(
    session: Session, me: Principal, person_id: UUID, *, act: Act, now: datetime
) -> tuple[Principal, Delegation]:
    """The caller as somebody's delegate, for one act that their mandate allows.

    Who has no mandate, and who asks for nobody, are told the same.
    """
    mandate = queries.open_mandate(session, person_id=person_id, delegate_id=me.person_id)
    day = clock.civil_day(now, me.zone)
    if mandate is None or not is_in_force(mandate, day) or act.value not in mandate.acts:
        raise MandateUnknown(NO_MANDATE)
    person = identity.get_person(session, person_id)
    assert person is not None  # the mandate's foreign key says so
    acting = replace(
        me,
        on_behalf_of=person.id,
        community_id=person.community_id,
        display_name=person.display_name,
    )
    return acting, mandate


def note(
    session: Session, acting: Principal, mandate_id: UUID, *, deed: Act | Deed, now: datetime
) -> None:
    """Write down what a delegate did, with both who did it and for whom; who it was for hears."""
    told.acted(session, acting, mandate_id, deed=deed, now=now)
    audit.record(
        session,
        actor=acting.actor(),
        action=f"delegate.{deed.value}",
        subject=("person", acting.subject_id),
        scope=acting.community_id,
        at=now,
    )


def every_mandate_to(session: Session, delegate_id: UUID) -> list[UUID]:
    """Every mandate somebody has had, revoked ones too: what was done by one counts."""
    return queries.every_mandate_to(session, delegate_id)


def between(session: Session, *, person_id: UUID, delegate_id: UUID, on: date) -> UUID:
    """The mandate by which one may fetch for the other on that day, to be held before it is used.

    Raises `MandateUnknown` where there is none.
    """
    mandate = queries.open_mandate(session, person_id=person_id, delegate_id=delegate_id)
    if mandate is None or not is_in_force(mandate, on) or Act.REDEEM.value not in mandate.acts:
        raise MandateUnknown("代领人还没有得到授权，请本人先到社区登记代办人。")
    return mandate.id


def may_fetch(session: Session, *, person_id: UUID, delegate_id: UUID, on: date) -> bool:
    """Whether one may fetch for the other on that day."""
    mandate = queries.open_mandate(session, person_id=person_id, delegate_id=delegate_id)
    return mandate is not None and is_in_force(mandate, on) and Act.REDEEM.value in mandate.acts


def lock_for_spending(session: Session, mandate_id: UUID, *, on: date) -> Delegation:
    """The mandate by which a code was asked for, if it still allows to spend on that day.

    The delegate is held until the transaction ends, so that what they do at two counters adds up.
    """
    mandate = queries.get_mandate(session, mandate_id)
    assert mandate is not None  # the code's foreign key says so
    identity.lock_person(session, mandate.delegate_id)
    session.refresh(mandate)
    if not is_in_force(mandate, on) or Act.REDEEM.value not in mandate.acts:
        raise MandateOver("这份代办授权已经收回或到期，请本人来领，或重新授权。")
    return mandate


def lock_for_deed(session: Session, mandate: Delegation, *, deed: Deed, on: date) -> None:
    """Hold delegate and mandate until the end, and refuse what goes beyond either today."""
    identity.lock_person(session, mandate.delegate_id)
    held = queries.get_mandate(session, mandate.id, lock=True)
    if held is None or not is_in_force(held, on):
        raise MandateUnknown(NO_MANDATE)
    if deed is not Deed.CHECK_IN:
        return
    done = queries.count_errands(session, mandate.delegate_id, deed=deed.value, on=on)
    if done >= MOST_CHECK_INS:
        raise MandateExceeded(
            f"代办签到每天最多 {MOST_CHECK_INS} 次，今天已经用完，请本人签到，或找现场负责人。"
        )


def check_spending(mandate: Delegation, *, cost: int, used: Used) -> None:
    """Refuse what goes beyond the day's limit, in points or in errands."""
    if used.pickups >= MOST_PICKUPS:
        raise MandateExceeded(f"代领每天最多 {MOST_PICKUPS} 次，今天已经用完，请明天再来。")
    left = mandate.daily_limit - used.points
    if cost > left:
        raise MandateExceeded(
            f"代办每天最多用 {mandate.daily_limit} 分，今天还可用 {max(left, 0)} 分，"
            "请减少商品，或请本人来领。"
        )


def _give(
    session: Session,
    mandate: Mandate,
    *,
    me: Principal,
    witnessed_by: UUID | None,
    now: datetime,
) -> Delegation:
    if mandate.person_id == mandate.delegate_id:
        raise DelegateSelf("代办人要是另一个人，请重新选择。")
    day = clock.civil_day(now, me.zone)
    relation = _relation(session, mandate, on=day)
    identity.lock_person(session, mandate.person_id)
    _end_what_ran_out(session, mandate, me=me, now=now)
    given = claim(
        session,
        Delegation,
        person_id=mandate.person_id,
        delegate_id=mandate.delegate_id,
        relation=relation.value,
        acts=[act.value for act in Act if act in mandate.acts],
        daily_limit=mandate.daily_limit,
        from_day=day,
        to_day=mandate.to_day,
        consent=mandate.consent.value,
        witnessed_by=witnessed_by,
        created_at=now,
    )
    if given is None:
        raise DelegateTwice("这个人已经是代办人。要改范围，请先收回再重新授权。")
    _audit(session, given, me=me, action="delegate.give", at=now)
    told.given(session, given, now=now)
    return given


def _relation(session: Session, mandate: Mandate, *, on: date) -> Relation:
    """Family is who lives in the same household; a grid worker is one where the person lives."""
    person = identity.get_person(session, mandate.person_id)
    delegate = identity.get_person(session, mandate.delegate_id)
    assert person is not None  # the caller has just read it
    if delegate is not None:
        own = queries.household_on(session, person.id, on)
        if own is not None and own == queries.household_on(session, delegate.id, on):
            return Relation.FAMILY
        lives = _units_around(session, person.id, person.community_id, on=on)
        if _works_there(session, delegate.id, lives, on=on):
            return Relation.GRID_WORKER
    raise DelegateUnknown("代办人要是同一户的家人，或您所在地方的网格员。请先到社区登记家庭成员。")


def _works_there(session: Session, delegate_id: UUID, lives: Collection[UUID], *, on: date) -> bool:
    grants = identity.list_grants(session, delegate_id, on=on)
    return any(grant.role == GRID_WORKER and grant.org_unit_id in lives for grant in grants)


def _units_around(
    session: Session, person_id: UUID, community_id: UUID, *, on: date
) -> Collection[UUID]:
    household_id = queries.household_on(session, person_id, on)
    household = queries.get_household(session, household_id) if household_id else None
    unit_id = household.unit_id if household else community_id
    return organisation.path_of(session, unit_id)


def _end_what_ran_out(session: Session, mandate: Mandate, *, me: Principal, now: datetime) -> None:
    former = queries.open_mandate(
        session, person_id=mandate.person_id, delegate_id=mandate.delegate_id
    )
    if former is not None and not is_in_force(former, clock.civil_day(now, me.zone)):
        former.revoked_at, former.revoked_by = now, me.person_id
        session.flush()  # one is open at a time


def _may_revoke(session: Session, me: Principal, mandate: Delegation) -> bool:
    if me.person_id in {mandate.person_id, mandate.delegate_id}:
        return True
    person = identity.get_person(session, mandate.person_id)
    path = organisation.path_of(session, person.community_id) if person else ()
    return me.may(Permission.HOUSEHOLD_MANAGE, path)


def is_in_force(mandate: Delegation, day: date) -> bool:
    """Whether somebody may act by it on a civil day."""
    return (
        mandate.revoked_at is None
        and mandate.from_day <= day
        and (mandate.to_day is None or day < mandate.to_day)
    )


def _audit(
    session: Session, mandate: Delegation, *, me: Principal, action: str, at: datetime
) -> None:
    person = identity.get_person(session, mandate.person_id)
    assert person is not None  # the mandate's foreign key says so
    words = f"{labels.acts_text(mandate.acts)}，每天 {mandate.daily_limit} 分"
    given = action == "delegate.give"
    audit.record(
        session,
        actor=_actor(session, me, person_id=person.id, community_id=person.community_id),
        action=action,
        subject=("delegation", mandate.id),
        scope=person.community_id,
        at=at,
        changed={
            "acts": ("", words) if given else (words, ""),
            "delegate": ("", str(mandate.delegate_id)) if given else (str(mandate.delegate_id), ""),
        },
        reason=labels.CONSENTS[Consent(mandate.consent)] if given else "",
    )


def _actor(session: Session, me: Principal, *, person_id: UUID, community_id: UUID) -> audit.Actor:
    """Staff by the role that reaches the person; anybody else for themself."""
    if not me.staff:
        return me.actor()
    path = path_of_person(session, person_id, community_id)
    return me.actor(Permission.HOUSEHOLD_MANAGE, path)
