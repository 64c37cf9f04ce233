"""The pages of 反馈得到: one's own feedback, and where staff thank and answer."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import (
    answering,
    checking,
    detail,
    jobs,
    labels,
    queries,
    services,
    shown,
    timeline,
)
from app.activities.answering import Said
from app.activities.arrival_models import Feedback
from app.activities.kinds import WordsState
from app.activities.timeline import Arrivals
from app.core import clock, edges, paging
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import FieldWrong, text_in, whole_in
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.notices import jobs as notices_jobs

bp = Blueprint("feedback_pages", __name__, template_folder="templates")

SHOWN, STAMPED = 50, 10
OWED = {"oneself": "等您", "leader": "等负责人", "community": "等社区", "nobody": ""}
WORDS = "/staff/feedback"
DUTIES = (
    Duty(
        permission=Permission.ACTIVITY_VERIFY,
        path=WORDS,
        group=DutyGroup.ACTIVITIES,
        title="反馈内容审核",
        text="微信没有放行的话，看过再决定展示不展示",
    ),
)
STARS = {5: "很好", 4: "好", 3: "一般", 2: "不太好", 1: "不好"}


@bp.get("/me/arrivals")
@page_requires(Permission.ATTEND)
def show_arrivals() -> ResponseReturnValue:
    """我的四个到, activity by activity."""
    me, cursor = current_principal(), request.args.get("cursor")
    with transaction(me.tenant_id) as session:
        found = timeline.of(session, me=me, cursor=cursor, limit=STAMPED, now=clock.now())
    return render_template(
        "activities/four_arrivals.html",
        rows=[_stamped(one, me) for one in found.items],
        next_cursor=found.next_cursor,
        cursor=cursor,
    )


@bp.get("/activities/<uuid:activity_id>/feedback")
@page_requires(Permission.ATTEND)
def show_own(activity_id: UUID) -> ResponseReturnValue:
    """One's own feedback about an activity, the thanks and the answer."""
    return _own(activity_id, problem=None)


@bp.post("/activities/<uuid:activity_id>/feedback")
@page_requires(Permission.ATTEND)
def give(activity_id: UUID) -> ResponseReturnValue:
    """Say how it was, or say it differently."""
    me = current_principal()
    try:
        said = Said(activity_id=activity_id, rating=_stars(), words=_words("words"))
        with transaction(me.tenant_id) as session:
            ring_after_commit(session, jobs.check_words)
            answering.give(session, said, me=me, now=clock.now())
        edges.note_done()
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_own(activity_id, problem=refusal.detail), refusal)
    return lead_on(f"/activities/{activity_id}/feedback")


@bp.get("/staff/activities/<uuid:activity_id>/feedback")
@page_requires(Permission.ACTIVITY_VERIFY)
def show_given(activity_id: UUID) -> ResponseReturnValue:
    """What people said of an activity, for those who look after it."""
    return _given(activity_id, problem=None)


