"""签到表: the list of an activity on paper. A line stays whose it was when it was printed."""

import re
import secrets
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import arrival_queries, circles, labels, queries, shown
from app.activities.arrival_models import Attendance, AttendanceList, AttendanceListLine
from app.activities.circles import Circle
from app.activities.errors import NO_ACTIVITY, ActivityUnknown, ListUnknown
from app.activities.kinds import HOLDING, PUBLIC, ActivityState
from app.activities.models import Activity
from app.activities.sheets import Line, Roll
from app.activities.ways import Review, Way
from app.core import audit, clock
from app.core.clock import civil_text
from app.core.db import add
from app.core.vault import Vault
from app.identity import personal
from app.identity.fields import Field
from app.identity.roles import Principal
from app.organisation import queries as organisation

ALPHABET, LENGTH = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ", 10  # nothing that looks like another
CODE = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
USUAL_BLANK, MOST_BLANK = 10, 40
LISTED = 20
TAIL = 4
UNKNOWN = "没有找到这张签到表，请核对表上的编号。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How a line stands: whose it is, by the name on the paper, and whether they came already."""

    number: int
    person_id: UUID
    name: str
    task: str
    own: bool
    came: str  # how they came, where they did
    waits: bool


def draw_up(
    session: Session, activity_id: UUID, *, blank: int, me: Principal, now: datetime
) -> AttendanceList:
    """Print the list: a line for everybody with a place, and `blank` empty ones, 40 at most.

    Whoever keeps the list for some prints theirs.
    """
    activity, circle = kept_activity(session, activity_id, me=me)
    places = [
        row
        for row in queries.list_enrolled(session, activity.id)
        if row.state in HOLDING and circle.holds(row.person_id)
    ]
    tasks = {
        one.id: one.name for one in queries.tasks_of(session, [activity.id]).get(activity.id, [])
    }
    made = AttendanceList(activity_id=activity.id, code=new_code(), blank=blank)
    made.printed_by, made.printed_at = me.person_id, now
    add(session, made)
    for number, row in enumerate(places, start=1):
        line = AttendanceListLine(list_id=made.id, number=number, person_id=row.person_id)
        line.task = tasks.get(row.task_id, "") if row.task_id else ""
        line.tenant_id = me.tenant_id
        session.add(line)
    session.flush()
    audit.record(
        session,
        actor=me.actor(circles.BY, circle.path),
        action="attendance_list.print",
        subject=("attendance_list", made.id),
        scope=activity.community_id,
        at=now,
        changed={"lines": ("", str(len(places))), "blank": ("", str(blank))},
    )
    return made


def kept_activity(session: Session, activity_id: UUID, *, me: Principal) -> tuple[Activity, Circle]:
    """An activity that takes place or took place, and for whom the caller keeps its list.

    Any other does not exist.
    """
    activity = queries.get_activity(session, activity_id)
    circle = circles.around(session, activity, me=me) if activity else None
    if activity is None or activity.state not in PUBLIC or circle is None:
        raise ActivityUnknown(NO_ACTIVITY)
    return activity, circle


def kept_list(
    session: Session, code: str, *, me: Principal
) -> tuple[AttendanceList, Activity, Circle]:
    """A list the caller keeps, for whom of it, by its number; any other does not exist."""
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    listed = arrival_queries.get_list(session, plain) if CODE.fullmatch(plain) else None
    if listed is None:
        raise ListUnknown(UNKNOWN)
    try:
        return listed, *kept_activity(session, listed.activity_id, me=me)
    except ActivityUnknown as error:
        raise ListUnknown(UNKNOWN) from error


def roll_of(session: Session, code: str, *, vault: Vault, me: Principal) -> tuple[Roll, Activity]:
    """The list as it is printed; its address is for the edge to say."""
    listed, activity, circle = kept_list(session, code, me=me)
    printed = arrival_queries.lines_of(session, listed.id)
    lines = [one for one in printed if circle.holds(one.person_id)]
    names = _names(session, vault, [line.person_id for line in lines])
    organisers = dict(organisation.names_of(session, [activity.community_id]))
    roll = Roll(
        title=activity.title,
        when=labels.when(activity, me.zone),
        place=activity.place,
        organiser=organisers.get(activity.community_id, ""),
        code=listed.code,
        address="",
        lines=[Line(number=one.number, name=names[one.person_id], task=one.task) for one in lines],
        unseen=len(printed) - len(lines),
        blank=listed.blank,
    )
    return roll, activity


