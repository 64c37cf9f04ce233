"""The pages of activities: the list, one's own attendance, the venue's screen."""

import math
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import codes, labels, queries, services
from app.activities.codes import Direction
from app.activities.models import Activity, Attendance
from app.activities.queries import Wanted
from app.activities.services import Arrival
from app.core import clock, edges, qr
from app.core.clock import civil_day, civil_text
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.core.scans import CodeExpired
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, Permission, Principal
from app.ledger import expected as earnings
from app.ledger import jobs as ledger_jobs
from app.ledger import services as ledger
from app.organisation import queries as organisation
from points_engine import FactKind

bp = Blueprint("activities_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.VENUE_CODE_READ,
        path="/venue",
        title="现场签到码",
        text="把活动的签到、签退码放上大屏",
    ),
)

SHOWN = 50
SCREENED = 200


@bp.get("/activities")
@page_requires(Permission.ACTIVITY_READ)
def show_list() -> ResponseReturnValue:
    """Activities that are on, or to come."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        rows = queries.list_activities(session, Wanted(ending_after=now), after=None, limit=SHOWN)
        mine = queries.states_of(
            session, person_id=me.person_id, activity_ids=[row.id for row in rows]
        )
    shown = [{**_shown(row, me, now), "mine": mine.get(row.id)} for row in rows]
    return render_template("activities/list.html", activities=shown)


@bp.get("/activities/<uuid:activity_id>")
@page_requires(Permission.ACTIVITY_READ)
def show_detail(activity_id: UUID) -> ResponseReturnValue:
    """One activity, and how far one got with it."""
    return _detail(activity_id, problem=None)


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
            context = _context(session, venue.activity_id, me=me, now=now)
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
    )


@bp.post("/activities/<uuid:activity_id>/check-in")
@page_requires(Permission.ATTEND)
def check_in(activity_id: UUID) -> ResponseReturnValue:
    """Check in with the venue's code."""
    me, arrival = current_principal(), _arrival(activity_id)
    try:
        with transaction(me.tenant_id) as session:
            services.check_in(session, arrival)
    except DomainError as refusal:
        return shown_on(_detail(activity_id, problem=refusal.detail), refusal)
    return redirect(url_for(".show_check_in", activity_id=activity_id), code=303)


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
        return redirect(url_for(".show_detail", activity_id=activity_id), code=303)
    return render_template(
        "activities/checked.html",
        activity=_shown(activity, me, now),
        kind="in",
        earned=True,
        attendance=_shown_attendance(attendance, me),
        waits=False,
        expected=[],
        message="签到成功。离开时请扫现场的签退码，时长才会记下。",
    )


@bp.post("/activities/<uuid:activity_id>/check-out")
@page_requires(Permission.ATTEND)
def check_out(activity_id: UUID) -> ResponseReturnValue:
    """Check out with the venue's code."""
    me, arrival = current_principal(), _arrival(activity_id)
    try:
        with transaction(me.tenant_id) as session:
            ring_after_commit(session, ledger_jobs.settle_waiting)
            services.check_out(session, arrival)
        edges.note_done()
    except DomainError as refusal:
        return shown_on(_detail(activity_id, problem=refusal.detail), refusal)
    return redirect(url_for(".show_check_out", activity_id=activity_id), code=303)


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
            return redirect(url_for(".show_detail", activity_id=activity_id), code=303)
        outcome = services.outcome_of(
            session, activity=activity, attendance=attendance, zone=me.zone, now=now
        )
    earned, waits = earnings.earns(outcome.expected), edges.just_done() or outcome.waits
    return render_template(
        "activities/checked.html",
        activity=_shown(activity, me, now),
        kind="out",
        earned=earned,
        attendance=_shown_attendance(attendance, me),
        waits=waits,
        expected=[earnings.shown(line) for line in outcome.expected if earned],
        message=earnings.points_message(outcome.expected, waits=waits),
    )


