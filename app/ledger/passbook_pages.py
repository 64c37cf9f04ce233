"""存折 line after line: where the last print ended, what comes next, and a page once more."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, make_response, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, masking
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import FieldWrong, whole_in
from app.core.problems import shown_on
from app.core.workbooks import XLSX, as_xlsx
from app.identity.access import current_principal, lead_on, page_requires, require_fresh
from app.identity.roles import Permission
from app.ledger import labels, passbook_prints, services
from app.ledger.models import ROWS
from app.ledger.passbook_prints import LAST_PAGE, Holder, Place
from points_engine import Line

bp = Blueprint("passbook_pages", __name__, template_folder="templates")

OWN = "/passbook/paper"
MOST_BOOKS, DIGITS = 999, 3


@bp.get(OWN)
@page_requires(Permission.PASSBOOK_READ)
def show_own() -> ResponseReturnValue:
    """Where one's own book stands, and how many lines are to come."""
    return _book(_own(), OWN)


@bp.post(f"{OWN}/print")
@page_requires(Permission.PASSBOOK_READ)
def print_own() -> ResponseReturnValue:
    """Print what is new in one's own book."""
    return _print(_own(), OWN)


@bp.post(f"{OWN}/place")
@page_requires(Permission.PASSBOOK_READ)
def place_own() -> ResponseReturnValue:
    """Say where the last line of one's own book stands."""
    return _place(_own(), OWN)


@bp.get(f"{OWN}/page")
@page_requires(Permission.PASSBOOK_READ)
def show_own_page() -> ResponseReturnValue:
    """Rows of a page, for the printer."""
    return _page(_own(), OWN)


@bp.post(f"{OWN}/export")
@page_requires(Permission.PASSBOOK_READ)
def export_own() -> ResponseReturnValue:
    """What is printed in one's own book, as a spreadsheet."""
    return _export(_own(), OWN)


@bp.get("/staff/people/<uuid:person_id>/passbook")
@page_requires(Permission.PASSBOOK_PRINT)
def show_theirs(person_id: UUID) -> ResponseReturnValue:
    """Where the book of somebody at the counter stands."""
    return _book(_theirs(person_id), _at(person_id))


@bp.post("/staff/people/<uuid:person_id>/passbook/print")
@page_requires(Permission.PASSBOOK_PRINT)
def print_theirs(person_id: UUID) -> ResponseReturnValue:
    """Print what is new in their book."""
    return _print(_theirs(person_id), _at(person_id))


@bp.post("/staff/people/<uuid:person_id>/passbook/place")
@page_requires(Permission.PASSBOOK_PRINT)
def place_theirs(person_id: UUID) -> ResponseReturnValue:
    """Say where the last line of their book stands."""
    return _place(_theirs(person_id), _at(person_id))


@bp.get("/staff/people/<uuid:person_id>/passbook/page")
@page_requires(Permission.PASSBOOK_PRINT)
def show_their_page(person_id: UUID) -> ResponseReturnValue:
    """Rows of a page of theirs, for the printer."""
    return _page(_theirs(person_id), _at(person_id))


@bp.post("/staff/people/<uuid:person_id>/passbook/export")
@page_requires(Permission.PASSBOOK_PRINT)
def export_theirs(person_id: UUID) -> ResponseReturnValue:
    """What is printed in their book, as a spreadsheet; who took it is written down."""
    require_fresh(current_principal())
    return _export(_theirs(person_id), _at(person_id))


def _own() -> Holder:
    me = current_principal()
    return Holder(person_id=me.person_id, me=me, now=clock.now())


def _theirs(person_id: UUID) -> Holder:
    return Holder(person_id=person_id, me=current_principal(), now=clock.now())


def _at(person_id: UUID) -> str:
    return f"/staff/people/{person_id}/passbook"


def _book(holder: Holder, here: str, *, problem: str = "") -> str:
    with transaction(holder.me.tenant_id) as session:
        name = passbook_prints.held_by(session, holder)
        place = passbook_prints.place_of(session, holder.person_id)
        waiting = passbook_prints.waiting(session, holder.person_id)
        pages = passbook_prints.pages_of(session, holder.person_id, number=place.number)
    following = place.next()
    return render_template(
        "ledger/paper.html" if holder.is_own else "ledger/paper_staff.html",
        here_at=here,
        name=_name(holder, name),
        place=place,
        next_place=following,
        turn=place.row > 0 and following.row == 1,
        waiting=len(waiting),
        pages=pages,
        rows=ROWS,
        last_page=LAST_PAGE,
        problem=problem,
    )


