"""Two shops live beside their plain books: who is there, what there is, and how they ask."""

from collections import Counter
from datetime import timedelta
from typing import ClassVar
from uuid import UUID, uuid4

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import initialize

from app.core.ids import new_id
from app.ledger import services as ledger
from app.supermarket import jobs
from points_engine import Fact, FactKind, Policy
from tests.app.supermarket.life.comparing import Comparing
from tests.app.supermarket.life.plain_points import MONTHS
from tests.app.supermarket.life.plain_stock import Goods
from tests.app.supermarket.life.plain_till import Card, PlainTill
from tests.support.client import ApiClient
from tests.support.ground import FOUNDED, POLICY
from tests.support.hands import NOON
from tests.support.refusals import refusal

SHOPS = ["east", "west"]
RESIDENTS = ["lin", "wang", "chen"]
MANAGERS = ["tang", "gu"]
GOODS = {
    "rice": ("east", {"points": 16, "stock": 6}),
    "salt": ("east", {"points": 4, "stock": 9, "quarter_limit": 4}),
    "soap": ("east", {"points": 7, "stock": 5, "value_fen": 1500}),
    "tea": ("west", {"points": 9, "stock": 4}),
    "oil": ("west", {"points": 22, "stock": 3, "quarter_limit": 3}),
    "quilt": ("east", {"points": 60, "stock": 6}),
    "wok": ("west", {"points": 45, "stock": 7, "quarter_limit": 5}),
}
PINS = {"lin": "2580", "wang": "1379", "tang": "8642"}  # chen has chosen none
SINCE = NOON.date().replace(month=1, day=2)  # from then on points lapse soon
FACT = {"kind": FactKind.ATTENDANCE, "category": "here"}
DONE, AGAIN = "done", "the same again"

people = st.sampled_from([*RESIDENTS, *RESIDENTS, "tang"])
residents = st.sampled_from(RESIDENTS)
managers = st.sampled_from(MANAGERS)
shops = st.sampled_from(SHOPS)
places = st.integers(0, 1000)
few = st.sampled_from([1, 1, 1, 2, 2, 3, 4, 7])
baskets = st.lists(st.tuples(places, few), min_size=1, max_size=3)
seldom = st.sampled_from([False] * 7 + [True])

PENDING = sa.text("SELECT id, batch_id FROM stock_proposal WHERE state = 'pending'")


