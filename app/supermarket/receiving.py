"""Goods come in: one delivery, batches with their best-before, and a move for each."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import add, get
from app.core.ids import new_id
from app.core.many import add_all
from app.core.vault import Place, Sealed
from app.supermarket import categories, queries
from app.supermarket.errors import NO_ITEM, DeliveryInvalid, ItemUnknown
from app.supermarket.kinds import DeliveryKind, DonorKind, FundSource, MoveKind
from app.supermarket.models import Batch, Delivery, Item, Shop, Stock, StockMove
from app.supermarket.models.stock import KEEPS_FOR_EVER

MOST_AT_ONCE = 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """So many of an item, and the last day on which they are good, where they have one."""

    item_id: UUID
    quantity: int
    best_before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """Whose money it was, and the number of the voucher."""

    source: FundSource
    voucher: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """Who gave, as it is kept: a unit by its name, a person by a masked one and a sealed one."""

    kind: DonorKind
    name: str
    sealed: str | None = None
    person_id: UUID | None = None
    named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What came to a shop together, when, and by whose hand."""

    shop_id: UUID
    kind: DeliveryKind
    reference: str
    day: date
    at: datetime
    lines: Sequence[Arrived]
    entered_by: UUID | None = None
    bought: Bought | None = None
    given: Given | None = None
    id: UUID = field(default_factory=new_id)


def receive(session: Session, intake: Intake) -> Delivery | None:
    """Take in what came; None where that reference has come to the shop already.

    Raises `ItemUnknown` for what the shop does not have, and `DeliveryInvalid` for what is past
    its day or of a kind that must say how long it keeps and does not.
    """
    get(session, Shop, intake.shop_id, lock=True)  # its deliveries are numbered one by one
    if queries.has_delivery(session, intake.shop_id, reference=intake.reference):
        return None
    items = queries.open_items(session, intake.shop_id, [line.item_id for line in intake.lines])
    _check(intake, items)
    delivery = add(session, _delivery(session, intake))
    batches = [
        Batch(
            id=new_id(),
            item_id=line.item_id,
            delivery_id=delivery.id,
            best_before=line.best_before,
            last_day=line.best_before or KEEPS_FOR_EVER,
        )
        for line in intake.lines
    ]
    add_all(session, batches)
    came = list(zip(batches, intake.lines, strict=True))
    add_all(session, [Stock(id=one.id, on_hand=line.quantity, held=0) for one, line in came])
    add_all(session, [_move(intake, one, line.quantity) for one, line in came])
    return delivery


def _check(intake: Intake, items: dict[UUID, Item]) -> None:
    if not intake.lines:
        raise _invalid("还没有填商品，请至少填一种商品的数量。")
    for line in intake.lines:
        if line.item_id not in items:
            raise ItemUnknown(NO_ITEM)
        item = items[line.item_id]
        if not 1 <= line.quantity <= MOST_AT_ONCE:
            raise _invalid(f"{item.name}的数量应为 1 到 {MOST_AT_ONCE} 的整数，请修改后再提交。")
        _check_date(intake, item, line.best_before)


def _check_date(intake: Intake, item: Item, best_before: date | None) -> None:
    if best_before is not None:
        if best_before < intake.day:
            raise _invalid(f"{item.name}已过保质期，不能入库；请退给送货人，或核对日期。")
    elif _must_say(intake, item):
        raise _invalid(f"{item.name}要填保质期；看不清保质期的食品不能入库。")


def _invalid(say: str) -> DeliveryInvalid:
    return DeliveryInvalid(say, errors={"lines": [say]})


def _must_say(intake: Intake, item: Item) -> bool:
    category = categories.known().get(item.category)
    return intake.kind is not DeliveryKind.OPENING and category is not None and category.dated


def _delivery(session: Session, intake: Intake) -> Delivery:
    kind, year = intake.kind.value, intake.day.year
    number = queries.last_number(session, intake.shop_id, kind=kind, year=year) + 1
    bought, given = intake.bought, intake.given
    return Delivery(
        id=intake.id,
        shop_id=intake.shop_id,
        kind=kind,
        year=year,
        number=number,
        reference=intake.reference,
        day=intake.day,
        source=bought.source.value if bought else None,
        voucher=bought.voucher if bought else None,
        donor_kind=given.kind.value if given else None,
        donor_name=given.name if given else None,
        donor_sealed=given.sealed if given else None,
        donor_id=given.person_id if given else None,
        named=given is not None and given.named,
        entered_by=intake.entered_by,
        entered_at=intake.at,
    )


def _move(intake: Intake, batch: Batch, quantity: int) -> StockMove:
    return StockMove(
        item_id=batch.item_id,
        batch_id=batch.id,
        last_day=batch.last_day,
        delta=quantity,
        kind=MoveKind(intake.kind.value).value,
        reference=f"delivery:{intake.id}",
        entered_by=intake.entered_by,
        day=intake.day,
        at=intake.at,
    )


def place_of_donor(delivery: Delivery) -> Place:
    """Where the full name of somebody who gave belongs."""
    return place_in(delivery.tenant_id, delivery.id)


def place_in(tenant_id: int, delivery_id: UUID) -> Place:
    return Place(
        tenant_id=tenant_id, table=Delivery.__tablename__, field="donor", row_id=delivery_id
    )


SEALED = (Sealed(model=Delivery, column="donor_sealed", place=place_of_donor),)