def _print(holder: Holder, here: str) -> ResponseReturnValue:
    seen = request.form.get("seen", "")
    try:
        with transaction(holder.me.tenant_id) as session:
            done = passbook_prints.print_next(session, holder, seen=seen)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_book(holder, here, problem=refusal.detail), refusal)
    rows = f"from={done.first}&to={done.last}"
    return lead_on(f"{here}/page?book={done.number}&page={done.page}&{rows}")


def _place(holder: Holder, here: str) -> ResponseReturnValue:
    seen = request.form.get("seen", "")
    try:
        with transaction(holder.me.tenant_id) as session:
            passbook_prints.set_place(session, holder, _wanted(), seen=seen)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_book(holder, here, problem=refusal.detail), refusal)
    return lead_on(here)


def _wanted() -> Place:
    number = whole_in("number", most=MOST_BOOKS)
    if request.form.get("renew") == "1":
        return Place(number=number + 1)
    page, row = whole_in("page", most=LAST_PAGE), whole_in("row", most=ROWS)
    return Place(number=number, page=page, row=row)


def _page(holder: Holder, here: str) -> str:
    number, page = _asked("book", MOST_BOOKS), _asked("page", LAST_PAGE)
    first = _asked("from", ROWS) if "from" in request.args else 1
    last = _asked("to", ROWS) if "to" in request.args else ROWS
    with transaction(holder.me.tenant_id) as session:
        passbook_prints.held_by(session, holder)
        lines = passbook_prints.on_page(session, holder.person_id, number=number, page=page)
        titles = services.titles(session, {line.source for line in lines.values()})
        left = passbook_prints.waiting(session, holder.person_id)
        place = passbook_prints.place_of(session, holder.person_id)
    return render_template(
        "ledger/paper_page.html" if holder.is_own else "ledger/paper_page_staff.html",
        here_at=here,
        number=number,
        page=page,
        whole="from" not in request.args,
        lines=[
            {"row": row, **_shown(line, titles)}
            for row, line in lines.items()
            if first <= row <= last
        ],
        left=len(left),
        next_place=place.next(),
        turn=place.next().row == 1,
    )


def _export(holder: Holder, here: str) -> ResponseReturnValue:
    number = whole_in("book", most=MOST_BOOKS)
    try:
        with transaction(holder.me.tenant_id) as session:
            name = _name(holder, passbook_prints.held_by(session, holder))
            printed = passbook_prints.export(session, holder, number=number)
            titles = services.titles(session, {line.source for _, line in printed})
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_book(holder, here, problem=refusal.detail), refusal)
    answer = make_response(as_xlsx(_table(name, printed, titles), title="积分存折"))
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = f'attachment; filename="passbook-{number}.xlsx"'
    return answer


def _table(
    name: str, printed: Sequence[tuple[Place, Line]], titles: dict[str, str]
) -> Iterator[tuple[str | int, ...]]:
    """The rows of a book as they are on paper, after what was carried over to it; then the sum."""
    first, last = printed[0][1], printed[-1][1]
    yield ("姓名", "页", "行", "日期", "摘要", "收支", "结余")
    yield (name, "", "", "", "承前", "", first.balance_after - first.amount)
    for place, line in printed:
        shown = _shown(line, titles)
        yield (
            name,
            place.page,
            place.row,
            shown["on"],
            shown["title"],
            line.amount,
            line.balance_after,
        )
    yield ("", "", "", "", "合计", sum(line.amount for _, line in printed), last.balance_after)


def _name(holder: Holder, name: str) -> str:
    return name if holder.is_own else masking.name(name)


def _shown(line: Line, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "on": f"{line.occurred_on:%Y-%m-%d}",
        "title": titles.get(line.source) or labels.cause(line.source, line.kind),
        "amount": f"{line.amount:+,d}",
        "after": f"{line.balance_after:,}",
    }


def _asked(name: str, most: int) -> int:
    text = request.args.get(name, "1")
    if not (
        text.isascii() and text.isdigit() and len(text) < len("1000") and 1 <= int(text) <= most
    ):
        raise FieldWrong("网址里的页码无效，请从页面上的链接进入。")
    return int(text)
