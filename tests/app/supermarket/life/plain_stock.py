"""What the shelves of some shops must say, kept with nothing but dictionaries and whole numbers.

It knows none of the application's code. `why_not_…` answers with every reason for which something
must be refused; what has none must happen, and is then written down here as well.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

SHANGHAI = timedelta(hours=8)
NOTICE = timedelta(days=7)
ALONE_PIECES, ALONE_FEN = 5, 5000
FOR_EVER = date.max


@dataclass(kw_only=True)
class Goods:
    """One kind of goods: `prices` are by the day from which they count."""

    shop: str
    prices: dict
    limit: int = 0
    fen: int = 0


@dataclass(kw_only=True)
class Batch:
    goods: str
    last_day: date
    on_hand: int = 0
    held: int = 0
    moved: Counter = field(default_factory=Counter)  # by kind

    @property
    def free(self):
        return self.on_hand - self.held


@dataclass(kw_only=True)
class Proposal:
    batch: str
    kind: str
    delta: int
    state: str = "pending"


def when(conditions):
    """Those reasons that hold."""
    return {reason for reason, holds in conditions.items() if holds}


def off_the_front(row, wanted):
    """So many out of some batches in their order, as far as they go."""
    out = Counter()
    for id_, there in row.items():
        out[id_] = min(there, wanted - out.total())
    return +out


class PlainStock:
    """Goods and their batches, and what one person alone may do to them."""

    def __init__(self, now):
        self.now = now
        self.goods, self.batches, self.proposals = {}, {}, {}
        self.alone = Counter()  # by goods and month: pieces that one person took off the books
        self.given = Counter()  # by shop and day

    @property
    def today(self):
        return self.day(self.now)

    @staticmethod
    def day(instant):
        return (instant + SHANGHAI).date()

    @property
    def quarter(self):
        return self.today.year, (self.today.month - 1) // 3

    @property
    def month(self):
        return self.today.year, self.today.month

    def price(self, goods):
        prices = self.goods[goods].prices
        return prices[max(day for day in prices if day <= self.today)]

    def prices(self, pieces):
        return {goods: self.price(goods) for goods in pieces}

    def row(self, goods, until=date.min):
        """The batches of some goods that are good until then, in the order in which they go."""
        rows = [
            (batch.last_day, id_)
            for id_, batch in self.batches.items()
            if batch.goods == goods and batch.last_day >= until
        ]
        return [id_ for _, id_ in sorted(rows)]

    def to_be_had(self, goods, until):
        return sum(self.batches[id_].free for id_ in self.row(goods, until))

    def first_out(self, pieces, until):
        """Which batches so many pieces come out of."""
        out = Counter()
        for goods, wanted in pieces.items():
            free = {id_: self.batches[id_].free for id_ in self.row(goods, until)}
            out += off_the_front(free, wanted)
        return out

    def move(self, id_, delta, kind):
        self.batches[id_].on_hand += delta
        self.batches[id_].moved[kind] += delta

    # The stockroom.

    def why_not_receive(self, *, day, best):
        return when({"delivery_invalid": day > self.today or (best is not None and best < day)})

    def receive(self, id_, goods, *, quantity, best, kind):
        self.batches[id_] = Batch(goods=goods, last_day=best or FOR_EVER)
        self.move(id_, quantity, kind)

    def receive_gift(self, shop, *, day, quantity):
        self.given[shop, day] += quantity

    def why_not_lose(self, id_, quantity):
        return when({"not_on_hand": self.batches[id_].free < quantity})

    def needs_second(self, goods, quantity):
        pieces = self.alone[goods, self.month] + quantity
        return pieces > ALONE_PIECES or pieces * self.goods[goods].fen > ALONE_FEN

    def lose(self, id_, quantity):
        self.correct(id_, -quantity, "write_off")

    def correct(self, id_, delta, kind):
        """What one person does alone."""
        self.move(id_, delta, kind)
        self.alone[self.batches[id_].goods, self.month] += abs(delta)

    def propose(self, id_, batch, *, kind, delta):
        self.proposals[id_] = Proposal(batch=batch, kind=kind, delta=delta)

    def pending_on(self, batch):
        return [
            id_
            for id_, one in self.proposals.items()
            if one.batch == batch and one.state == "pending"
        ]

    def why_not_decide(self, id_, *, approved):
        one = self.proposals[id_]
        short = approved and one.state == "pending" and self.batches[one.batch].free < -one.delta
        return when(
            {"stock_proposal_decided": one.state != "pending", "not_on_hand": short},
        )

    def decide(self, id_, *, approved):
        one = self.proposals[id_]
        one.state = "approved" if approved else "refused"
        if approved:
            self.move(one.batch, one.delta, one.kind)

    def differences(self, counted):
        """What a count finds, by batch, and the batches for which a second person is asked."""
        found = {
            id_: there - self.batches[id_].on_hand
            for id_, there in counted.items()
            if there != self.batches[id_].on_hand
        }
        by_goods = {}
        for id_, delta in found.items():
            goods = self.batches[id_].goods
            by_goods[goods] = by_goods.get(goods, 0) + abs(delta)
        asked = {
            id_
            for id_ in found
            for goods in [self.batches[id_].goods]
            if self.needs_second(goods, by_goods[goods])
        }
        return found, asked

    def why_not_count(self, counted, *, stale):
        found, asked = self.differences(counted)
        short = any(self.batches[id_].free < -found[id_] for id_ in found.keys() - asked)
        return when(
            {
                "count_moved": stale,
                "count_waits": any(self.pending_on(id_) for id_ in counted),
                "not_on_hand": short,
            }
        )

    def why_not_reprice(self, goods, day):
        return when(
            {
                "price_too_soon": day < self.today + NOTICE,
                "price_twice": day in self.goods[goods].prices,
            }
        )

    def reprice(self, goods, day, points):
        self.goods[goods].prices[day] = points
