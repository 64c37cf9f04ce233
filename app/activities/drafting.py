"""Writing down what an activity is to be, before anybody reviews it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import categories, placing, queries
from app.activities.errors import NO_ACTIVITY, ActivityUnknown, DraftWrong, StateChanged
from app.activities.kinds import ActivityState, Audience, Guarantee, Risk, Skill
from app.activities.models import Activity, ActivityTask
from app.activities.placing import NOWHERE, Where
from app.core import audit, clock
from app.core.db import add, tenant_of
from app.core.ids import new_id
from app.identity import units
from app.identity.roles import Permission, Principal
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.organisation.kinds import UnitKind

GROWN_UP = 18
LONGEST_TITLE, LONGEST_PLACE, LONGEST_SUMMARY = 60, 60, 1000
SHORTEST, LONGEST = timedelta(minutes=10), timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskDraft:
    """One thing to do, as somebody planned it. Ages include both ends."""

    name: str
    minutes: int
    places: int
    skill: Skill | None = None
    min_age: int = 14
    max_age: int = 120
    risk: Risk = Risk.LOW
    insured: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An activity as somebody planned it."""

    community_id: UUID
    title: str
    category: str
    place: str
    starts_at: datetime
    ends_at: datetime
    tasks: Sequence[TaskDraft]
    summary: str = ""
    guarantees: Sequence[Guarantee] = ()
    insurance_no: str = ""
    audience: Audience = Audience.COMMUNITY
    audience_unit_id: UUID | None = None
    calling: bool = False  # whether those whom WeChat does not reach are called
    where: Where = NOWHERE


def create(session: Session, draft: Draft, *, me: Principal, now: datetime) -> Activity:
    """Write a draft down for a community of one's own."""
    path = organisation.path_of(session, draft.community_id)
    if not me.may(Permission.ACTIVITY_PREPARE, path):
        raise ActivityUnknown("没有找到这个社区，请从列表里选择。")
    check_place(session, draft.community_id)
    check(session, draft, zone=me.zone)
    fields = _fields(session, draft)
    activity = Activity(state=ActivityState.DRAFT.value, drafted_by=me.person_id, **fields)
    add(session, activity)
    put_tasks(session, {activity.id: draft.tasks})
    audit.record(
        session,
        actor=me.actor(Permission.ACTIVITY_PREPARE, path),
        action="activity.draft",
        subject=("activity", activity.id),
        scope=draft.community_id,
        at=now,
    )
    return activity


def rewrite(
    session: Session, activity_id: UUID, draft: Draft, *, me: Principal, now: datetime
) -> Activity:
    """Write a draft differently, as long as nobody is asked to review it."""
    activity = queries.own_activity(session, activity_id)
    path = organisation.path_of(session, activity.community_id) if activity else ()
    if activity is None or not me.may(Permission.ACTIVITY_PREPARE, path):
        raise ActivityUnknown(NO_ACTIVITY)
    if activity.state != ActivityState.DRAFT:
        raise StateChanged("这个活动已经提交，不能直接修改。请刷新页面看看现在的情况。")
    if draft.community_id != activity.community_id:
        raise DraftWrong("活动不能换到别的社区，请在那个社区另建一个。")
    check(session, draft, zone=me.zone)
    for name, value in _fields(session, draft).items():
        setattr(activity, name, value)
    activity.drafted_by = me.person_id
    replace_tasks(session, {activity.id: draft.tasks})
    audit.record(
        session,
        actor=me.actor(Permission.ACTIVITY_PREPARE, path),
        action="activity.rewrite",
        subject=("activity", activity.id),
        scope=activity.community_id,
        at=now,
    )
    return activity


def put_tasks(session: Session, tasks: dict[UUID, Sequence[TaskDraft]]) -> None:
    """What there is to do at each activity, written at once."""
    rows = [
        ActivityTask(
            tenant_id=tenant_of(session),
            id=new_id(),
            activity_id=activity_id,
            name=task.name,
            skill=task.skill.value if task.skill else None,
            minutes=task.minutes,
            places=task.places,
            min_age=task.min_age,
            max_age=task.max_age,
            risk=task.risk.value,
            insured=task.insured,
        )
        for activity_id, each in tasks.items()
        for task in each
    ]
    session.add_all(rows)
    session.flush()


