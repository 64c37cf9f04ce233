"""Sales of a terminal that are refused as they stand: put aside, so that the queue goes on.

An altered slice, one that the browser has lost, a number used twice. The goods are gone all the
same, so what the terminal tells is written down, and a second person ends it with the paper:
neither who put it aside, nor who sold, nor whose card it was. Who answers for the community may.
"""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import tidying
from app.core.clock import civil_day
from app.core.db import claim
from app.core.errors import DomainError
from app.identity import granted
from app.identity.roles import Permission
from app.organisation import queries as organisation
from app.supermarket import offline_queries, queries, shops, slice_texts
from app.supermarket.bringing import Desk
from app.supermarket.errors import CloseBySecond, OfflineSaleDecided, OfflineSaleUnknown
from app.supermarket.models import OfflineSlice, OfflineStray, Shop
from app.supermarket.shops import Deed, Hand
from app.supermarket.slice_texts import Signed

KEPT = timedelta(days=365)  # after it was closed, as what slips and documents say of people
NO_NAME = "不认识的商品"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A sale in the terminal's own words, whatever they are worth: `pieces` by the item's id."""

    signed: Signed
    nonce: UUID
    said: Mapping[str, str]
    pieces: Mapping[UUID, str]


def put_aside(session: Session, told: Told, refusal: DomainError, *, desk: Desk) -> OfflineStray:
    """Keep what was told, with why it was refused; the same nonce again changes nothing."""
    hand = Hand(me=desk.me, to=Permission.REDEMPTION_CREATE, now=desk.now)
    shop = shops.managed(session, hand, desk.shop_id)
    made = claim(
        session,
        OfflineStray,
        shop_id=desk.shop_id,
        nonce=told.nonce,
        told={**told.said, "lines": _lines(session, told, desk=desk)},
        problem=refusal.code,
        said=refusal.detail,
        put_at=desk.now,
        put_by=desk.me.person_id,
        sold_by=_seller(session, told, desk=desk),
    )
    if made is None:
        found = offline_queries.stray_by_nonce(session, desk.shop_id, told.nonce)
        assert found is not None  # a claim lost against it
        return found
    deed = Deed(action="offline.aside", subject=("offline_stray", made.id))
    shops.note(session, deed, shop=shop, hand=hand)
    return made


def close(session: Session, stray_id: UUID, *, reason: str, desk: Desk) -> OfflineStray:
    """Say what was done about it.

    Raises `CloseBySecond` for who put it aside, who sold, and whose card it was.
    """
    hand = Hand(me=desk.me, to=Permission.OFFLINE_CLOSE, now=desk.now)
    shop = shops.managed(session, hand, desk.shop_id)
    stray = offline_queries.lock_stray(session, stray_id)
    if stray is None or stray.shop_id != desk.shop_id:
        raise OfflineSaleUnknown("没有找到这笔断网兑换，请从兑换台的列表进入。")
    if stray.closed_at is not None:
        raise OfflineSaleDecided("这笔断网兑换已经有人处理过了，请刷新列表。")
    if desk.me.person_id in barred(session, [stray])[stray.id]:
        raise CloseBySecond(
            "谁办的、谁转的人工、是谁的卡，都不能自己结清，请兑换点的另一位店长或者社区书记来结清。"
        )
    stray.closed_at, stray.closed_by, stray.reason = desk.now, desk.me.person_id, reason
    session.flush()
    subject = ("offline_stray", stray.id)
    deed = Deed(action="offline.aside_closed", subject=subject, reason=reason)
    shops.note(session, deed, shop=shop, hand=hand)
    return stray


def barred(session: Session, strays: Collection[OfflineStray]) -> dict[UUID, set[UUID]]:
    """Who does not end each of a shop's, as far as it is known who had a hand in it."""
    owners = offline_queries.owners_of(session, strays)
    return {
        stray.id: {
            one for one in (stray.put_by, stray.sold_by, owners.get(stray.id)) if one is not None
        }
        for stray in strays
    }


def closers(session: Session, shop: Shop, *, on: date) -> dict[UUID, str]:
    """Who may end what waits in a shop, if they had no hand in it, by which role.

    Its own people come first, and then whoever answers for the community: where two people sell,
    one has sold and the other has put it aside.
    """
    path = organisation.path_of(session, shop.community_id)
    found: dict[UUID, str] = {}
    for grant in granted.holders(session, Permission.OFFLINE_CLOSE, path, on=on):
        found.setdefault(grant.person_id, grant.role)
    return found


def forget_closed(session: Session, *, now: datetime) -> int:
    """Let go of some that were ended a year ago; what waits is kept however old it is."""
    return offline_queries.drop_strays(session, before=now - KEPT, limit=tidying.AT_ONCE)


def _seller(session: Session, told: Told, *, desk: Desk) -> UUID | None:
    """Who had the slice it was sold from, by the signature, or else by the share that is told."""
    row = _slice(session, told, desk=desk)
    return row.granted_to if row is not None else None


def _slice(session: Session, told: Told, *, desk: Desk) -> OfflineSlice | None:
    with suppress(DomainError):
        slice_id = slice_texts.slice_in(told.signed, desk.keyring, desk.me.tenant_id)
        return offline_queries.slice_of(session, slice_id, shop_id=desk.shop_id)
    share = offline_queries.share_named(session, told.said.get("share"), shop_id=desk.shop_id)
    if share is None:
        return None
    return offline_queries.slice_of(session, share.slice_id, shop_id=desk.shop_id)


def _lines(session: Session, told: Told, *, desk: Desk) -> list[dict[str, Any]]:
    day = civil_day(desk.now, desk.me.zone)
    found = queries.items_of(session, shop_id=desk.shop_id, item_ids=list(told.pieces), on=day)
    names = {goods.item.id: goods.item.name for goods in found}
    return [
        {"item_id": str(item_id), "name": names.get(item_id, NO_NAME), "quantity": quantity}
        for item_id, quantity in told.pieces.items()
    ]
