"""What terminals ask for and bring, as their pages do it: one account a transaction."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from app.core import clock, edges, masking
from app.core.db import transaction
from app.core.errors import DomainError, TooMany, Unavailable
from app.core.queue import ring_after_commit
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.notices import jobs as notices
from app.supermarket import (
    bringing,
    deciding,
    jobs,
    offline_queries,
    services,
    shops,
    slices,
    strays,
)
from app.supermarket.bringing import Brought, Desk
from app.supermarket.models import OfflineSale, OfflineSlice, OfflineStray, Shop
from app.supermarket.shops import Hand
from app.supermarket.slice_texts import Signed
from app.supermarket.slices import When
from app.supermarket.strays import Told
from points_engine import PointsError

MOST = 500  # sales of one shop that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a terminal finds when it has a network: its slice, and what became of its sales."""

    shop: Shop
    slice_id: UUID | None
    holder: str | None  # masked: whoever has today's slice on another terminal
    sales: list[offline_queries.Outcome]
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits for a person in a shop, with the names of whose card it was and who sold.

    `barred` may not end it, `closers` may end the others; `sells`: the reader runs a counter.
    """

    shop: Shop
    sells: bool
    sales: list[offline_queries.Outcome]
    names: dict[UUID, str]
    strays: list[OfflineStray]
    barred: dict[UUID, set[UUID]]
    closers: dict[UUID, str]
    slices: list[OfflineSlice]


def grant(me: Principal, shop_id: UUID, *, terminal: UUID) -> Signed:
    """Today's slice for this terminal. Asked again it is the same, with whoever was missing."""
    now = clock.now()
    with transaction(me.tenant_id) as session:
        row = slices.grant(session, shop_id, terminal=terminal, me=me, now=now)
        people = slices.candidates(session, row)
    for person_id in people:
        _give(me, row.id, person_id, when=When(now, me.zone))
    with transaction(me.tenant_id) as session:
        return slices.written(session, row, keyring=edges.keyring(), tenant_id=me.tenant_id)


def give_back(me: Principal, shop_id: UUID, slice_id: UUID) -> None:
    """End a slice, and let go of what it holds; what is left of that is the sweeper's."""
    with transaction(me.tenant_id) as session:
        slices.end(session, shop_id, slice_id, me=me, now=clock.now())
    jobs.let_go_of_shares(me.tenant_id, me.zone)


def state(me: Principal, shop_id: UUID, *, terminal: UUID | None) -> State:
    """How things stand for a terminal."""
    now = clock.now()
    with transaction(me.tenant_id) as session:
        shop = services.shop_of(session, me=me, shop_id=shop_id)
        row = offline_queries.open_slice(session, shop_id, day=clock.civil_day(now, me.zone))
        own = row is not None and (row.terminal, row.granted_to) == (terminal, me.person_id)
        names = identity.names_of(session, {row.granted_to} if row else set())
        return State(
            shop=shop,
            slice_id=row.id if row and own else None,
            holder=masking.name(names[row.granted_to]) if row and not own else None,
            sales=offline_queries.brought_by(session, shop_id, terminal=terminal, limit=MOST),
            waiting=offline_queries.count_waiting(session, shop_id),
        )


def bring(me: Principal, shop_id: UUID, brought: Brought) -> offline_queries.Outcome:
    """Book one sale, or keep it for a person; the same one again is the same answer."""
    with transaction(me.tenant_id) as session:
        sale = bringing.bring(session, brought, desk=_desk(me, shop_id))
        ring_after_commit(session, notices.send_waiting)
        return offline_queries.outcome_of(session, sale.id)


def put_aside(
    me: Principal, shop_id: UUID, told: Told, *, read: Callable[[], Brought]
) -> offline_queries.Outcome | OfflineStray:
    """Bring it once more; what is refused even so is kept as it was told."""
    try:
        return bring(me, shop_id, read())
    except (TooMany, Unavailable):
        raise
    except DomainError as refusal:
        with transaction(me.tenant_id) as session:
            return strays.put_aside(session, told, refusal, desk=_desk(me, shop_id))


def close_stray(me: Principal, shop_id: UUID, stray_id: UUID, *, reason: str) -> OfflineStray:
    """Say what was done about a sale that was put aside."""
    with transaction(me.tenant_id) as session:
        return strays.close(session, stray_id, reason=reason, desk=_desk(me, shop_id))


def waiting(me: Principal, shop_id: UUID) -> Waiting:
    """What a person has to see to and, for whoever sells there, the slices that are out."""
    now = clock.now()
    with transaction(me.tenant_id) as session:
        shop = shops.managed(session, Hand(me=me, to=Permission.OFFLINE_CLOSE, now=now), shop_id)
        sells = shops.may(session, me, shop, to=Permission.REDEMPTION_CREATE)
        sales = offline_queries.list_waiting(session, shop_id, limit=MOST)
        out = offline_queries.list_open_slices(session, shop_id) if sells else []
        aside = offline_queries.list_strays(session, shop_id, limit=MOST)
        closers = strays.closers(session, shop, on=clock.civil_day(now, me.zone))
        people = {one for each in sales for one in (each.person_id, each.sold_by)}
        people |= {one for each in aside for one in (each.put_by, each.sold_by) if one}
        people |= {*closers, *(row.granted_to for row in out)}
        return Waiting(
            shop=shop,
            sells=sells,
            sales=sales,
            names=identity.names_of(session, people),
            strays=aside,
            barred=strays.barred(session, aside)
            | {each.sale.id: {each.sold_by, each.person_id} for each in sales},
            closers=closers,
            slices=out,
        )


def try_again(me: Principal, shop_id: UUID, sale_id: UUID) -> OfflineSale:
    """Try a sale that waits once more."""
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, notices.send_waiting)
        return deciding.again(session, sale_id, desk=_desk(me, shop_id))


def close_sale(me: Principal, shop_id: UUID, sale_id: UUID, *, reason: str) -> OfflineSale:
    """Say why a sale that waits is ended without points."""
    with transaction(me.tenant_id) as session:
        return deciding.close(session, sale_id, reason=reason, desk=_desk(me, shop_id))


def shop(me: Principal, shop_id: UUID) -> Shop:
    """The shop, for whoever may run its counter."""
    with transaction(me.tenant_id) as session:
        return services.shop_of(session, me=me, shop_id=shop_id)


def _give(me: Principal, slice_id: UUID, person_id: UUID, *, when: When) -> None:
    """A share for one more person, unless the rules or their account say no."""
    with suppress(DomainError, PointsError), transaction(me.tenant_id) as session:
        slices.give(session, slice_id, person_id, when=when)


def _desk(me: Principal, shop_id: UUID) -> Desk:
    return Desk(me=me, shop_id=shop_id, keyring=edges.keyring(), now=clock.now())
