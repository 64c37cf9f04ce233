"""What the application says, held against the plain books after every step."""

from collections import Counter
from datetime import date

import sqlalchemy as sa
from hypothesis.stateful import RuleBasedStateMachine, invariant

from app.ledger import services as ledger
from app.supermarket import donating
from points_engine import Unit
from tests.support.client import ApiClient

OFTEN = 30  # steps from one look at everything to the next

SHELVES = sa.text("SELECT id, on_hand, held FROM stock WHERE tenant_id = :t")
MOVES = sa.text("""
    SELECT batch_id, kind, sum(delta) FROM stock_move WHERE tenant_id = :t GROUP BY batch_id, kind
""")
LOTS = sa.text("""
    SELECT owner_id, lot.id, remaining, lot.held, expires_on FROM lot
    JOIN account ON account.tenant_id = lot.tenant_id AND account.id = lot.account_id
    WHERE lot.tenant_id = :t
""")


class Comparing(RuleBasedStateMachine):
    """Both books; after each step what moved is compared, now and then everything."""

    @invariant()
    def shelves_and_points_are_the_same(self):
        self.steps += 1
        said = {id_: (one.on_hand, one.held) for id_, one in self.plain.batches.items()}
        with self.world.own() as session:
            rows = session.execute(SHELVES, {"t": self.world.tenant_id})
            found = {row[0]: (row[1], row[2]) for row in rows}
        assert found == said
        lots = self.plain.points.lots
        assert self.lots() == {
            id_: (one.who, one.left, one.held, one.last_day) for id_, one in lots.items()
        }
        self.points_are_the_same(self.touched)
        self.touched = set()
        if self.steps % OFTEN == 0:
            self.everything_is_right()

    def points_are_the_same(self, people):
        with self.world.work() as session:
            for who in people:
                person_id, day = self.who[who].id, self.plain.today
                found = ledger.numbers(session, person_id=person_id, on=day).points
                points = self.plain.points
                said = points.free(who, day), points.held(who), points.lapsed(who, day)
                assert (found.available, found.held, found.lapsed) == said, who

    def teardown(self):
        self.everything_is_right()

    def everything_is_right(self):
        self.moves_add_up()
        self.points_are_the_same(self.who)
        for who in self.who:
            self.passbook_adds_up(who)
            self.waiting_is_the_same(who)
        for shop in self.shops:
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

    def lots(self):
        """Every lot of everybody, as the ledger has it."""
        names = {person.id: name for name, person in self.who.items()}
        with self.world.own() as session:
            rows = session.execute(LOTS, {"t": self.world.tenant_id}).all()
        return {row.id: (names[row.owner_id], *row[2:]) for row in rows}


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
