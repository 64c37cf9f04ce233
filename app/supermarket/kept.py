"""Reading what waits for people, what they took, and what came back. Nothing here writes."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get
from app.supermarket.models import (
    Item,
    PointsDonation,
    Redemption,
    RedemptionLine,
    RedemptionReturn,
    Reservation,
    ReservationLine,
    ReservationPart,
    ReturnLine,
    Stock,
)

OPEN = Reservation.state == "open"


def lock_own(session: Session, reservation_id: UUID, *, person_id: UUID) -> Reservation | None:
    """Somebody's reservation, held until the end."""
    found = get(session, Reservation, reservation_id, lock=True)
    return found if found is not None and found.person_id == person_id else None


def lock_by_code(session: Session, *, shop_id: UUID, code_hash: bytes) -> Reservation | None:
    """What a code of this shop stands for, held until the end."""
    query = sa.select(Reservation).filter_by(shop_id=shop_id, code_hash=code_hash)
    return session.scalar(query.with_for_update().execution_options(populate_existing=True))


def by_code(session: Session, *, code_hash: bytes) -> Reservation | None:
    return session.scalar(sa.select(Reservation).filter_by(code_hash=code_hash))


def lock_one_over(session: Session, *, before: datetime) -> Reservation | None:
    """One for which nobody came until then; those that somebody is at are stepped round."""
    query = sa.select(Reservation).where(OPEN, Reservation.expires_at <= before)
    first = query.order_by(Reservation.expires_at, Reservation.id).limit(1)
    return session.scalar(first.with_for_update(skip_locked=True))


def lock_ending(session: Session, *, now: datetime, by: datetime, limit: int) -> list[Reservation]:
    """Some that end soon, and whose people were not told yet."""
    query = sa.select(Reservation).where(
        OPEN,
        Reservation.reminded_at.is_(None),
        Reservation.expires_at > now,
        Reservation.expires_at <= by,
    )
    some = query.order_by(Reservation.expires_at, Reservation.id).limit(limit)
    return list(session.scalars(some.with_for_update(skip_locked=True)))


def count_open(session: Session, person_id: UUID) -> int:
    query = sa.select(sa.func.count()).select_from(Reservation)
    return session.scalar(query.where(OPEN, Reservation.person_id == person_id)) or 0


def list_own(session: Session, person_id: UUID, *, limit: int) -> list[Reservation]:
    """A person's reservations, the newest first."""
    query = sa.select(Reservation).filter_by(person_id=person_id)
    newest = query.order_by(Reservation.reserved_at.desc(), Reservation.id.desc())
    return list(session.scalars(newest.limit(limit)))


def list_waiting(session: Session, shop_id: UUID, *, limit: int) -> list[Reservation]:
    """What waits in a shop, the first to end first."""
    query = sa.select(Reservation).where(OPEN, Reservation.shop_id == shop_id)
    return list(session.scalars(query.order_by(Reservation.expires_at).limit(limit)))


def lines_of(
    session: Session, reservation_ids: Collection[UUID]
) -> dict[UUID, list[ReservationLine]]:
    """The goods of some reservations."""
    found: dict[UUID, list[ReservationLine]] = {each: [] for each in reservation_ids}
    query = sa.select(ReservationLine).where(ReservationLine.reservation_id.in_(reservation_ids))
    for line in session.scalars(query.order_by(ReservationLine.id)):
        found[line.reservation_id].append(line)
    return found


def parts_of(session: Session, reservation_id: UUID) -> list[ReservationPart]:
    """The batches that are held for a reservation, what ends first first."""
    query = sa.select(ReservationPart).filter_by(reservation_id=reservation_id)
    return list(session.scalars(query.order_by(ReservationPart.last_day, ReservationPart.batch_id)))


def lock_stock(session: Session, batch_ids: Collection[UUID]) -> dict[UUID, Stock]:
    """How much there is of some batches, held in id order until the end."""
    query = sa.select(Stock).where(Stock.id.in_(batch_ids)).order_by(Stock.id)
    held = query.with_for_update().execution_options(populate_existing=True)
    return {stock.id: stock for stock in session.scalars(held)}


def points_reserved_by_mandate(session: Session, mandate_id: UUID, *, since: datetime) -> int:
    """The points a delegate has reserved by a mandate since an instant, and not given up."""
    query = sa.select(sa.func.coalesce(sa.func.sum(Reservation.cost), 0)).where(
        Reservation.delegation_id == mandate_id,
        Reservation.reserved_at >= since,
        Reservation.state.in_(("open", "picked_up")),
    )
    return int(session.scalar(query) or 0)


def fetched_by_mandates(session: Session, mandate_ids: Collection[UUID], *, since: datetime) -> int:
    """How often reserved goods were fetched by these mandates since an instant."""
    query = sa.select(sa.func.count()).where(
        Reservation.delegation_id.in_(mandate_ids),
        Reservation.state == "picked_up",
        Reservation.ended_at >= since,
    )
    return session.scalar(query) or 0


def orders_since(session: Session, person_id: UUID, *, since: datetime) -> int:
    """How often somebody took goods since an instant, or has reserved some now."""
    query = sa.select(sa.func.count()).select_from(Redemption)
    taken = query.where(
        Redemption.person_id == person_id,
        Redemption.state == "completed",
        Redemption.at >= since,
    )
    return (session.scalar(taken) or 0) + count_open(session, person_id)


