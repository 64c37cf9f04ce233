"""Who has come to an activity, as those who lead it see it: there, gone, or looked at first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.activities import anomalies, arrival_queries, circles, labels, queries, shown
from app.activities.arrival_models import Attendance
from app.activities.assisting import NO_PERSON
from app.activities.circles import Circle
from app.activities.errors import AttendeeUnclear, AttendeeUnknown
from app.activities.kinds import HOLDING
from app.activities.models import Activity
from app.activities.ways import Review, Way
from app.core.clock import civil_text
from app.core.vault import Vault
from app.identity import finding, personal
from app.identity.fields import Field
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

MOST_SHOWN = 300


def context(
    session: Session, activity: Activity, *, me: Principal, now: datetime
) -> dict[str, Any]:
    """Everybody who came, by how they stand; the latest deed first.

    Whoever keeps the list for some sees those, and how many others came.
    """
    came = arrival_queries.list_attendances(session, activity.id)
    circle = circles.around(session, activity, me=me)
    found = [one for one in came if circle is not None and circle.holds(one.person_id)]
    path = organisation.path_of(session, activity.community_id)
    helpers = {who for one in found for who in (one.in_by, one.out_by) if who}
    names = shown.masked_names(session, [*helpers, *(one.person_id for one in found)])
    rows = [_row(one, names, me=me) for one in sorted(found, key=_last_deed, reverse=True)]
    there = [row for row in rows if row["there"]]
    return {
        "activity": {
            "id": str(activity.id),
            "title": activity.title,
            "when": labels.when(activity, me.zone),
            "place": activity.place,
            "over": now >= activity.ends_at,
        },
        "tasks": _tasks(session, activity),
        "enrolled": _enrolled(session, activity, circle),
        "there": there[:MOST_SHOWN],
        "gone": [row for row in rows if not row["there"]][:MOST_SHOWN],
        "counts": {"there": len(there), "gone": len(rows) - len(there)},
        "waiting": sum(row["waits"] for row in rows),
        "others_there": sum(not row["own"] for row in there),
        "last": rows[0] if rows else None,
        "unseen": len(came) - len(found),
        "leads": me.may(Permission.ACTIVITY_VERIFY, path),
    }


def _tasks(session: Session, activity: Activity) -> list[tuple[str, str]]:
    """What somebody chooses from when they enrol; nothing where there is one task at most."""
    tasks = queries.tasks_of(session, [activity.id]).get(activity.id, [])
    return [(str(one.id), one.name) for one in tasks] if len(tasks) > 1 else []


def _enrolled(session: Session, activity: Activity, circle: Circle | None) -> int:
    """How many of those whom the caller sees have a place."""
    rows = queries.list_enrolled(session, activity.id)
    seen = (row for row in rows if circle is not None and circle.holds(row.person_id))
    return sum(row.state in HOLDING for row in seen)


def backfills(session: Session, activity: Activity, *, me: Principal) -> dict[str, Any]:
    """What was recorded afterwards, how that stands, and the times it has to be within."""
    found = [
        one
        for one in sorted(arrival_queries.list_attendances(session, activity.id), key=_last_deed)
        if one.way_in == Way.BACKFILL
    ]
    helpers = {who for one in found for who in (one.in_by, one.out_by) if who}
    names = shown.masked_names(session, [*helpers, *(one.person_id for one in found)])
    return {
        "activity": {
            "id": str(activity.id),
            "title": activity.title,
            "when": labels.when(activity, me.zone),
            "starts": _local(activity.starts_at, me.zone),
            "ends": _local(activity.ends_at, me.zone),
        },
        "rows": [_row(one, names, me=me) for one in found],
    }


def the_one(session: Session, vault: Vault, text: str, *, me: Principal) -> UUID:
    """Who it is; refuses where it is nobody of one's own subtree, or may be several."""
    tops = me.units_with(Permission.ACTIVITY_VERIFY)
    found = finding.people_in(session, vault, text, tops=tops)
    if not found:
        raise AttendeeUnknown(NO_PERSON)
    if len(found) > 1:
        raise AttendeeUnclear(f"有 {len(found)} 个人符合，请改填完整手机号或存折卡号。")
    return found[0][0]


def find(session: Session, vault: Vault, text: str, *, me: Principal) -> list[dict[str, str]]:
    """Who of one's own subtree it may be, with enough of their phone to tell two of a name."""
    found = circles.found(session, vault, text, me=me)
    ids = [who for who, _name in found]
    names = shown.masked_names(session, ids)
    phones = personal.read_masked(session, vault, person_ids=ids, field=Field.PHONE)
    return [{"id": str(who), "name": names[who], "phone": phones.get(who, "")} for who in ids]


def _local(instant: datetime, zone: str) -> str:
    """As the browser's own field for an instant has it."""
    return f"{instant.astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M}"


def _last_deed(attendance: Attendance) -> tuple[datetime, UUID]:
    return attendance.checked_out_at or attendance.checked_in_at, attendance.id


def _row(one: Attendance, names: dict[UUID, str], *, me: Principal) -> dict[str, Any]:
    left, pending = one.checked_out_at, one.review == Review.PENDING
    return {
        "person_id": str(one.person_id),
        "name": names[one.person_id],
        "own": one.person_id == me.person_id,
        "there": one.state == "checked_in",
        "came": civil_text(one.checked_in_at, me.zone),
        "left": left and civil_text(left, me.zone),
        "minutes": one.minutes,
        "way": _ways(one, names),
        "note": one.note,
        "waits": pending or one.confirm_until is not None,
        "reasons": anomalies.said(one.reasons) if pending else [],
        "rejected": one.review == Review.REJECTED,
    }


def _ways(one: Attendance, names: dict[UUID, str]) -> Sequence[str]:
    """How they came and went, where that was not by the code on their own phone."""
    deeds = [("签到", one.way_in, one.in_by), ("签退", one.way_out, one.out_by)]
    return [
        f"{deed}：{labels.WAYS[Way(way)]}{'，' + names[by] + '办理' if by else ''}"
        for deed, way, by in deeds
        if way and way != Way.CODE
    ]
