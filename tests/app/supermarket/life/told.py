"""One life told by hand, in which the shops refuse everything that they ever refuse."""

from tests.app.supermarket.life.stockroom import InTheStockroom
from tests.app.supermarket.life.till import AtTheTill

REFUSALS = {
    "code_expired",
    "code_used",
    "count_moved",
    "count_waits",
    "declined",
    "delivery_invalid",
    "insufficient_points",
    "not_on_hand",
    "paper_too_much",
    "pin_locked",
    "pin_unset",
    "pin_wrong",
    "price_changed",
    "price_too_soon",
    "price_twice",
    "question_over",
    "quarter_used",
    "reservation_over",
    "reservations_full",
    "return_by_second",
    "return_too_late",
    "returned_twice",
    "self_redemption",
    "sold_out",
    "stock_proposal_decided",
}
TEA = [(0, 1)]  # the first that the western shop has


class Shops(AtTheTill, InTheStockroom):
    """Everything that residents, managers and the sweeper do, in any order."""


class Told(Shops):
    """The same in this order. The last of two things that look alike is what is refused."""

    def live(self):
        self.open_the_shops(rich=400)
        for chapter in (
            self.sales,
            self.phones,
            self.lapsing,
            self.cards,
            self.reservations,
            self.shelves,
            self.prices,
            self.late_returns,
        ):
            chapter()
            self.shelves_and_points_are_the_same()
        self.teardown()

    def sales(self):
        self.sell("lin", "gu", "east", [(0, 1)])
        self.sell("tang", "tang", "east", [(0, 1)])
        self.sell("lin", "gu", "east", [(0, 7)])
        self.sell("chen", "gu", "east", [(0, 1)])
        self.sell("lin", "gu", "east", [(1, 4)])
        self.sell("lin", "gu", "east", [(1, 1)])
        self.fail_to_sell("lin", "gu", "east", [(0, 1)], hitch="the code is old")
        self.ask_again(0)

    def phones(self):
        for answer in (False, True):
            self.sell_much("wang", "tang", "east", 3, enough=True, ago=0)
            id_ = [*self.plain.questions][-1]
            self.say(id_, yes=answer)
            self.say(id_, yes=True)
        for by_second in (False, True):
            self.take_much_back(0, by_second=by_second, to_shelf=True)
        self.bring_back([*self.plain.taken][-1], by="gu", how_many="all", to_shelf=True)

    def lapsing(self):
        """What was enough before midnight is not after it; what comes back late lives on."""
        self.earn_points("chen", 20, ago=61)
        self.sell("chen", "gu", "west", TEA)
        self.reserve("chen", "west", TEA)
        self.answer_after_midnight("chen", "gu", "east", 3, ago=61)
        self.pass_the_night()
        self.give_up(0)
        self.bring_back([*self.plain.taken][-1], by="gu", how_many="all", to_shelf=True)

    def cards(self):
        self.by_card("chen", "gu", "west", {"tea": 1}, pin="right")
        self.guess("lin", "gu", "west", 0, times=5)
        self.choose_pin("lin", "9753")
        self.by_card("lin", "gu", "west", {"tea": 1}, pin="right")
        self.by_card("lin", "gu", "west", {"wok": 5}, pin="none")

    def reservations(self):
        self.reserve_until_full("wang", "west", 0)
        first, *_, last = [id_ for id_, one in self.plain.waiting.items() if one.state == "open"]
        for _ in range(2):
            self.fetch_one(first, by="gu", part=False)
            self.cancel(last)
        for _ in range(3):
            self.wait(29, swept=False)

    def shelves(self):
        self.receive("east", "tang", [(0, 8)], best=None, ago=-1, given=False)
        self.write_off(0, "tang", 7)
        self.count("east", "tang", 0, stale=True, wrong=[1])
        self.receive("east", "tang", [(0, 8)], best=None, ago=0, given=True)
        last = len(self.on_shelves_of("east")) - 1
        for _ in range(2):
            self.count("east", "tang", last, stale=False, wrong=[-6])
        for approved in (True, False):
            self.decide(0, approved=approved)

    def prices(self):
        for days in (6, 7, 7):
            self.reprice_one("quilt", "tang", points=61, days=days)
        self.pass_time(days=6)
        self.answer_after_midnight("wang", "gu", "east", 3, ago=0)

    def late_returns(self):
        self.bring_back(next(iter(self.plain.taken)), by="tang", how_many="one", to_shelf=False)