def replace_tasks(session: Session, tasks: dict[UUID, Sequence[TaskDraft]]) -> None:
    """The tasks of drafts, written anew: nobody has chosen one yet."""
    of_these = ActivityTask.activity_id.in_(tasks)
    session.execute(sa.delete(ActivityTask).where(of_these))
    put_tasks(session, tasks)


def check(session: Session, draft: Draft, *, zone: str) -> None:
    """Refuse a draft that could not be held as it says."""
    _check_words(draft)
    length = draft.ends_at - draft.starts_at
    if not SHORTEST <= length <= LONGEST:
        raise DraftWrong("结束时间要晚于开始时间至少 10 分钟，最长 3 天，请核对。")
    policy = ledger.policy_on(session, clock.civil_day(draft.ends_at, zone))
    if draft.category not in {one.code for one in categories.offered(policy)}:
        raise DraftWrong("活动类别不在现行积分办法里，请重新选择。")
    check_tasks(draft.tasks, longest=length)
    check_audience(
        session, draft.community_id, audience=draft.audience, unit_id=draft.audience_unit_id
    )


def check_place(session: Session, community_id: UUID) -> None:
    """Activities are a community's: a street's or the city's are held in one of theirs."""
    unit = organisation.get_unit(session, community_id)
    if unit is None or unit.kind != UnitKind.COMMUNITY:
        raise DraftWrong("活动由社区举办，请选择一个社区。")
    units.hold_open(session, community_id)


def check_tasks(tasks: Sequence[TaskDraft], *, longest: timedelta) -> None:
    """Refuse tasks that nobody could do, or that are not safe as they are."""
    if not tasks:
        raise DraftWrong("请至少写一个岗位，比如“现场志愿者”。")
    if len({task.name for task in tasks}) != len(tasks):
        raise DraftWrong("两个岗位名称一样，请改一个。")
    for task in tasks:
        _check_task(task, longest=longest)


def check_audience(
    session: Session, community_id: UUID, *, audience: Audience, unit_id: UUID | None
) -> None:
    """Refuse to tell anybody but people of the community."""
    if (audience is Audience.GRID) != (unit_id is not None):
        raise DraftWrong("预告发给某个网格时，请选择网格；否则不用选。")
    if unit_id is None:
        return
    unit = organisation.get_unit(session, unit_id)
    if unit is None or unit.kind != UnitKind.GRID or community_id not in unit.path:
        raise DraftWrong("这个网格不在本社区，请重新选择。")


def _check_words(draft: Draft) -> None:
    if not draft.title.strip() or len(draft.title) > LONGEST_TITLE:
        raise DraftWrong(f"请写活动名称，不超过 {LONGEST_TITLE} 个字。")
    if not draft.place.strip() or len(draft.place) > LONGEST_PLACE:
        raise DraftWrong(f"请写集合地点，不超过 {LONGEST_PLACE} 个字。")
    if len(draft.summary) > LONGEST_SUMMARY:
        raise DraftWrong(f"活动说明不要超过 {LONGEST_SUMMARY} 个字。")


def _check_task(task: TaskDraft, *, longest: timedelta) -> None:
    if timedelta(minutes=task.minutes) > longest:
        raise DraftWrong(f"岗位“{task.name}”需要的时间比活动还长，请核对。")
    if task.min_age > task.max_age:
        raise DraftWrong(f"岗位“{task.name}”的年龄下限高于上限，请核对。")
    if task.risk is Risk.HIGH and not (task.min_age >= GROWN_UP and task.insured):
        raise DraftWrong(f"岗位“{task.name}”风险高，要求年满 18 周岁并且投保，请勾选保险。")


def _fields(session: Session, draft: Draft) -> dict[str, object]:
    return {
        "community_id": draft.community_id,
        "title": draft.title,
        "category": draft.category,
        "place": draft.place,
        "starts_at": draft.starts_at,
        "ends_at": draft.ends_at,
        "summary": draft.summary,
        "guarantees": [one.value for one in draft.guarantees],
        "insurance_no": draft.insurance_no,
        "audience": draft.audience.value,
        "audience_unit_id": draft.audience_unit_id,
        "calling": draft.calling,
        "capacity": sum(task.places for task in draft.tasks),
        **placing.fields_of(session, draft.where, community_id=draft.community_id),
    }
