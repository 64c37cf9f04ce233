"""A terminal at a counter, with what its page would keep while there is no network."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from werkzeug.test import TestResponse

from app.core import tenancy
from app.core.clock import CIVIL_ZONE as ZONE
from app.identity.models import Person
from app.supermarket import jobs, slice_texts, slices
from app.supermarket.models import Item, OfflineShare
from app.supermarket.slices import When
from tests.support.browser import Browser
from tests.support.counter import Counter
from tests.support.world import World

REASON = "没有手机"


@dataclass
class Terminal:
    """One browser at a shop's counter, and the queue it holds."""

    world: World
    counter: Counter
    who: Person | None = None
    id: UUID = field(default_factory=uuid4)
    slice: dict[str, str] = field(default_factory=dict)
    browser: Browser = field(init=False)
    made: int = 0

    def __post_init__(self) -> None:
        self.sign_in()

    def sign_in(self) -> None:
        """Also the next morning: a session does not last over night, and the queue does."""
        who = self.who or self.counter.manager
        self.browser = Browser(self.world, self.counter.api, who)

    @property
    def at(self) -> str:
        return f"/counter/{self.counter.shop.id}/offline"

    @property
    def content(self) -> dict[str, Any]:
        return dict(json.loads(self.slice["text"]))

    def state(self) -> dict[str, Any]:
        return dict(self.browser.get(f"{self.at}/state", terminal=self.id).get_json())

    def post(self, path: str, **fields: Any) -> TestResponse:
        token = self.state()["csrf"]
        return self.browser.send(f"{self.at}{path}", csrf_token=token, **fields)

    def asking(self) -> TestResponse:
        return self.post("/slice", terminal=self.id)

    def ask(self) -> None:
        """Be granted today's slice."""
        answer = self.asking()
        assert answer.status_code == 200, answer.text
        self.slice = answer.get_json()

    def give_back(self) -> TestResponse:
        return self.post(f"/slices/{self.content['slice']}/return")

    def known(self, card: str) -> dict[str, Any] | None:
        """What the page knows of a card."""
        content = self.content
        digest = slice_texts.card_digest(card, bytes.fromhex(content["salt"]))
        return content["cards"].get(digest)  # type: ignore[no-any-return]  # it is JSON

    def sell(
        self,
        card: str,
        item: Item | None = None,
        *,
        quantity: int = 1,
        at: datetime | None = None,
    ) -> dict[str, str]:
        """Sell without a network: what the queue keeps of it."""
        known = self.known(card)
        assert known is not None, "the terminal does not know this card"
        sale = self.sale_of(known["share"], item or self.counter.rice, quantity=quantity)
        return sale if at is None else {**sale, "sold_at": at.isoformat()}

    def sale_of(self, share: UUID | str, item: Item, *, quantity: int = 1) -> dict[str, str]:
        """A sale against a share."""
        (price,) = [one["points"] for one in self.content["goods"] if one["id"] == str(item.id)]
        self.made += 1
        return {
            "slice": self.slice["text"],
            "mac": self.slice["mac"],
            "nonce": str(uuid4()),
            "share": str(share),
            "place": str(self.made),
            "sold_at": self.world.now().isoformat(),
            "total": str(price * quantity),
            f"qty-{item.id}": str(quantity),
        }

    def tab(self) -> "Terminal":
        """Another tab of the same browser."""
        return replace(self)

    def hold_for(self, people: Sequence[Person]) -> list[UUID]:
        """A share for each of these people, whether or not they were ever here; their ids."""
        when = When(self.world.now(), ZONE)
        slice_id = UUID(self.content["slice"])
        with self.world.work() as session:
            for person in people:
                slices.give(session, slice_id, person.id, when=when)
        with self.world.own() as session:
            return list(session.scalars(sa.select(OfflineShare.id).order_by(OfflineShare.id)))

    def bringing(self, sale: dict[str, str]) -> TestResponse:
        return self.post("/sales", **sale)

    def bring(self, sale: dict[str, str]) -> dict[str, Any]:
        """What becomes of a sale of the queue."""
        answer = self.bringing(sale)
        assert answer.status_code == 200, answer.text
        return dict(answer.get_json())

    def shares(self) -> dict[UUID, str]:
        """How the shares of each person stand."""
        with self.world.own() as session:
            rows = session.execute(sa.select(OfflineShare.person_id, OfflineShare.state))
            return {row[0]: row[1] for row in rows}

    def sweep(self) -> None:
        """What the sweeper does with the rights it has."""
        with self.world.own() as session:
            tenant = tenancy.get_tenant(session, self.world.tenant_id)
        assert tenant is not None
        with self.world.as_worker():
            jobs.look_after_tenant(tenant)


def allow(world: World, counter: Counter, points: int = 20) -> None:
    """The shop sells without a network: so many points of each person and day."""
    change = sa.text("UPDATE shop SET offline_points = :points WHERE id = :id")
    with world.own() as session:
        session.execute(change, {"points": points, "id": counter.shop.id})


def served_by_card(world: World, counter: Counter, person: Person) -> str:
    """Somebody who has bought a bag of rice with their card, on paper; the number of the card."""
    number = world.card(person)
    answer = counter.api.post(
        counter.path,
        as_=counter.manager,
        key=uuid4().hex,
        card={"card_no": number, "reason": REASON},
        lines=[{"item_id": str(counter.rice.id), "quantity": 1}],
    )
    assert answer.status_code == 201, answer.get_json()
    return number
