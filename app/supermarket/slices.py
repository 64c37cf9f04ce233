"""Slices: points of a few people, held so that a shop's terminal may sell without a network.

Whoever used a card at this counter lately is on it, each with a small amount of the shop's own
choosing and never more than half of what they have. What is held cannot be spent elsewhere, so
what a terminal brings in time is covered. One account a transaction: whoever held two would
invent an order of their own.
"""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import masking
from app.core.clock import civil_day, civil_text, midnight
from app.core.db import claim, get
from app.core.keys import Keyring
from app.identity import listing
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.ledger import moving
from app.ledger import services as ledger
from app.supermarket import (
    offline_queries,
    queries,
    rules,
    services,
    shares,
    shops,
    slice_texts,
    till_rules,
)
from app.supermarket.errors import OfflineOff, OfflineWrong, SliceTaken, SliceUnknown
from app.supermarket.kinds import ItemKind, ShareState
from app.supermarket.models import OfflineShare, OfflineSlice, Shop
from app.supermarket.queries import Goods
from app.supermarket.rules import Asked
from app.supermarket.shops import Deed, Hand
from app.supermarket.slice_texts import Signed
from points_engine import Reservation as Hold

MOST_POINTS = 200  # of one person on one day: what a signature is good for
MOST_GOODS = 150
HALF = 2
DAY = timedelta(days=1)
MANY = 5  # times as many are looked at as get a share: some have no card, or too few points
NO_SLICE = "没有找到这份备用额度，请在有网络时重新领取。"


@dataclass(frozen=True, slots=True)
class When:
    """An instant, and whose calendar is asked."""

    now: datetime
    zone: str


def choose_points(session: Session, shop_id: UUID, points: int, *, hand: Hand) -> Shop:
    """Say how many of one person's points a terminal may hold on one day; 0 is not at all."""
    shop = shops.managed(session, hand, shop_id)
    if not 0 <= points <= MOST_POINTS:
        raise OfflineWrong(f"每人每天的备用额度是 0 到 {MOST_POINTS} 分，0 表示不开。")
    before, shop.offline_points = shop.offline_points, points
    session.flush()
    if before != points:
        changed = {"offline_points": (str(before), str(points))}
        deed = Deed(action="shop.offline", subject=("shop", shop.id), changed=changed)
        shops.note(session, deed, shop=shop, hand=hand)
    return shop


def grant(
    session: Session, shop_id: UUID, *, terminal: UUID, me: Principal, now: datetime
) -> OfflineSlice:
    """The slice of this terminal for today, a new one where nobody has the shop's.

    It has no shares yet: `candidates` and `give` see to that.
    """
    shop = services.shop_of(session, me=me, shop_id=shop_id)
    if not shop.offline_points:
        raise OfflineOff("这个兑换点没有开通断网备用，请店长在“商品与库存”里设置每人的备用额度。")
    day = civil_day(now, me.zone)
    ends_at = midnight(day + DAY, me.zone)
    made = claim(
        session,
        OfflineSlice,
        shop_id=shop.id,
        granted_to=me.person_id,
        terminal=terminal,
        granted_at=now,
        day=day,
        ends_at=ends_at,
        kept_until=ends_at + till_rules.offline().kept,
    )
    if made is None:
        return _own(session, shop_id, terminal=terminal, me=me, now=now)
    _note(session, "offline.grant", made, me=me, now=now)
    return made


def candidates(session: Session, row: OfflineSlice) -> list[UUID]:
    """Who is to have a share and has none on that day yet, whoever came last first."""
    law = till_rules.offline()
    since = row.granted_at - law.lately
    came = offline_queries.served_by_card(
        session, row.shop_id, since=since, limit=law.people * MANY
    )
    cards = listing.cards_of(session, came)
    has = offline_queries.with_share(session, row.day, came)
    some = [one for one in came if one in cards and one not in has and one != row.granted_to]
    return some[: max(0, law.people - len(offline_queries.shares_of(session, row.id)))]


def give(session: Session, row_id: UUID, person_id: UUID, *, when: When) -> bool:
    """Hold a share of one person's points; False where it would buy nothing, or not any more.

    Raises what the rules refuse, and the engine's `InsufficientPoints`: then nothing is held.
    """
    row = get(session, OfflineSlice, row_id, lock=True)
    if row is None or row.ended_at is not None:
        return False
    shop = queries.get_shop(session, row.shop_id)
    assert shop is not None  # the slice's foreign key says so
    points = _worth(session, shop, person_id, on=row.day)
    if not points:
        return False
    rules.check_before(
        session,
        Asked(person_id=person_id, shop=shop, items={}, pieces={}, cost=points, **asdict(when)),
        rules.of_day(session, row.day),
    )
    share = claim(
        session,
        OfflineShare,
        slice_id=row.id,
        person_id=person_id,
        day=row.day,
        points=points,
        state=ShareState.OPEN.value,
    )
    if share is not None:
        moving.hold(session, _hold(row, share, shop, when=when))
    return share is not None


