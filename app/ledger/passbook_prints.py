"""存折 on paper: each line of the points once, where the last print ended.

A page of the book has so many rows. One print fills one page at most: for the next one the page
is turned first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit
from app.core.db import claim
from app.core.many import add_all
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.ledger import services
from app.ledger.errors import HolderUnknown, NothingToPrint, PlaceWrong, PrintedMeanwhile
from app.ledger.models import ROWS, PassbookBook, PassbookPrint
from app.organisation import queries as organisation
from points_engine import Line, LineCursor, Unit

AT_ONCE = 100
LAST_PAGE = 99
BY = Permission.PASSBOOK_PRINT


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the last line stands: in which book, on which page, in which row (0: on none yet)."""

    number: int = 1
    page: int = 1
    row: int = 0

    @property
    def text(self) -> str:
        """By what a form knows the place again."""
        return f"{self.number}-{self.page}-{self.row}"

    def next(self) -> "Place":
        """Where the next line stands; a full page is turned, and a full book renewed."""
        if self.row < ROWS:
            return Place(number=self.number, page=self.page, row=self.row + 1)
        if self.page < LAST_PAGE:
            return Place(number=self.number, page=self.page + 1, row=1)
        return Place(number=self.number + 1, page=1, row=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Whose book it is, and who prints: they themselves, or staff who see to them."""

    person_id: UUID
    me: Principal
    now: datetime

    @property
    def is_own(self) -> bool:
        return self.person_id == self.me.person_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """Rows of one page that are to be printed now."""

    number: int
    page: int
    first: int
    last: int


def held_by(session: Session, holder: Holder) -> str:
    """The name of whose book it is; raises `HolderUnknown` where staff do not see to them."""
    person = identity.get_person(session, holder.person_id)
    path = organisation.path_of(session, person.community_id) if person else ()
    if person is None or not (holder.is_own or holder.me.may(BY, path)):
        raise HolderUnknown("没有找到这位居民，请从居民名册进入。")
    return person.display_name


def place_of(session: Session, person_id: UUID) -> Place:
    """Where the last line of somebody's book stands."""
    book = _book(session, person_id)
    return Place(number=book.number, page=book.page, row=book.line) if book else Place()


def waiting(session: Session, person_id: UUID) -> list[Line]:
    """The lines of the points that are not in the book yet, the oldest first."""
    query = sa.select(sa.func.max(PassbookPrint.version)).filter_by(person_id=person_id)
    last = session.scalar(query) or 0
    found: list[Line] = []
    before = None
    while some := services.lines(
        session, person_id=person_id, unit=Unit.POINTS, before=before, limit=AT_ONCE
    ):
        found += [line for line in some if line.version > last]
        if some[-1].version <= last + 1:
            break
        end = some[-1]
        before = LineCursor(booked_at=end.booked_at, version=end.version, reference=end.reference)
    return found[::-1]


def print_next(session: Session, holder: Holder, *, seen: str) -> Printed:
    """Give the next lines their rows on one page, once.

    `seen` is the place the form showed: raises `PrintedMeanwhile` where it is another by now, and
    `NothingToPrint` where the book has every line.
    """
    held_by(session, holder)
    book = _locked(session, holder.person_id)
    place = place_of(session, holder.person_id)
    _check_seen(place, seen)
    lines = waiting(session, holder.person_id)
    if not lines:
        raise NothingToPrint("存折已经是最新的，没有新的记录要印。")
    first = place.next()
    rows = lines[: ROWS - first.row + 1]
    add_all(session, [_row(holder, line, first=first, by=by) for by, line in enumerate(rows)])
    last = first.row + len(rows) - 1
    book.number, book.page, book.line = first.number, first.page, last
    _note(session, holder, action="passbook.print", said={"place": f"{first.text}/{last}"})
    return Printed(number=first.number, page=first.page, first=first.row, last=last)


def set_place(session: Session, holder: Holder, wanted: Place, *, seen: str) -> None:
    """Say where the last line of the book stands: further on, or in a new book."""
    held_by(session, holder)
    book = _locked(session, holder.person_id)
    place = place_of(session, holder.person_id)
    _check_seen(place, seen)
    if not (1 <= wanted.page <= LAST_PAGE and 0 <= wanted.row <= ROWS):
        raise PlaceWrong(f"页码应为 1 到 {LAST_PAGE}，行数应为 0 到 {ROWS}，请看存折上最后一行。")
    is_next = wanted.number == place.number + 1
    further = (wanted.page, wanted.row) >= (place.page, place.row)
    if not (is_next or (wanted.number == place.number and further)):
        raise PlaceWrong("前面已经印过了，只能往后挪；存折丢了或印坏了，请换新折。")
    book.number, book.page, book.line = wanted.number, wanted.page, wanted.row
    _note(session, holder, action="passbook.place", said={"place": wanted.text})


def on_page(session: Session, person_id: UUID, *, number: int, page: int) -> Mapping[int, Line]:
    """What was printed on a page of a book, by its rows."""
    query = sa.select(PassbookPrint).filter_by(person_id=person_id, number=number, page=page)
    rows = session.scalars(query.order_by(PassbookPrint.line)).all()
    return {row.line: line for row, line in _with_lines(session, rows)}


def export(session: Session, holder: Holder, *, number: int) -> list[tuple[Place, Line]]:
    """All that is printed in a book, to be taken away; that it was is written down.

    Raises `HolderUnknown`, and `NothingToPrint` where the book is still empty.
    """
    held_by(session, holder)
    query = sa.select(PassbookPrint).filter_by(person_id=holder.person_id, number=number)
    rows = session.scalars(query.order_by(PassbookPrint.page, PassbookPrint.line)).all()
    if not rows:
        raise NothingToPrint("这一本还没有印过，没有可以导出的记录。")
    said = {"book": str(number), "rows": str(len(rows)), "form": "xlsx"}
    _note(session, holder, action="passbook.export", said=said)
    return [
        (Place(number=row.number, page=row.page, row=row.line), line)
        for row, line in _with_lines(session, rows)
    ]


def pages_of(session: Session, person_id: UUID, *, number: int) -> Sequence[int]:
    """The pages of a book on which something is printed."""
    query = sa.select(PassbookPrint.page).filter_by(person_id=person_id, number=number)
    return session.scalars(query.distinct().order_by(PassbookPrint.page)).all()


def _book(session: Session, person_id: UUID) -> PassbookBook | None:
    return session.scalar(sa.select(PassbookBook).filter_by(person_id=person_id))


def _locked(session: Session, person_id: UUID) -> PassbookBook:
    """The book, held until the transaction ends: two prints at once would take the same rows."""
    start = Place()
    claim(
        session,
        PassbookBook,
        person_id=person_id,
        number=start.number,
        page=start.page,
        line=start.row,
    )
    query = sa.select(PassbookBook).filter_by(person_id=person_id).with_for_update()
    return session.scalars(query.execution_options(populate_existing=True)).one()


def _check_seen(place: Place, seen: str) -> None:
    if seen != place.text:
        raise PrintedMeanwhile("这本存折刚才已经印过或改过，请看最新的位置再办。")


def _with_lines(
    session: Session, rows: Sequence[PassbookPrint]
) -> list[tuple[PassbookPrint, Line]]:
    """Rows of a book in their order, each with what is printed there."""
    if not rows:
        return []
    after = LineCursor(booked_at=rows[-1].booked_at, version=rows[-1].version + 1, reference="")
    lines = services.lines(
        session, person_id=rows[-1].person_id, unit=Unit.POINTS, before=after, limit=len(rows)
    )
    by_version = {line.version: line for line in lines}
    return [(row, by_version[row.version]) for row in rows]


def _row(holder: Holder, line: Line, *, first: Place, by: int) -> PassbookPrint:
    return PassbookPrint(
        person_id=holder.person_id,
        version=line.version,
        booked_at=line.booked_at,
        number=first.number,
        page=first.page,
        line=first.row + by,
        printed_at=holder.now,
        printed_by=holder.me.person_id,
    )


def _note(session: Session, holder: Holder, *, action: str, said: Mapping[str, str]) -> None:
    audit.record(
        session,
        actor=holder.me.actor(None if holder.is_own else BY),
        action=action,
        subject=("person", holder.person_id),
        scope=identity.community_of(session, holder.person_id),
        at=holder.now,
        changed={field: ("", value) for field, value in said.items()},
    )
