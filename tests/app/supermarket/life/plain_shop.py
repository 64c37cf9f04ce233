"""The rest of the plain books: who has how many points, what was taken, and what waits."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.app.supermarket.life.plain_points import PlainPoints
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
    paid: Counter  # out of which lots of points
    on_paper: bool = False
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
    pins: Counter  # in which lots of points
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
        self.points = PlainPoints()
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
                "insufficient_points": cost > self.free(who),
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
        return self.points.all(who)

    def free(self, who):
        return self.points.free(who, self.today)

    @property
    def open(self):
        return [one for one in self.waiting.values() if one.state == "open"]

    def open_of(self, who):
        return [one for one in self.open if one.who == who]

    def sell(self, id_, shop, *, who, by, pieces, on_paper=False):
        paid = self.points.spend(who, self.cost(pieces), self.today)
        taken = Taken(
            shop=shop,
            who=who,
            by=by,
            at=self.now,
            pieces=pieces,
            each=self.prices(pieces),
            out_of=self.first_out(pieces, self.today),
            paid=paid,
            on_paper=on_paper,
        )
        self._hand_over(id_, taken)

    def _hand_over(self, id_, taken):
        self.taken[id_] = taken
        shop, out = taken.shop, Counter(taken.out_of)
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

    def much_taken(self):
        """Of what more than one manager alone takes back is left."""
        return {
            id_: one for id_, one in self.taken.items() if worth(one.left, one.each) > RETURN_ALONE
        }

    def take_back(self, id_, *, pieces, to_shelf, new_lot):
        """All is paid back, and what is kept is paid again. `new_lot` tells the id of one."""
        taken = self.taken[id_]
        points, back = worth(pieces, taken.each), Counter()
        late = self.points.give_back(taken.paid, self.today)
        if late:
            self.points.live_on(new_lot(), taken.who, late, self.today)
        kept = taken.cost - taken.points_back - points
        taken.paid = self.points.spend(taken.who, kept, self.today)
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
            pins=self.points.hold(who, self.cost(pieces), self.today),
        )
        self.waiting[id_] = waiting
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
        each = {goods: one.each[goods] for goods in pieces}
        paid = self.let_go(id_, "picked_up", paid=worth(pieces, each))
        taken = Taken(
            shop=one.shop,
            who=one.who,
            by=by,
            at=self.now,
            pieces=pieces,
            each=each,
            out_of=out,
            paid=paid,
        )
        self._hand_over(id_, taken)

    def let_go(self, id_, state, *, paid=0):
        """Points and goods are free again, but for what is paid; out of which lots it was."""
        one = self.waiting[id_]
        one.state = state
        for batch, some in one.out_of.items():
            self.batches[batch].held -= some
        return self.points.let_go(one.pins, self.today, paid=paid)

    def over(self):
        """What nobody came for in time."""
        return [
            id_
            for id_, one in self.waiting.items()
            if one.state == "open" and one.until + GRACE <= self.now
        ]

    def why_not_give(self, *, who, points):
        return when({"insufficient_points": points > self.free(who)})

    def give(self, *, who, points):
        self.points.spend(who, points, self.today)
        self.pool.setdefault(self.quarter, Counter())[who] += points

    def long_over(self):
        """Whether something waits for which nobody came for a day: the sweeper is never so late."""
        return any(self.waiting[id_].until + timedelta(days=1) <= self.now for id_ in self.over())