@bp.get("/venue")
@page_requires(Permission.VENUE_CODE_READ)
def list_venues() -> ResponseReturnValue:
    """The activities whose codes this member of staff may put on a screen."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        communities = organisation.communities_under(
            session, me.units_with(Permission.VENUE_CODE_READ)
        )
        rows = queries.list_activities_of(
            session, communities, ending_after=now, limit=SCREENED + 1
        )
    shown = [_shown(row, me, now) for row in rows[:SCREENED]]
    cut = len(rows) > SCREENED
    return render_template("activities/venue_list.html", activities=shown, cut=cut)


@bp.get("/venue/<uuid:activity_id>")
@page_requires(Permission.VENUE_CODE_READ)
def show_venue(activity_id: UUID) -> ResponseReturnValue:
    """The big screen of a venue."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.screened_activity(session, me=me, activity_id=activity_id)
    return render_template(
        "activities/venue_screen.html",
        activity=_shown(activity, me, clock.now()),
        **_code(activity, me),
    )


@bp.get("/venue/<uuid:activity_id>/code")
@page_requires(Permission.VENUE_CODE_READ)
def show_venue_code(activity_id: UUID) -> ResponseReturnValue:
    """The part of the screen that changes."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.screened_activity(session, me=me, activity_id=activity_id)
    return render_template(
        "activities/_venue_code.html",
        activity=_shown(activity, me, clock.now()),
        **_code(activity, me),
    )


def _arrival(activity_id: UUID) -> Arrival:
    return Arrival(
        me=current_principal(),
        activity_id=activity_id,
        code=request.form.get("code", "")[:512] or None,
        keyring=edges.keyring(),
        vault=edges.vault(),
        now=clock.now(),
    )


def _detail(activity_id: UUID, *, problem: str | None) -> ResponseReturnValue:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        context = _context(session, activity_id, me=me, now=now)
    return render_template("activities/detail.html", **context, problem=problem)


def _context(
    session: Session, activity_id: UUID, *, me: Principal, now: datetime
) -> dict[str, Any]:
    activity = services.activity_of(session, activity_id)
    attendance = queries.get_attendance(session, person_id=me.person_id, activity_id=activity_id)
    so_far, in_vain = None, False
    if attendance is not None and attendance.state == "checked_in":
        expected = services.expect_attendance(
            session, activity=activity, attendance=attendance, zone=me.zone, now=now
        )
        in_vain = bool(expected) and not earnings.earns(expected)
        so_far = labels.so_far(expected, in_vain=in_vain, over=now >= activity.ends_at)
    policy = ledger.policy_on(session, civil_day(activity.ends_at, me.zone))
    return {
        "activity": _shown(activity, me, now),
        "attendance": attendance and _shown_attendance(attendance, me),
        "rule_text": earnings.rule_text(policy, FactKind.ATTENDANCE, activity.category),
        "so_far_text": so_far,
        "in_vain": in_vain,
    }


def _code(activity: Activity, me: Principal) -> dict[str, Any]:
    kind = Direction.OUT if request.args.get("kind") == "out" else Direction.IN
    now = clock.now()
    text, valid_until = codes.issue(
        edges.keyring(), tenant_id=me.tenant_id, activity_id=activity.id, direction=kind, now=now
    )
    label = "签到码" if kind is Direction.IN else "签退码"
    left = math.ceil((valid_until - now).total_seconds())
    return {
        "kind": kind.value,
        "qr_svg": qr.svg(edges.code_address(text), label=label),
        "code_text": text,
        "renews_in": left,
        "expires_in": left + codes.STEP_SECONDS,  # one step later it is still taken
    }


def _shown(activity: Activity, me: Principal, now: datetime) -> dict[str, Any]:
    return {
        "id": str(activity.id),
        "title": activity.title,
        "category_label": labels.CATEGORIES.get(activity.category, activity.category),
        "when": labels.when(activity, me.zone),
        "place": activity.place,
        "state_label": labels.state_label(activity, now),
        "running": labels.is_running(activity, now),
        "open": activity.is_open(now),
        "opens": civil_text(activity.opens_at, me.zone) if now < activity.opens_at else None,
    }


def _shown_attendance(attendance: Attendance, me: Principal) -> dict[str, Any]:
    out = attendance.checked_out_at
    return {
        "state": attendance.state,
        "checked_in_at": civil_text(attendance.checked_in_at, me.zone),
        "checked_out_at": out and civil_text(out, me.zone),
        "minutes": attendance.minutes,
    }
