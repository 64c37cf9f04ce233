"""我的四个到: how far the four have come of each activity of a person, and whose step is next."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import announcing, answering, labels, served
from app.activities.arrival_models import Attendance, Feedback
from app.activities.kinds import OPEN, SEEN, NoticeKind
from app.activities.models import Activity, Enrolment
from app.activities.ways import Review
from app.core.paging import Page, decode, instant, page
from app.identity import queries as identity
from app.identity.roles import Principal
from app.notices import queries as notices
from app.notices.queries import Own
from app.organisation import queries as organisation
from app.organisation.kinds import RegistrationState

MEMBER = "in_service_member"
NOBODY, ONESELF, LEADER, COMMUNITY = "nobody", "oneself", "leader", "community"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """One of the four: done at an instant or not, what there is to say, and whose turn it is."""

    key: str
    title: str
    said: str
    at: datetime | None = None
    done: bool = False
    owed_by: str = NOBODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """An activity with its four stamps."""

    activity: Activity
    stamps: tuple[Stamp, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What there is about the activities of a page."""

    home: Stamp
    attended: dict[UUID, Attendance]
    said: dict[UUID, Feedback]
    told: dict[str, Own]
    zone: str
    now: datetime


def of(
    session: Session, *, me: Principal, cursor: str | None, limit: int, now: datetime
) -> Page[Arrivals]:
    """The activities for which somebody has a place, or to which they came; the latest first."""
    after = decode(cursor, (instant, UUID))
    rows = _activities(session, me.person_id, after=after, limit=limit + 1)
    cut = page(rows, limit=limit, key=lambda row: (row.starts_at.isoformat(), str(row.id)))
    known = _known(session, [row.id for row in cut.items], me=me, now=now)
    return Page([_arrivals(row, known) for row in cut.items], cut.next_cursor)


def as_body(one: Arrivals) -> dict[str, Any]:
    """As an answer has it."""
    activity = one.activity
    return {
        "activity_id": activity.id,
        "title": activity.title,
        "starts_at": activity.starts_at,
        "stamps": one.stamps,
    }


def _activities(
    session: Session, person_id: UUID, *, after: tuple[Any, ...] | None, limit: int
) -> Sequence[Activity]:
    enrolled = sa.select(Enrolment.activity_id).where(
        Enrolment.person_id == person_id, Enrolment.state.in_(OPEN)
    )
    attended = sa.select(Attendance.activity_id).where(Attendance.person_id == person_id)
    query = sa.select(Activity).where(
        Activity.id.in_(enrolled.union(attended)), Activity.state.in_(SEEN)
    )
    if after is not None:
        query = query.where(sa.tuple_(Activity.starts_at, Activity.id) < sa.tuple_(*after))
    return session.scalars(
        query.order_by(Activity.starts_at.desc(), Activity.id.desc()).limit(limit)
    ).all()


def _known(session: Session, ids: Collection[UUID], *, me: Principal, now: datetime) -> _Known:
    attended = sa.select(Attendance).where(
        Attendance.person_id == me.person_id, Attendance.activity_id.in_(ids)
    )
    said = sa.select(Feedback).where(
        Feedback.person_id == me.person_id, Feedback.activity_id.in_(ids)
    )
    abouts = [announcing.about(one, NoticeKind.INVITATION) for one in ids]
    return _Known(
        home=_home(session, me),
        attended={row.activity_id: row for row in session.scalars(attended)},
        said={row.activity_id: row for row in session.scalars(said)},
        told=notices.own_of(session, me.person_id, abouts),
        zone=me.zone,
        now=now,
    )


