"""Two shops live beside their plain books: who is there, how they ask, and what is compared."""

from collections import Counter
from datetime import date
from typing import ClassVar
from uuid import UUID, uuid4

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from app.ledger import services as ledger
from app.supermarket import donating, jobs
from points_engine import Unit
from tests.app.supermarket.life.plain_shop import PlainShop
from tests.app.supermarket.life.plain_stock import Goods
from tests.support.client import ApiClient
from tests.support.ground import FOUNDED
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
}
DONE, AGAIN = "done", "the same again"
OFTEN = 30  # steps from one look at everything to the next

people = st.sampled_from([*RESIDENTS, *RESIDENTS, "tang"])
residents = st.sampled_from(RESIDENTS)
managers = st.sampled_from(MANAGERS)
shops = st.sampled_from(SHOPS)
places = st.integers(0, 1000)
few = st.sampled_from([1, 1, 1, 2, 2, 3, 4, 7])
baskets = st.lists(st.tuples(places, few), min_size=1, max_size=3)
seldom = st.sampled_from([False] * 7 + [True])

SHELVES = sa.text("SELECT id, on_hand, held FROM stock WHERE tenant_id = :t")
MOVES = sa.text("""
    SELECT batch_id, kind, sum(delta) FROM stock_move WHERE tenant_id = :t GROUP BY batch_id, kind
""")
PENDING = sa.text("SELECT id, batch_id FROM stock_proposal WHERE state = 'pending'")


