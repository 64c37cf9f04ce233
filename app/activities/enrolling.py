"""Places: taking one, waiting for one, being offered one, giving it back.

Whoever changes who has a place holds the activity, so that two never take the last one. A place
that becomes free is offered to the first who waits, for at least twelve hours; where the activity
begins sooner than that, staff ask by telephone and give it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import queries
from app.activities.errors import (
    NO_ACTIVITY,
    ActivityOver,
    ActivityUnknown,
    AgeUnfit,
    AlreadyCheckedIn,
    AlreadyEnrolled,
    EnrolmentUnknown,
    NoPlaceFree,
    NotEnrolled,
    OfferLapsed,
    OfferNone,
    OffersRun,
    TaskNeeded,
)
from app.activities.kinds import HOLDING, OPEN, ActivityState, EnrolmentState
from app.activities.models import Activity, ActivityTask, Enrolment
from app.core import audit, clock
from app.core.clock import civil_text
from app.core.db import add, get, tenant_of
from app.core.telling import Telling, notify
from app.core.vault import Vault
from app.households import guardians
from app.identity import personal
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

State = EnrolmentState
TO_ANSWER = timedelta(hours=12)  # how long whoever is offered a place has to say yes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Who wants to come, and to do what; no task where there is one at most."""

    me: Principal
    activity_id: UUID
    task_id: UUID | None = None
    now: datetime


def enrol(session: Session, wish: Wish, *, vault: Vault) -> Enrolment:
    """Take a place, or the next turn in the queue when all are taken or others wait.

    A minor needs a guardian's consent first. Whoever left may come back, at the end of the queue.
    """
    activity = _to_come(session, wish.activity_id, now=wish.now)
    who, day = wish.me.subject_id, clock.civil_day(wish.now, wish.me.zone)
    guardians.check_may_join(session, vault, person_id=who, on=day)
    task = _task(session, activity, wish.task_id)
    if task is not None:
        begins = clock.civil_day(activity.starts_at, wish.me.zone)
        _check_age(session, vault, task, person_id=who, on=begins)
    before = queries.get_enrolment(session, person_id=who, activity_id=activity.id)
    if before is not None and before.state in OPEN:
        raise AlreadyEnrolled("您已经报过名，到时直接到现场扫码签到即可。")
    free, turn = _free(session, activity, task), queries.last_turn(session, activity.id) + 1
    enrolment = before or Enrolment(activity_id=activity.id, person_id=who)
    enrolment.task_id, enrolment.turn = task.id if task else None, turn
    enrolment.state = (State.CONFIRMED if free > 0 else State.WAITLISTED).value
    enrolment.enrolled_at, enrolment.ended_at = wish.now, None
    return add(session, enrolment)


def leave(session: Session, wish: Wish) -> Enrolment:
    """Give a place or a turn back, at any time before coming; it is no violation, ever."""
    activity = _to_come(session, wish.activity_id, now=wish.now)
    enrolment = _mine(session, wish)
    who = wish.me.subject_id
    if queries.get_attendance(session, person_id=who, activity_id=activity.id):
        raise AlreadyCheckedIn("您已经签到，不用再退出；离开时请扫签退码。")
    enrolment.state, enrolment.ended_at = State.LEFT.value, wish.now
    enrolment.offered_until = None
    session.flush()
    offer_free(session, [activity.id], zone=wish.me.zone, now=wish.now)
    return enrolment


def leave_all(session: Session, person_id: UUID, *, now: datetime) -> None:
    """Give back every place and turn somebody has at what is not over."""
    ids = queries.lock_enrolled(session, person_id, now=now)
    session.execute(
        sa.update(Enrolment)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.activity_id.in_(ids),
            Enrolment.state.in_(OPEN),
        )
        .values(state=State.LEFT.value, ended_at=now, offered_until=None)
    )
    if ids:
        offer_free(session, ids, zone=clock.CIVIL_ZONE, now=now)


