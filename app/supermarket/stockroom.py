"""What changes stock, as the API and the pages both do it: once for a key."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask import Response
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import transaction
from app.core.http import json_answer
from app.core.idempotency import Ask, once, required
from app.identity.roles import Principal
from app.supermarket import deliveries, labels, stock_queries, stocktaking
from app.supermarket.deliveries import Came, Donor
from app.supermarket.models import Delivery
from app.supermarket.receiving import Arrived, Bought
from app.supermarket.stock_schemas import CountAnswer, DeliveryAnswer, WriteOffAnswer
from app.supermarket.stocktaking import Counted, Loss


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What stands in a form about a delivery, whoever paid for it."""

    shop_id: UUID
    day: date
    lines: Sequence[Arrived]

    def came(self, key: str) -> Came:
        return Came(shop_id=self.shop_id, reference=key, day=self.day, lines=self.lines)


def receive(me: Principal, brought: Brought, *, key: str | None, bought: Bought) -> Response:
    """Take in what was bought."""
    told = required(key)

    def act(session: Session, now: datetime) -> Response:
        came = brought.came(told)
        return _taken_in(deliveries.receive_stock(session, came, bought=bought, me=me, now=now))

    body = {**asdict(brought), **asdict(bought)}
    return _once(me, told, f"receive:{brought.shop_id}", body=body, act=act)


def donate(me: Principal, brought: Brought, *, key: str | None, donor: Donor) -> Response:
    """Take in what somebody gave."""
    told = required(key)

    def act(session: Session, now: datetime) -> Response:
        delivery = deliveries.record_donation(
            session, edges.vault(), brought.came(told), donor=donor, me=me, now=now
        )
        return _taken_in(delivery)

    body = {**asdict(brought), **asdict(donor)}
    return _once(me, told, f"donate:{brought.shop_id}", body=body, act=act)


def write_off(me: Principal, loss: Loss, *, key: str | None) -> Response:
    """Take a loss off the books, or propose it."""

    def act(session: Session, now: datetime) -> Response:
        proposal = stocktaking.write_off(session, loss, me=me, now=now)
        body = {
            "state": "pending" if proposal else "booked",
            "proposal_id": proposal.id if proposal else None,
        }
        return json_answer(WriteOffAnswer(), body, status=201)

    return _once(me, required(key), f"write_off:{loss.batch_id}", body=asdict(loss), act=act)


def count(me: Principal, shop_id: UUID, lines: Sequence[Counted], *, key: str | None) -> Response:
    """Write down a count, with its differences."""
    told = required(key)

    def act(session: Session, now: datetime) -> Response:
        taken = stocktaking.count(session, shop_id, lines, reference=told, me=me, now=now)
        counted = stock_queries.counted_in(session, taken.id)
        different = [line for line, _, _ in counted if line.expected != line.counted]
        body = {"id": taken.id, "day": taken.day, "differences": len(different)}
        return json_answer(CountAnswer(), body, status=201)

    body = {"lines": [asdict(line) for line in lines]}
    return _once(me, told, f"count:{shop_id}", body=body, act=act)


def _once(
    me: Principal,
    key: str,
    route: str,
    *,
    body: dict[str, Any],
    act: Callable[[Session, datetime], Response],
) -> Response:
    now = clock.now()
    ask = Ask(actor_id=me.person_id, key=key, route=route, body=body, now=now)
    with transaction(me.tenant_id) as session:
        return once(session, ask, lambda: act(session, now))


def _taken_in(delivery: Delivery) -> Response:
    body = {
        "delivery": {
            "id": delivery.id,
            "kind": delivery.kind,
            "number": labels.delivery_number(delivery),
            "day": delivery.day,
        }
    }
    return json_answer(DeliveryAnswer(), body, status=201)
