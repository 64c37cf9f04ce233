"""代看存折: staff open and print the passbook of somebody who has no phone."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.db import transaction
from app.core.errors import DomainError
from app.core.forms import id_in, text_in
from app.core.problems import shown_on
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, DutyGroup, Permission
from app.ledger import opening, services, shown
from app.ledger.opening import Opened, Wanted
from points_engine import Unit

bp = Blueprint("passbook_desk_pages", __name__, template_folder="templates")

HERE = "/staff/passbook"
DUTIES = (
    Duty(
        permission=Permission.PASSBOOK_SHOW,
        path=HERE,
        group=DutyGroup.POINTS,
        title="代看存折",
        text="刷卡或按姓名，为没有手机的居民查看、打印积分存折",
    ),
)
LONGEST_REASON, LONGEST_CARD, LONGEST_SOUGHT, LONGEST_CURSOR = 100, 20, 40, 400
PAGE = 40


@bp.get(HERE)
@page_requires(Permission.PASSBOOK_SHOW)
def show_desk() -> ResponseReturnValue:
    """A field for the next card, and one to find somebody without."""
    return _desk()


@bp.post(f"{HERE}/find")
@page_requires(Permission.PASSBOOK_SHOW)
def find_holder() -> ResponseReturnValue:
    """Find somebody by name, phone or card. What is asked for is in the body, in no address."""
    me = current_principal()
    try:
        sought = text_in("q", most=LONGEST_SOUGHT, needed="请填写姓名或手机号。")
        with transaction(me.tenant_id) as session:
            found = opening.find(session, edges.vault(), sought, me=me)
    except DomainError as refusal:
        return shown_on(_desk(problem=refusal.detail), refusal)
    return _desk(sought=sought, found=found)


@bp.post(HERE)
@page_requires(Permission.PASSBOOK_SHOW)
def open_passbook() -> ResponseReturnValue:
    """Show somebody's passbook, this once; who looked, and why, is written down."""
    me, now = current_principal(), clock.now()
    try:
        wanted = _wanted()
        with transaction(me.tenant_id) as session:
            opened = opening.open_passbook(session, wanted)
            waiting = services.list_waiting(session, person_id=opened.person_id)
            day = clock.civil_day(now, me.zone)
            expiring = services.schedule(session, person_id=opened.person_id, on=day)
    except DomainError as refusal:
        return shown_on(_desk(problem=refusal.detail), refusal)
    return render_template(
        "ledger/desk_passbook.html",
        **_shown(opened, wanted),
        printed_on=day.isoformat(),
        expiring=shown.expiring(expiring if wanted.unit in {None, Unit.POINTS} else []),
        waiting=[line for fact in waiting for line in shown.waiting(fact, wanted.unit)],
    )


def _wanted() -> Wanted:
    unit = request.form.get("unit", "")
    return Wanted(
        me=current_principal(),
        card_no=text_in("card_no", most=LONGEST_CARD),
        person_id=id_in("person_id"),
        reason=text_in("reason", most=LONGEST_REASON),
        unit=Unit(unit) if unit in set(Unit) else None,
        cursor=request.form.get("cursor", "")[:LONGEST_CURSOR] or None,
        limit=PAGE,
        now=clock.now(),
    )


def _shown(opened: Opened, wanted: Wanted) -> dict[str, object]:
    return {
        "name": opened.name,
        "community": opened.community,
        "lines": [shown.line(line) for line in opened.lines.items],
        "more": opened.lines.next_cursor,
        "older": wanted.cursor is not None,
        "unit": wanted.unit.value if wanted.unit else "",
        "asked": {
            "card_no": wanted.card_no,
            "person_id": wanted.person_id or "",
            "reason": wanted.reason,
        },
    }


def _desk(
    *, problem: str | None = None, sought: str = "", found: Sequence[Mapping[str, str]] = ()
) -> str:
    return render_template("ledger/passbook_desk.html", problem=problem, sought=sought, found=found)
