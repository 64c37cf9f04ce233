"""What residents reserve, and what comes of it at the counter."""

import secrets
from collections import Counter as Tally
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.core import tenancy
from app.core.tenancy import Tenant
from app.identity.models import Person
from app.ledger import services as ledger
from app.supermarket import goods, jobs
from app.supermarket.goods import Said
from app.supermarket.models import Item
from points_engine import Policy
from tests.support.client import ApiClient
from tests.support.counter import Counter
from tests.support.ground import POLICY
from tests.support.hands import NOON
from tests.support.world import World


@dataclass
class Orders:
    """One shop, seen by those who reserve there and those who hand over."""

    world: World
    counter: Counter

    def reserving(
        self,
        who: Person,
        *,
        item: Item | None = None,
        quantity: int = 1,
        key: str | None = None,
        on_behalf_of: Person | None = None,
        api: ApiClient | None = None,
    ) -> TestResponse:
        line = {"item_id": str((item or self.counter.rice).id), "quantity": quantity}
        whom = {"on_behalf_of": str(on_behalf_of.id)} if on_behalf_of else {}
        path = f"/shops/{self.counter.shop.id}/reservations"
        asked = {"lines": [line], **whom}
        return (api or self.counter.api).post(path, as_=who, key=key or uuid4().hex, **asked)

    def reserve(self, who: Person, **said: Any) -> dict[str, Any]:
        """What is kept, as the answer has it."""
        answer = self.reserving(who, **said)
        assert answer.status_code == 201, answer.get_json()
        return dict(answer.get_json()["reservation"])

    def fetching(
        self,
        code: str,
        *,
        lines: list[tuple[Item, int]] | None = None,
        api: ApiClient | None = None,
    ) -> TestResponse:
        some = [{"item_id": str(item.id), "quantity": each} for item, each in lines or []]
        return (api or self.counter.api).post(
            f"/shops/{self.counter.shop.id}/pick-ups",
            as_=self.counter.manager,
            key=uuid4().hex,
            code=code,
            **({"lines": some} if some else {}),
        )

    def cancelling(
        self, who: Person, reservation_id: str, *, api: ApiClient | None = None
    ) -> TestResponse:
        path = f"/reservations/{reservation_id}/cancellation"
        return (api or self.counter.api).post(path, as_=who, key=uuid4().hex)

    def list_own(self, who: Person) -> list[dict[str, Any]]:
        return list(self.counter.api.get("/me/reservations", as_=who).get_json()["items"])

    def on_shelf(self, who: Person) -> int:
        """How much of the rice is to be had, as somebody sees it who has not left home."""
        path = f"/shops/{self.counter.shop.id}/items"
        items = self.counter.api.get(path, as_=who).get_json()["items"]
        (rice,) = [one for one in items if one["id"] == str(self.counter.rice.id)]
        return int(rice["available"])

    def sweep(self) -> int:
        """What the sweeper does with the rights it has; how many reservations it ended."""
        with self.world.as_worker():
            return jobs.look_after_tenant(self._tenant())

    def sweep_beside(self) -> int:
        """The same while others are at the counter, whose rights it then shares."""
        with self.world.app.app_context():
            return jobs.look_after_tenant(self._tenant())

    def _tenant(self) -> Tenant:
        with self.world.own() as session:
            tenant = tenancy.get_tenant(session, self.world.tenant_id)
        assert tenant is not None
        return tenant

    def rule(self, **said: Any) -> None:
        """From today on another policy is in force, which says this of the shops."""
        day = {"version": secrets.token_hex(4), "in_force_from": NOON.date().isoformat()}
        policy = Policy.from_document({**POLICY.to_document(), **day, **said})
        with self.world.own() as session:
            ledger.publish(session, policy, now=NOON)

    def reprice(self, points: int, *, on: date) -> None:
        """Rice costs so much from a week after that day on."""
        at = self.world.now()
        said = Said(
            points=points,
            valid_from=on + goods.NOTICE,
            on=on,
            at=at,
            by=self.counter.manager.id,
        )
        with self.world.work() as session:
            goods.reprice(session, self.counter.rice, said)

    def told(self, who: Person) -> dict[str, int]:
        """How often of what."""
        query = sa.text("SELECT template FROM notice WHERE person_id = :who")
        with self.world.own() as session:
            return dict(Tally(session.scalars(query, {"who": who.id})))

    def returning(
        self,
        redemption_id: str | UUID,
        *,
        lines: list[tuple[Item, int]] | None = None,
        by: Person | None = None,
        api: ApiClient | None = None,
        **said: str,
    ) -> TestResponse:
        some = [{"item_id": str(item.id), "quantity": each} for item, each in lines or []]
        return (api or self.counter.api).post(
            f"/redemptions/{redemption_id}/reversal",
            as_=by or self.counter.manager,
            key=uuid4().hex,
            **{"reason": "胀包", **said},
            **({"lines": some} if some else {}),
        )
