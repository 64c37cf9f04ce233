"""The pages 我的消息 and 电话与上门名单."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.identity.access import current_principal, page_requires
from app.identity.fields import Field
from app.identity.fields import shown as as_read
from app.identity.roles import Duty, DutyGroup, Permission
from app.notices import services, shown
from app.notices.errors import StepPassed
from app.notices.kinds import Outcome, Step
from app.notices.labels import MISSED, OUTCOMES, STEPS
from app.notices.services import Tried

bp = Blueprint("notices_pages", __name__, template_folder="templates")

PAGE = 20
NOBODY: Mapping[UUID, str] = {}
DUTIES = (
    Duty(
        permission=Permission.CALL_LIST,
        path="/staff/calls",
        group=DutyGroup.PEOPLE,
        title="电话与上门名单",
        text="微信没有通知到的居民，打电话或上门告诉他们",
    ),
)


@bp.get("/messages")
@page_requires(Permission.MESSAGE_READ)
def show_messages() -> ResponseReturnValue:
    """What one was told, the latest first."""
    me = current_principal()
    cursor = request.args.get("cursor")
    with transaction(me.tenant_id) as session:
        found = shown.messages(session, person_id=me.person_id, cursor=cursor, limit=PAGE)
    messages = [
        {**one, "at_text": civil_text(one["at"], me.zone), "unread": one["read_at"] is None}
        for one in found.items
    ]
    more = f"/messages?cursor={found.next_cursor}" if found.next_cursor else None
    unread = any(one["unread"] for one in messages)
    return render_template(
        "notices/messages.html", messages=messages, next_href=more, any_unread=unread
    )


@bp.post("/messages/<uuid:message_id>/read")
@page_requires(Permission.MESSAGE_READ)
def read_messages(message_id: UUID) -> ResponseReturnValue:
    """Note that one has read what stands there."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        services.read_up_to(session, person_id=me.person_id, notice_id=message_id, now=clock.now())
    return redirect("/messages", code=303)


@bp.get("/staff/calls")
@page_requires(Permission.CALL_LIST)
def show_calls() -> ResponseReturnValue:
    """Whom one has to call or visit, the longest waiting first."""
    return _calls(problem=None)


@bp.post("/staff/calls/<uuid:line_id>/number")
@page_requires(Permission.CALL_DIAL)
def show_number(line_id: UUID) -> ResponseReturnValue:
    """The list once more, with the number to ring for this line: shown this once."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            number = services.number_to_call(
                session, edges.vault(), line_id, me=me, now=clock.now()
            )
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_calls(problem=refusal.detail), refusal)
    return _calls(problem=None, to_ring={line_id: number})


@bp.post("/staff/calls/<uuid:line_id>")
@page_requires(Permission.CALL_LIST)
def record_call(line_id: UUID) -> ResponseReturnValue:
    """Record a call or a visit."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            services.record_try(session, _tried(line_id), me=me, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_calls(problem=refusal.detail), refusal)
    return redirect("/staff/calls", code=303)


def _tried(line_id: UUID) -> Tried:
    step, outcome = request.form.get("step", ""), request.form.get("outcome", "")
    if step not in set(Step) or outcome not in set(Outcome):
        raise StepPassed("请在名单上点“已通知到”或“没有联系上”。")
    return Tried(line_id=line_id, step=Step(step), outcome=Outcome(outcome))


def _calls(*, problem: str | None, to_ring: Mapping[UUID, str] = NOBODY) -> ResponseReturnValue:
    """The list, with the number of a line that is to be rung."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        lines = shown.waiting_lines(session, me)
    return render_template(
        "notices/calls.html",
        lines=[_line(one, me.zone, number=to_ring.get(one["id"])) for one in lines],
        problem=problem,
        may_dial=me.may_somewhere(Permission.CALL_DIAL),
    )


def _line(line: dict[str, Any], zone: str, *, number: str | None) -> dict[str, Any]:
    visiting = line["step"] is Step.VISIT
    return {
        **line,
        "since": civil_text(line["at"], zone),
        "missed_text": MISSED[line["missed"]],
        "step_text": STEPS[line["step"]],
        "missed_button": "没有见到" if visiting else "没打通，转上门",
        "visiting": visiting,
        "number": number,
        "number_text": number and as_read(Field.PHONE, number),
        "tried": [
            f"{civil_text(one['at'], zone)} {OUTCOMES[one['step'], one['outcome']]}（{one['by']}）"
            for one in line["tries"]
        ],
    }
