"""What people do about sales that a terminal brought and that could not be booked.

Whoever sold may try again: everything is asked that a sale is asked, so that trying twice opens
nothing that was closed. What a person must answer for takes a second one, neither who sold nor
whose card it was: a clock that was wrong, and goods that go without points. Where two people
sell, one has sold and the other may have bought: who answers for the community ends it then.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from app.identity.roles import Permission
from app.supermarket import bringing, limits, offline_queries, services, shops
from app.supermarket.bringing import Case, Desk
from app.supermarket.errors import (
    CloseBySecond,
    OfflineSaleDecided,
    OfflineSaleUnknown,
    SelfRedemption,
)
from app.supermarket.kinds import OfflineState
from app.supermarket.models import OfflineSale
from app.supermarket.orders import Wish
from app.supermarket.shops import Deed, Hand


def again(session: Session, sale_id: UUID, *, desk: Desk) -> OfflineSale:
    """Try once more to book a sale that waits, by all the rules of a sale.

    The limits are those of who sold it, as they stand by now. Nobody sees to their own card.
    """
    shop = services.shop_of(session, me=desk.me, shop_id=desk.shop_id)
    row = offline_queries.slice_of_sale(session, sale_id, shop_id=desk.shop_id)
    if row is None:
        raise _unknown()
    order = bringing.order_of(row, (), desk=desk)
    before = limits.done(session, order)  # asked before any row is held
    sale = _waiting(session, sale_id)
    me = desk.me.person_id
    if me == _owner(session, sale):
        raise SelfRedemption("这是您自己的卡，不能自己办，请另一位管理员来处理。")
    case = Case(
        sale=sale,
        row=row,
        order=bringing.order_of(row, _wishes(sale), desk=desk),
        by=me,
        before=before,
        clock_vouched=me != row.granted_to,
    )
    bringing.book(session, case)
    if sale.state == OfflineState.BOOKED.value:
        hand = Hand(me=desk.me, to=Permission.REDEMPTION_CREATE, now=desk.now)
        deed = Deed(action="offline.again", subject=("offline_sale", sale.id))
        shops.note(session, deed, shop=shop, hand=hand)
    return sale


def close(session: Session, sale_id: UUID, *, reason: str, desk: Desk) -> OfflineSale:
    """End a sale that cannot be booked: the goods are gone, and no points are taken.

    Raises `CloseBySecond` for who sold, and whose card it was. Who answers for the community may.
    """
    hand = Hand(me=desk.me, to=Permission.OFFLINE_CLOSE, now=desk.now)
    shop = shops.managed(session, hand, desk.shop_id)
    row = offline_queries.slice_of_sale(session, sale_id, shop_id=desk.shop_id)
    if row is None:
        raise _unknown()
    sale = _waiting(session, sale_id)
    if desk.me.person_id in {row.granted_to, _owner(session, sale)}:
        raise CloseBySecond(
            "谁办的、是谁的卡，都不能自己结清，请兑换点的另一位店长或者社区书记来结清。"
        )
    sale.state, sale.reason = OfflineState.CLOSED.value, reason
    sale.decided_at, sale.decided_by = desk.now, desk.me.person_id
    session.flush()
    subject = ("offline_sale", sale.id)
    deed = Deed(action="offline.close", subject=subject, reason=reason)
    shops.note(session, deed, shop=shop, hand=hand)
    return sale


def _waiting(session: Session, sale_id: UUID) -> OfflineSale:
    """A sale that waits, held until the end."""
    sale = offline_queries.lock_sale(session, sale_id)
    if sale is None:
        raise _unknown()
    if sale.state != OfflineState.WAITING.value:
        raise OfflineSaleDecided("这笔断网兑换已经有人处理过了，请刷新列表。")
    return sale


def _owner(session: Session, sale: OfflineSale) -> UUID:
    """Whose card it was."""
    share = offline_queries.lock_share(session, sale.share_id)
    assert share is not None  # the sale's foreign key says so
    return share.person_id


def _wishes(sale: OfflineSale) -> tuple[Wish, ...]:
    return tuple(
        Wish(item_id=UUID(line["item_id"]), quantity=line["quantity"]) for line in sale.lines
    )


def _unknown() -> OfflineSaleUnknown:
    return OfflineSaleUnknown("没有找到这笔断网兑换，请从兑换台的列表进入。")
