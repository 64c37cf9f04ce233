"""签到表 printed for people without a phone, and 名单补登: entered in one go when it comes back."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import circles, entering, labels, lists, sheets
from app.activities.deciphering import Batch, Line
from app.activities.errors import ActivityUnknown, ListUnknown, ListWrong
from app.activities.sheets import Roll
from app.core import clock, edges, qr
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import text_in, whole_in
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.ledger import jobs as ledger_jobs

bp = Blueprint("list_pages", __name__, template_folder="templates")

HERE = "/staff/lists"
DUTIES = (
    Duty(
        permission=Permission.ATTENDANCE_AID,
        path=HERE,
        group=DutyGroup.ACTIVITIES,
        title="名单补登",
        text="打印签到表、帮人签到；纸质表收回来，一次登记整张表",
    ),
)
LONGEST_REASON, LONGEST_WHO, LONGEST_NUMBER = 200, 40, 40


@bp.get("/staff/activities/<uuid:activity_id>/lists")
@page_requires(Permission.ATTENDANCE_AID)
def show_lists(activity_id: UUID) -> ResponseReturnValue:
    """What was printed of an activity, and how many empty lines the next list shall have."""
    return _lists_page(activity_id)


@bp.post("/staff/activities/<uuid:activity_id>/lists")
@page_requires(Permission.ATTENDANCE_AID)
def create_list(activity_id: UUID) -> ResponseReturnValue:
    """Draw the list up, and show it ready for the printer."""
    me, now = current_principal(), clock.now()
    try:
        blank = whole_in("blank", most=lists.MOST_BLANK)
        with transaction(me.tenant_id) as session:
            made = lists.draw_up(session, activity_id, blank=blank, me=me, now=now)
    except ActivityUnknown:
        raise
    except DomainError as refusal:
        return shown_on(_lists_page(activity_id, problem=refusal.detail), refusal)
    return lead_on(f"{HERE}/{made.code}/paper")


@bp.get(HERE)
@page_requires(Permission.ATTENDANCE_AID)
def show_number() -> ResponseReturnValue:
    """Where the number of a list is typed that no camera has read, and what there is to keep."""
    return _number_page()


@bp.post(HERE)
@page_requires(Permission.ATTENDANCE_AID)
def open_list() -> ResponseReturnValue:
    """Open the list of a number."""
    me = current_principal()
    try:
        number = text_in("number", most=LONGEST_NUMBER, needed="请填写表上的编号。")
        with transaction(me.tenant_id) as session:
            listed, _, _ = lists.kept_list(session, number, me=me)
    except DomainError as refusal:
        return shown_on(_number_page(problem=refusal.detail), refusal)
    return lead_on(f"{HERE}/{listed.code}")


@bp.get(f"{HERE}/<code>/paper")
@page_requires(Permission.ATTENDANCE_AID)
def show_paper(code: str) -> ResponseReturnValue:
    """The list as it is printed."""
    roll, activity_id = _roll(code)
    drawn = qr.svg(roll.address, label=f"签到表 {roll.number} 的二维码")
    return render_template(
        "activities/list_paper.html", roll=roll, qr_svg=drawn, activity_id=activity_id
    )


@bp.get(f"{HERE}/<code>/paper.pdf")
@page_requires(Permission.ATTENDANCE_AID)
def print_paper(code: str) -> Response:
    """The same list as a PDF."""
    answer = Response(sheets.pdf(_roll(code)[0]), content_type="application/pdf")
    answer.headers["Content-Disposition"] = 'inline; filename="attendance-list.pdf"'
    return answer


@bp.get(f"{HERE}/<code>")
@page_requires(Permission.ATTENDANCE_AID)
def show_entry(code: str) -> ResponseReturnValue:
    """The list line by line, to be ticked; with `all` every line has its tick."""
    return _entry_page(code)


@bp.post(f"{HERE}/<code>")
@page_requires(Permission.ATTENDANCE_AID)
def enter(code: str) -> ResponseReturnValue:
    """Write down everybody with a tick; all of them, or nobody."""
    me, now = current_principal(), clock.now()
    try:
        reason = text_in("reason", most=LONGEST_REASON)
        batch = Batch(
            me=me,
            code=code,
            reason=reason,
            lines=_ticked(me),
            vault=edges.vault(),
            now=now,
        )
        with transaction(me.tenant_id) as session:
            ring_after_commit(session, ledger_jobs.settle_waiting)
            entering.enter(session, batch)
    except ListUnknown:
        raise
    except DomainError as refusal:
        problems = refusal.errors["lines"] if isinstance(refusal, ListWrong) else {}
        page = _entry_page(code, problem=refusal.detail, problems=problems)
        return shown_on(page, refusal)
    edges.note_done()
    return lead_on(f"{HERE}/{code}")


def _ticked(me: Principal) -> list[Line]:
    """The lines with a tick, and the empty ones on which somebody is written."""
    numbers = request.form.getlist("line")
    written = [
        name.removeprefix("who-")
        for name, who in request.form.items()
        if name.startswith("who-") and who.strip()
    ]
    found = {int(text) for text in (*numbers, *written) if text.isascii() and text.isdigit()}
    if not found:
        raise ListWrong("还没有勾选任何一行，请勾选到了的人再提交。", errors={"lines": {}})
    return [
        Line(
            number=number,
            came_at=_instant(f"came-{number}", me),
            left_at=_instant(f"left-{number}", me),
            who=text_in(f"who-{number}", most=LONGEST_WHO),
        )
        for number in sorted(found)
    ]


def _instant(name: str, me: Principal) -> datetime | None:
    """The instant of a field, where its writer lives; None where there is none."""
    try:
        return datetime.fromisoformat(request.form.get(name, "").strip()).replace(
            tzinfo=ZoneInfo(me.zone)
        )
    except ValueError:
        return None


def _roll(code: str) -> tuple[Roll, UUID]:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        roll, activity = lists.roll_of(session, code, vault=edges.vault(), me=me)
    return replace(roll, address=edges.page_address(f"{HERE}/{roll.code}")), activity.id


def _number_page(*, problem: str | None = None) -> str:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        rows = [
            {
                "id": str(one.id),
                "title": one.title,
                "when": labels.when(one, me.zone),
                "place": one.place,
            }
            for one in circles.list_open(session, me=me, now=now)
        ]
    return render_template("activities/list_number.html", activities=rows, problem=problem)


def _lists_page(activity_id: UUID, *, problem: str | None = None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity, circle = lists.kept_activity(session, activity_id, me=me)
        printed = lists.printed_of(session, activity_id, me=me)
    return render_template(
        "activities/lists.html",
        activity={
            "id": str(activity.id),
            "title": activity.title,
            "when": labels.when(activity, me.zone),
            "place": activity.place,
        },
        printed=printed,
        leads=circle.people is None,
        blank=request.form.get("blank", str(lists.USUAL_BLANK)),
        problem=problem,
    )


def _entry_page(
    code: str, *, problem: str | None = None, problems: Mapping[str, Any] | None = None
) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        context = _entry(session, code, me=me)
    return render_template(
        "activities/list_entry.html",
        **context,
        given=request.form,
        ticked=set(request.form.getlist("line")),
        all_came="all" in request.args,
        problem=problem,
        problems=problems or {},
        just_done=edges.just_done(),
    )


def _entry(session: Session, code: str, *, me: Principal) -> dict[str, Any]:
    now, zone = clock.now(), ZoneInfo(me.zone)
    listed, activity, circle = lists.kept_list(session, code, me=me)
    places, unseen = lists.places_of(session, listed, circle, vault=edges.vault(), me=me)
    over = now >= activity.ends_at
    came_at, left_at = min(now, activity.starts_at), activity.ends_at if over else None
    first = len(places) + unseen + 1
    return {
        "activity": {
            "id": str(activity.id),
            "title": activity.title,
            "when": labels.when(activity, me.zone),
            "place": activity.place,
            "over": over,
        },
        "code": listed.code,
        "late": lists.is_late(listed, activity, now=now, zone=me.zone),
        "lines": [asdict(one) for one in places],
        "blanks": range(first, first + listed.blank),
        "others": lists.others_of(session, listed, circle, zone=me.zone),
        "unseen": unseen,
        "came": f"{came_at.astimezone(zone):%Y-%m-%dT%H:%M}",
        "left": f"{left_at.astimezone(zone):%Y-%m-%dT%H:%M}" if left_at else "",
    }
