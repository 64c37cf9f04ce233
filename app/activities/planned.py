"""The year's plan and a series' drafts, as the pages show them."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import labels, plan_queries, service_days, themes
from app.activities.errors import UnitOutOfReach
from app.activities.kinds import Rhythm, ThemeSpan
from app.activities.plan_models import ActivitySeries
from app.activities.themes import Span
from app.core import clock, workdays
from app.identity import units
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

MONTHS, IN_SEASON = range(1, 13), 3
SEASONS = "一二三四"

# Who plans the year, and who decides about its service days.
SEEN_BY = (Permission.ACTIVITY_PREPARE, Permission.ACTIVITY_REVIEW)


def year(session: Session, unit_id: UUID, *, year: int, me: Principal) -> dict[str, Any]:
    """Four seasons of three months, each with its theme, service day and how much is planned."""
    path = organisation.path_of(session, unit_id)
    if not any(me.may(one, path) for one in SEEN_BY):
        raise UnitOutOfReach("没有找到这个社区，请从列表里选择。")
    firsts = [date(year, month, 1) for month in MONTHS]
    days = service_days.of_months(session, firsts, path=path)
    said = themes.of_year(session, year, path=path)
    counts = _counts(session, unit_id, year, zone=me.zone)
    months = [
        {
            "number": first.month,
            "theme": said.get(Span(year, ThemeSpan.MONTH, first.month), ""),
            "service_day": days[first],
            "planned": counts[first.month],
        }
        for first in firsts
    ]
    return {
        "unit_id": str(unit_id),
        "community": units.names_of(session, {unit_id}).get(unit_id, ""),
        "year": year,
        "seasons": [
            {
                "number": place + 1,
                "name": f"第{SEASONS[place]}季度",
                "theme": said.get(Span(year, ThemeSpan.SEASON, place + 1), ""),
                "months": months[place * IN_SEASON : (place + 1) * IN_SEASON],
            }
            for place in range(len(SEASONS))
        ],
        "announced": workdays.is_announced(year),
        "may_move": me.may(Permission.ACTIVITY_REVIEW, path),
        "series": [
            {"id": str(row.id), "title": row.title, "rhythm": rhythm(row), "until": row.until_day}
            for row in plan_queries.list_series(session, [unit_id])
        ],
    }


def drafts(
    session: Session, row: ActivitySeries, *, me: Principal, now: datetime
) -> list[dict[str, Any]]:
    """What a series has made that is not over, with the holidays it falls on."""
    found = plan_queries.list_of_series(session, row.id, after=now)
    return [
        {
            "id": str(one.id),
            "when": labels.when(one, me.zone),
            "state_label": labels.state_label(one, now),
            "note": workdays.name_of(one.series_day) if one.series_day else "",
        }
        for one in found
    ]


def rhythm(row: ActivitySeries) -> str:
    """When it is held: "每周六 09:00", "每月第二个星期六 09:00", "居住地服务日 09:00"."""
    hour, minute = divmod(row.starts_minute, 60)
    at = f"{hour:02}:{minute:02}"
    if row.rhythm == Rhythm.SERVICE_DAY or row.weekday is None:
        return f"{labels.RHYTHMS[Rhythm.SERVICE_DAY]} {at}"
    day = labels.WEEKDAYS[row.weekday - 1]
    return f"每周{day} {at}" if row.nth is None else f"每月第 {row.nth} 个星期{day} {at}"


def _counts(session: Session, unit_id: UUID, year: int, *, zone: str) -> Counter[int]:
    """How many activities each month of a year has, drafts included."""
    begins, ends = (clock.midnight(date(one, 1, 1), zone) for one in (year, year + 1))
    starts = plan_queries.starts_between(
        session, unit_id, begins=begins.astimezone(UTC), ends=ends.astimezone(UTC)
    )
    return Counter(clock.civil_day(one, zone).month for one in starts)
