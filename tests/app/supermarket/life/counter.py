"""What goes over the counters: sold, reserved, fetched, given up, brought back, given away."""

from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from app.ledger import nightly
from tests.app.supermarket.life.founding import (
    AGAIN,
    DONE,
    MANAGERS,
    TwoBooks,
    baskets,
    few,
    managers,
    people,
    places,
    residents,
    seldom,
    shops,
)
from tests.app.supermarket.life.plain_shop import OPEN_AT_ONCE

LATELY = [0, 0, 10, 45, 55, 57, 58, 59, 61, 70]  # so many days ago, when points live sixty
hitches = st.sampled_from(["the code is old", "the price was another"])
now_and_then = precondition(lambda self: self.asked and self.steps % 3 == 0)


class AtTheCounter(TwoBooks):
    @rule(who=people, by=managers, shop=shops, wanted=baskets)
    def sell(self, who, by, shop, wanted):
        pieces = self.basket(shop, wanted)
        deal = {"who": who, "by": by, "pieces": pieces}
        asked = self.plain.is_asked(pieces)
        why_not = (self.plain.why_not_ask if asked else self.plain.why_not_sell)(**deal)
        answer = self.ask_to_sell(why_not, shop, **deal)
        if answer and asked:
            assert answer["question"]["cost"] == self.plain.cost(pieces)
            self.plain.put(UUID(answer["question"]["id"]), shop, **deal)
        elif answer:
            self.sold_as_said(answer["redemption"], shop, **deal)

    @rule(who=people, by=managers, shop=shops, wanted=baskets)
    def sell_a_little(self, who, by, shop, wanted):
        self.sell(who, by, shop, [(place, 1 + n // 4) for place, n in wanted[:2]])

    @now_and_then
    @rule(who=people, by=managers, shop=shops, wanted=baskets, hitch=hitches)
    def fail_to_sell(self, who, by, shop, wanted, hitch):
        pieces = self.basket(shop, wanted)
        if hitch == "the code is old":
            self.ask_to_sell({"code_expired"}, shop, who=who, by=by, pieces=pieces, late=60)
        else:
            self.ask_to_sell({"price_changed"}, shop, who=who, by=by, pieces=pieces, more=1)

    def ask_to_sell(self, why_not, shop, *, who, by, pieces, late=0, more=0):
        self.touched.add(who)
        code = self.api.post("/me/redeem-codes", as_=self.who[who]).json["code"]
        self.pass_time(seconds=late)
        total = self.plain.cost(pieces) + more
        said = {"redeem_code": code, "total": total, "lines": self.lines(pieces)}
        path = f"/shops/{self.shops[shop].id}/redemptions"
        return self.ask(why_not, path, by=self.who[by], **said)

    def sold_as_said(self, sold, shop, *, who, **deal):
        self.plain.sell(UUID(sold["id"]), shop, who=who, **deal)
        said = self.plain.taken[UUID(sold["id"])].cost, self.plain.balance(who)
        assert (sold["cost"], sold["balance_after"]) == said

    @rule(who=people, shop=shops, wanted=baskets)
    def reserve(self, who, shop, wanted):
        pieces = self.basket(shop, wanted)
        self.touched.add(who)
        why_not = self.plain.why_not_reserve(who=who, pieces=pieces)
        path = f"/shops/{self.shops[shop].id}/reservations"
        kept = self.ask(why_not, path, by=self.who[who], lines=self.lines(pieces))
        if kept:
            id_ = UUID(kept["reservation"]["id"])
            self.plain.reserve(id_, shop, who=who, pieces=pieces)
            self.codes[id_] = kept["reservation"]["code"]

    @rule(who=residents, shop=shops, place=places)
    def reserve_one(self, who, shop, place):
        self.reserve(who, shop, [(place, 1)])

    @rule(who=residents, shop=shops, place=places)
    def reserve_until_full(self, who, shop, place):
        for turn in range(OPEN_AT_ONCE + 1):
            self.reserve_one(who, shop, place + turn)

    @precondition(lambda self: self.plain.waiting)
    @rule(place=places, by=managers, part=st.booleans())
    def fetch(self, place, by, part):
        id_, _ = some(self.plain.waiting, place)
        self.fetch_one(id_, by=by, part=part)

    def fetch_one(self, id_, *, by, part):
        one = self.plain.waiting[id_]
        self.touched.add(one.who)
        pieces = {name: n - (n > 1) for name, n in one.pieces.items()} if part else one.pieces
        why_not = self.plain.why_not_fetch(id_, by=by)
        path = f"/shops/{self.shops[one.shop].id}/pick-ups"
        said = {"code": self.codes[id_]} | ({"lines": self.lines(pieces)} if part else {})
        if self.ask(why_not, path, by=self.who[by], **said):
            self.plain.fetch(id_, by=by, pieces=pieces)

    @precondition(lambda self: self.plain.waiting)
    @rule(place=places)
    def give_up(self, place):
        id_, _ = some(self.plain.waiting, place)
        self.cancel(id_)

    def cancel(self, id_):
        one = self.plain.waiting[id_]
        self.touched.add(one.who)
        why_not = set() if one.state == "open" else {"reservation_over"}
        path = f"/reservations/{id_}/cancellation"
        if self.ask(why_not, path, by=self.who[one.who]):
            self.plain.let_go(id_, "cancelled")

    @precondition(lambda self: self.plain.taken)
    @rule(
        place=places,
        by=managers,
        how_many=st.sampled_from(["all", "one", "one", "more than there is"]),
        to_shelf=st.booleans(),
    )
    def take_back(self, place, by, how_many, to_shelf):
        id_, _ = some(self.plain.taken, place)
        self.bring_back(id_, by=by, how_many=how_many, to_shelf=to_shelf)

    @precondition(lambda self: self.plain.much_taken())
    @rule(place=places, by_second=st.booleans(), to_shelf=st.booleans())
    def take_much_back(self, place, by_second, to_shelf):
        id_, taken = some(self.plain.much_taken(), place)
        by = MANAGERS[MANAGERS.index(taken.by) - by_second]
        self.bring_back(id_, by=by, how_many="all", to_shelf=to_shelf)

    def bring_back(self, id_, *, by, how_many, to_shelf):
        taken = self.plain.taken[id_]
        self.touched.add(taken.who)
        pieces = {name: n for name, n in taken.left.items() if n}
        if how_many == "one" and pieces:
            pieces = {next(iter(pieces)): 1}
        elif how_many != "all":
            pieces = {name: n + 1 for name, n in taken.left.items()}
        why_not = self.plain.why_not_return(id_, by=by, pieces=pieces)
        said = {} if how_many == "all" else {"lines": self.lines(pieces)}
        said |= {"reason": "胀包", "goods": "shelf" if to_shelf else "written_off"}
        if self.ask(why_not, f"/redemptions/{id_}/reversal", by=self.who[by], **said):
            self.plain.take_back(id_, pieces=pieces, to_shelf=to_shelf, new_lot=self.new_lot)

    @now_and_then
    @rule(who=people, points=st.integers(1, 20))
    def give_away(self, who, points):
        self.touched.add(who)
        why_not = self.plain.why_not_give(who=who, points=points)
        if self.ask(why_not, "/me/donations", by=self.who[who], points=points):
            self.plain.give(who=who, points=points)

    @rule(who=residents, points=st.integers(1, 30), ago=st.sampled_from(LATELY))
    def earn(self, who, points, ago):
        self.touched.add(who)
        self.earn_points(who, points, ago=ago)
        TwoBooks.told[DONE] += 1

    @rule(hours=st.sampled_from([1, 5, 20, 29]), swept=st.booleans())
    def wait(self, hours, swept):
        self.let_time_pass(swept=swept, hours=hours)

    def let_time_pass(self, *, swept=False, **by):
        self.pass_time(**by)
        if swept or self.plain.long_over():
            self.sweep()

    @precondition(lambda self: not self.plain.open)
    @rule(days=few, far=seldom)
    def wait_for_days(self, days, far):
        self.pass_time(days=days * (5 if far else 1))

    @rule()
    def pass_the_night(self):
        """The night books out what has lapsed, and checks the books."""
        tenant, today = self.world.tenant, self.plain.today
        with self.world.as_worker():
            assert nightly.run(tenant, (), on=today, now=self.plain.now).broken == ()
        self.plain.points.lapse(today)
        self.touched.update(self.who)
        TwoBooks.told[DONE] += 1

    @now_and_then
    @rule(place=places)
    def ask_again(self, place):
        """The answer was lost, and the same is asked under the same key."""
        path, by, key, body, answer = self.asked[-1 - place % min(5, len(self.asked))]
        assert self.api.post(path, as_=by, key=key, **body).data == answer
        TwoBooks.told[AGAIN] += 1


def some(found, place):
    """Mostly one of the latest."""
    among = list(found.items())
    among = among[-4:] if place % 4 else among
    return among[place % len(among)]
