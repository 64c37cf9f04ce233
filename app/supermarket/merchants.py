"""The merchants that redeem a community's vouchers: taken on by whoever keeps its shop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add
from app.identity import granted
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.supermarket import categories, voucher_queries
from app.supermarket.errors import ClerkUnfit, MerchantUnknown, MerchantWrong
from app.supermarket.models import Merchant
from app.supermarket.voucher_queries import Used

RIGHT, ROLE = Permission.STOCK_MANAGE, "merchant"
NO_ACCOUNT = (
    "本社区没有这个工作人员账号，请先请系统管理员开账号，再在岗位与授权里给“兑付商户”岗位。"
)
OTHER_WORK = "这个账号还有别的岗位。卖服务券的和核销的要分开，请给核销人另开一个账号。"
ELSEWHERE = "这个账号的“兑付商户”岗位不在本社区，请先在岗位与授权里给本社区的岗位。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A merchant to be: of which community and category, and who redeems there."""

    community_id: UUID
    name: str
    category: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """What was redeemed in a month, for settling up."""

    first: datetime
    rows: tuple[Used, ...]

    @property
    def number(self) -> int:
        return sum(row.number for row in self.rows)

    @property
    def points(self) -> int:
        return sum(row.points for row in self.rows)


def take_on(session: Session, draft: Draft, *, me: Principal, now: datetime) -> Merchant:
    """A merchant that redeems vouchers from now on, by the hand of whoever has that account.

    Raises `ClerkUnfit` where that is no account of this community, or one with other work.
    """
    path = organisation.path_of(session, draft.community_id)
    if not me.may(RIGHT, path):
        raise MerchantWrong("请选择您管理的社区。", errors={"community_id": ["请选择。"]})
    category = categories.known().get(draft.category)
    if category is None or not category.voucher:
        raise MerchantWrong("请选择商户办理哪一类服务。", errors={"category": ["请选择。"]})
    clerk_id = _clerk(session, draft, path, on=clock.civil_day(now, me.zone))
    merchant = add(
        session,
        Merchant(
            community_id=draft.community_id,
            name=draft.name,
            category=draft.category,
            clerk_id=clerk_id,
            opened_at=now,
        ),
    )
    _note(session, merchant, "merchant.open", me=me, now=now)
    return merchant


def close(session: Session, merchant_id: UUID, *, me: Principal, now: datetime) -> None:
    """No voucher is redeemed there any more; what was redeemed stays."""
    merchant = voucher_queries.get_merchant(session, merchant_id)
    path = organisation.path_of(session, merchant.community_id) if merchant else ()
    if merchant is None or not me.may(RIGHT, path):
        raise MerchantUnknown("没有找到这家商户，请从商户名单进入。")
    if merchant.closed_at is None:
        merchant.closed_at = now
        session.flush()
        _note(session, merchant, "merchant.close", me=me, now=now)


def within(session: Session, me: Principal, to: Permission) -> list[Merchant]:
    """Those within reach of a right."""
    return voucher_queries.list_merchants(session, _communities(session, me, to))


def month(session: Session, me: Principal, *, first: datetime, until: datetime) -> Month:
    """What the merchants within reach redeemed between two instants."""
    found = voucher_queries.used_between(
        session, _communities(session, me, Permission.BOOKS_READ), since=first, until=until
    )
    return Month(first=first, rows=tuple(found))


def export(session: Session, me: Principal, found: Month, *, now: datetime) -> None:
    """Write down that somebody took the sheet."""
    path = organisation.path_of(session, me.community_id)
    audit.record(
        session,
        actor=me.actor(Permission.BOOKS_READ, path),
        action="voucher.export",
        subject=("tenant", me.community_id),
        scope=me.community_id,
        at=now,
        changed={"month": ("", f"{clock.civil_day(found.first, me.zone):%Y-%m}")},
    )


def _clerk(session: Session, draft: Draft, path: Sequence[UUID], *, on: date) -> UUID:
    """Whose account it is, of this community, with the role of a merchant there or none yet.

    What is another community's account is told as one that does not exist.
    """
    credential = identity.get_credential(session, draft.username)
    person = identity.get_person(session, credential.person_id) if credential else None
    if person is None or draft.community_id not in organisation.path_of(
        session, person.community_id
    ):
        raise _unfit(NO_ACCOUNT)
    grants = granted.list_open_grants(session, person.id, on=on)
    if any(grant.role != ROLE for grant in grants):
        raise _unfit(OTHER_WORK)
    if grants and not any(grant.org_unit_id in path for grant in grants):
        raise _unfit(ELSEWHERE)
    return person.id


def _unfit(say: str) -> ClerkUnfit:
    return ClerkUnfit(say, errors={"username": [say]})


def _communities(session: Session, me: Principal, to: Permission) -> list[UUID]:
    return organisation.communities_under(session, me.units_with(to))


def _note(
    session: Session, merchant: Merchant, action: str, *, me: Principal, now: datetime
) -> None:
    path = organisation.path_of(session, merchant.community_id)
    audit.record(
        session,
        actor=me.actor(RIGHT, path),
        action=action,
        subject=("merchant", merchant.id),
        scope=merchant.community_id,
        at=now,
    )
