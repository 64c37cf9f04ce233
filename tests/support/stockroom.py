"""A shop's stockroom: who enters, who approves, and what they ask for."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.identity.models import Person
from app.supermarket.models import Item, StockProposal
from tests.support.client import ApiClient
from tests.support.counter import Counter
from tests.support.hands import NOON

TODAY = NOON.date()


def day(number: int) -> str:
    """A civil day so many days from today, as a body has it."""
    return (TODAY + timedelta(days=number)).isoformat()


@dataclass(kw_only=True)
class Stockroom:
    """The shop of a counter, its manager, and a secretary who looks after both."""

    counter: Counter
    secretary: Person

    @property
    def maker(self) -> Person:
        return self.counter.manager

    def ask(self, path: str, *, api: ApiClient | None = None, **body: Any) -> TestResponse:
        """What the manager asks for, under a key of its own."""
        key = body.pop("key", None) or uuid4().hex
        return (api or self.counter.api).post(path, as_=self.maker, key=key, **body)

    def in_shop(self, what: str, **body: Any) -> TestResponse:
        return self.ask(f"/shops/{self.counter.shop.id}/{what}", **body)

    def buy(self, item: Item, quantity: int, **said: Any) -> TestResponse:
        line = {
            "item_id": str(item.id),
            "quantity": quantity,
            "best_before": said.pop("best", None),
        }
        body = {"day": day(0), "source": "party_dues", "voucher": "2026-031", "lines": [line]}
        return self.in_shop("purchases", **{**body, **said})

    def give(self, item: Item, quantity: int, **said: Any) -> TestResponse:
        line = {
            "item_id": str(item.id),
            "quantity": quantity,
            "best_before": said.pop("best", None),
        }
        donor = {"donor_kind": "person", "donor_name": "林晓梅", "named": True}
        return self.in_shop("donations", **{"day": day(0), "lines": [line], **donor, **said})

    def lose(self, item: Item, quantity: int, **said: Any) -> TestResponse:
        """Write off so many of the item's first batch."""
        body = {"quantity": quantity, "reason": "受潮", **said}
        return self.ask(f"/batches/{self.counter.world.batch_of(item)}/write-offs", **body)

    def count(self, item: Item, counted: int, *, expected: int, **said: Any) -> TestResponse:
        line = {
            "batch_id": str(self.counter.world.batch_of(item)),
            "expected": expected,
            "counted": counted,
        }
        if expected != counted:
            line["reason"] = "找不到"
        if said.pop("wordless", False):
            del line["reason"]
        return self.in_shop("counts", lines=[line], **said)

    def decide(
        self,
        proposal_id: object,
        *,
        by: Person | None = None,
        api: ApiClient | None = None,
        **said: Any,
    ) -> TestResponse:
        return (api or self.counter.api).post(
            f"/stock-proposals/{proposal_id}/decision",
            as_=by or self.secretary,
            **{"approved": True, **said},
        )

    @staticmethod
    def _line(item: Item, quantity: int, *, best: str | None) -> dict[str, Any]:
        return {"item_id": str(item.id), "quantity": quantity, "best_before": best}

    def proposals(self) -> list[tuple[str, int, str]]:
        """What waits or waited for a second person: kind, how many, what became of it."""
        query = sa.select(StockProposal).order_by(StockProposal.entered_at, StockProposal.id)
        with self.counter.world.own() as session:
            return [(one.kind, one.delta, one.state) for one in session.scalars(query)]
