"""What is sold and to whom: shops with full shelves, members with points and a code each.

Rows as the product writes them, laid without asking it: only the sales are to be measured.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa

from app.core import clock
from app.core.ids import new_id
from app.identity import tokens
from benchmarks import town
from benchmarks.ground import Ground

EACH_MANAGER = 150  # sales: fewer than one may make in an hour


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """One sale: by which manager, against which code."""

    token: str
    code: str


def prepare(
    ground: Ground, community_id: UUID, members: Sequence[UUID], *, shops: int
) -> tuple[list[Sold], list[tuple[UUID, UUID]]]:
    """A sale for each member, and so many shops, each with the one thing that it sells."""
    managers = [new_id() for _ in range(-(-len(members) // EACH_MANAGER))]
    made = [tokens.issue(town.TENANT) for _ in managers]
    codes = ["R" + secrets.token_urlsafe(16) for _ in members]
    now = clock.now()
    later = now + timedelta(days=1)
    own = {"tenant": town.TENANT, "now": now, "later": later, "unit": community_id}
    with ground.engine.begin() as connection:
        connection.execute(sa.text(_UNIT), own)
        people = [{**own, "person": person} for person in (*members, *managers)]
        connection.execute(sa.text(_PERSON), people)
        staff = [
            {**own, "id": new_id(), "grant": new_id(), "person": person, "digest": token.digest}
            for person, token in zip(managers, made, strict=True)
        ]
        for statement in (_SESSION, _GRANT):
            connection.execute(sa.text(statement), staff)
        shown = [
            {
                **own,
                "id": new_id(),
                "person": person,
                "digest": hashlib.sha256(code.encode()).digest(),
            }
            for person, code in zip(members, codes, strict=True)
        ]
        connection.execute(sa.text(_CODE), shown)
        opened = [_open_shop(connection, own) for _ in range(shops)]
    sales = [
        Sold(token=made[place % len(made)].text, code=code) for place, code in enumerate(codes)
    ]
    return sales, opened


def _open_shop(connection: sa.Connection, own: dict[str, object]) -> tuple[UUID, UUID]:
    shop, item, batch = new_id(), new_id(), new_id()
    row = {**own, "shop": shop, "item": item, "batch": batch, "name": shop.hex[:12]}
    row |= {"id": new_id(), "move": new_id(), "day": date(2026, 1, 1), "stock": 1_000_000}
    for statement in _SHOP:
        connection.execute(sa.text(statement), row)
    return shop, item


_UNIT = """
    INSERT INTO org_unit (tenant_id, id, parent_id, kind, name, path)
    VALUES (:tenant, :unit, NULL, 'city', 'City', ARRAY[CAST(:unit AS uuid)])
"""
_PERSON = """
    INSERT INTO person (tenant_id, id, display_name, kinds, community_id, created_at)
    VALUES (:tenant, :person, '居民', ARRAY['resident'], :unit, :now)
"""
_SESSION = """
    INSERT INTO session (tenant_id, id, token_hash, person_id, staff, created_at, last_seen_at,
        idle_until, absolute_until, auth_level, auth_time, device)
    VALUES (:tenant, :id, :digest, :person, true, :now, :now, :later, :later, 'two_factor', :now,
        '')
"""
_GRANT = """
    INSERT INTO role_grant (tenant_id, id, person_id, role, org_unit_id, valid_from, state,
        granted_at, reason)
    VALUES (:tenant, :grant, :person, 'shop_manager', :unit, '2026-01-01', 'active', :now, '')
"""
_CODE = """
    INSERT INTO redeem_code (tenant_id, id, person_id, code_hash, digits_hash, issued_at,
        expires_at)
    VALUES (:tenant, :id, :person, :digest, :digest, :now, :later)
"""
_SHOP = (
    """
    INSERT INTO shop (tenant_id, id, community_id, name, address, opens_minute, closes_minute, crs)
    VALUES (:tenant, :shop, :unit, :name, '1 Road', 0, 1440, 'gcj02')
    """,
    """
    INSERT INTO item (tenant_id, id, shop_id, sku, name, unit, category, kind)
    VALUES (:tenant, :item, :shop, '1', '大米', '袋', 'daily', 'goods')
    """,
    """
    INSERT INTO item_price (tenant_id, id, item_id, points, valid_from, announced_on, is_first,
        set_at)
    VALUES (:tenant, :id, :item, 1, :day, :day, true, :now)
    """,
    """
    INSERT INTO batch (tenant_id, id, item_id, last_day)
    VALUES (:tenant, :batch, :item, '9999-12-31')
    """,
    """
    INSERT INTO stock (tenant_id, id, on_hand, held) VALUES (:tenant, :batch, :stock, 0)
    """,
    """
    INSERT INTO stock_move (tenant_id, id, item_id, batch_id, last_day, delta, kind, reference,
        day, at)
    VALUES (:tenant, :move, :item, :batch, '9999-12-31', :stock, 'opening', 'opening', :day, :now)
    """,
)
