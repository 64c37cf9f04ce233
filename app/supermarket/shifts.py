"""A counter's day, how it is handed over, and who sells how much to whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.supermarket import offline_queries, queries, services, till_queries
from app.supermarket.errors import HandoverWrong
from app.supermarket.models import Handover, OfflineSlice, Shop
from app.supermarket.till_queries import Day, Share

A_MONTH_AND_A_BIT = timedelta(days=31)  # from the first of a month


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """A counter's day so far, and who handed it over to whom."""

    shop: Shop
    day: Day
    handovers: list[Handover]
    out: list[OfflineSlice]  # slices that nobody has given back
    waiting: int  # sales made without a network that somebody has to see to
    names: dict[UUID, str]


def today(session: Session, shop_id: UUID, *, me: Principal, now: datetime) -> Today:
    """The day's figures of a counter this manager may run."""
    shop = services.shop_of(session, me=me, shop_id=shop_id)
    since = clock.midnight(clock.civil_day(now, me.zone), me.zone)
    handed = till_queries.handovers(session, shop.id, since=since)
    out = offline_queries.list_open_slices(session, shop.id)
    people = {one for each in handed for one in (each.from_id, each.to_id)}
    people |= {row.granted_to for row in out}
    return Today(
        shop=shop,
        day=till_queries.day_of(session, shop.id, since=since),
        handovers=handed,
        out=out,
        waiting=offline_queries.count_waiting(session, shop.id),
        names=identity.names_of(session, people),
    )


def hand_over(
    session: Session, shop_id: UUID, *, me: Principal, to_id: UUID, now: datetime
) -> Handover:
    """Leave the counter to a colleague, who has just proved who they are, with the figures."""
    found = today(session, shop_id, me=me, now=now)
    path = organisation.path_of(session, found.shop.community_id)
    day = clock.civil_day(now, me.zone)
    grants = identity.list_grants(session, to_id, on=day)
    may = any(
        grant.allows(Permission.REDEMPTION_CREATE) and grant.org_unit_id in path for grant in grants
    )
    if to_id == me.person_id or not may:
        raise HandoverWrong("接班的人要是这个兑换点的另一位管理员，请核对登录名。")
    handover = Handover(
        shop_id=shop_id,
        from_id=me.person_id,
        to_id=to_id,
        day=day,
        sales=found.day.sales,
        points=found.day.points,
        refused=found.day.refused,
        without_code=found.day.without_code,
        at=now,
    )
    add(session, handover)
    audit.record(
        session,
        actor=me.actor(Permission.REDEMPTION_CREATE, path),
        action="counter.hand_over",
        subject=("person", to_id),
        scope=found.shop.community_id,
        at=now,
    )
    return handover


def report(
    session: Session, community_ids: Collection[UUID], *, month: date, zone: str
) -> tuple[list[Share], dict[UUID, str], dict[UUID, str]]:
    """Who sold what in a month at the counters of some communities; names, and shops."""
    shops = {shop.id: shop.name for shop in queries.list_shops_of(session, community_ids)}
    since = clock.midnight(month, zone)
    until = clock.midnight((month + A_MONTH_AND_A_BIT).replace(day=1), zone)
    shares = till_queries.shares(session, shops, since=since, until=until)
    names = identity.names_of(session, {share.manager_id for share in shares})
    return shares, names, shops
