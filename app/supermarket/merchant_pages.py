"""兑付商户 for whoever keeps the shop, and the month's sheet by which they are settled up with."""

import re
from collections.abc import Callable
from datetime import date
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.clock import civil_day
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import FieldWrong, id_in, text_in
from app.core.paper import Column, Register
from app.core.problems import shown_on
from app.core.workbooks import XLSX, as_xlsx
from app.identity.access import current_principal, lead_on, page_requires, require_fresh
from app.identity.roles import Duty, DutyGroup, Permission
from app.organisation import queries as organisation
from app.supermarket import categories, merchants
from app.supermarket.merchants import Draft, Month

bp = Blueprint("merchant_pages", __name__, template_folder="templates")

HERE = "/staff/merchants"
SHEET = "/staff/voucher-sheet"
MONTH = re.compile(r"2[0-9]{3}-(0[1-9]|1[0-2])")
TITLE = "公益服务券月结单"
DUTIES = (
    Duty(
        permission=Permission.STOCK_MANAGE,
        path=HERE,
        group=DutyGroup.SHOP,
        title="兑付商户",
        text="哪些商户核销服务券：理发、早餐、中餐、保健、课堂",
    ),
    Duty(
        permission=Permission.BOOKS_READ,
        path=SHEET,
        group=DutyGroup.BOOKS,
        title=TITLE,
        text="各商户每月核销了多少，用来结算",
    ),
)
FORMS: dict[str, tuple[str, Callable[[Register], bytes]]] = {
    "pdf": ("application/pdf", lambda paper: paper.pdf()),
    "xlsx": (XLSX, lambda paper: as_xlsx(paper.table(), title=TITLE)),
}


@bp.get(HERE)
@page_requires(Permission.STOCK_MANAGE)
def list_merchants() -> ResponseReturnValue:
    """Who redeems vouchers, and where to take on another one."""
    return _merchants(problem=None)


@bp.post(HERE)
@page_requires(Permission.STOCK_MANAGE)
def create_merchant() -> ResponseReturnValue:
    """Take on a merchant."""
    me = current_principal()
    try:
        draft = Draft(
            community_id=id_in("community_id") or me.community_id,
            name=text_in("name", most=60, needed="请写商户名称。"),
            category=text_in("category", most=30, needed="请选择商户办理哪一类服务。"),
            username=text_in("username", most=40, needed="请写核销人的登录用户名。"),
        )
        with transaction(me.tenant_id) as session:
            merchants.take_on(session, draft, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_merchants(problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(HERE)


@bp.post(f"{HERE}/<uuid:merchant_id>/close")
@page_requires(Permission.STOCK_MANAGE)
def close_merchant(merchant_id: UUID) -> ResponseReturnValue:
    """Let a merchant redeem no more."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            merchants.close(session, merchant_id, me=me, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_merchants(problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(HERE)


@bp.get(SHEET)
@page_requires(Permission.BOOKS_READ)
def show_sheet() -> ResponseReturnValue:
    """What each merchant redeemed in a month."""
    month = request.args.get("month") or f"{civil_day(clock.now(), current_principal().zone):%Y-%m}"
    return render_template(
        "supermarket/voucher_sheet.html",
        month=month,
        found=_month(month),
        categories=categories.names(),
    )


@bp.post(f"{SHEET}/export")
@page_requires(Permission.BOOKS_READ)
def export_sheet() -> Response:
    """The same on A4 to sign, or as a spreadsheet; who took it is written down."""
    me = current_principal()
    require_fresh(me)
    form, month = request.form.get("form", ""), request.form.get("month", "")
    if form not in FORMS:
        raise FieldWrong("请选择导出 PDF 或 xlsx。", errors={"form": ["无效"]})
    found = _month(month)
    with transaction(me.tenant_id) as session:
        merchants.export(session, me, found, now=clock.now())
    content_type, made = FORMS[form]
    answer = make_response(made(_paper(found, month)))
    answer.headers["Content-Type"] = content_type
    answer.headers["Content-Disposition"] = f'attachment; filename="vouchers-{month}.{form}"'
    return answer


def _month(text: str) -> Month:
    me = current_principal()
    if not MONTH.fullmatch(text):
        raise FieldWrong("请选择月份，例如 2026-11。", errors={"month": ["无效"]})
    first = date.fromisoformat(f"{text}-01")
    after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    with transaction(me.tenant_id) as session:
        return merchants.month(
            session,
            me,
            first=clock.midnight(first, me.zone),
            until=clock.midnight(after, me.zone),
        )


def _paper(found: Month, month: str) -> Register:
    names = categories.names()
    return Register(
        title=TITLE,
        about=f"{month[:4]} 年 {int(month[5:])} 月，按核销日期",
        columns=(
            Column(title="商户", share=34),
            Column(title="类别", share=22),
            Column(title="服务", share=22),
            Column(title="张数", share=10, summed=True),
            Column(title="积分", share=12, summed=True),
        ),
        rows=[
            (one.merchant, names.get(one.category, one.category), one.name, one.number, one.points)
            for one in found.rows
        ],
        signed_by=("制表", "商户", "监督员"),
    )


def _merchants(*, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = merchants.within(session, me, Permission.STOCK_MANAGE)
        ids = organisation.communities_under(session, me.units_with(Permission.STOCK_MANAGE))
        communities = organisation.names_of(session, set(ids))
    known = categories.known()
    return render_template(
        "supermarket/staff_merchants.html",
        merchants=found,
        communities=sorted(communities, key=lambda one: one[1]),
        kinds=[(code, one.name) for code, one in known.items() if one.voucher],
        names=categories.names(),
        said=request.form if problem else {},
        just_done=edges.just_done(),
        problem=problem,
    )
