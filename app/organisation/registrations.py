"""双报到: a member or a unit registers with a community, and the community decides."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add
from app.core.telling import Telling, notify
from app.identity import queries as identity
from app.identity import services as people
from app.identity import units
from app.identity.roles import Permission, Principal
from app.organisation import queries
from app.organisation.errors import (
    NO_REGISTRATION,
    CommunityUnknown,
    NotInService,
    OwnRegistration,
    ReasonNeeded,
    RegisteredThere,
    RegistrationOver,
    RegistrationUnknown,
    RegistrationWaits,
)
from app.organisation.kinds import GOES_ON, IN_FORCE, RegistrationState
from app.organisation.labels import NEXT, STATES
from app.organisation.models import Registration

State = RegistrationState
MEMBER = "in_service_member"
MUST_SAY_WHY = frozenset({State.REFUSED, State.SUSPENDED, State.CLOSED})
ACTIONS = {
    State.ACCEPTED: "registration.accept",
    State.SUSPENDED: "registration.suspend",
    State.REFUSED: "registration.refuse",
    State.MOVED: "registration.move",
    State.CLOSED: "registration.close",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a community says to a registration."""

    registration_id: UUID
    to: RegistrationState
    reason: str = ""


def propose(session: Session, *, me: Principal, community_id: UUID, now: datetime) -> Registration:
    """Ask to be registered where one lives.

    Whoever is registered elsewhere asks to move: until the new community accepts, nothing changes.
    """
    person = identity.get_person(session, me.subject_id)
    assert person is not None  # the session's foreign key says so
    if MEMBER not in person.kinds:
        raise NotInService("报到面向在职党员。您的身份如有变化，请到社区登记后再报到。")
    identity.lock_person(session, person.id)  # or two at once would both find nothing open
    _check_community(session, community_id)
    standing = _standing(session, person.id, community_id)
    registration = add(
        session,
        Registration(
            person_id=person.id,
            community_id=community_id,
            state=State.PROPOSED.value,
            asked_on=clock.civil_day(now, me.zone),
            asked_by=me.person_id,
            reason="",
            moved_from_id=standing.id if standing else None,
        ),
    )
    _audit(session, registration, actor=me.actor(), before="", at=now, action="registration.ask")
    return registration


def register_unit(
    session: Session, *, me: Principal, unit_id: UUID, community_id: UUID, now: datetime
) -> Registration:
    """A unit registers with a community whose staff enters it: that is its acceptance."""
    day = clock.civil_day(now, me.zone)
    registration = Registration(
        unit_id=unit_id,
        community_id=community_id,
        state=State.ACCEPTED.value,
        asked_on=day,
        asked_by=me.person_id,
        since=day,
        decided_by=me.person_id,
        reason="",
    )
    add(session, registration)
    actor = _deciding(session, me, registration)
    _audit(session, registration, actor=actor, before="", at=now, action="registration.accept")
    return registration


def decide(session: Session, decision: Decision, *, me: Principal, now: datetime) -> Registration:
    """Say what becomes of a registration with a community of one's own."""
    registration = _to_decide(session, decision.registration_id, me)
    if registration.person_id == me.person_id:
        raise OwnRegistration("不能审核自己的报到，请另一位工作人员办理。")
    _check_reason(decision)
    day, before = clock.civil_day(now, me.zone), State(registration.state)
    if decision.to is State.ACCEPTED:
        units.hold_open(session, registration.community_id)
    if decision.to is State.ACCEPTED and before is State.PROPOSED:
        _leave_former(session, registration, me=me, day=day, now=now)
        registration.since = day
    _go_on(registration, decision, decided_by=me.person_id, day=day)
    session.flush()
    _settle_there(session, registration, before)
    _tell(session, registration, now=now)
    _audit(
        session,
        registration,
        actor=_deciding(session, me, registration),
        before=before.value,
        at=now,
        action=ACTIONS[decision.to],
    )
    return registration


def withdraw(session: Session, *, me: Principal, registration_id: UUID, now: datetime) -> None:
    """Take back what one has asked for, before it is decided."""
    registration = queries.get_registration(session, registration_id, lock=True)
    if registration is None or registration.person_id != me.person_id:
        raise RegistrationUnknown("没有找到这份报到，请回到“我的报到”查看。")
    if registration.state != State.PROPOSED.value:
        raise RegistrationOver("社区已经办理了这份报到，不能撤回。需要变动请联系社区。")
    decision = Decision(registration_id=registration_id, to=State.CLOSED, reason="本人撤回")
    _go_on(registration, decision, decided_by=me.person_id, day=clock.civil_day(now, me.zone))
    _audit(
        session,
        registration,
        actor=me.actor(),
        before=State.PROPOSED.value,
        at=now,
        action="registration.withdraw",
    )