class TwoBooks(Comparing):
    """The application and the plain books are told the same, and say the same after each step."""

    told: ClassVar[Counter] = Counter()  # of all lives: what the application was asked and said

    def __init__(self, new_world, hands):
        super().__init__()
        hands.instant = NOON
        self.hands, self.world = hands, new_world()
        self.api = ApiClient(self.world)
        self.plain = PlainTill(hands())
        self.asked, self.codes, self.steps, self.touched = [], {}, 0, set()

    @initialize(rich=st.sampled_from([400, 160, 40]))
    def open_the_shops(self, rich):
        world = self.world
        with world.own() as session:
            ledger.publish(session, short_lived(), now=NOON)
        self.shops = {name: world.shop(name=f"{name} shop") for name in SHOPS}
        self.who = {name: world.person(name) for name in RESIDENTS}
        self.who |= {name: world.staff("shop_manager", name=name) for name in MANAGERS}
        self.secretary = world.staff("community_secretary", name="fang")
        self.supervisor = world.staff("supervisor", name="he")
        self.goods = {}
        for name, (shop, said) in GOODS.items():
            self.goods[name] = world.item(self.shops[shop], name=name, **said)
            self.put_up(name, shop, **said)
        self.card_no = {}
        for name in (*RESIDENTS, "tang"):
            pin = PINS.get(name, "")
            self.card_no[name] = world.card(self.who[name], pin=pin, before=self.secretary)
            self.plain.cards[name] = Card(pin=pin)
        for who in ("lin", "wang", "tang"):
            self.earn_points(who, rich)

    def put_up(self, name, shop, *, points, stock, quarter_limit=0, value_fen=0):
        prices = {FOUNDED: points}
        self.plain.goods[name] = Goods(shop=shop, prices=prices, limit=quarter_limit, fen=value_fen)
        (batch,) = self.new_batches(shop)
        self.plain.receive(batch, name, quantity=stock, best=None, kind="opening")

    def earn_points(self, who, points, *, ago=0):
        """In one lot. The longer ago it was for, the sooner it ends."""
        earned_on = max(SINCE, self.plain.today - timedelta(days=ago))
        person, home = self.who[who].id, self.world.units["Mingde"]
        fact = Fact(
            **FACT,
            id=new_id(),
            source=f"opening:{new_id()}",
            beneficiary_id=person,
            actor_id=person,
            community_id=home,
            quantity=points,
            occurred_at=self.plain.now - (self.plain.today - earned_on),
            occurred_on=earned_on,
            received_at=self.plain.now,
        )
        with self.world.work() as session:
            ledger.report(session, fact)
        self.world.settle()
        today = self.plain.today
        self.plain.points.earn(self.new_lot(), who, points, earned_on=earned_on, today=today)

    def new_lot(self):
        """The one that the ledger has and the plain books have not."""
        (new,) = self.lots().keys() - self.plain.points.lots.keys()
        return new

    def new_batches(self, shop):
        """What stands on the shelves of a shop and not in the plain books."""
        path = f"/shops/{self.shops[shop].id}/batches"
        found = self.api.get(path, as_=self.who["tang"]).json["items"]
        names = {str(item.id): name for name, item in self.goods.items()}
        new = [one for one in found if UUID(one["id"]) not in self.plain.batches]
        return {UUID(one["id"]): names[one["item_id"]] for one in new}

    # Asking.

    def ask(self, why_not, path, *, by, once=True, **body):
        """What came of it; nothing where there was a reason to refuse, and one was said."""
        key = uuid4().hex
        answer = self.api.post(path, as_=by, key=key, **body)
        if once and answer.status_code in {200, 201, 202, 404, 409}:
            self.asked.append((path, by, key, body, answer.data))
        if answer.status_code not in {200, 201, 202}:
            _status, code = refusal(answer)
            TwoBooks.told[code] += 1
            assert code in why_not, (path, answer.json, why_not)
            return None
        TwoBooks.told[DONE] += 1
        assert not why_not, (path, answer.json, why_not)
        return answer.json

    def lines(self, pieces):
        return [{"item_id": str(self.goods[name].id), "quantity": n} for name, n in pieces.items()]

    def basket(self, shop, wanted):
        """Some of the goods of a shop, and how many of each."""
        here = self.goods_of(shop)
        return {here[place % len(here)]: n for place, n in wanted}

    def goods_of(self, shop):
        return [name for name, one in self.plain.goods.items() if one.shop == shop]

    def pass_time(self, **by):
        self.hands.move(**by)
        self.plain.now = self.hands()

    def sweep(self):
        """What the sweeper does; it ends what nobody came for."""
        TwoBooks.told[DONE] += 1
        over = self.plain.over()
        with self.world.app.app_context():
            assert jobs.look_after_tenant(self.world.tenant) == len(over)
        for id_ in over:
            self.plain.let_go(id_, "lapsed")
            self.touched.add(self.plain.waiting[id_].who)


def short_lived():
    """The policy of the city, but points lapse soon and are had as many as one likes at once."""
    said = POLICY.to_document()
    rule = {**FACT, "id": "here", "unit": "points", "amount": 1, "per": 1}
    expiry = {"kind": "rolling_months", "months": MONTHS}
    return Policy.from_document(
        {
            **said,
            "version": "short",
            "in_force_from": SINCE,
            "expiry": expiry,
            "rules": [*said["rules"], rule],
        }
    )
