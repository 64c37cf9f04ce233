"""Reading what a counter has done, and what waits at it. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.supermarket.kinds import QuestionState, Way
from app.supermarket.models import Handover, Redemption, RedemptionLine, SaleQuestion, Shop

_R = Redemption
_SOLD = _R.state == "completed"
BY_PHONE = (Way.CODE, Way.PICKUP)  # a code on the member's own phone
MOST_SERVED = 3  # people, among how many sales of one manager are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What happened at a counter within a while."""

    sales: int
    points: int
    refused: int
    ways: dict[str, int]
    goods: list[tuple[str, int, int]]  # name, pieces, points
    refusals: dict[str, int]

    @property
    def without_code(self) -> int:
        return sum(number for way, number in self.ways.items() if way not in BY_PHONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One manager's sales at one shop within a while, and to how few people they went."""

    manager_id: UUID
    shop_id: UUID
    sales: int
    points: int
    card_pin: int
    paper: int
    errand: int
    offline: int
    refused: int
    people: int
    most: int  # sales to the same three people


def day_of(session: Session, shop_id: UUID, *, since: datetime) -> Day:
    """What happened at a counter since an instant."""
    there = (_R.shop_id == shop_id, _R.at >= since)
    ways: dict[str, int] = {}
    refusals: dict[str, int] = {}
    points = 0
    rows = session.execute(
        sa.select(_R.state, _R.way, _R.refused_for, sa.func.count(), sa.func.sum(_R.cost))
        .where(*there)
        .group_by(_R.state, _R.way, _R.refused_for)
    )
    for state, way, refused_for, number, cost in rows:
        if state == "completed":
            ways[way] = ways.get(way, 0) + number
            points += int(cost)
        else:
            refusals[str(refused_for)] = refusals.get(str(refused_for), 0) + number
    return Day(
        sales=sum(ways.values()),
        points=points,
        refused=sum(refusals.values()),
        ways=ways,
        goods=_goods(session, there),
        refusals=refusals,
    )


def _goods(
    session: Session, there: tuple[sa.ColumnElement[bool], ...]
) -> list[tuple[str, int, int]]:
    line = RedemptionLine
    pieces = sa.func.sum(line.quantity)
    rows = session.execute(
        sa.select(line.name, pieces, sa.func.sum(line.points))
        .join(_R, sa.and_(_R.tenant_id == line.tenant_id, _R.id == line.redemption_id))
        .where(*there, _SOLD)
        .group_by(line.item_id, line.name)
        .order_by(pieces.desc(), line.name)
    )
    return [(row[0], int(row[1]), int(row[2])) for row in rows]


def shares(
    session: Session, shop_ids: Collection[UUID], *, since: datetime, until: datetime
) -> list[Share]:
    """Who sold what in these shops between two instants, whoever did most without a code first."""
    ranked = _by_person(_R.shop_id.in_(shop_ids), _R.at >= since, _R.at < until)
    r = ranked.c
    names = ("sales", "points", "card_pin", "paper", "errand", "offline", "refused")
    without = sa.func.sum(r.card_pin + r.paper + r.errand + r.offline)
    rows = session.execute(
        sa.select(
            r.manager_id,
            r.shop_id,
            *(sa.func.sum(r[name]) for name in names),
            sa.func.count().filter(r.sales > 0),
            sa.func.coalesce(sa.func.sum(r.sales).filter(r.place <= MOST_SERVED), 0),
        )
        .group_by(r.manager_id, r.shop_id)
        .order_by(without.desc(), sa.func.sum(r.sales).desc(), r.manager_id)
    )
    every = (*names, "people", "most")
    return [
        Share(
            manager_id=row[0],
            shop_id=row[1],
            **dict(zip(every, (int(each) for each in row[2:]), strict=True)),
        )
        for row in rows
    ]


def _by_person(*asked: sa.ColumnElement[bool]) -> sa.Subquery:
    """What each person was sold by each manager at each shop; whoever was sold most is first."""
    ways = (
        sa.func.count().filter(_SOLD, _R.way == way.value).label(way.value)
        for way in (Way.CARD_PIN, Way.PAPER, Way.ERRAND, Way.OFFLINE)
    )
    sales = sa.func.count().filter(_SOLD)
    place = sa.func.row_number().over(
        partition_by=(_R.manager_id, _R.shop_id), order_by=sales.desc()
    )
    return (
        sa.select(
            _R.manager_id,
            _R.shop_id,
            sales.label("sales"),
            sa.func.coalesce(sa.func.sum(_R.cost), 0).label("points"),
            *ways,
            sa.func.count().filter(~_SOLD).label("refused"),
            place.label("place"),
        )
        .where(*asked)
        .group_by(_R.manager_id, _R.shop_id, _R.person_id)
        .subquery("by_person")
    )


def waiting_of(session: Session, *, person_id: UUID, now: datetime) -> SaleQuestion | None:
    """What somebody is asked about right now."""
    return next(iter(list_waiting(session, person_id=person_id, now=now)), None)


def list_waiting(session: Session, *, person_id: UUID, now: datetime) -> list[SaleQuestion]:
    """All that somebody is asked about right now, the newest first."""
    query = sa.select(SaleQuestion).where(
        SaleQuestion.person_id == person_id,
        SaleQuestion.state == QuestionState.WAITING.value,
        SaleQuestion.ends_at > now,
    )
    return list(session.scalars(query.order_by(SaleQuestion.asked_at.desc(), SaleQuestion.id)))


def names_of_shops(session: Session, shop_ids: Collection[UUID]) -> dict[UUID, str]:
    rows = session.execute(sa.select(Shop.id, Shop.name).where(Shop.id.in_(shop_ids)))
    return {row.id: row.name for row in rows}


def question(session: Session, question_id: UUID, *, lock: bool = False) -> SaleQuestion | None:
    query = sa.select(SaleQuestion).filter_by(id=question_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def question_of_code(session: Session, code_id: UUID) -> SaleQuestion | None:
    return session.scalar(sa.select(SaleQuestion).filter_by(code_id=code_id))


def handovers(session: Session, shop_id: UUID, *, since: datetime) -> list[Handover]:
    query = sa.select(Handover).where(Handover.shop_id == shop_id, Handover.at >= since)
    return list(session.scalars(query.order_by(Handover.at)))
