"""What has to be known to judge a sale, read in one statement. Nothing here writes.

On market day everybody comes at once: so it is asked once, and written out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session

from app.core import misses
from app.core.db import tenant_of
from app.core.idempotency import IdempotencyRow
from app.core.worded import Worded
from app.ledger import terms
from app.supermarket.kinds import Way
from app.supermarket.models import Batch, Item, ItemPrice, RedeemCode, Redemption, Shop, Stock


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which shop and goods, on which day, by which manager; what was shown, and the key.

    `hour` and `midnight` are since when the manager's sales are counted.
    """

    shop_id: UUID
    item_ids: Collection[UUID]
    day: date
    manager_id: UUID
    hour: datetime
    midnight: datetime
    tried: misses.Try
    code_hash: bytes | None
    key: str | None


@dataclass(frozen=True, slots=True)
class Done:
    """What a manager has sold within the hour and the day."""

    hour_sales: int
    hour_points: int
    day_sales: int
    day_points: int
    papers: int


@dataclass(frozen=True, slots=True)
class Member:
    """What has to be known of whoever pays."""

    name: str
    community_id: UUID
    cooling_until: datetime | None


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it was issued: by whom it may be used up, and until when; or that it is."""

    id: UUID
    person_id: UUID
    delegation_id: UUID | None
    expires_at: datetime
    burnt_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The shop with the units above it, the goods, and what is known of the two before it.

    `goods`: an item, what one costs on that day, and how many there are for everybody.
    """

    shop: Shop
    path: Sequence[UUID]
    goods: Sequence[tuple[Item, int, int]]
    done: Done
    missed: Sequence[datetime]
    policies: str  # the mark of those there are
    repeated: bool  # something was answered under this key before
    code: Code | None
    member: Member | None  # whose code it is


def read(session: Session, asked: Asked) -> Scene | None:
    """The scene, or None when there is no such shop."""
    values = {
        "tenant": tenant_of(session),
        "shop": asked.shop_id,
        "items": list(asked.item_ids),
        "day": asked.day,
        "manager": asked.manager_id,
        "hour": asked.hour,
        "midnight": asked.midnight,
        "since_either": min(asked.hour, asked.midnight),
        "subject": asked.tried.digest,
        "since": misses.since(asked.tried.now),
        "code": asked.code_hash,
        "key": asked.key,
    }
    rows = _SCENE.rows(session, values)
    return _scene(rows) if rows else None


def done(session: Session, manager_id: UUID, *, hour: datetime, midnight: datetime) -> Done:
    """What a manager has sold since these two instants.

    What was reserved before and is only handed over is not counted.
    """
    values = {
        "tenant": tenant_of(session),
        "manager": manager_id,
        "hour": hour,
        "midnight": midnight,
        "since_either": min(hour, midnight),
    }
    return Done(*session.connection().execute(_DONE, values).one())


def member(session: Session, person_id: UUID) -> Member:
    """What has to be known of somebody there is."""
    values = {"tenant": tenant_of(session), "person": person_id}
    return Member(*session.connection().execute(_MEMBER, values).one())


def _scene(rows: Sequence[Sequence[Any]]) -> Scene:
    """The columns of the statement, in its order; of all rows but the goods are the same."""
    columns = iter(rows[0])

    def next_ones(names: Sequence[str]) -> dict[str, Any]:
        return {name: next(columns) for name in names}

    shop = Shop(**next_ones(_SHOP_NAMES))
    path, missed, policies, repeated = (next(columns) for _ in range(4))
    counted = Done(*next(columns))
    code, payer = next_ones(_names(Code)), next_ones(_names(Member))
    first = len(rows[0]) - len(_ITEM_NAMES) - 2  # column of the goods
    return Scene(
        shop=shop,
        path=path,
        goods=[_goods(row[first:]) for row in rows if row[_POINTS] is not None],
        done=counted,
        missed=missed,
        policies=policies,
        repeated=repeated,
        code=Code(**code) if code["id"] else None,
        member=Member(**payer) if code["id"] else None,
    )


def _goods(row: Sequence[Any]) -> tuple[Item, int, int]:
    *item, points, available = row
    return Item(**dict(zip(_ITEM_NAMES, item, strict=True))), points, available


def _names(shape: type[Any]) -> list[str]:
    return [field.name for field in fields(shape)]


_S, _I, _C, _R = (model.__table__ for model in (Shop, Item, RedeemCode, Redemption))
_P, _B, _STOCK, _KEYS = (model.__table__ for model in (ItemPrice, Batch, Stock, IdempotencyRow))
# What a sale has to know of a shop and its goods.
_SHOP_NAMES = ("id", "community_id", "name", "opens_minute", "closes_minute")
_ITEM_NAMES = ("id", "name", "unit", "category", "kind", "quarter_limit")
_POINTS = -2  # what one costs, in a row of the statement
# People and units are a matter below this one, hence by their names.
_OF_PERSON = ("tenant_id", "id", "display_name", "community_id", "cooling_until")
_PERSON = sa.table("person", *(sa.column(name) for name in _OF_PERSON))
_UNIT = sa.table("org_unit", *(sa.column(name) for name in ("tenant_id", "id", "path")))

