"""物品捐赠簿 and 物品兑换簿: what came as a gift, what went for points, as the ledgers count it."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.paper import Register
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.ledger import tills
from app.supermarket import book_lines, book_queries, shops
from app.supermarket.book_lines import Line
from app.supermarket.book_queries import GIVEN, OUT, Asked
from app.supermarket.errors import BookTooLong
from app.supermarket.models import Shop
from app.supermarket.shops import Deed, Hand
from app.supermarket.spans import Span

BY = Permission.BOOKS_READ
MOST = 5000
SIGNED_BY = ("店长", "监督员", "社区负责人")


class Kind(StrEnum):
    """Which book of a shop."""

    DONATION = "donation"
    REDEMPTION = "redemption"


TITLES = {Kind.DONATION: "物品捐赠簿", Kind.REDEMPTION: "物品兑换簿"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which book of which shop, and of when."""

    kind: Kind
    shop_id: UUID
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How many pieces, and in the redemptions how many points."""

    pieces: int
    points: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A stretch of a book; `said` is what stock and points say of the same stretch."""

    wanted: Wanted
    shop: Shop
    lines: Sequence[Line]
    total: Totals
    said: Totals
    is_true: bool  # to the unit, for each of the goods

    @property
    def title(self) -> str:
        return f"{self.shop.name}{TITLES[self.wanted.kind]}"

    @property
    def compared(self) -> str:
        """Whether the book is what the ledgers say, in words for the foot of the page."""
        said = f"库存流水 {self.said.pieces:,} 件"
        if self.said.points is not None:
            said += f"，积分账 {self.said.points:,} 分"
        return f"与台账一致：{said}。" if self.is_true else f"与台账不一致：{said}，请先核对。"

    def on_paper(self) -> Register:
        """As it is printed and taken away."""
        donations = self.wanted.kind is Kind.DONATION
        return Register(
            title=self.title,
            about=f"{self.wanted.span.text} · {self.compared}",
            columns=book_lines.DONATIONS if donations else book_lines.REDEMPTIONS,
            rows=[line.as_gift() if donations else line.as_issue() for line in self.lines],
            signed_by=SIGNED_BY,
            landscape=True,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Of:
    """Which book it will be."""

    wanted: Wanted
    shop: Shop


def of(session: Session, wanted: Wanted, *, hand: Hand) -> Book:
    """The book as one may read it; raises `ShopUnknown` and `BookTooLong`."""
    shop = shops.managed(session, hand, wanted.shop_id)
    span = wanted.span
    asked = Asked(shop_id=shop.id, since=span.since, until=span.until, most=MOST + 1)
    return _READ[wanted.kind](session, asked, _Of(wanted=wanted, shop=shop))


def export(session: Session, wanted: Wanted, *, form: str, me: Principal, now: datetime) -> Book:
    """The book, to be taken away; that it was is written down."""
    hand = Hand(me=me, to=BY, now=now)
    book = of(session, wanted, hand=hand)
    deed = Deed(
        action=f"{wanted.kind}_register.export",
        subject=("shop", book.shop.id),
        changed={
            "span": ("", f"{wanted.span.since}/{wanted.span.length}"),
            "rows": ("", str(len(book.lines))),
            "form": ("", form),
        },
    )
    shops.note(session, deed, shop=book.shop, hand=hand)
    return book


def _donations(session: Session, asked: Asked, of_: _Of) -> Book:
    gifts = book_queries.list_gifts(session, asked)
    _check(gifts)
    by = {one.delivery.entered_by for one in gifts if one.delivery.entered_by}
    names = identity.names_of(session, by)
    written = _counted((one.item.id, one.quantity) for one in gifts)
    moved = book_queries.moved(session, asked, GIVEN)
    return Book(
        wanted=of_.wanted,
        shop=of_.shop,
        lines=[book_lines.of_gift(one, names) for one in gifts],
        total=Totals(pieces=sum(written.values()), points=None),
        said=Totals(pieces=sum(moved.values()), points=None),
        is_true=written == moved,
    )


def _redemptions(session: Session, asked: Asked, of_: _Of) -> Book:
    issues = book_queries.list_issues(session, asked)
    _check(issues)
    people = {one.redemption.person_id for one in issues}
    by = {one.move.entered_by for one in issues if one.move.entered_by}
    names = identity.names_of(session, people | by)
    lines = [book_lines.of_issue(one, names) for one in issues]
    written = _counted((one.item.id, one.move.delta) for one in issues)
    moved = book_queries.moved(session, asked, OUT)
    points = sum(line.value or 0 for line in lines)
    taken = tills.taken_at(session, asked.shop_id, since=asked.since, until=asked.until)
    return Book(
        wanted=of_.wanted,
        shop=of_.shop,
        lines=lines,
        total=Totals(pieces=-sum(written.values()), points=points),
        said=Totals(pieces=-sum(moved.values()), points=taken),
        is_true=written == moved and points == taken,
    )


def _counted(pieces: Iterable[tuple[UUID, int]]) -> dict[UUID, int]:
    """By item; what has come back to nothing is left out."""
    found: dict[UUID, int] = {}
    for item_id, quantity in pieces:
        found[item_id] = found.get(item_id, 0) + quantity
    return {item_id: quantity for item_id, quantity in found.items() if quantity}


def _check(lines: Sized) -> None:
    if len(lines) > MOST:
        raise BookTooLong(f"超过 {MOST} 行，请选短一点的时间再看。")


_READ: Mapping[Kind, Callable[[Session, Asked, _Of], Book]] = {
    Kind.DONATION: _donations,
    Kind.REDEMPTION: _redemptions,
}
