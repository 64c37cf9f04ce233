"""The pages of coming and going, and the inbox of what somebody has to look at."""

from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import deciding, delegated, detail, own, queries, reading, services
from app.activities.codes import Direction
from app.activities.deciding import Doubtful, Verdict
from app.activities.errors import LeftLater
from app.activities.reading import Arrival
from app.core import clock, edges
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import id_in, phone_in
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.core.scans import CodeExpired
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.ledger import expected as earnings
from app.ledger import jobs as ledger_jobs

bp = Blueprint("arrival_pages", __name__, template_folder="templates")

INBOX, INBOX_SHOWN, LONGEST_REASON = "/staff/attendances", 100, 200
DUTIES = (
    Duty(
        permission=Permission.ACTIVITY_VERIFY,
        path=INBOX,
        group=DutyGroup.ACTIVITIES,
        title="签到待确认",
        text="定位偏远、事后补传、时间重叠等要人看一眼的签到",
    ),
)


@bp.get("/arrive/<code>")
@page_requires(Permission.ATTEND)
def show_arrival(code: str) -> ResponseReturnValue:
    """The page a venue's code opens: one button, to come or to go."""
    me, now, keyring = current_principal(), clock.now(), edges.keyring()
    try:
        with transaction(me.tenant_id) as session:
            venue, direction = services.read_code(
                session, me=me, text=code, keyring=keyring, now=now
            )
            context = detail.context(session, venue.activity_id, me=me, now=now)
            others = acting.may_act_for(session, me, act=Act.CHECK_IN, now=now)
            context |= detail.asking(session, venue.activity_id, me=me)
    except CodeExpired:
        with transaction(me.tenant_id) as session:
            done = services.done_with(session, me=me, text=code, keyring=keyring)
        if done is None:
            raise
        # Who goes back after the deed comes past a code that was good for it.
        return redirect(url_for(f".show_check_{done[1]}", activity_id=done[0]), code=303)
    return render_template(
        "activities/venue_arrival.html",
        **context,
        kind=direction.value,
        code=code,
        others=others,
    )


@bp.post("/activities/<uuid:activity_id>/check-in")
@page_requires(Permission.ATTEND)
def check_in(activity_id: UUID) -> ResponseReturnValue:
    """Check in with the venue's code."""
    arrival, whom = _arrival(activity_id), id_in("for")
    try:
        with transaction(arrival.me.tenant_id) as session:
            _logged(session, arrival, whom, direction=Direction.IN)
    except DomainError as refusal:
        return _refused(activity_id, refusal)
    if whom and whom != arrival.me.person_id:
        return lead_on(f"/activities/{activity_id}?for={whom}")
    return lead_on(url_for(".show_check_in", activity_id=activity_id))


@bp.get("/activities/<uuid:activity_id>/check-in")
@page_requires(Permission.ATTEND)
def show_check_in(activity_id: UUID) -> ResponseReturnValue:
    """That one has checked in, and what to do on leaving."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        activity = services.activity_of(session, activity_id)
        attendance = queries.get_attendance(
            session, person_id=me.person_id, activity_id=activity_id
        )
    if attendance is None or attendance.state != "checked_in":
        return lead_on(f"/activities/{activity_id}")
    return render_template(
        "activities/checked.html",
        activity=detail.activity_of(activity, me, now),
        kind="in",
        earned=True,
        attendance=detail.attendance_of(attendance, me),
        waits=False,
        expected=[],
        message="签到成功。离开时请扫现场的签退码，时长才会记下。",
    )


@bp.post("/activities/<uuid:activity_id>/check-out")
@page_requires(Permission.ATTEND)
def check_out(activity_id: UUID) -> ResponseReturnValue:
    """Check out with the venue's code."""
    arrival, whom = _arrival(activity_id), id_in("for")
    try:
        with transaction(arrival.me.tenant_id) as session:
            ring_after_commit(session, ledger_jobs.settle_waiting)
            _logged(session, arrival, whom, direction=Direction.OUT)
    except DomainError as refusal:
        return _refused(activity_id, refusal)
    if whom and whom != arrival.me.person_id:
        return lead_on(f"/activities/{activity_id}?for={whom}")
    edges.note_done()
    return lead_on(url_for(".show_check_out", activity_id=activity_id))


