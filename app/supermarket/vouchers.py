"""服务券: sold like goods, redeemed once at a merchant's, given back while unused, or over.

Whoever ends a voucher holds its row. The code is short: misses are judged one by one, and a few
wrong ones pause whoever types them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock, masking
from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.keys import Keyring
from app.core.many import add_all
from app.core.scans import CodeExpired, CodeMalformed, CodeUnknown, CodeUsed, counting
from app.households import delegations
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.supermarket import codes, voucher_queries
from app.supermarket.errors import MerchantUnknown, SelfRedemption, VoucherSpent
from app.supermarket.kinds import ItemKind, VoucherState, Way
from app.supermarket.models import Merchant, RedemptionLine, ServiceVoucher
from app.supermarket.orders import OnPaper
from app.supermarket.rules import Asked

AT_ONCE = 500
GUESSES = "没有找到这张服务券，请核对 8 位券码，并看清是不是本店能办的服务。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """What was sold to whom and where, and for how many days vouchers of it are good."""

    asked: Asked
    keyring: Keyring
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A code at a merchant's."""

    me: Principal
    merchant_id: UUID
    text: str
    keyring: Keyring
    now: datetime

    @property
    def code(self) -> str:
        """What was shown, as it is printed."""
        return "".join(self.text.split()).upper()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """By whom and when vouchers are given back."""

    by: UUID
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What was redeemed, where, and for whom, masked."""

    voucher: ServiceVoucher
    merchant: Merchant
    member_name_masked: str


def issue(
    session: Session, lines: Sequence[RedemptionLine], deal: Deal
) -> Sequence[ServiceVoucher]:
    """Vouchers for what was sold of them; of other goods there are none."""
    rows = made(session, lines, deal)
    add_all(session, rows)
    return rows


def made(session: Session, lines: Sequence[RedemptionLine], deal: Deal) -> list[ServiceVoucher]:
    """The same, not yet written down."""
    rows = [
        _voucher(line, deal)
        for line in lines
        if deal.asked.items[line.item_id].kind == ItemKind.VOUCHER
        for _ in range(line.quantity)
    ]
    for row in rows:
        row.code_hash = codes.voucher_digest(
            _code(session, row, deal.keyring), deal.keyring, tenant_of(session)
        )
    return rows


def on_paper(
    session: Session, rows: Sequence[ServiceVoucher], *, way: Way, fetched: bool, keyring: Keyring
) -> list[OnPaper]:
    """Them with their codes, unless their owner's own phone was there, which shows them itself.

    `fetched`: by a delegate, whose phone it then was.
    """
    if way in {Way.CODE, Way.PICKUP} and not fetched:
        return []
    return [
        OnPaper(
            name=row.name,
            code=codes.in_fours(_code(session, row, keyring)),
            expires_at=row.expires_at,
        )
        for row in rows
    ]


def redeem(session: Session, shown: Shown) -> Served:
    """Give the service for a code, once; raises what is wrong with it and uses nothing up."""
    merchant = run_by(session, shown.me, shown.merchant_id)
    if not codes.is_pickup(shown.code):
        raise CodeMalformed("券码是 8 位字母和数字，请居民打开“我的服务券”出示。")
    with counting(session, person_id=shown.me.person_id, now=shown.now, guessable=True):
        digest = codes.voucher_digest(shown.code, shown.keyring, tenant_of(session))
        row = voucher_queries.lock_by_code(session, code_hash=digest, merchant=merchant)
        if row is None:
            raise CodeUnknown(GUESSES)
        _check_state(row, shown)
    _check_people(session, row, shown)
    row.state, row.ended_at = VoucherState.USED.value, shown.now
    row.merchant_id, row.ended_by = merchant.id, shown.me.person_id
    session.flush()
    _note(session, row, merchant, me=shown.me, now=shown.now)
    name = identity.names_of(session, {row.person_id})[row.person_id]
    return Served(voucher=row, merchant=merchant, member_name_masked=masking.name(name))


def run_by(session: Session, me: Principal, merchant_id: UUID) -> Merchant:
    """A merchant whose vouchers the caller redeems; another one does not exist for them."""
    merchant = voucher_queries.get_merchant(session, merchant_id)
    path = organisation.path_of(session, merchant.community_id) if merchant else ()
    if (
        merchant is None
        or merchant.closed_at is not None
        or merchant.clerk_id != me.person_id
        or not me.may(Permission.VOUCHER_REDEEM, path)
    ):
        raise MerchantUnknown("没有找到这家商户，请从“服务券核销”进入您负责的商户。")
    return merchant


def take_back(
    session: Session,
    redemption_id: UUID,
    pieces: Mapping[UUID, int],
    *,
    back: Ending,
    one: UUID | None = None,
) -> None:
    """Unused vouchers of a redemption end as returned, so many of each item, or just this `one`.

    Raises `VoucherSpent` where fewer are unused, and has changed nothing. Items that are no
    vouchers are passed over.
    """
    held = voucher_queries.lock_of_redemption(session, redemption_id)
    for item_id, quantity in pieces.items():
        own = [row for row in held if row.item_id == item_id]
        if not own:
            continue
        live = [row for row in own if _is_live(row, back.at) and one in {None, row.id}]
        if len(live) < quantity:
            raise VoucherSpent("这张服务券已经用过、退过或过期，不能再退。")
        for row in live[:quantity]:
            row.state, row.ended_at = VoucherState.RETURNED.value, back.at
            row.ended_by = back.by
    session.flush()


def expire(session: Session, *, now: datetime) -> int:
    """End what nobody used in time; of how many. What somebody is at is stepped round."""
    rows = voucher_queries.lock_over(session, before=now, limit=AT_ONCE)
    for row in rows:
        row.state, row.ended_at = VoucherState.EXPIRED.value, now
    session.flush()
    return len(rows)


def _code(session: Session, row: ServiceVoucher, keyring: Keyring) -> str:
    return codes.voucher(row.id, keyring, tenant_of(session))


def _is_live(row: ServiceVoucher, now: datetime) -> bool:
    return row.state == VoucherState.LIVE and row.expires_at > now


def _voucher(line: RedemptionLine, deal: Deal) -> ServiceVoucher:
    asked = deal.asked
    return ServiceVoucher(
        id=new_id(),
        redemption_id=line.redemption_id,
        item_id=line.item_id,
        person_id=asked.person_id,
        community_id=asked.shop.community_id,
        name=line.name,
        category=asked.items[line.item_id].category,
        points=line.points // line.quantity,
        issued_at=asked.now,
        expires_at=asked.now + timedelta(days=max(deal.days, 1)),
        state=VoucherState.LIVE.value,
    )


def _check_state(row: ServiceVoucher, shown: Shown) -> None:
    if row.state == VoucherState.USED:
        assert row.ended_at is not None  # a constraint says so
        at = clock.civil_text(row.ended_at, shown.me.zone)
        where = "在本店" if row.merchant_id == shown.merchant_id else "在别的商户"
        raise CodeUsed(f"这张服务券已于 {at} {where}用过，不能再用。")
    if row.state != VoucherState.LIVE or row.expires_at <= shown.now:
        raise CodeExpired("这张服务券已经退回或过期，请居民打开“我的服务券”查看。")


def _check_people(session: Session, row: ServiceVoucher, shown: Shown) -> None:
    """Nobody redeems their own, nor what they could show for somebody."""
    me, day = shown.me, clock.civil_day(shown.now, shown.me.zone)
    if row.person_id == me.person_id:
        raise SelfRedemption("不能核销自己的服务券，请到另一家商户办理。")
    if delegations.may_fetch(session, person_id=row.person_id, delegate_id=me.person_id, on=day):
        raise SelfRedemption("不能核销由您代办的人的服务券，请到另一家商户办理。")


def _note(
    session: Session, row: ServiceVoucher, merchant: Merchant, *, me: Principal, now: datetime
) -> None:
    path = organisation.path_of(session, merchant.community_id)
    audit.record(
        session,
        actor=me.actor(Permission.VOUCHER_REDEEM, path),
        action="voucher.redeem",
        subject=("service_voucher", row.id),
        scope=merchant.community_id,
        at=now,
    )
