"""Who may take goods for points, when, and how much: the policy of the day says it (rules C.7).

A sale and a reservation ask the same. What counts up in a quarter is asked once the payer's
account is held, so that two at once do not both find room.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import clock, places
from app.identity import queries as identity
from app.ledger import services as ledger
from app.supermarket import kept
from app.supermarket.errors import (
    BalanceTooLow,
    NotRedeemable,
    OrderTooLarge,
    QuarterUsed,
    ShopClosed,
)
from app.supermarket.models import Item, Shop
from points_engine import Policy, Redeeming

MONTHS = 3
NO_LIMIT = Redeeming()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants, when and where; `pieces` are so many of each item."""

    person_id: UUID
    shop: Shop
    items: Mapping[UUID, Item]
    pieces: Mapping[UUID, int]
    cost: int
    now: datetime
    zone: str

    @property
    def day(self) -> date:
        return clock.civil_day(self.now, self.zone)


def of_day(session: Session, day: date) -> Policy | None:
    """The policy in force on a day, with its rules for the shops."""
    return ledger.policy_on(session, day)


def terms(policy: Policy | None) -> Redeeming:
    """What a policy says of the shops; without one nothing is limited."""
    return policy.redemption if policy else NO_LIMIT


def check_before(session: Session, asked: Asked, policy: Policy | None) -> None:
    """Refuse what needs no lock to be refused: the person, the day, the size of the order."""
    said = terms(policy)
    if policy and policy.redeemable_by:
        _check_kinds(session, asked.person_id, policy.redeemable_by)
    if said.per_order_max and asked.cost > said.per_order_max:
        raise OrderTooLarge(f"一次最多用 {said.per_order_max} 分，请减少商品。")
    if said.min_balance:
        have = ledger.available(session, person_id=asked.person_id, on=asked.day)
        if have < said.min_balance:
            raise BalanceTooLow(
                f"可用积分满 {said.min_balance} 分才能兑换，现在有 {have} 分，请再攒一攒。"
            )


def check_open(shop: Shop, said: Redeeming, *, now: datetime, zone: str) -> None:
    """Refuse outside of the days and hours at which goods are handed over."""
    if said.open_days and clock.civil_day(now, zone).day not in said.open_days:
        days = "、".join(str(day) for day in said.open_days)
        raise ShopClosed(f"今天不是兑换日，请在每月 {days} 日来。")
    if said.within_hours and not places.is_open(shop, now=now, zone=zone):
        raise ShopClosed(f"{shop.name}现在不营业，请在 {places.hours_text(shop)} 之间来。")


def check_quarter(session: Session, asked: Asked, said: Redeeming) -> None:
    """Refuse what is beyond a person's share of the quarter. Their account is held."""
    orders = said.per_person_per_quarter_orders
    since = clock.midnight(_first_day(asked.day), asked.zone)
    if orders and kept.orders_since(session, asked.person_id, since=since) >= orders:
        raise QuarterUsed(f"每人每季度最多兑换 {orders} 次，本季度已经用完，请下季度再来。")
    room = _room(session, asked.person_id, _limits(asked.items.values(), said), since=since)
    for item_id, (limit, left) in room.items():
        if asked.pieces[item_id] > left:
            item = asked.items[item_id]
            raise QuarterUsed(
                f"{item.name}每人每季度最多 {limit} {item.unit}，"
                f"本季度还能换 {left} {item.unit}，请减少数量或换一种商品。"
            )


def left_on(
    session: Session, person_id: UUID, items: Iterable[Item], *, day: date, zone: str
) -> dict[UUID, int]:
    """How much of each limited item somebody may still take in the quarter of a day."""
    since = clock.midnight(_first_day(day), zone)
    limits = _limits(items, terms(of_day(session, day)))
    room = _room(session, person_id, limits, since=since)
    return {item_id: left for item_id, (_limit, left) in room.items()}


def _room(
    session: Session, person_id: UUID, limits: Mapping[UUID, int], *, since: datetime
) -> dict[UUID, tuple[int, int]]:
    """How much of each limited item one may take in a quarter, and what is left of that."""
    if not any(limits.values()):
        return {}
    taken = kept.pieces_since(session, person_id, since=since)
    return {
        item_id: (limit, max(limit - taken.get(item_id, 0), 0))
        for item_id, limit in limits.items()
        if limit
    }


def _limits(items: Iterable[Item], said: Redeeming) -> dict[UUID, int]:
    """How much of each one person may take in a quarter; 0 where nothing is said of it."""
    every = said.per_item_per_person_per_quarter
    return {item.id: _least(item.quarter_limit, every) for item in items}


def _check_kinds(session: Session, person_id: UUID, allowed: tuple[str, ...]) -> None:
    person = identity.get_person(session, person_id)
    if person is None or not set(person.kinds) & set(allowed):
        raise NotRedeemable("按本地办法，这类身份的积分只作评价，不兑换物品。有疑问请问社区。")


def _least(*limits: int | None) -> int:
    """The tighter of some limits; 0 where none is set."""
    return min((limit for limit in limits if limit), default=0)


def _first_day(day: date) -> date:
    return day.replace(month=day.month - (day.month - 1) % MONTHS, day=1)