_TENANT = sa.bindparam("tenant", type_=sa.BigInteger())
_DAY = sa.bindparam("day", type_=sa.Date())
_MANAGER = sa.bindparam("manager", type_=sa.Uuid())
_HOUR, _MIDNIGHT, _SINCE_EITHER = (
    sa.bindparam(name, type_=sa.DateTime(timezone=True))
    for name in ("hour", "midnight", "since_either")
)

_SOLD_BY = sa.select(
    sa.func.count().filter(_R.c.at > _HOUR).label("hour_sales"),
    sa.func.coalesce(sa.func.sum(_R.c.cost).filter(_R.c.at > _HOUR), 0).label("hour_points"),
    sa.func.count().filter(_R.c.at >= _MIDNIGHT).label("day_sales"),
    sa.func.coalesce(sa.func.sum(_R.c.cost).filter(_R.c.at >= _MIDNIGHT), 0).label("day_points"),
    sa.func.count().filter(_R.c.at >= _MIDNIGHT, _R.c.way == Way.PAPER.value).label("papers"),
).where(
    _R.c.tenant_id == _TENANT,
    _R.c.manager_id == _MANAGER,
    _R.c.at >= _SINCE_EITHER,
    _R.c.state == "completed",
    _R.c.way != Way.PICKUP.value,
)
_DONE: Any = _SOLD_BY
_OF_MEMBER = (_PERSON.c.display_name, _PERSON.c.community_id, _PERSON.c.cooling_until)
_MEMBER: Any = sa.select(*_OF_MEMBER).where(
    _PERSON.c.tenant_id == _TENANT, _PERSON.c.id == sa.bindparam("person", type_=sa.Uuid())
)
_PATH = (
    sa.select(_UNIT.c.path)
    .where(_UNIT.c.tenant_id == _TENANT, _UNIT.c.id == _S.c.community_id)
    .scalar_subquery()
)
_REPEATED = sa.exists().where(
    _KEYS.c.tenant_id == _TENANT,
    _KEYS.c.actor_id == _MANAGER,
    _KEYS.c.key == sa.bindparam("key", type_=sa.Text()),
)
_SHOWN = (
    sa.select(*(_C.c[name] for name in _names(Code)), *_OF_MEMBER)
    .join(_PERSON, sa.and_(_PERSON.c.tenant_id == _TENANT, _PERSON.c.id == _C.c.person_id))
    .where(
        _C.c.tenant_id == _TENANT,
        _C.c.code_hash == sa.bindparam("code", type_=sa.LargeBinary()),
    )
    .subquery("shown")
)
_PRICE = (
    sa.select(_P.c.points)
    .where(_P.c.tenant_id == _TENANT, _P.c.item_id == _I.c.id, _P.c.valid_from <= _DAY)
    .order_by(_P.c.valid_from.desc())
    .limit(1)
    .scalar_subquery()
)
_AVAILABLE = (
    sa.select(sa.func.coalesce(sa.func.sum(_STOCK.c.on_hand - _STOCK.c.held), 0))
    .join(_B, sa.and_(_B.c.tenant_id == _STOCK.c.tenant_id, _B.c.id == _STOCK.c.id))
    .where(_B.c.tenant_id == _TENANT, _B.c.item_id == _I.c.id, _B.c.last_day >= _DAY)
    .scalar_subquery()
)
_GOODS = (
    sa.select(
        *(_I.c[name] for name in _ITEM_NAMES), _PRICE.label("points"), _AVAILABLE.label("available")
    )
    .where(
        _I.c.tenant_id == _TENANT,
        _I.c.shop_id == sa.bindparam("shop", type_=sa.Uuid()),
        _I.c.id == sa.any_(sa.bindparam("items", type_=ARRAY(sa.Uuid()))),
        _I.c.closed_at.is_(None),
    )
    .subquery("goods")
)
_SOLD = _SOLD_BY.subquery("sold")
_SOLD_BY_THEM = sa.select(array(list(_SOLD.c))).scalar_subquery()
_SCENE = Worded(
    sa.select(
        *(_S.c[name] for name in _SHOP_NAMES),
        _PATH.label("above"),
        misses.latest().label("missed"),
        terms.mark().label("policies"),
        _REPEATED.label("repeated"),
        _SOLD_BY_THEM.label("done"),
        *_SHOWN.c,
        *_GOODS.c,
    )
    .select_from(_S.outerjoin(_SHOWN, sa.true()).outerjoin(_GOODS, sa.true()))
    .where(_S.c.tenant_id == _TENANT, _S.c.id == sa.bindparam("shop", type_=sa.Uuid()))
)