class TwoBooks(RuleBasedStateMachine):
    """The application and the plain books are told the same, and say the same after each step."""

    told: ClassVar[Counter] = Counter()  # of all lives: what the application was asked and said

    def __init__(self, new_world, hands):
        super().__init__()
        hands.instant = NOON
        self.hands, self.world = hands, new_world()
        self.api = ApiClient(self.world)
        self.plain = PlainShop(hands())
        self.asked, self.codes, self.steps, self.touched = [], {}, 0, set()

    @initialize(rich=st.sampled_from([160, 40]))
    def open_the_shops(self, rich):
        world = self.world
        self.shops = {name: world.shop(name=f"{name} shop") for name in SHOPS}
        self.who = {name: world.person(name) for name in RESIDENTS}
        self.who |= {name: world.staff("shop_manager", name=name) for name in MANAGERS}
        self.secretary = world.staff("community_secretary", name="fang")
        self.supervisor = world.staff("supervisor", name="he")
        self.goods = {}
        for name, (shop, said) in GOODS.items():
            self.goods[name] = world.item(self.shops[shop], name=name, **said)
            self.put_up(name, shop, **said)
        for who in ("lin", "wang", "tang"):
            self.earn_points(who, rich)

    def put_up(self, name, shop, *, points, stock, quarter_limit=0, value_fen=0):
        prices = {FOUNDED: points}
        self.plain.goods[name] = Goods(shop=shop, prices=prices, limit=quarter_limit, fen=value_fen)
        (batch,) = self.new_batches(shop)
        self.plain.receive(batch, name, quantity=stock, best=None, kind="opening")

    def earn_points(self, who, points):
        self.world.give(self.who[who], points)
        self.touched.add(who)
        self.plain.points[who] += points

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
        if once and answer.status_code in {200, 201, 404, 409}:
            self.asked.append((path, by, key, body, answer.data))
        if answer.status_code not in {200, 201}:
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
        here = [name for name, one in self.plain.goods.items() if one.shop == shop]
        return {here[place % len(here)]: n for place, n in wanted}

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

    # Comparing.

    @invariant()
    def shelves_and_points_are_the_same(self):
        self.steps += 1
        said = {id_: (one.on_hand, one.held) for id_, one in self.plain.batches.items()}
        with self.world.own() as session:
            rows = session.execute(SHELVES, {"t": self.world.tenant_id})
            found = {row[0]: (row[1], row[2]) for row in rows}
        assert found == said
        self.points_are_the_same(self.touched)
        self.touched = set()
        if self.steps % OFTEN == 0:
            self.everything_is_right()

    def points_are_the_same(self, people):
        with self.world.work() as session:
            for who in people:
                person_id, day = self.who[who].id, self.plain.today
                found = ledger.numbers(session, person_id=person_id, on=day).points
                said = self.plain.points[who], self.plain.held[who]
                assert (found.available, found.held) == said, who

    def teardown(self):
        self.everything_is_right()

    def everything_is_right(self):
        self.moves_add_up()
        self.points_are_the_same(self.who)
        for who in self.who:
            self.passbook_adds_up(who)
            self.waiting_is_the_same(who)
        for shop in SHOPS:
            self.books_are_the_same(shop)
        self.gifts_are_the_same()
        assert self.world.violations() == []

    def moves_add_up(self):
        """In less out is what is on hand, batch by batch and kind by kind."""
        moved = {id_: {} for id_ in self.plain.batches}
        with self.world.own() as session:
            for id_, kind, delta in session.execute(MOVES, {"t": self.world.tenant_id}):
                moved[id_][kind] = int(delta)
        for id_, one in self.plain.batches.items():
            assert nonzero(moved[id_]) == nonzero(one.moved)
            assert sum(moved[id_].values()) == one.on_hand

    def passbook_adds_up(self, who):
        with self.world.work() as session:
            person_id = self.who[who].id
            lines = ledger.lines(
                session, person_id=person_id, unit=Unit.POINTS, before=None, limit=1000
            )
        total = self.plain.balance(who)
        assert sum(line.amount for line in lines) == total
        assert not lines or lines[0].balance_after == total

    def waiting_is_the_same(self, who):
        found = self.api.get("/me/reservations", as_=self.who[who]).json["items"]
        mine = {id_: one for id_, one in self.plain.waiting.items() if one.who == who}
        said = {str(id_): (one.state, one.cost) for id_, one in mine.items()}
        assert said.items() >= {one["id"]: (one["state"], one["cost"]) for one in found}.items()
        assert len(found) == min(len(said), 50)

    def books_are_the_same(self, shop):
        """Both books of a shop, quarter by quarter: pieces as the stock has them, and points."""
        for day in self.quarters():
            given, out, till = (
                in_quarter(book, shop, day)
                for book in (self.plain.given, self.plain.out, self.plain.till)
            )
            self.book_says(shop, "donation", day, pieces=given, points=None)
            self.book_says(shop, "redemption", day, pieces=out, points=till)

    def quarters(self):
        """A day of each in which the books have something, and today."""
        days = [day for _, day in (*self.plain.given, *self.plain.out)]
        return {(day.year, quarter_of(day)): day for day in [*days, self.plain.today]}.values()

    def book_says(self, shop, kind, day, **total):
        just_signed_in = ApiClient(self.world)
        book = just_signed_in.post(
            f"/shops/{self.shops[shop].id}/{kind}-registers",
            as_=self.supervisor,
            span="quarter",
            day=day.isoformat(),
        ).json["register"]
        assert book["total"] == book["said"] == total
        assert book["is_true"]
        assert sum(line["quantity"] for line in book["lines"]) == total["pieces"]

    def gifts_are_the_same(self):
        given = self.plain.pool.get(self.plain.quarter, Counter())
        community = self.world.units["Mingde"]
        with self.world.work() as session:
            told = donating.together(session, community, on=self.plain.today)
        assert (told.points, told.donors) == (given.total(), len(given))


def nonzero(counted):
    return {kind: delta for kind, delta in counted.items() if delta}


def quarter_of(day: date):
    return (day.month - 1) // 3


def in_quarter(book, shop, day):
    return sum(
        n
        for (where, on), n in book.items()
        if where == shop and (on.year, quarter_of(on)) == (day.year, quarter_of(day))
    )
