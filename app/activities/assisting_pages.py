"""谁到了: staff check in and out people without a phone, by a card or a name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import assisting, backfilling, enlisting, presence
from app.activities.assisting import Aid, Leaving
from app.activities.backfilling import Span
from app.activities.errors import ActivityUnknown, LeftWhen
from app.activities.ways import Way
from app.core import clock, edges
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import id_in, text_in
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Permission, Principal
from app.ledger import jobs as ledger_jobs
from app.notices import jobs as notices_jobs

bp = Blueprint("assisting_pages", __name__, template_folder="templates")

LONGEST_REASON, LONGEST_CARD, LONGEST_SOUGHT = 200, 20, 40


@bp.get("/staff/activities/<uuid:activity_id>/arrivals")
@page_requires(Permission.ATTENDANCE_AID)
def show_arrivals(activity_id: UUID) -> ResponseReturnValue:
    """Who is there, who has gone, and a field for the next card."""
    return _page(activity_id)


@bp.post("/staff/activities/<uuid:activity_id>/arrivals/find")
@page_requires(Permission.ATTENDANCE_AID)
def find_attendee(activity_id: UUID) -> ResponseReturnValue:
    """Find somebody by name, phone or card. What is asked for is in the body, in no address."""
    me = current_principal()
    try:
        sought = text_in("q", most=LONGEST_SOUGHT, needed="请填写姓名或手机号。")
        with transaction(me.tenant_id) as session:
            assisting.led_activity(session, activity_id, me=me)
            found = presence.find(session, edges.vault(), sought, me=me)
    except ActivityUnknown:
        raise
    except DomainError as refusal:
        return shown_on(_page(activity_id, problem=refusal.detail), refusal)
    return _page(activity_id, sought=sought, found=found)


@bp.post("/staff/activities/<uuid:activity_id>/arrivals")
@page_requires(Permission.ATTENDANCE_AID)
def record_arrival(activity_id: UUID) -> ResponseReturnValue:
    """Check somebody in or out, or put their name down."""
    me = current_principal()
    try:
        aid = _aid(activity_id, me)
        with transaction(me.tenant_id) as session:
            _do(session, aid)
    except ActivityUnknown:
        raise
    except DomainError as refusal:
        return shown_on(_page(activity_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(f"/staff/activities/{activity_id}/arrivals")


@bp.post("/staff/activities/<uuid:activity_id>/arrivals/all-out")
@page_requires(Permission.ACTIVITY_VERIFY)
def check_out_all(activity_id: UUID) -> ResponseReturnValue:
    """Check out everybody who is still there."""
    me, now = current_principal(), clock.now()
    try:
        reason = text_in("reason", most=LONGEST_REASON)
        out = Leaving(at=_instant("left_at", me) or now, way=Way.STAFF, reason=reason)
        with transaction(me.tenant_id) as session:
            ring_after_commit(session, ledger_jobs.settle_waiting)
            assisting.check_out_all(session, activity_id, out=out, me=me, now=now)
    except ActivityUnknown:
        raise
    except DomainError as refusal:
        return shown_on(_page(activity_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(f"/staff/activities/{activity_id}/arrivals")


@bp.get("/staff/activities/<uuid:activity_id>/backfill")
@page_requires(Permission.ACTIVITY_VERIFY)
def show_backfill(activity_id: UUID) -> ResponseReturnValue:
    """What was recorded afterwards, and a form for one more."""
    return _backfill_page(activity_id)


@bp.post("/staff/activities/<uuid:activity_id>/backfill")
@page_requires(Permission.ACTIVITY_VERIFY)
def propose_backfill(activity_id: UUID) -> ResponseReturnValue:
    """Propose that somebody was there; somebody else decides."""
    me = current_principal()
    try:
        who = text_in("who", most=LONGEST_SOUGHT, needed="请填写是谁：姓名、手机号或存折卡号。")
        span = _span(me)
        with transaction(me.tenant_id) as session:
            backfilling.past_activity(session, activity_id, me=me)
            person_id = presence.the_one(session, edges.vault(), who, me=me)
            aid = replace(_aid(activity_id, me), card_no="", person_id=person_id)
            backfilling.propose(session, aid, span)
    except ActivityUnknown:
        raise
    except DomainError as refusal:
        return shown_on(_backfill_page(activity_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(f"/staff/activities/{activity_id}/backfill")


def _do(session: Session, aid: Aid) -> None:
    to = request.form.get("to")
    if to == "out":
        ring_after_commit(session, ledger_jobs.settle_waiting)
        assisting.check_out(session, aid)
    elif to == "enrol":
        ring_after_commit(session, notices_jobs.send_waiting)
        enlisting.enlist(session, aid, task_id=id_in("task_id"))
    else:
        assisting.check_in(session, aid)


def _aid(activity_id: UUID, me: Principal) -> Aid:
    return Aid(
        me=me,
        activity_id=activity_id,
        card_no=text_in("card_no", most=LONGEST_CARD),
        person_id=id_in("person_id"),
        reason=text_in("reason", most=LONGEST_REASON),
        vault=edges.vault(),
        now=clock.now(),
    )


def _instant(name: str, me: Principal) -> datetime | None:
    """The instant of a field, where its writer lives; None where nothing was filled in."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(me.zone))
    except ValueError as error:
        raise LeftWhen(
            "请填写日期和时间，例如 3月2日 16:30。", errors={name: ["不是时间。"]}
        ) from error


def _span(me: Principal) -> Span:
    came_at, left_at = _instant("came_at", me), _instant("left_at", me)
    if came_at is None or left_at is None:
        raise LeftWhen("请填写到达和离开的时间。", errors={"came_at": ["必填"]})
    return Span(came_at=came_at, left_at=left_at)


def _backfill_page(activity_id: UUID, *, problem: str | None = None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = backfilling.past_activity(session, activity_id, me=me)
        context = presence.backfills(session, activity, me=me)
    return render_template(
        "activities/backfill.html",
        **context,
        given=request.form,
        problem=problem,
        just_done=edges.just_done(),
    )


def _page(
    activity_id: UUID,
    *,
    problem: str | None = None,
    sought: str = "",
    found: Sequence[Mapping[str, str]] = (),
) -> str:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        activity = assisting.led_activity(session, activity_id, me=me)
        context = presence.context(session, activity, me=me, now=now)
    return render_template(
        "activities/arrivals.html",
        **context,
        sought=sought,
        found=found,
        problem=problem,
        just_done=edges.just_done(),
    )