@bp.post("/staff/activities/<uuid:activity_id>/thanks")
@page_requires(Permission.ACTIVITY_VERIFY)
def thank_all(activity_id: UUID) -> ResponseReturnValue:
    """Thank everybody who came."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            ring_after_commit(session, notices_jobs.send_waiting)
            answering.thank_all(session, activity_id, me=me, now=clock.now())
        edges.note_done()
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_given(activity_id, problem=refusal.detail), refusal)
    return lead_on(f"/staff/activities/{activity_id}/feedback")


@bp.post("/staff/feedback/<uuid:feedback_id>/answer")
@page_requires(Permission.ACTIVITY_VERIFY)
def answer(feedback_id: UUID) -> ResponseReturnValue:
    """Answer one."""
    me = current_principal()
    text = _words("answer", needed="请写下您的回复，本人会看到。")
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, notices_jobs.send_waiting)
        row = answering.answer(session, feedback_id, text=text, me=me, now=clock.now())
        path = f"/staff/activities/{row.activity_id}/feedback"
    edges.note_done()
    return lead_on(path)


@bp.get(WORDS)
@page_requires(Permission.ACTIVITY_VERIFY)
def show_words() -> ResponseReturnValue:
    """What waits for somebody to look at it."""
    return _to_look_at(problem=None)


@bp.post(f"{WORDS}/<uuid:feedback_id>/decision")
@page_requires(Permission.ACTIVITY_VERIFY)
def decide_words(feedback_id: UUID) -> ResponseReturnValue:
    """Show what somebody wrote, or hide it."""
    me = current_principal()
    try:
        look = checking.Look(
            feedback_id=feedback_id,
            show=_shows(),
            reason=text_in("reason", most=200, needed="请写明理由，以后查得到。"),
        )
        with transaction(me.tenant_id) as session:
            checking.decide(session, look, me=me, now=clock.now())
        edges.note_done()
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_to_look_at(problem=refusal.detail), refusal)
    return lead_on(WORDS)


def _shows() -> bool:
    decision = request.form.get("decision", "")
    if decision not in {"show", "hide"}:
        raise FieldWrong("请先选展示还是不展示。", errors={"decision": ["必选"]})
    return decision == "show"


def _stamped(one: Arrivals, me: Principal) -> dict[str, Any]:
    activity = one.activity
    return {
        "id": str(activity.id),
        "title": activity.title,
        "when": labels.when(activity, me.zone),
        "stamps": [
            {
                "title": stamp.title,
                "said": stamp.said,
                "done": stamp.done,
                "owed": OWED[stamp.owed_by],
                "at": civil_text(stamp.at, me.zone) if stamp.at else "",
            }
            for stamp in one.stamps
        ],
    }


def _own(activity_id: UUID, *, problem: str | None) -> str:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        activity = services.activity_of(session, activity_id)
        attendance = queries.get_attendance(
            session, person_id=me.person_id, activity_id=activity_id
        )
        row = answering.of(session, activity_id, person_id=me.person_id)
        answered = row is not None and row.answered_at is not None
        return render_template(
            "activities/feedback.html",
            activity=detail.activity_of(activity, me, now),
            feedback=row and {**_said(row, me), **_own_words(row)},
            minutes=attendance and attendance.minutes,
            may_give=answering.may_give(attendance, now) and not answered,
            stars=STARS,
            problem=problem,
            just_done=edges.just_done(),
        )


def _given(activity_id: UUID, *, problem: str | None) -> str:
    me, now = current_principal(), clock.now()
    after = paging.decode(request.args.get("cursor"), (paging.instant, UUID))
    with transaction(me.tenant_id) as session:
        activity = answering.led(session, activity_id, me=me)
        rows = answering.list_given(session, activity_id, after=after, limit=SHOWN + 1)
        cut = paging.page(rows, limit=SHOWN, key=lambda row: (_instant(row), str(row.id)))
        return render_template(
            "activities/staff_feedback.html",
            activity=detail.activity_of(activity, me, now),
            rows=_named(session, cut.items, me),
            to_thank=answering.count_to_thank(session, activity_id, me=me),
            next_cursor=cut.next_cursor,
            problem=problem,
            just_done=edges.just_done(),
        )


def _instant(row: Feedback) -> str:
    assert row.given_at is not None  # only these are listed
    return row.given_at.isoformat()


def _named(session: Session, rows: Sequence[Feedback], me: Principal) -> list[dict[str, Any]]:
    names = shown.masked_names(session, [row.person_id for row in rows])
    return [
        {
            **_said(row, me),
            "id": str(row.id),
            "name": names[row.person_id],
            "own": row.person_id == me.person_id,
        }
        for row in rows
    ]


def _said(row: Feedback, me: Principal) -> dict[str, Any]:
    def text(name: str) -> str:
        at = getattr(row, name)
        return civil_text(at, me.zone) if at else ""

    return {
        "rating": row.rating,
        "rating_label": STARS[row.rating] if row.rating else "",
        "words": answering.readable(row),
        "words_label": labels.WORDS[WordsState(row.words_state)],
        "given_at": text("given_at"),
        "answer": row.answer,
        "answered_at": text("answered_at"),
        "thanked_at": text("thanked_at"),
    }


def _own_words(row: Feedback) -> dict[str, str]:
    """Who wrote them reads them whatever was said about them."""
    return {"words": row.words, "words_state": row.words_state, "looked_for": row.looked_for}


def _to_look_at(*, problem: str | None) -> str:
    me, cursor = current_principal(), request.args.get("cursor")
    with transaction(me.tenant_id) as session:
        found = checking.to_look_at(session, me=me, cursor=cursor, limit=SHOWN)
    return render_template(
        "activities/words_to_look_at.html",
        rows=[{**one, "given_at": civil_text(one["given_at"], me.zone)} for one in found.items],
        next_cursor=found.next_cursor,
        problem=problem,
        just_done=edges.just_done(),
    )


def _stars() -> int:
    rating = whole_in("rating", most=max(STARS))
    if rating not in STARS:
        raise FieldWrong("请先选一项：很好、好、一般、不太好或不好。", errors={"rating": ["必填"]})
    return rating


def _words(name: str, *, needed: str = "") -> str:
    """A few sentences; where a new line began, a space does."""
    return " ".join(text_in(name, most=answering.LONGEST, needed=needed).split())
