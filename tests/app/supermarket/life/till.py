"""What a sale needs beside a code: a yes on the member's own phone, or their card and its PIN."""

from datetime import timedelta

import sqlalchemy as sa
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.app.supermarket.life.counter import LATELY, AtTheCounter, now_and_then, some
from tests.app.supermarket.life.founding import (
    DONE,
    TwoBooks,
    baskets,
    managers,
    people,
    places,
    residents,
    shops,
)
from tests.app.supermarket.life.plain_stock import SHANGHAI
from tests.support.browser import Browser

MUCH = {"east": ("quilt", 60), "west": ("wok", 45)}  # so dear that a few are asked about
WRONG = "7410"
BEFORE_MIDNIGHT = timedelta(hours=23, minutes=59)
NEW_PINS = st.sampled_from(["2580", "9753"])
ANSWERED = sa.text("""
    SELECT redemption.id, redemption.state, redemption.refused_for, redemption.cost,
           redemption.balance_after
    FROM sale_question
    LEFT JOIN redemption ON redemption.tenant_id = sale_question.tenant_id
        AND redemption.code_id = sale_question.code_id
    WHERE sale_question.tenant_id = :t AND sale_question.id = :id
""")

owners = people | residents
ago = st.sampled_from(LATELY)
quantities = st.integers(3, 5)
rich = st.sampled_from([True, True, False])
shown = st.sampled_from(["right"] * 4 + ["wrong"] * 2 + ["none"] * 2)


class AtTheTill(AtTheCounter):
    # The phone.

    @rule(who=people, by=managers, shop=shops, quantity=quantities, enough=rich, ago=ago)
    def sell_much(self, who, by, shop, quantity, enough, ago):
        """Somebody who has just been given what they need for it, it may be for a day."""
        name, dear = MUCH[shop]
        lack = quantity * dear - self.plain.free(who)
        if enough and lack > 0:
            self.earn_points(who, lack, ago=ago)
        place = self.goods_of(shop).index(name)
        self.sell(who, by, shop, [(place, quantity)])

    @precondition(lambda self: self.plain.questions)
    @rule(
        place=places,
        yes=st.sampled_from([True, True, True, False]),
        waits=st.sampled_from([0, 0, 0, 60, 179, 180]),
    )
    def answer(self, place, yes, waits):
        self.pass_time(seconds=waits)
        id_, _ = some(self.plain.questions, place)
        self.say(id_, yes=yes)

    @now_and_then
    @rule(who=people, by=managers, shop=shops, quantity=quantities, ago=ago)
    def answer_after_midnight(self, who, by, shop, quantity, ago):
        """Points lapse and prices change while the phone is looked for."""
        self.let_time_pass(seconds=self.seconds_to(BEFORE_MIDNIGHT))
        before = set(self.plain.questions)
        self.sell_much(who, by, shop, quantity, enough=True, ago=ago)
        self.pass_time(seconds=90)
        for id_ in self.plain.questions.keys() - before:
            self.say(id_, yes=True)

    def seconds_to(self, hour):
        since = self.plain.now + SHANGHAI - hour
        midnight = since.replace(hour=0, minute=0, second=0)
        return (midnight + timedelta(days=1) - since).total_seconds()

    def say(self, id_, *, yes):
        one, before = self.plain.questions[id_], self.come_of(id_)
        self.touched.add(one.who)
        why_not = self.plain.why_not_answer(id_, yes=yes)
        phone = Browser(self.world, self.api, self.who[one.who])
        path = f"/redeem-code/questions/{id_}"
        page = phone.submit(path, shown_on="/redeem-code", answer="yes" if yes else "no")
        after = self.come_of(id_)
        code = "question_over" if after == before else after.refused_for or DONE
        TwoBooks.told[code] += 1
        assert code in (why_not or {DONE}), (code, why_not)
        assert page.status_code == (200 if code in {DONE, "declined"} else 409)
        if code != "question_over":
            one.state = "answered"
        if code == DONE:
            sold = {**after._asdict(), "id": str(after.id)}
            self.sold_as_said(sold, one.shop, who=one.who, by=one.by, pieces=one.pieces)

    def come_of(self, id_):
        with self.world.own() as session:
            return session.execute(ANSWERED, {"t": self.world.tenant_id, "id": id_}).one()

    # The card.

    @rule(who=owners, by=managers, shop=shops, wanted=baskets, pin=shown)
    def sell_by_card(self, who, by, shop, wanted, pin):
        self.by_card(who, by, shop, self.basket(shop, wanted), pin=pin)

    @now_and_then
    @rule(who=owners, by=managers, shop=shops, place=places, times=st.integers(2, 6))
    def guess(self, who, by, shop, place, times):
        for pin in ["wrong"] * times + ["right"]:
            self.by_card(who, by, shop, self.basket(shop, [(place, 1)]), pin=pin)

    def by_card(self, who, by, shop, pieces, *, pin):
        self.touched.add(who)
        said = {"right": self.plain.cards[who].pin or "2468", "wrong": WRONG, "none": ""}[pin]
        why_not = self.plain.why_not_by_card(who=who, by=by, pieces=pieces, pin=said)
        card = {"card_no": self.card_no[who], "pin": said, "reason": "" if said else "没带手机"}
        asked = {"card": card, "total": self.plain.cost(pieces), "lines": self.lines(pieces)}
        path = f"/shops/{self.shops[shop].id}/redemptions"
        sold = self.ask(why_not, path, by=self.who[by], **asked)
        if sold:
            deal = {"who": who, "by": by, "pieces": pieces, "on_paper": not said}
            self.sold_as_said(sold["redemption"], shop, **deal)
        if said and sold:
            self.plain.prove(who)
        elif why_not == {"pin_wrong"}:
            self.plain.miss(who)

    @precondition(lambda self: any(one.misses for one in self.plain.cards.values()))
    @rule(who=owners, pin=NEW_PINS)
    def choose_pin(self, who, pin):
        """Anew, before the secretary."""
        where = f"/staff/cards/{self.who[who].id}"
        desk = Browser(self.world, self.api, self.secretary)
        said = {"pin": pin, "again": pin, "reason": "忘记密码"}
        assert desk.submit(f"{where}/pin", shown_on=where, **said).status_code == 303
        self.plain.cards[who].pin, self.plain.cards[who].misses = pin, 0
        TwoBooks.told[DONE] += 1