@bp.get("/activities/<uuid:activity_id>/check-out")
@page_requires(Permission.ATTEND)
def show_check_out(activity_id: UUID) -> ResponseReturnValue:
    """That one has checked out, and what it earns."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        activity = services.activity_of(session, activity_id)
        attendance = queries.get_attendance(
            session, person_id=me.person_id, activity_id=activity_id
        )
        if attendance is None or attendance.state != "checked_out":
            return lead_on(f"/activities/{activity_id}")
        outcome = services.outcome_of(
            session, activity=activity, attendance=attendance, zone=me.zone, now=now
        )
    earned = earnings.earns(outcome.expected)
    waits = edges.just_done() or outcome.waits or not attendance.counts
    return render_template(
        "activities/checked.html",
        activity=detail.activity_of(activity, me, now),
        kind="out",
        earned=earned,
        attendance=detail.attendance_of(attendance, me),
        waits=waits,
        expected=[earnings.shown(line) for line in outcome.expected if earned],
        message=earnings.points_message(outcome.expected, waits=waits),
    )


@bp.post("/activities/<uuid:activity_id>/attendance/confirm")
@page_requires(Permission.ATTEND)
def confirm_attendance(activity_id: UUID) -> ResponseReturnValue:
    """Say that a check-out that was made by itself is right, or that one left earlier."""
    me, now = current_principal(), clock.now()
    try:
        left_at = _instant(request.form.get("left_at", ""), me)
        with transaction(me.tenant_id) as session:
            ring_after_commit(session, ledger_jobs.settle_waiting)
            own.confirm(session, me=me, activity_id=activity_id, left_at=left_at, now=now)
    except DomainError as refusal:
        return _refused(activity_id, refusal)
    return lead_on(url_for(".show_check_out", activity_id=activity_id))


@bp.get(INBOX)
@page_requires(Permission.ACTIVITY_VERIFY)
def list_doubtful() -> ResponseReturnValue:
    """What waits to be approved or rejected in one's own communities."""
    return _inbox(problem=None)


@bp.post(f"{INBOX}/<uuid:attendance_id>")
@page_requires(Permission.ACTIVITY_VERIFY)
def decide_doubtful(attendance_id: UUID) -> ResponseReturnValue:
    """Approve one, or reject it with a reason."""
    me, now = current_principal(), clock.now()
    approved = request.form.get("decision") == "approve"
    reason = request.form.get("reason", "").strip()[:LONGEST_REASON]
    verdict = Verdict(attendance_id=attendance_id, approved=approved, reason=reason)
    try:
        with transaction(me.tenant_id) as session:
            ring_after_commit(session, ledger_jobs.settle_waiting)
            deciding.decide(session, verdict, me=me, now=now)
        edges.note_done()
    except DomainError as refusal:
        return shown_on(_inbox(problem=refusal.detail), refusal)
    return lead_on(INBOX)


def _logged(session: Session, arrival: Arrival, whom: UUID | None, *, direction: Direction) -> None:
    act = delegated.check_in if direction is Direction.IN else delegated.check_out
    try:
        act(session, arrival, whom=whom)
    except DomainError as refusal:
        reading.log_refusal(session, arrival, refusal, direction=direction)
        raise


def _refused(activity_id: UUID, refusal: DomainError) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        context = detail.context(session, activity_id, me=me, now=now)
    page = render_template("activities/detail.html", **context, problem=refusal.detail)
    return shown_on(page, refusal)


def _arrival(activity_id: UUID) -> Arrival:
    return Arrival(
        me=current_principal(),
        activity_id=activity_id,
        code=request.form.get("code", "")[:512] or None,
        location=phone_in(),
        keyring=edges.keyring(),
        vault=edges.vault(),
        now=clock.now(),
    )


def _instant(text: str, me: Principal) -> datetime | None:
    """What a field for an instant holds, there where its writer lives."""
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(me.zone))
    except ValueError as error:
        raise LeftLater(
            "请填写离开的时间，例如 16:30。", errors={"left_at": ["不是时间。"]}
        ) from error


def _inbox(*, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = deciding.list_doubtful(session, me=me, limit=INBOX_SHOWN + 1)
    return render_template(
        "activities/inbox.html",
        rows=[_waiting(row, me) for row in rows[:INBOX_SHOWN]],
        cut=len(rows) > INBOX_SHOWN,
        problem=problem,
        just_done=edges.just_done(),
    )


def _waiting(row: Doubtful, me: Principal) -> dict[str, object]:
    attendance = row.attendance
    left = attendance.checked_out_at
    return {
        "id": str(attendance.id),
        "name": row.name,
        "title": row.title,
        "came": civil_text(attendance.checked_in_at, me.zone),
        "left": left and civil_text(left, me.zone),
        "minutes": attendance.minutes,
        "hundred_m": attendance.hundred_m_in,
        "reasons": row.reasons,
        "note": attendance.note,
        "own": attendance.person_id == me.person_id,
    }
