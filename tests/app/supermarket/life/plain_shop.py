"""The rest of the plain books: who has how many points, what was taken, and what waits."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.app.supermarket.life.plain_stock import PlainStock, off_the_front, when

KEPT = timedelta(hours=72)
GRACE = timedelta(minutes=15)
RETURN_DAYS = timedelta(days=7)
RETURN_ALONE = 100  # points
OPEN_AT_ONCE = 3


@dataclass(kw_only=True)
class Taken:
    """A sale, or what was fetched: `pieces` and `each` by goods, `out_of` by batch."""

    shop: str
    who: str
    by: str
    at: datetime
    pieces: dict
    each: dict
    out_of: Counter
    back: Counter = field(default_factory=Counter)
    points_back: int = 0

    @property
    def cost(self):
        return worth(self.pieces, self.each)

    @property
    def left(self):
        return {goods: n - self.back[goods] for goods, n in self.pieces.items()}


@dataclass(kw_only=True)
class Waiting:
    """What is reserved."""

    shop: str
    who: str
    until: datetime
    pieces: dict
    each: dict
    out_of: Counter
    state: str = "open"

    @property
    def cost(self):
        return worth(self.pieces, self.each)


def worth(pieces, each):
    return sum(each[goods] * n for goods, n in pieces.items())


class PlainShop(PlainStock):
    """Everything that is counted, in the shops of one city."""

    def __init__(self, now):
        super().__init__(now)
        self.points, self.held = Counter(), Counter()
        self.taken, self.waiting = {}, {}
        self.out, self.till = Counter(), Counter()  # by shop and day: pieces, and points
        self.pool = {}  # by quarter: who gave, and how much

    def why_not_sell(self, *, who, by, pieces):
        return self._lacks(who, pieces, self.today) | when({"self_redemption": who == by})

    def _lacks(self, who, pieces, until):
        cost = self.cost(pieces)
        lack = any(self.to_be_had(goods, until) < n for goods, n in pieces.items())
        return when(
            {
                "sold_out": lack,
                "insufficient_points": cost > self.points[who],
                "quarter_used": any(self._beyond(who, goods, n) for goods, n in pieces.items()),
            }
        )

    def _beyond(self, who, goods, wanted):
        limit = self.goods[goods].limit
        return limit and self._this_quarter(who, goods) + wanted > limit

    def _this_quarter(self, who, goods):
        """What somebody took of some goods since the quarter began, or has reserved."""
        year, quarter = self.quarter
        since = date(year, quarter * 3 + 1, 1)
        taken = sum(
            one.left.get(goods, 0)
            for one in self.taken.values()
            if one.who == who and self.day(one.at) >= since
        )
        return taken + sum(one.pieces.get(goods, 0) for one in self.open_of(who))

    def cost(self, pieces):
        return worth(pieces, self.prices(pieces))

    def balance(self, who):
        """What their passbook ends with: what is held for them is theirs still."""
        return self.points[who] + self.held[who]

    @property
    def open(self):
        return [one for one in self.waiting.values() if one.state == "open"]

    def open_of(self, who):
        return [one for one in self.open if one.who == who]

    def sell(self, id_, shop, *, who, by, pieces):
        out = self.first_out(pieces, self.today)
        self.points[who] -= self.cost(pieces)
        self._hand_over(id_, shop, who=who, by=by, goods=(pieces, self.prices(pieces), out))

    def _hand_over(self, id_, shop, *, who, by, goods):
        pieces, each, out = goods
        taken = Taken(
            shop=shop, who=who, by=by, at=self.now, pieces=pieces, each=each, out_of=Counter(out)
        )
        self.taken[id_] = taken
        for batch, some in out.items():
            self.move(batch, -some, "redemption")
        self._book(shop, pieces=out.total(), points=taken.cost)

    def _book(self, shop, *, pieces, points):
        self.out[shop, self.today] += pieces
        self.till[shop, self.today] += points

    def why_not_return(self, id_, *, by, pieces):
        taken = self.taken[id_]
        points = worth(pieces, taken.each) + taken.points_back
        return when(
            {
                "returned_twice": not pieces
                or any(n > taken.left.get(goods, 0) for goods, n in pieces.items()),
                "self_redemption": taken.who == by,
                "return_too_late": self.today - self.day(taken.at) > RETURN_DAYS,
                "return_by_second": points > RETURN_ALONE and taken.by == by,
            }
        )

    def take_back(self, id_, *, pieces, to_shelf):
        taken = self.taken[id_]
        points, back = worth(pieces, taken.each), Counter()
        for goods, wanted in pieces.items():
            left = {batch: taken.out_of[batch] for batch in self.row(goods)}
            back += off_the_front(left, wanted)
        for batch, some in back.items():
            taken.out_of[batch] -= some
            self.move(batch, some, "return")
            if not to_shelf:
                self.lose(batch, some)
        taken.back.update(pieces)
        taken.points_back += points
        self.points[taken.who] += points
        self._book(taken.shop, pieces=-sum(pieces.values()), points=-points)

    # What waits.

    def why_not_reserve(self, *, who, pieces):
        good_until = self.day(self.now + KEPT + GRACE)
        full = len(self.open_of(who)) >= OPEN_AT_ONCE
        return self._lacks(who, pieces, good_until) | when({"reservations_full": full})

    def reserve(self, id_, shop, *, who, pieces):
        out = self.first_out(pieces, self.day(self.now + KEPT + GRACE))
        waiting = Waiting(
            shop=shop,
            who=who,
            until=self.now + KEPT,
            pieces=pieces,
            each=self.prices(pieces),
            out_of=out,
        )
        self.waiting[id_] = waiting
        self.points[who] -= waiting.cost
        self.held[who] += waiting.cost
        for batch, some in out.items():
            self.batches[batch].held += some

    def why_not_fetch(self, id_, *, by):
        one = self.waiting[id_]
        over = one.state in {"cancelled", "lapsed"} or one.until + GRACE <= self.now
        return when(
            {
                "code_used": one.state == "picked_up",
                "code_expired": over and one.state != "picked_up",
                "self_redemption": one.who == by,
            }
        )

    def fetch(self, id_, *, by, pieces):
        one = self.waiting[id_]
        out = Counter()
        for goods, wanted in pieces.items():
            kept = {batch: one.out_of[batch] for batch in self.row(goods)}
            out += off_the_front(kept, wanted)
        self.let_go(id_, "picked_up")
        self.points[one.who] -= worth(pieces, one.each)
        each = {goods: one.each[goods] for goods in pieces}
        self._hand_over(id_, one.shop, who=one.who, by=by, goods=(pieces, each, out))

    def let_go(self, id_, state):
        """Points and goods are free again."""
        one = self.waiting[id_]
        one.state = state
        self.points[one.who] += one.cost
        self.held[one.who] -= one.cost
        for batch, some in one.out_of.items():
            self.batches[batch].held -= some

    def over(self):
        """What nobody came for in time."""
        return [
            id_
            for id_, one in self.waiting.items()
            if one.state == "open" and one.until + GRACE <= self.now
        ]

    def why_not_give(self, *, who, points):
        return when({"insufficient_points": points > self.points[who]})

    def give(self, *, who, points):
        self.points[who] -= points
        self.pool.setdefault(self.quarter, Counter())[who] += points

    def long_over(self):
        """Whether something waits for which nobody came for a day: the sweeper is never so late."""
        return any(self.waiting[id_].until + timedelta(days=1) <= self.now for id_ in self.over())
