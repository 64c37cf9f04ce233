"""Facts and people for benchmarks."""

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.ledger import policies
from points_engine import Fact, FactKind, Policies

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
POLICIES = Policies([policies.shipped("hours10")])
_tenants = itertools.count(1)


def tenant(engine: sa.Engine) -> int:
    """A tenant of one benchmark's own."""
    tenant_id = next(_tenants)
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO tenant (id, slug, name) VALUES (:id, :slug, 'Bench')"),
            {"id": tenant_id, "slug": f"bench{tenant_id}"},
        )
    return tenant_id


def facts(count: int, people: list[UUID], community_id: UUID) -> list[Fact]:
    """So many attendances of 90 minutes, spread over the people."""
    return [
        Fact(
            id=(id_ := new_id()),
            kind=FactKind.ATTENDANCE,
            source=f"attendance:{id_}",
            category="environment",
            beneficiary_id=people[number % len(people)],
            actor_id=people[number % len(people)],
            community_id=community_id,
            quantity=90,
            occurred_at=NOON + timedelta(seconds=number),
            occurred_on=NOON.date(),
            received_at=NOON,
        )
        for number in range(count)
    ]


def people(count: int) -> list[UUID]:
    return [new_id() for _ in range(count)]


def rate(count: int, work: Callable[[], object]) -> float:
    """How many a second."""
    began = time.perf_counter()
    work()
    return round(count / (time.perf_counter() - began), 1)