def _home(session: Session, me: Principal) -> Stamp:
    """报到: a member has registered with a community; residents belong to one as it is."""
    person = identity.get_person(session, me.person_id)
    open_ones = organisation.open_registrations(session, me.person_id)
    accepted = [row for row in open_ones if row.state == RegistrationState.ACCEPTED]
    made: dict[str, Any] = {"key": "registered", "title": "报到"}
    if accepted:
        row = accepted[0]
        name = identity.name_of_community(session, row.community_id)
        return Stamp(**made, said=f"已在{name}报到", done=True)
    if person is not None and MEMBER not in person.kinds:
        name = identity.name_of_community(session, me.community_id)
        return Stamp(**made, said=f"您是{name}的居民，不用办", done=True)
    if open_ones:
        return Stamp(**made, said="已经申请，等社区接收", owed_by=COMMUNITY)
    return Stamp(**made, said="还没有报到，请到“我的报到”办理", owed_by=ONESELF)


def _arrivals(activity: Activity, known: _Known) -> Arrivals:
    attendance, said = known.attended.get(activity.id), known.said.get(activity.id)
    told = known.told.get(announcing.about(activity.id, NoticeKind.INVITATION))
    return Arrivals(
        activity=activity,
        stamps=(
            known.home,
            _notice(told),
            _attendance(activity, attendance, known),
            _feedback(attendance, said, known.now),
        ),
    )


def _notice(told: Own | None) -> Stamp:
    """预告收到."""
    made: dict[str, Any] = {"key": "notified", "title": "预告收到"}
    if told is None:
        return Stamp(**made, said="这次没有给您发预告")
    if told.read_at is None:
        return Stamp(**made, said="已发给您，点开活动就算收到", at=told.at, owed_by=ONESELF)
    return Stamp(**made, said="您已经看过", at=told.read_at, done=True)


def _attendance(activity: Activity, mine: Attendance | None, known: _Known) -> Stamp:
    """活动签到: came, left, counts; or what it waits for."""
    made: dict[str, Any] = {"key": "attended", "title": "活动签到"}
    if mine is None:
        return _absent(activity, known.now, made)
    made["at"] = mine.checked_in_at
    if mine.review == Review.REJECTED:
        return Stamp(**made, said="没有通过确认，有异议请联系现场负责人")
    if mine.state == "checked_in":
        return Stamp(**made, said="已签到，走的时候请签退", owed_by=ONESELF)
    length = labels.length(mine.minutes or 0)
    owed_by, missing = _missing(mine, known.zone)
    if owed_by != NOBODY:
        return Stamp(**made, said=f"{length}，{missing}", owed_by=owed_by)
    return Stamp(**made, said=f"签到签退齐全，{length}", done=True)


def _missing(mine: Attendance, zone: str) -> tuple[str, str]:
    """Who has the next step before a finished attendance counts, and which it is."""
    if mine.review == Review.PENDING:
        return LEADER, "等负责人确认"
    if mine.confirm_until is not None:
        return ONESELF, "系统替您签退，请您确认"
    if mine.awaits_until is not None:
        return LEADER, served.still_missing(mine.awaits, mine.awaits_until, zone)
    return NOBODY, ""


def _absent(activity: Activity, now: datetime, made: dict[str, Any]) -> Stamp:
    if activity.cancel_reason:
        return Stamp(**made, said="活动取消了，不用去")
    if now < activity.ends_at:
        return Stamp(**made, said="到现场扫码签到", owed_by=ONESELF)
    return Stamp(**made, said="没有签到记录；来过的请找负责人补录", owed_by=NOBODY)


def _feedback(mine: Attendance | None, said: Feedback | None, now: datetime) -> Stamp:
    """反馈得到: thanked, one's own words, and the answer to them."""
    made: dict[str, Any] = {"key": "answered", "title": "反馈得到"}
    if said is not None and said.answered_at is not None:
        return Stamp(**made, said="您的反馈有了回复", at=said.answered_at, done=True)
    if said is not None and said.given_at is not None:
        return Stamp(**made, said="您写了反馈，等负责人回复", at=said.given_at, owed_by=LEADER)
    if said is not None:
        return Stamp(**made, said="组织者感谢了您", at=said.thanked_at, done=True)
    if mine is None or mine.state != "checked_out":
        return Stamp(**made, said="签退以后才有")
    if answering.may_give(mine, now):
        return Stamp(**made, said="等负责人感谢，您也可以先写反馈", owed_by=LEADER)
    return Stamp(**made, said="这次没有反馈")