def pieces_since(session: Session, person_id: UUID, *, since: datetime) -> dict[UUID, int]:
    """How much of each item somebody took since then, or has reserved; what came back is off."""
    of_theirs = sa.and_(Redemption.person_id == person_id, Redemption.at >= since)
    taken = (
        sa.select(RedemptionLine.item_id, RedemptionLine.quantity)
        .join(Redemption, Redemption.id == RedemptionLine.redemption_id)
        .where(of_theirs)
    )
    waiting = (
        sa.select(ReservationLine.item_id, ReservationLine.quantity)
        .join(Reservation, Reservation.id == ReservationLine.reservation_id)
        .where(OPEN, Reservation.person_id == person_id)
    )
    back = (
        sa.select(ReturnLine.item_id, -ReturnLine.quantity)
        .join(RedemptionReturn, RedemptionReturn.id == ReturnLine.return_id)
        .join(Redemption, Redemption.id == RedemptionReturn.redemption_id)
        .where(of_theirs)
    )
    every = sa.union_all(taken, waiting, back).subquery()
    rows = session.execute(sa.select(every.c[0], sa.func.sum(every.c[1])).group_by(every.c[0]))
    return {row[0]: int(row[1]) for row in rows}


def get_redemption(session: Session, redemption_id: UUID) -> Redemption | None:
    return get(session, Redemption, redemption_id)


def find_redemption(
    session: Session, shop_id: UUID, *, number: str, since: datetime
) -> Redemption | None:
    """The newest completed redemption of a shop whose receipt has that number."""
    tail = sa.func.right(sa.func.replace(sa.cast(Redemption.id, sa.Text), "-", ""), len(number))
    query = sa.select(Redemption).where(
        Redemption.shop_id == shop_id,
        Redemption.at >= since,
        Redemption.state == "completed",
        tail == number.lower(),
    )
    return session.scalar(query.order_by(Redemption.at.desc()).limit(1))


def redemption_lines(session: Session, redemption_id: UUID) -> list[RedemptionLine]:
    query = sa.select(RedemptionLine).filter_by(redemption_id=redemption_id)
    return list(session.scalars(query.order_by(RedemptionLine.id)))


def returns_of(session: Session, redemption_id: UUID) -> list[RedemptionReturn]:
    """What came back of a redemption before, in its order."""
    query = sa.select(RedemptionReturn).filter_by(redemption_id=redemption_id)
    return list(session.scalars(query.order_by(RedemptionReturn.place)))


def returned_points(session: Session, redemption_ids: Collection[UUID]) -> dict[UUID, int]:
    """The points that went back for some redemptions."""
    query = (
        sa.select(RedemptionReturn.redemption_id, sa.func.sum(RedemptionReturn.points))
        .where(RedemptionReturn.redemption_id.in_(redemption_ids))
        .group_by(RedemptionReturn.redemption_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def returned_pieces(session: Session, redemption_id: UUID) -> dict[UUID, int]:
    """How much of each item came back of a redemption."""
    query = (
        sa.select(ReturnLine.item_id, sa.func.sum(ReturnLine.quantity))
        .join(RedemptionReturn, RedemptionReturn.id == ReturnLine.return_id)
        .where(RedemptionReturn.redemption_id == redemption_id)
        .group_by(ReturnLine.item_id)
    )
    return {row[0]: int(row[1]) for row in session.execute(query)}


def units_of(session: Session, item_ids: Collection[UUID]) -> dict[UUID, str]:
    """What one of each item is called."""
    rows = session.execute(sa.select(Item.id, Item.unit).where(Item.id.in_(item_ids)))
    return {row[0]: row[1] for row in rows}


def given_in(session: Session, community_id: UUID, *, quarter: str) -> tuple[int, int]:
    """The points that were given to a community in a quarter, and by how many people."""
    query = sa.select(
        sa.func.coalesce(sa.func.sum(PointsDonation.points), 0),
        sa.func.count(sa.distinct(PointsDonation.person_id)),
    ).filter_by(community_id=community_id, quarter=quarter)
    row = session.execute(query).one()
    return int(row[0]), int(row[1])


def redeemed_between(
    session: Session, shop_id: UUID, *, since: datetime, until: datetime
) -> list[tuple[str, bool, int, int]]:
    """A day's redemptions of a shop: state, whether out of a reservation, how many, points."""
    query = (
        sa.select(
            Redemption.state,
            Redemption.reservation_id.is_not(None),
            sa.func.count(),
            sa.func.sum(Redemption.cost),
        )
        .where(Redemption.shop_id == shop_id, Redemption.at >= since, Redemption.at < until)
        .group_by(Redemption.state, Redemption.reservation_id.is_not(None))
    )
    return [(row[0], row[1], row[2], int(row[3])) for row in session.execute(query)]


def returned_between(
    session: Session, shop_id: UUID, *, since: datetime, until: datetime
) -> tuple[int, int]:
    """How often goods came back to a shop, and for how many points."""
    query = (
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(RedemptionReturn.points), 0))
        .join(Redemption, Redemption.id == RedemptionReturn.redemption_id)
        .where(
            Redemption.shop_id == shop_id,
            RedemptionReturn.at >= since,
            RedemptionReturn.at < until,
        )
    )
    row = session.execute(query).one()
    return int(row[0]), int(row[1])
