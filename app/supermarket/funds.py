"""What was raised for the goods, held against the points that may ask for them.

It is for staff only, and it only warns: what was earned is always booked and always redeemed.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import claim
from app.ledger import services as ledger
from app.organisation import queries as organisation
from app.supermarket import queries
from app.supermarket.models import Funding
from points_engine import Guard, budget_guard


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """Money somebody raised: so much, when, from where, by which voucher."""

    community_id: UUID
    voucher: str
    amount_fen: int
    source: str
    funded_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """One community's points in circulation, and what there is for them."""

    community: str
    outstanding_points: int
    guard: Guard


def record(session: Session, raised: Raised, *, recorded_by: UUID, now: datetime) -> bool:
    """Write down what was raised; False when that voucher is written down already."""
    row = claim(
        session,
        Funding,
        community_id=raised.community_id,
        voucher=raised.voucher,
        amount_fen=raised.amount_fen,
        source=raised.source,
        funded_on=raised.funded_on,
        recorded_by=recorded_by,
        recorded_at=now,
    )
    return row is not None


def list_budgets(session: Session, community_ids: Collection[UUID], *, on: date) -> list[Budget]:
    """The budgets of some communities by the prices of a day, in the order of their names."""
    policy = ledger.policy_on(session, on)
    price = policy.value_fen_per_10_points if policy else 0
    funded = queries.funded_fen(session, community_ids)
    found = []
    for community_id, name in organisation.names_of(session, community_ids):
        points = ledger.outstanding(session, community_id=community_id)
        guard = budget_guard(points, price, max(0, funded.get(community_id, 0)))
        found.append(Budget(community=name, outstanding_points=points, guard=guard))
    return found
