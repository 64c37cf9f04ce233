"""服务确认单: issued, printed, replaced, and answered by telephone; and what somebody denied."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import (
    confirming,
    denials,
    insiders,
    labels,
    served,
    slip_codes,
    slip_sheets,
    slips,
)
from app.activities import jobs as activity_jobs
from app.activities.confirming import Said
from app.activities.denials import Denial, Verdict
from app.activities.slip_edge import desk_of, slips_address
from app.activities.slip_sheets import Printed
from app.activities.ways import Answer, Finding
from app.core import clock, edges, qr
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import text_in
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.identity import units
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission

bp = Blueprint("slip_pages", __name__, template_folder="templates")

DENIALS, SHOWN, LONGEST_REASON = "/staff/denials", 50, 200
MOST_LABELS, LONGEST_LINE = 50, 50  # words of 40, a blank and a card's number
DUTIES = (
    Duty(
        permission=Permission.ACTIVITY_REVIEW,
        path=DENIALS,
        group=DutyGroup.ACTIVITIES,
        title="服务核对",
        text="有服务对象说“没有这回事”的，由没参与的人去核对",
    ),
)


@bp.get("/staff/activities/<uuid:activity_id>/slips")
@page_requires(Permission.ACTIVITY_VERIFY)
def show_slips(activity_id: UUID) -> ResponseReturnValue:
    """The slips of an activity, and a form for more."""
    return _page(activity_id)


@bp.post("/staff/activities/<uuid:activity_id>/slips")
@page_requires(Permission.ACTIVITY_VERIFY)
def issue_slips(activity_id: UUID) -> ResponseReturnValue:
    """Issue a slip for each line of the form."""
    desk = desk_of(current_principal())

    def deed(session: Session) -> None:
        served_text = text_in("served", most=100)
        most = MOST_LABELS * (LONGEST_LINE + 1)
        lines = text_in("labels", most=most, needed="请写明给谁，一行一位。")
        wanted = [slips.wanted(session, one, served=served_text) for one in _lines(lines)]
        slips.issue(session, activity_id, wanted, desk=desk)

    return _done(activity_id, deed)


@bp.get("/staff/activities/<uuid:activity_id>/slips/print")
@page_requires(Permission.ACTIVITY_VERIFY)
def show_sheet(activity_id: UUID) -> ResponseReturnValue:
    """The slips that wait for an answer, ready to be printed and cut."""
    title, many = _printed(activity_id)
    shown = [(one, qr.svg(one.address, label=f"{one.label}的服务确认单")) for one in many]
    return render_template(
        "activities/slip_sheet.html", slips=shown, title=title, activity_id=activity_id
    )


@bp.get("/staff/activities/<uuid:activity_id>/slips.pdf")
@page_requires(Permission.ACTIVITY_VERIFY)
def print_slips(activity_id: UUID) -> Response:
    """The same as a PDF."""
    _title, many = _printed(activity_id)
    answer = Response(slip_sheets.sheet(many), content_type="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="service-slips.pdf"'
    return answer


@bp.post("/staff/slips/<uuid:slip_id>")
@page_requires(Permission.ACTIVITY_VERIFY)
def change_slip(slip_id: UUID) -> ResponseReturnValue:
    """Revoke or replace a slip, or write down what somebody said by telephone."""
    desk, step = desk_of(current_principal()), request.form.get("step", "")
    with transaction(desk.me.tenant_id) as session:
        slip, _activity = slips.slip_for(session, slip_id, me=desk.me)
    activity_id = slip.activity_id

    def deed(session: Session) -> None:
        reason = text_in("reason", most=LONGEST_REASON)
        if step in [*Answer]:
            ring_after_commit(session, activity_jobs.go_on)
            said = Said(answer=Answer(step), words=text_in("words", most=300))
            held, _activity = slips.slip_for(session, slip_id, me=desk.me)
            confirming.take_call(session, held, said, why=reason, desk=desk)
        elif step == "reissue":
            slips.reissue(session, slip_id, reason=reason, desk=desk)
        else:
            slips.revoke(session, slip_id, reason=reason, desk=desk)

    return _done(activity_id, deed)


@bp.get(DENIALS)
@page_requires(Permission.ACTIVITY_REVIEW)
def list_denials() -> ResponseReturnValue:
    """What somebody denied and nobody has looked into."""
    return _denials(problem=None)


@bp.post(f"{DENIALS}/<uuid:slip_id>")
@page_requires(Permission.ACTIVITY_REVIEW)
def decide_denial(slip_id: UUID) -> ResponseReturnValue:
    """Say what was found."""
    me, now = current_principal(), clock.now()
    struck = request.form.get("finding") == Finding.STRUCK
    try:
        verdict = Verdict(
            slip_id=slip_id,
            finding=Finding.STRUCK if struck else Finding.STANDS,
            reason=text_in("reason", most=LONGEST_REASON),
        )
        with transaction(me.tenant_id) as session:
            denials.decide(session, verdict, me=me, now=now)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_denials(problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(DENIALS)


def _lines(text: str) -> list[str]:
    """Each line once, in their order."""
    lines = (" ".join(line.split())[:LONGEST_LINE] for line in text.splitlines())
    return list(dict.fromkeys(filter(None, lines)))[:MOST_LABELS]


def _done(activity_id: UUID, deed: Callable[[Session], None]) -> ResponseReturnValue:
    try:
        with transaction(current_principal().tenant_id) as session:
            deed(session)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_page(activity_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(f"/staff/activities/{activity_id}/slips")


def _page(activity_id: UUID, *, problem: str | None = None) -> str:
    desk = desk_of(current_principal())
    me, now = desk.me, desk.now
    with transaction(me.tenant_id) as session:
        activity = slips.activity_for(session, activity_id, me=me)
        inside = insiders.is_of(session, activity, me.person_id)
        rows = slips.list_of(session, activity_id)
    return render_template(
        "activities/slips.html",
        activity={
            "id": str(activity.id),
            "title": activity.title,
            "when": labels.when(activity, me.zone),
        },
        slips=[
            {
                "id": str(one.id),
                "label": one.label,
                "served": one.served,
                "state": (state := served.state_of(one, now)),
                "state_label": served.STATES[state],
                "code": slip_codes.grouped(desk.codes.of(one.id)) if state == "waiting" else "",
                "until": civil_text(one.valid_until, me.zone),
                "why": one.revoked_for,
            }
            for one in rows
        ],
        may_call=not inside and now >= activity.starts_at,
        given=request.form,
        problem=problem,
        just_done=edges.just_done(),
    )


def _printed(activity_id: UUID) -> tuple[str, list[Printed]]:
    desk = desk_of(current_principal())
    me = desk.me
    with transaction(me.tenant_id) as session:
        activity = slips.activity_for(session, activity_id, me=me)
        rows = slips.list_of(session, activity_id)
        names = units.names_of(session, {activity.community_id})
        base = slips_address(session, me.tenant_id)
    organiser = names.get(activity.community_id, "")
    return activity.title, [
        served.printed(one, activity, desk.codes, base=base, organiser=organiser, zone=me.zone)
        for one in rows
        if slips.is_open(one, desk.now)
    ]


def _denials(*, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = denials.list_open(session, me=me, limit=SHOWN)
    return render_template(
        "activities/denials.html",
        rows=[_denial(one, me.zone) for one in rows],
        may_verify=me.may_somewhere(Permission.ACTIVITY_VERIFY),
        problem=problem,
        just_done=edges.just_done(),
    )


def _denial(one: Denial, zone: str) -> dict[str, Any]:
    assert one.slip.answered_at is not None  # it was denied
    return {
        "id": str(one.slip.id),
        "title": one.activity.title,
        "when": labels.when(one.activity, zone),
        "label": one.slip.label,
        "served": one.slip.served,
        "answered": civil_text(one.slip.answered_at, zone),
        "by_call": one.slip.answered_for,
        "words": one.slip.words,
        "waiting": one.waiting,
        "counted": one.counted,
    }