def accept(session: Session, wish: Wish) -> Enrolment:
    """Say yes to the place one was offered."""
    _to_come(session, wish.activity_id, now=wish.now)
    enrolment = _mine(session, wish)
    if enrolment.state != State.OFFERED:
        raise OfferNone("现在没有等您确认的名额，轮到您时会通知您。")
    if enrolment.offered_until is None or enrolment.offered_until <= wish.now:
        raise OfferLapsed("确认的时间过了，名额会让给下一位。想参加可以重新排队，不算违规。")
    enrolment.state, enrolment.offered_until = State.CONFIRMED.value, None
    session.flush()
    return enrolment


def place(session: Session, enrolment_id: UUID, *, me: Principal, now: datetime) -> Enrolment:
    """Give a free place to somebody who waits and has said yes by telephone, shortly before."""
    known = get(session, Enrolment, enrolment_id)
    activity = queries.get_activity(session, known.activity_id, lock=True) if known else None
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if known is None or activity is None or not me.may(Permission.ACTIVITY_PREPARE, path):
        raise EnrolmentUnknown("没有找到这条报名，请刷新名单。")
    if activity.starts_at - now >= TO_ANSWER:
        raise OffersRun("离开始还早，空出的名额会按顺序自动通知，不用代为确认。")
    enrolment = get(session, Enrolment, enrolment_id, lock=True)
    if enrolment is None or enrolment.state != State.WAITLISTED or now >= activity.ends_at:
        raise OfferNone("这位已经不在候补名单里，请刷新名单。")
    task = get(session, ActivityTask, enrolment.task_id) if enrolment.task_id else None
    if _places(activity, task) <= _held(session, activity, task):
        raise NoPlaceFree("现在没有空名额，请等有人退出后再确认。")
    enrolment.state = State.CONFIRMED.value
    audit.record(
        session,
        actor=me.actor(Permission.ACTIVITY_PREPARE, path),
        action="enrolment.place",
        subject=("person", enrolment.person_id),
        scope=activity.community_id,
        at=now,
        changed={"state": (State.WAITLISTED.value, State.CONFIRMED.value)},
    )
    session.flush()
    return enrolment


# The tasks that have places are the slots; where an activity has no tasks, it is one itself.
_OFFER = sa.text("""
    WITH slot AS (
        SELECT activity.id AS activity_id, activity.title, activity.starts_at,
            activity_task.id AS task_id,
            coalesce(activity_task.places, activity.capacity) AS places
        FROM activity
        LEFT JOIN activity_task ON activity_task.tenant_id = :tenant
            AND activity_task.activity_id = activity.id
        WHERE activity.tenant_id = :tenant AND activity.id = ANY(:ids)
            AND activity.state = 'published' AND activity.starts_at >= :until
    ), held AS (
        SELECT activity_id, task_id, count(*) AS places FROM enrolment
        WHERE enrolment.tenant_id = :tenant AND activity_id = ANY(:ids)
            AND state IN ('confirmed', 'offered')
        GROUP BY activity_id, task_id
    ), queued AS (
        SELECT id, activity_id, task_id,
            row_number() OVER (PARTITION BY activity_id, task_id ORDER BY turn, id) AS place
        FROM enrolment
        WHERE enrolment.tenant_id = :tenant AND activity_id = ANY(:ids) AND state = 'waitlisted'
    )
    UPDATE enrolment SET state = 'offered', offered_until = :until
    FROM queued
    JOIN slot ON slot.activity_id = queued.activity_id
        AND slot.task_id IS NOT DISTINCT FROM queued.task_id
    LEFT JOIN held ON held.activity_id = queued.activity_id
        AND held.task_id IS NOT DISTINCT FROM queued.task_id
    WHERE enrolment.tenant_id = :tenant AND enrolment.id = queued.id
        AND queued.place <= slot.places - coalesce(held.places, 0)
    RETURNING enrolment.activity_id, enrolment.person_id, enrolment.turn,
        slot.title, slot.starts_at
""").bindparams(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))

