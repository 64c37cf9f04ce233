"""A shop's books on the screen, on paper and as a file, and pictures of what to see to."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock
from app.core.clock import civil_day
from app.core.db import transaction
from app.core.forms import FieldWrong
from app.core.workbooks import XLSX, as_xlsx
from app.identity.access import current_principal, page_requires, require_fresh
from app.identity.roles import Duty, DutyGroup, Permission
from app.supermarket import books, labels, outlook, shops
from app.supermarket.books import TITLES, Book, Kind, Wanted
from app.supermarket.kinds import Length
from app.supermarket.outlook import Outlook
from app.supermarket.shops import Hand
from app.supermarket.spans import Span

bp = Blueprint("book_pages", __name__, template_folder="templates")

HERE = "/staff/books"
DUTIES = (
    Duty(
        permission=Permission.BOOKS_READ,
        path=HERE,
        group=DutyGroup.BOOKS,
        title="爱心超市账簿",
        text="物品捐赠簿、物品兑换簿，哪些快用完、哪些没人要",
    ),
)
LINES_EACH = 18  # to a lying A4 sheet, with the sums and room to sign
FIRST_YEAR, LAST_YEAR = 2000, 2999
SPANS = {Length.DAY: "这一天", Length.MONTH: "这个月", Length.QUARTER: "这个季度"}
PDF = "application/pdf"
FORMS: dict[str, tuple[str, Callable[[Book], bytes]]] = {
    "pdf": (PDF, lambda book: book.on_paper().pdf()),
    "xlsx": (XLSX, lambda book: as_xlsx(book.on_paper().table(), title=TITLES[book.wanted.kind])),
}


@bp.get(HERE)
@page_requires(Permission.BOOKS_READ)
def list_shops() -> ResponseReturnValue:
    """The shops whose books one may read; the only one opens by itself."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        found = shops.within(session, me, Permission.BOOKS_READ)
    if len(found) == 1:
        return redirect(f"{HERE}/{found[0].id}", code=303)
    return render_template("supermarket/book_shops.html", shops=found)


@bp.get(f"{HERE}/<uuid:shop_id>")
@page_requires(Permission.BOOKS_READ)
def show_outlook(shop_id: UUID) -> ResponseReturnValue:
    """The books there are, and what is to be seen to: pictures, and the tables behind them."""
    hand = _hand()
    with transaction(hand.me.tenant_id) as session:
        shop = shops.managed(session, hand, shop_id)
        found = outlook.of(session, shop, today=civil_day(hand.now, hand.me.zone))
    return render_template(
        "supermarket/outlook.html",
        shop=shop,
        outlook=found,
        lying_since=outlook.lying_since,
        pictures=_pictures(found),
        budget=labels.budget_text(_left(found), found.cover.guard),
    )


@bp.get(f"{HERE}/<uuid:shop_id>/donations")
@page_requires(Permission.BOOKS_READ)
def show_donations(shop_id: UUID) -> ResponseReturnValue:
    """物品捐赠簿."""
    return _shown(Kind.DONATION, shop_id)


@bp.get(f"{HERE}/<uuid:shop_id>/redemptions")
@page_requires(Permission.BOOKS_READ)
def show_redemptions(shop_id: UUID) -> ResponseReturnValue:
    """物品兑换簿."""
    return _shown(Kind.REDEMPTION, shop_id)


@bp.post(f"{HERE}/<uuid:shop_id>/donations/export")
@page_requires(Permission.BOOKS_READ)
def export_donations(shop_id: UUID) -> Response:
    """The same as a file; who took it is written down."""
    return _taken(Kind.DONATION, shop_id)


@bp.post(f"{HERE}/<uuid:shop_id>/redemptions/export")
@page_requires(Permission.BOOKS_READ)
def export_redemptions(shop_id: UUID) -> Response:
    """The same as a file; who took it is written down."""
    return _taken(Kind.REDEMPTION, shop_id)


def _shown(kind: Kind, shop_id: UUID) -> str:
    hand = _hand()
    today = civil_day(hand.now, hand.me.zone)
    length, day = request.args.get("span", Length.MONTH.value), request.args.get("day", "")
    span = _span(length, day or today.isoformat())
    with transaction(hand.me.tenant_id) as session:
        book = books.of(session, Wanted(kind=kind, shop_id=shop_id, span=span), hand=hand)
    paper = book.on_paper()
    return render_template(
        "supermarket/book.html",
        book=book,
        kind_title=TITLES[kind],
        here=f"{HERE}/{shop_id}/{kind}s",
        paper=paper,
        leaves=paper.leaves(lines_each=LINES_EACH),
        spans=SPANS,
        printed_on=f"{today:%Y-%m-%d}",
    )


def _taken(kind: Kind, shop_id: UUID) -> Response:
    me = current_principal()
    require_fresh(me)
    form = request.form.get("form", "")
    if form not in FORMS:
        raise FieldWrong("请选择导出 PDF 或 xlsx。", errors={"form": ["无效"]})
    span = _span(request.form.get("span", ""), request.form.get("day", ""))
    wanted = Wanted(kind=kind, shop_id=shop_id, span=span)
    with transaction(me.tenant_id) as session:
        book = books.export(session, wanted, form=form, me=me, now=clock.now())
    content_type, made = FORMS[form]
    answer = make_response(made(book))
    answer.headers["Content-Type"] = content_type
    name = f"{kind}s-{span.length}-{span.since}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _span(length: str, day: str) -> Span:
    try:
        span = Span(length=Length(length), day=date.fromisoformat(day))
    except ValueError as error:
        raise _wrong() from error
    if not FIRST_YEAR <= span.day.year < LAST_YEAR:
        raise _wrong()
    return span


def _wrong() -> FieldWrong:
    return FieldWrong("请选择按日、按月或按季，并填写日期。", errors={"day": ["日期无效"]})


def _pictures(found: Outlook) -> dict[str, dict[str, Any]]:
    """What each picture is drawn from: the same as its table says."""
    quarters = found.cover.quarters
    return {
        "ending": {
            "kind": "bars",
            "names": [one.pace.name for one in found.ending],
            "values": [one.days for one in found.ending],
        },
        "cover": {
            "kind": "line",
            "names": [labels.quarter_text(one.first_day) for one in quarters],
            "values": [one.left for one in quarters],
        },
    }


def _left(found: Outlook) -> int:
    return found.cover.quarters[-1].left if found.cover.quarters else 0


def _hand() -> Hand:
    return Hand(me=current_principal(), to=Permission.BOOKS_READ, now=clock.now())
