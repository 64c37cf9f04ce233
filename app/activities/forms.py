"""Reading the form in which an activity or a series is planned."""

import math
import re
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import request

from app.activities.drafting import Draft, TaskDraft
from app.activities.errors import DraftWrong
from app.activities.kinds import (
    LEAST_RADIUS_M,
    MOST_RADIUS_M,
    Audience,
    Guarantee,
    Rhythm,
    Risk,
    Skill,
)
from app.activities.placing import NOWHERE, USUAL_RADIUS_M, Where
from app.activities.series import Plan
from app.core.forms import EAST, NORTH, day_in, id_in, text_in, whole_in
from app.core.geodesy import Spot

Choice = TypeVar("Choice", bound=StrEnum)

SPOT = re.compile(r"(-?\d{1,3}(?:\.\d{1,12})?)\s*[,，、\s]\s*(-?\d{1,3}(?:\.\d{1,12})?)")
TASKS = 4  # rows of the form; who needs more asks over the interface of programs


def draft_in(community_id: UUID, *, zone: str) -> Draft:
    """The activity in the form."""
    starts, ends = _hours(day_in("day"), zone)
    return _draft(community_id, starts, ends)


def plan_in(community_id: UUID, *, zone: str) -> Plan:
    """The series in the form; its draft is as if held on its first day."""
    first = day_in("from_day")
    starts, ends = _hours(first, zone)
    local = starts.astimezone(ZoneInfo(zone))
    return Plan(
        draft=_draft(community_id, starts, ends),
        rhythm=_choice(Rhythm, "rhythm", Rhythm.WEEKLY),
        weekday=whole_in("weekday", most=7) or None,
        nth=whole_in("nth", most=5) or None,
        starts_minute=local.hour * 60 + local.minute,
        minutes=int((ends - starts) / timedelta(minutes=1)),
        from_day=first,
        until_day=day_in("until_day") if request.form.get("until_day", "").strip() else None,
    )


def tasks_in() -> tuple[TaskDraft, ...]:
    """The tasks somebody filled in; an empty row is none."""
    rows = range(TASKS)
    return tuple(_task(row) for row in rows if request.form.get(f"task_name_{row}", "").strip())


def _draft(community_id: UUID, starts: datetime, ends: datetime) -> Draft:
    chosen = request.form.getlist("guarantees")
    return Draft(
        community_id=community_id,
        title=text_in("title", most=60, needed="请写活动名称。"),
        category=request.form.get("category", "")[:40],
        place=text_in("place", most=60, needed="请写集合地点。"),
        starts_at=starts,
        ends_at=ends,
        tasks=tasks_in(),
        summary=_lines("summary", most=1000),
        guarantees=[one for one in Guarantee if one.value in chosen],
        insurance_no=text_in("insurance_no", most=60),
        audience=_choice(Audience, "audience", Audience.COMMUNITY),
        audience_unit_id=id_in("audience_unit_id"),
        calling=request.form.get("calling") == "1",
        where=_where(),
    )


def _where() -> Where:
    """A station, a spot, or nothing: how far only means something around one of them."""
    station_id, spot = id_in("station_id"), _spot()
    if station_id is None and spot is None:
        return NOWHERE
    radius_m = _between(
        "radius_m", least=LEAST_RADIUS_M, most=MOST_RADIUS_M, what="签到范围", empty=USUAL_RADIUS_M
    )
    return Where(station_id=station_id, spot=spot, radius_m=radius_m)


def _spot() -> Spot | None:
    """Latitude and longitude, as maps give them to be pasted: "23.3282, 112.7352"."""
    text = request.form.get("spot", "").strip()
    if not text:
        return None
    found = SPOT.fullmatch(text[:60])
    lat, lng = (float(part) for part in found.groups()) if found else (math.inf, math.inf)
    if abs(lat) > NORTH or abs(lng) > EAST:
        raise DraftWrong(
            "坐标请先写纬度、再写经度，例如 23.3282, 112.7352；地图软件里长按地点可以复制。",
            errors={"spot": ["坐标无效"]},
        )
    crs = "wgs84" if request.form.get("crs") == "wgs84" else "gcj02"
    return Spot(lat=lat, lng=lng, crs=crs)


def _task(row: int) -> TaskDraft:
    return TaskDraft(
        name=text_in(f"task_name_{row}", most=30),
        minutes=_between(f"task_minutes_{row}", least=10, most=720, what="岗位需要的分钟数"),
        places=_between(f"task_places_{row}", least=1, most=10_000, what="岗位人数"),
        skill=_skill(f"task_skill_{row}"),
        min_age=_between(f"task_min_age_{row}", least=0, most=120, what="年龄", empty=14),
        max_age=_between(f"task_max_age_{row}", least=0, most=120, what="年龄", empty=120),
        risk=_choice(Risk, f"task_risk_{row}", Risk.LOW),
        insured=request.form.get(f"task_insured_{row}") == "1",
    )


def _between(name: str, *, least: int, most: int, what: str, empty: int | None = None) -> int:
    if empty is not None and not request.form.get(name, "").strip():
        return empty
    number = whole_in(name, most=most)
    if number < least:
        raise DraftWrong(f"{what}请填写 {least} 到 {most} 之间的整数。")
    return number


def _skill(name: str) -> Skill | None:
    value = request.form.get(name, "")
    return Skill(value) if value in set(Skill) else None


def _choice(kinds: type[Choice], name: str, usual: Choice) -> Choice:
    value = request.form.get(name, "")
    return kinds(value) if value in set(kinds) else usual


def _lines(name: str, *, most: int) -> str:
    """Several lines of text, whatever a browser sends for the end of one."""
    lines = request.form.get(name, "").replace("\r\n", "\n").strip()
    if len(lines) > most or any(ord(sign) < ord(" ") and sign != "\n" for sign in lines):
        raise DraftWrong(f"活动说明不要超过 {most} 个字，也不要有特殊字符。")
    return lines


def _hours(day: date, zone: str) -> tuple[datetime, datetime]:
    """From when to when on that civil day; what ends earlier than it begins ends the day after."""
    starts, ends = (_clock(name) for name in ("starts", "ends"))
    there = ZoneInfo(zone)
    ends_on = day if ends > starts else day + timedelta(days=1)
    return datetime.combine(day, starts, there), datetime.combine(ends_on, ends, there)


def _clock(name: str) -> time:
    try:
        return time.fromisoformat(request.form.get(name, "").strip())
    except ValueError as error:
        raise DraftWrong("请填写几点几分，例如 09:00。", errors={name: ["时间无效"]}) from error


def again() -> dict[str, Any]:
    """What was filled in, to stand in the form again where it was refused."""
    return {**request.form.to_dict(), "guarantees": request.form.getlist("guarantees")}