_LAPSE = sa.text("""
    UPDATE enrolment SET state = 'lapsed', offered_until = NULL, ended_at = :now
    WHERE enrolment.tenant_id = :tenant AND activity_id = ANY(:ids)
        AND state = 'offered' AND offered_until <= :now
""").bindparams(sa.bindparam("ids", type_=sa.ARRAY(sa.Uuid)))


def move_on(session: Session, *, zone: str, now: datetime, limit: int) -> int:
    """Let offers that nobody answered lapse, and offer those places to the next.

    The answer is how many activities that was about: fewer than `limit` when all is done.
    """
    ids = queries.lock_unanswered(session, now=now, limit=limit)
    if ids:
        session.execute(_LAPSE, {"tenant": tenant_of(session), "ids": ids, "now": now})
        offer_free(session, ids, zone=zone, now=now)
    return len(ids)


def offer_free(
    session: Session, activity_ids: Collection[UUID], *, zone: str, now: datetime
) -> int:
    """Offer what is free at these activities, which are held, to those who wait longest."""
    until = now + TO_ANSWER
    values = {"tenant": tenant_of(session), "ids": list(activity_ids), "until": until}
    offered = session.execute(_OFFER, values).all()
    for place in offered:
        words = {"title": place.title, "when": civil_text(place.starts_at, zone)}
        telling = Telling(
            person_id=place.person_id,
            template="place_offered",
            about=f"activity:{place.activity_id}:offer:{place.turn}",
            words={**words, "until": civil_text(until, zone)},
            path=f"/activities/{place.activity_id}",
        )
        notify(session, telling, now=now)
    return len(offered)


def _to_come(session: Session, activity_id: UUID, *, now: datetime) -> Activity:
    activity = queries.get_activity(session, activity_id, lock=True)
    if activity is None or activity.state != ActivityState.PUBLISHED:
        raise ActivityUnknown(NO_ACTIVITY)
    if now >= activity.ends_at:
        raise ActivityOver(f"“{activity.title}”已经结束，请看看其他活动。")
    return activity


def _mine(session: Session, wish: Wish) -> Enrolment:
    enrolment = queries.get_enrolment(
        session, person_id=wish.me.subject_id, activity_id=wish.activity_id
    )
    if enrolment is None or enrolment.state not in OPEN:
        raise NotEnrolled("您没有报名这个活动，不用退出，也不用确认。")
    return enrolment


def _task(session: Session, activity: Activity, task_id: UUID | None) -> ActivityTask | None:
    tasks = queries.tasks_of(session, [activity.id]).get(activity.id, [])
    if task_id is None and len(tasks) <= 1:
        return tasks[0] if tasks else None
    for task in tasks:
        if task.id == task_id:
            return task
    raise TaskNeeded("请先选择一个岗位，再报名。", errors={"task_id": ["请选择"]})


def _check_age(
    session: Session, vault: Vault, task: ActivityTask, *, person_id: UUID, on: date
) -> None:
    """Whose day of birth is not known is taken for somebody of a fitting age."""
    born = personal.born_on(session, vault, person_id=person_id)
    if born is None:
        return
    years = clock.age(born, on=on)
    if years < task.min_age:
        raise AgeUnfit(f"“{task.name}”要求年满 {task.min_age} 周岁，请看看别的岗位。")
    if years > task.max_age:
        raise AgeUnfit(
            f"“{task.name}”比较费力，建议 {task.max_age} 周岁以下的人参加，请看看别的岗位。"
        )


def _free(session: Session, activity: Activity, task: ActivityTask | None) -> int:
    """How many places nobody has and nobody waits for."""
    task_id = task.id if task else None
    held = queries.count_places(session, activity.id, task_id, states=OPEN)
    return _places(activity, task) - held


def _held(session: Session, activity: Activity, task: ActivityTask | None) -> int:
    task_id = task.id if task else None
    return queries.count_places(session, activity.id, task_id, states=HOLDING)


def _places(activity: Activity, task: ActivityTask | None) -> int:
    return task.places if task else activity.capacity