def close_all_of(session: Session, *, person_id: UUID, now: datetime) -> None:
    """Whoever is forgotten is registered nowhere any more, and asks for nothing."""
    for one in queries.open_registrations(session, person_id):
        before = one.state
        leaving = Decision(registration_id=one.id, to=State.CLOSED, reason="本人注销账户")
        _go_on(one, leaving, decided_by=person_id, day=clock.civil_day(now))
        actor, action = audit.Actor(person_id=person_id), ACTIONS[State.CLOSED]
        _audit(session, one, actor=actor, before=before, at=now, action=action)
    session.flush()


def _check_community(session: Session, community_id: UUID) -> None:
    if community_id not in queries.list_communities(session):
        raise CommunityUnknown("没有找到这个社区，请在列表里选择。")
    units.hold_open(session, community_id)


def _standing(session: Session, person_id: UUID, community_id: UUID) -> Registration | None:
    """What is in force for the person; refuses what cannot be asked beside it."""
    standing = None
    for one in queries.open_registrations(session, person_id):
        if one.state == State.PROPOSED.value:
            raise RegistrationWaits("您有一份报到正在等社区办理，请先等结果，或在本页撤回。")
        if one.community_id == community_id:
            raise RegisteredThere("您已经在这个社区报到，不用再报。")
        standing = one
    return standing


def _to_decide(session: Session, registration_id: UUID, me: Principal) -> Registration:
    """A registration with a community of one's own; another one does not exist."""
    registration = queries.get_registration(session, registration_id, lock=True)
    path = queries.path_of(session, registration.community_id) if registration else ()
    if registration is None or not me.may(Permission.REGISTRATION_DECIDE, path):
        raise RegistrationUnknown(NO_REGISTRATION)
    return registration


def _check_reason(decision: Decision) -> None:
    if decision.to in MUST_SAY_WHY and not decision.reason.strip():
        raise ReasonNeeded("请写明原因，报到的人会看到。", errors={"reason": ["必填"]})


def _go_on(registration: Registration, decision: Decision, *, decided_by: UUID, day: date) -> None:
    """The one place where a registration changes its state."""
    before = State(registration.state)
    if decision.to not in GOES_ON[before]:
        raise RegistrationOver(f"这份报到现在是“{STATES[before]}”，不能这样办理。请刷新后查看。")
    registration.state = decision.to.value
    registration.decided_by = decided_by
    registration.reason = decision.reason.strip()
    if not GOES_ON[decision.to]:
        registration.until = day


def _leave_former(
    session: Session, registration: Registration, *, me: Principal, day: date, now: datetime
) -> None:
    """Whoever is accepted here is not registered elsewhere any more, from the same day on."""
    if registration.person_id is None:
        return
    identity.lock_person(session, registration.person_id)
    for former in queries.open_registrations(session, registration.person_id):
        if State(former.state) not in IN_FORCE:
            continue
        before, registration.moved_from_id = former.state, former.id
        leaving = Decision(registration_id=former.id, to=State.MOVED, reason="转到新的居住地")
        _go_on(former, leaving, decided_by=me.person_id, day=day)
        session.flush()  # one is in force at a time
        actor = _deciding(session, me, registration)  # by whose deciding they leave
        _audit(session, former, actor=actor, before=before, at=now, action=ACTIONS[State.MOVED])


def _deciding(session: Session, me: Principal, registration: Registration) -> audit.Actor:
    """Who decides, by the role that reaches the community."""
    path = queries.path_of(session, registration.community_id)
    return me.actor(Permission.REGISTRATION_DECIDE, path)


def _settle_there(session: Session, registration: Registration, before: RegistrationState) -> None:
    """The red account follows the person: points stay theirs, what comes later counts there."""
    if registration.person_id is None or before is not State.PROPOSED:
        return
    if registration.state == State.ACCEPTED.value:
        people.settle_in(
            session, person_id=registration.person_id, community_id=registration.community_id
        )


def _tell(session: Session, registration: Registration, *, now: datetime) -> None:
    """Whoever registered hears what was decided, and why; a unit's own staff entered it."""
    if registration.person_id is None:
        return
    state, place = State(registration.state), registration.community_id
    moved = state is State.ACCEPTED and registration.moved_from_id is not None
    words = {
        "community": queries.units_of(session, {place})[place].name,
        "outcome": STATES[state],
        "note": registration.reason or NEXT[State.MOVED if moved else state],
        "day": clock.day_text(clock.civil_day(now)),
    }
    telling = Telling(
        person_id=registration.person_id,
        template="registration_decided",
        about=f"registration:{registration.id}:{state.value}:{now.isoformat()}",
        words=words,
        path="/registration",
    )
    notify(session, telling, now=now)


def _audit(
    session: Session,
    registration: Registration,
    *,
    actor: audit.Actor,
    before: str,
    at: datetime,
    action: str,
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=("registration", registration.id),
        scope=registration.community_id,
        at=at,
        changed={"state": (before, registration.state)},
        reason=registration.reason,
    )
