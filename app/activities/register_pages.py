"""活动登记簿 on the screen, on paper and as a spreadsheet."""

from datetime import date

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.activities import months, registers
from app.activities.registers import Wanted
from app.core import clock
from app.core.db import transaction
from app.core.forms import FieldWrong, id_asked, id_in
from app.core.workbooks import XLSX, as_xlsx
from app.identity.access import current_principal, page_requires, require_fresh
from app.identity.roles import Duty, DutyGroup, Permission

bp = Blueprint("register_pages", __name__, template_folder="templates")

HERE = "/staff/registers/activities"
FIRST_YEAR, LAST_YEAR = 2000, 2999
LINES_EACH = 18  # to a lying A4 sheet, with the sums and room to sign
DUTIES = (
    Duty(
        permission=Permission.ACTIVITY_FOLLOW,
        path=HERE,
        group=DutyGroup.BOOKS,
        title="活动登记簿",
        text="按月看谁参加了哪个活动、多少分钟，可以打印签字、导出表格",
    ),
)


@bp.get(HERE)
@page_requires(Permission.ACTIVITY_FOLLOW)
def show_register() -> ResponseReturnValue:
    """A month of what was done, activity by activity."""
    me, now = current_principal(), clock.now()
    today = clock.civil_day(now, me.zone)
    asked = request.args.get("month", "")
    month = _month(asked) if asked else months.first_of(today)
    wanted = Wanted(
        month=month, community_id=id_asked("community"), activity_id=id_asked("activity")
    )
    with transaction(me.tenant_id) as session:
        register = registers.of(session, wanted, me=me)
        places = registers.communities(session, me)
    whose = dict(places).get(wanted.community_id) if wanted.community_id else None
    paper = register.on_paper(whose or "、".join(name for _, name in places))
    return render_template(
        "activities/register.html",
        register=register,
        wanted=wanted,
        places=[(str(id_), name) for id_, name in places],
        paper=paper,
        leaves=paper.leaves(lines_each=LINES_EACH),
        printed_on=f"{today:%Y-%m-%d}",
    )


@bp.post(f"{HERE}/export")
@page_requires(Permission.ACTIVITY_FOLLOW)
def export() -> ResponseReturnValue:
    """The same as a spreadsheet; who took it is written down."""
    me = current_principal()
    require_fresh(me)
    wanted = Wanted(
        month=_month(request.form.get("month", "")),
        community_id=id_in("community"),
        activity_id=id_in("activity"),
    )
    with transaction(me.tenant_id) as session:
        register = registers.export(session, wanted, me=me, form="xlsx", now=clock.now())
    answer = make_response(as_xlsx(register.rows(), title="活动登记簿"))
    answer.headers["Content-Type"] = XLSX
    name = f"activities-{wanted.month:%Y-%m}.xlsx"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _month(text: str) -> date:
    try:
        month = date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise _wrong() from error
    if not FIRST_YEAR <= month.year < LAST_YEAR:
        raise _wrong()
    return month


def _wrong() -> FieldWrong:
    return FieldWrong("请选择月份，例如 2026-11。", errors={"month": ["月份无效"]})