def places_of(
    session: Session, listed: AttendanceList, circle: Circle, *, vault: Vault, me: Principal
) -> tuple[list[Place], int]:
    """The printed lines and how each stands now, and how many lines are of others."""
    printed = arrival_queries.lines_of(session, listed.id)
    lines = [one for one in printed if circle.holds(one.person_id)]
    names = _names(session, vault, [line.person_id for line in lines])
    there = _attendances(session, listed.activity_id)
    places = [
        Place(
            number=one.number,
            person_id=one.person_id,
            name=names[one.person_id],
            task=one.task,
            own=one.person_id == me.person_id,
            came=_came(there.get(one.person_id), me.zone),
            waits=_waits(there.get(one.person_id)),
        )
        for one in lines
    ]
    return places, len(printed) - len(lines)


def others_of(
    session: Session, listed: AttendanceList, circle: Circle, *, zone: str
) -> list[dict[str, Any]]:
    """Whoever was written down from paper and is on no printed line."""
    printed = {one.person_id for one in arrival_queries.lines_of(session, listed.id)}
    rows = [
        one
        for one in _attendances(session, listed.activity_id).values()
        if one.way_in in {Way.LIST, Way.BACKFILL} and one.person_id not in printed
        if circle.holds(one.person_id)
    ]
    names = shown.masked_names(session, [one.person_id for one in rows])
    return [
        {"name": names[one.person_id], "came": _came(one, zone), "waits": _waits(one)}
        for one in rows
    ]


def printed_of(session: Session, activity_id: UUID, *, me: Principal) -> list[dict[str, Any]]:
    """What was printed of an activity, by whom and when; the latest first."""
    rows = arrival_queries.list_lists(session, activity_id, limit=LISTED)
    names = shown.masked_names(session, [one.printed_by for one in rows])
    return [
        {
            "code": one.code,
            "at": civil_text(one.printed_at, me.zone),
            "by": names[one.printed_by],
            "blank": one.blank,
        }
        for one in rows
    ]


def is_late(listed: AttendanceList, activity: Activity, *, now: datetime, zone: str) -> bool:
    """Whether a second person decides, as about everything that is recorded afterwards.

    A list that lay there and comes back on the day counts as it is: not one that was printed when
    it was over, nor once the day has passed or the list of those who came was confirmed.
    """
    day = clock.civil_day(activity.ends_at, zone)
    passed = clock.civil_day(now, zone) > day
    confirmed = activity.state != ActivityState.PUBLISHED
    return passed or confirmed or listed.printed_at >= activity.ends_at


def new_code() -> str:
    """Ten letters and digits, drawn at random."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def _names(session: Session, vault: Vault, ids: Sequence[UUID]) -> dict[UUID, str]:
    """The masked names; of those that look alike with the end of the phone, to tell them apart."""
    names = shown.masked_names(session, ids)
    often = Counter(names[who] for who in ids)
    alike = [who for who in ids if often[names[who]] > 1]
    phones = personal.read_masked(session, vault, person_ids=alike, field=Field.PHONE)
    tails = {who: f" {phone[-TAIL:]}" for who, phone in phones.items()}
    return {who: name + tails.get(who, "") for who, name in names.items()}


def _attendances(session: Session, activity_id: UUID) -> dict[UUID, Attendance]:
    return {one.person_id: one for one in arrival_queries.list_attendances(session, activity_id)}


def _came(one: Attendance | None, zone: str) -> str:
    if one is None:
        return ""
    left = one.checked_out_at
    until = f"{civil_text(left, zone)} 走" if left else "还在现场"
    way = labels.WAYS[Way(one.way_in)]
    return f"{way}：{civil_text(one.checked_in_at, zone)} 到，{until}"


def _waits(one: Attendance | None) -> bool:
    return one is not None and one.review == Review.PENDING
