"""How a sale is proved at the counter, in the plain books: on a phone, by a card, or on paper."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.app.supermarket.life.plain_shop import PlainShop
from tests.app.supermarket.life.plain_stock import when

ASKED_FROM = 180  # points: then the member's own phone is asked
ASKED_FOR = timedelta(minutes=3)
TRIES = 5  # at the PIN of a card
PAPERS, PAPER_POINTS = 10, 200  # of one manager a day, and at once


@dataclass(kw_only=True)
class Question:
    """A large sale that waits for an answer. Nothing is held for it."""

    shop: str
    who: str
    by: str
    until: datetime
    pieces: dict
    cost: int
    state: str = "waiting"


@dataclass(kw_only=True)
class Card:
    """With a PIN, unless nobody chose one."""

    pin: str = ""
    misses: int = 0


class PlainTill(PlainShop):
    """The shops, and what their managers are shown before they sell."""

    def __init__(self, now):
        super().__init__(now)
        self.questions, self.cards = {}, {}  # cards by whose they are

    # The member's own phone.

    def is_asked(self, pieces):
        return self.cost(pieces) >= ASKED_FROM

    def why_not_ask(self, *, who, by, pieces):
        """The same as to sell, but the quarter is looked at in the end."""
        why_not = self.why_not_sell(who=who, by=by, pieces=pieces)
        return why_not - {"quarter_used"} and why_not

    def put(self, id_, shop, *, who, by, pieces):
        self.questions[id_] = Question(
            shop=shop,
            who=who,
            by=by,
            until=self.now + ASKED_FOR,
            pieces=pieces,
            cost=self.cost(pieces),
        )

    def why_not_answer(self, id_, *, yes):
        """What was asked once is not sold at another price."""
        one = self.questions[id_]
        if one.state != "waiting" or one.until <= self.now:
            return {"question_over"}
        if not yes:
            return {"declined"}
        why_not = self.why_not_sell(who=one.who, by=one.by, pieces=one.pieces)
        return why_not | when({"price_changed": self.cost(one.pieces) != one.cost})

    # A card.

    def why_not_by_card(self, *, who, by, pieces, pin):
        """Without a PIN it is signed for on paper. What is wrong with a PIN is said first."""
        if who == by:
            return {"self_redemption"}
        of_pin = self._why_not_pin(self.cards[who], pin) if pin else set()
        return of_pin or self.why_not_sell(who=who, by=by, pieces=pieces) | when(
            {
                "limit_reached": not pin and self._papers(by) >= PAPERS,
                "paper_too_much": not pin and self.cost(pieces) > PAPER_POINTS,
            }
        )

    @staticmethod
    def _why_not_pin(card, pin):
        if not card.pin:
            return {"pin_unset"}
        if card.misses == TRIES:
            return {"pin_locked"}
        return when({"pin_wrong": pin != card.pin})

    def _papers(self, by):
        return sum(
            one.on_paper and one.by == by and self.day(one.at) == self.today
            for one in self.taken.values()
        )

    def miss(self, who):
        self.cards[who].misses += 1

    def prove(self, who):
        self.cards[who].misses = 0
