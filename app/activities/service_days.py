"""居住地服务日: the first Saturday of each month, or the day somebody chose instead.

Where that Saturday is a holiday, or is worked to make up for one, it is the next Saturday that is
neither. As long as the holidays of a year are not announced, the first Saturday stands
provisionally, and says so.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import plan_queries
from app.activities.errors import DraftWrong, UnitOutOfReach
from app.activities.plan_models import ServiceDay
from app.core import audit, workdays
from app.core.db import claim
from app.core.workdays import DayKind
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

SATURDAY = 6
WEEK, FARTHEST = timedelta(days=7), timedelta(days=60)
LONGEST_REASON = 200
OFF = frozenset({DayKind.HOLIDAY, DayKind.MADE_UP})
NOT_ANNOUNCED = "节假日安排尚未公布，暂定第一个星期六。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The service day of a month, why it is that day, and whether that may still change."""

    month: date
    day: date
    first_saturday: date
    provisional: bool
    reason: str


def computed(month: date) -> Day:
    """The service day of a month by the calendar alone."""
    first = _first_saturday(month)
    day, passed = first, []
    while workdays.kind_of(day) in OFF:
        passed.append(_why_not(day))
        day += WEEK
    if day.month != first.month:  # a month without a free Saturday keeps its first
        day, passed = first, []
    unknown = workdays.kind_of(day) is DayKind.UNKNOWN
    reason = NOT_ANNOUNCED if unknown else "".join(passed)
    return Day(
        month=first.replace(day=1),
        day=day,
        first_saturday=first,
        provisional=unknown,
        reason=reason,
    )


def of_months(
    session: Session, months: Collection[date], *, path: Collection[UUID]
) -> dict[date, Day]:
    """The service day of each month at the end of a path: what was chosen nearest to it holds."""
    chosen = plan_queries.service_days(session, months, unit_ids=path)
    nearest = {unit_id: depth for depth, unit_id in enumerate(path)}
    chosen.sort(key=lambda row: nearest[row.unit_id])
    found = {month: computed(month) for month in months}
    for row in chosen:
        found[row.month] = Day(
            month=row.month,
            day=row.day,
            first_saturday=_first_saturday(row.month),
            provisional=False,
            reason=row.reason,
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Another day for a month's service day in a unit and all below it, and why."""

    unit_id: UUID
    month: date
    day: date
    reason: str


def choose(session: Session, chosen: Chosen, *, me: Principal, now: datetime) -> ServiceDay:
    """Hold the service day of a month on another day, and say why, in a unit of one's own."""
    path = organisation.path_of(session, chosen.unit_id)
    if not me.may(Permission.ACTIVITY_REVIEW, path):
        raise UnitOutOfReach("没有找到这个社区，请从列表里选择。")
    reason = chosen.reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise DraftWrong(f"请写明改期的原因，不超过 {LONGEST_REASON} 个字，居民会看到。")
    if abs(chosen.day - chosen.month) > FARTHEST:
        raise DraftWrong("改到的日期离这个月太远，请核对。")
    values = {"day": chosen.day, "reason": reason, "set_by": me.person_id, "set_at": now}
    unit_id, month = chosen.unit_id, chosen.month
    row = claim(session, ServiceDay, unit_id=unit_id, month=month, **values)
    was = computed(month).day
    if row is None:
        row = plan_queries.lock_service_day(session, unit_id=unit_id, month=month)
        assert row is not None  # its key is taken
        was = row.day
        for name, value in values.items():
            setattr(row, name, value)
    audit.record(
        session,
        actor=me.actor(Permission.ACTIVITY_REVIEW, path),
        action="service_day.choose",
        subject=("org_unit", chosen.unit_id),
        scope=chosen.unit_id,
        at=now,
        changed={f"{chosen.month:%Y-%m}": (was.isoformat(), chosen.day.isoformat())},
        reason=reason,
    )
    session.flush()
    return row


def _first_saturday(month: date) -> date:
    first = month.replace(day=1)
    return first + timedelta(days=(SATURDAY - first.isoweekday()) % 7)


def _why_not(day: date) -> str:
    name = workdays.name_of(day)
    said = f"{day.month}月{day.day}日"
    if workdays.kind_of(day) is DayKind.HOLIDAY:
        return f"{said}是{name or '法定节假日'}，顺延。"
    return f"{said}调休上班，顺延。"