def written(session: Session, row: OfflineSlice, *, keyring: Keyring, tenant_id: int) -> Signed:
    """The slice for its terminal: masked names, what each may spend, and the goods of that day."""
    shop = queries.get_shop(session, row.shop_id)
    assert shop is not None  # the slice's foreign key says so
    salted = slice_texts.salt(row.id, keyring, tenant_id)
    content = {
        "slice": row.id,
        "shop": row.shop_id,
        "shop_name": shop.name,
        "day": row.day,
        "until": row.ends_at.isoformat(),
        "salt": salted.hex(),
        "rounds": slice_texts.ROUNDS,
        "cards": _cards(session, row, salted),
        "goods": [
            {
                "id": goods.item.id,
                "name": goods.item.name,
                "unit": goods.item.unit,
                "barcode": goods.item.barcode or "",
                "points": goods.points,
                "available": goods.available,
            }
            for goods in _goods(session, row.shop_id, on=row.day)
        ],
    }
    return slice_texts.sign(content, keyring, tenant_id)


def end(
    session: Session, shop_id: UUID, slice_id: UUID, *, me: Principal, now: datetime
) -> OfflineSlice:
    """Give a slice back. What it holds is let go of one by one, by whoever comes first."""
    services.shop_of(session, me=me, shop_id=shop_id)
    row = offline_queries.slice_of(session, slice_id, shop_id=shop_id, lock=True)
    if row is None:
        raise SliceUnknown(NO_SLICE)
    if row.ended_at is None:
        row.ended_at, row.ended_by = now, me.person_id
        session.flush()
        _note(session, "offline.return", row, me=me, now=now)
    return row


def _own(
    session: Session, shop_id: UUID, *, terminal: UUID, me: Principal, now: datetime
) -> OfflineSlice:
    """Today's slice, which is there already; it is this terminal's, or nobody else reads it."""
    row = offline_queries.open_slice(session, shop_id, day=civil_day(now, me.zone))
    if row is None:  # given back at this very moment
        raise SliceTaken("备用额度刚刚交回，请再点一次“领取”。")
    if (row.terminal, row.granted_to) == (terminal, me.person_id):
        return row
    name = masking.name(identity.names_of(session, {row.granted_to})[row.granted_to])
    raise SliceTaken(
        f"今天的备用额度在 {name} 领取的那台设备上。请先在那台设备上交回；设备坏了、找不到了，"
        "可以在“断网兑换的处理”里收回。"
    )


def _worth(session: Session, shop: Shop, person_id: UUID, *, on: date) -> int:
    """How much of somebody's is held: 0 where they could buy nothing with it."""
    have = ledger.available(session, person_id=person_id, on=on)
    most = rules.terms(rules.of_day(session, on)).per_order_max or MOST_POINTS
    points = min(shop.offline_points, have // HALF, most)
    prices = [goods.points for goods in _goods(session, shop.id, on=on)]
    return points if prices and points >= min(prices) else 0


def _goods(session: Session, shop_id: UUID, *, on: date) -> list[Goods]:
    """What may be sold without a network: a voucher has a code, which only the service can make.

    So many that a slice fits into the request that brings a sale of it.
    """
    goods = queries.list_items(session, shop_id, on=on)
    return [one for one in goods if one.item.kind != ItemKind.VOUCHER][:MOST_GOODS]


def _hold(row: OfflineSlice, share: OfflineShare, shop: Shop, *, when: When) -> Hold:
    return Hold(
        reference=shares.reference(share.id),
        payer_id=share.person_id,
        shop_id=shop.id,
        community_id=shop.community_id,
        amount=share.points,
        held_at=when.now,
        expires_at=shares.held_until(row),
        occurred_on=row.day,
        actor_id=row.granted_to,
        reason=(
            f"{shop.name}为断网兑换预留，{row.day.month}月{row.day.day}日断网时凭存折卡签字可用，"
            f"没有用掉的最迟 {civil_text(row.kept_until, when.zone)} 退回"
        ),
    )


def _cards(session: Session, row: OfflineSlice, salted: bytes) -> dict[str, dict[str, Any]]:
    """By the digest of a card: its share, whose it is, masked, and what it may spend."""
    given = offline_queries.shares_of(session, row.id)
    ids = {share.person_id for share in given}
    numbers, names = listing.cards_of(session, ids), identity.names_of(session, ids)
    return {
        slice_texts.card_digest(numbers[share.person_id], salted): {
            "share": share.id,
            "name": masking.name(names[share.person_id]),
            "points": share.points,
        }
        for share in given
        if share.state == ShareState.OPEN.value and share.person_id in numbers
    }


def _note(
    session: Session, action: str, row: OfflineSlice, *, me: Principal, now: datetime
) -> None:
    hand = Hand(me=me, to=Permission.REDEMPTION_CREATE, now=now)
    shop = queries.get_shop(session, row.shop_id)
    assert shop is not None  # the slice's foreign key says so
    shops.note(session, Deed(action=action, subject=("shop", shop.id)), shop=shop, hand=hand)
