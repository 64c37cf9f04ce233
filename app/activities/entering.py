"""名单补登: a list on paper comes back, in one go: every line with a tick, or none of them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import (
    anomalies,
    arrival_queries,
    assisting,
    backfilling,
    circles,
    doubting,
    hindsight,
    reporting,
)
from app.activities.anomalies import Circumstances
from app.activities.arrival_models import Attendance
from app.activities.deciphering import Batch, Line, Table, laid_out, people_on
from app.activities.errors import LeftWhen, ListWrong
from app.activities.facts import minutes_given
from app.activities.ways import Review, Whereabouts
from app.core import audit, clock
from app.core.clock import civil_text
from app.core.db import claim
from app.core.errors import DomainError

SAID = 5  # problems that are said in one sentence; each stands at its line as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What came of it: who was written down, and how many had been before."""

    attendances: Sequence[Attendance]
    already: int

    @property
    def waiting(self) -> int:
        return sum(one.review == Review.PENDING for one in self.attendances)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """Somebody who is to be written down, and what looks odd about it."""

    person_id: UUID
    came_at: datetime
    left_at: datetime | None
    reasons: Sequence[str]


def enter(session: Session, batch: Batch) -> Entered:
    """Write down everybody on the list who is not written down yet; all of them, or nobody.

    Who came by themself, or by the same list before, is left as they are. Raises `ListWrong` with
    what is wrong by the number of its line.
    """
    table = laid_out(session, batch)
    problems: dict[int, str] = {}
    people = people_on(session, table, problems)
    there = {one.person_id for one in arrival_queries.list_attendances(session, table.activity.id)}
    arrivals = _arrivals(session, table, people, there=there, problems=problems)
    if problems:
        raise _refusal(problems)
    ordered = sorted(arrivals, key=lambda one: one.person_id)
    written = [row for one in ordered if (row := _write(session, table, one)) is not None]
    _note(session, table, written)
    return Entered(attendances=written, already=len(people) - len(written))


def _arrivals(
    session: Session,
    table: Table,
    people: Mapping[int, UUID],
    *,
    there: Collection[UUID],
    problems: dict[int, str],
) -> list[_Arrival]:
    """Those of them who are not there yet, each line judged by itself."""
    arrivals = []
    for line in table.batch.lines:
        who = people.get(line.number)
        if who is None or who in there or line.number in problems:
            continue
        try:
            arrivals.append(_judged(session, table, line, who=who))
        except DomainError as refusal:
            problems[line.number] = refusal.detail
    return arrivals


def _judged(session: Session, table: Table, line: Line, *, who: UUID) -> _Arrival:
    came_at = _came_at(table, line)
    left_at = _left_at(table, line, came_at)
    activity, zone = table.activity, table.batch.me.zone
    found = assisting.judged(session, table.aid(who), person_id=who, at=came_at)
    if left_at is not None and arrival_queries.is_elsewhere(
        session, who, besides=activity.id, since=came_at, until=left_at
    ):
        noon = clock.noon(clock.civil_day(came_at, zone), zone)
        found += anomalies.findings(Circumstances(at=noon, zone=zone, overlapping=True))
    if table.late:
        found.append(backfilling.REASON)
    return _Arrival(
        person_id=who, came_at=came_at, left_at=left_at, reasons=anomalies.ordered(found)
    )


def _came_at(table: Table, line: Line) -> datetime:
    activity, zone = table.activity, table.batch.me.zone
    since = activity.starts_at if table.late else activity.opens_at
    until = min(table.batch.now, activity.ends_at)
    if line.came_at is None or not since <= line.came_at <= until:
        times = f"{civil_text(since, zone)} 与 {civil_text(until, zone)}"
        raise LeftWhen(f"签到时间要在 {times} 之间，请改正。")
    return line.came_at


def _left_at(table: Table, line: Line, came_at: datetime) -> datetime | None:
    """When they left; nothing while it goes on means that they are still there."""
    until = min(table.batch.now, table.activity.ends_at)
    if line.left_at is None and table.batch.now < table.activity.ends_at:
        return None
    if line.left_at is None or not came_at < line.left_at <= until:
        said = civil_text(until, table.batch.me.zone)
        raise LeftWhen(f"签退时间要在签到之后、{said} 之前，请改正。")
    return line.left_at


def _write(session: Session, table: Table, one: _Arrival) -> Attendance | None:
    """Write somebody down; None where they have come by themself meanwhile."""
    activity, batch, left = table.activity, table.batch, one.left_at
    by, nowhere, way = batch.me.person_id, Whereabouts.NONE.value, table.way.value
    came = Attendance(checked_in_at=one.came_at)
    attendance = claim(
        session,
        Attendance,
        activity_id=activity.id,
        person_id=one.person_id,
        state="checked_out" if left else "checked_in",
        checked_in_at=one.came_at,
        checked_out_at=left,
        minutes=minutes_given(activity, came, until=left) if left else None,
        location_in=nowhere,
        location_out=nowhere if left else None,
        way_in=way,
        way_out=way if left else None,
        in_by=by,
        out_by=by if left else None,
        review=Review.PENDING.value if one.reasons else None,
        reasons=list(one.reasons),
        note=batch.reason,
    )
    if attendance is None:
        return None
    if left:
        doubting.doubt(attendance, hindsight.too_long(session, attendance, zone=batch.me.zone))
        session.flush()
        reporting.report(session, attendance, activity, zone=batch.me.zone, received_at=batch.now)
    action = "attendance.backfill" if table.late else "attendance.list"
    assisting.note(session, activity, attendance, me=batch.me, action=action, at=batch.now)
    return attendance


def _note(session: Session, table: Table, written: Sequence[Attendance]) -> None:
    """Keep in the audit log that the list came back; each person on it has an entry besides."""
    if not written:
        return
    batch, activity = table.batch, table.activity
    audit.record(
        session,
        actor=batch.me.actor(circles.BY, table.circle.path),
        action="attendance_list.enter",
        subject=("attendance_list", table.listed.id),
        scope=activity.community_id,
        at=batch.now,
        changed={"lines": ("", str(len(written)))},
        reason=batch.reason,
    )


def _refusal(problems: Mapping[int, str]) -> ListWrong:
    """What is wrong, line by line."""
    lines = sorted(problems.items())
    said = "".join(f"第 {number} 行：{problem}" for number, problem in lines[:SAID])
    more = "等。" if len(lines) > SAID else ""
    return ListWrong(
        f"有 {len(lines)} 行要改，这次什么都没有记，改好再一起提交。{said}{more}",
        errors={"lines": {str(number): [problem] for number, problem in lines}},
    )
