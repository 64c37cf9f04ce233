"""A service voucher its owner gives back unused: the points go back to their lots."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.identity import queries as identity
from app.identity.roles import Principal
from app.supermarket import kept, returning, voucher_queries
from app.supermarket.errors import VoucherUnknown
from app.supermarket.kinds import Fate
from app.supermarket.returning import Back, Returned

WHY, WHY_BY_DELEGATE = "服务券没有用，本人退回", "服务券没有用，代办人退回"


def give_back(session: Session, voucher_id: UUID, *, me: Principal, now: datetime) -> Returned:
    """Give back one of one's own, or of whom one acts for.

    Raises `VoucherSpent` once it was used, returned, or is over.
    """
    row = voucher_queries.get_own(session, voucher_id, person_id=me.subject_id)
    redemption = kept.get_redemption(session, row.redemption_id) if row else None
    if row is None or redemption is None:
        raise VoucherUnknown("没有找到这张服务券，请从“我的服务券”进入。")
    identity.lock_person(session, redemption.person_id)  # or two at once would both find it there
    pieces = {row.item_id: 1}
    back = Back(
        me=me,
        redemption_id=redemption.id,
        reason=WHY_BY_DELEGATE if me.on_behalf_of else WHY,
        fate=Fate.SHELF,
        now=now,
        pieces=pieces,
        voucher_id=row.id,
    )
    return returning.undone(
        session, back, sold=returning.sold_of(session, redemption), pieces=pieces
    )
