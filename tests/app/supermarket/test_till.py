"""At the counter without a phone, with a large sale, at a limit, and when the shift ends."""

from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from app.core.errors import DomainError
from app.core.keys import Keyring
from app.core.telling.models import Notice
from app.identity.fields import Field
from app.supermarket import asking, limits
from app.supermarket.models import Redemption, SaleQuestion
from app.supermarket.till_rules import Most, Rules, rules
from tests.support.browser import Browser
from tests.support.crowd import outcomes
from tests.support.orders import Orders
from tests.support.refusals import refusal
from tests.support.stationing import principal_of

PIN = "2580"


@pytest.fixture
def by_card(counter):
    """Sell one bag of rice against a card."""

    def sell(number, *, api=None, key=None, quantity=1, **card):
        lines = [{"item_id": str(counter.rice.id), "quantity": quantity}]
        return (api or counter.api).post(
            counter.path,
            as_=counter.manager,
            key=key or uuid4().hex,
            card={"card_no": number, **card},
            lines=lines,
        )

    return sell


@pytest.fixture
def browser_of(world, api):
    """Somebody's browser, signed in."""
    return lambda person: Browser(world, api, person)


@pytest.fixture
def oil(world, counter):
    """What costs enough to be asked about."""
    return world.item(counter.shop, name="食用油", points=180, stock=3)


def redemptions(world):
    with world.own() as session:
        return list(session.scalars(sa.select(Redemption).order_by(Redemption.id)))


def told(world, person):
    with world.own() as session:
        return list(session.scalars(sa.select(Notice.template).filter_by(person_id=person.id)))


def actions(world):
    with world.own() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)))


def question_of(world, person):
    with world.own() as session:
        return session.scalars(sa.select(SaleQuestion).filter_by(person_id=person.id)).one()


# Without a phone.


def test_a_card_and_its_pin_are_as_good_as_a_code(world, by_card, counter):
    lin = world.person("林小燕", points=40)
    number = world.card(lin, pin=PIN)

    sold = by_card(number.lower(), pin=PIN)

    assert (sold.status_code, sold.json["redemption"]["way"]) == (201, "card_pin")
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (24, 9)
    assert told(world, lin) == ["goods_taken"]
    assert world.violations() == []


def test_five_wrong_pins_lock_the_card_until_staff_set_it_anew(world, api, by_card, counter):
    lin = world.person(points=40)
    number = world.card(lin, pin=PIN)

    wrong = [refusal(by_card(number, pin="1357")) for _ in range(5)]
    right = refusal(by_card(number, pin=PIN))

    assert wrong == [(409, "pin_wrong")] * 5
    assert right == (409, "pin_locked")
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (40, 10)
    assert actions(world).count("card_pin.lock") == 1
    desk = Browser(world, api, counter.manager)
    where = f"/staff/cards/{lin.id}"
    page = desk.get(where).text
    assert "已锁定" in page
    assert f"/staff/people/{lin.id}/passbook" in page
    form = {"path": f"{where}/pin", "shown_on": where, "pin": "9274", "again": "9274"}
    assert desk.submit(**form).status_code == 422  # no reason is given
    assert desk.submit(**form, reason="忘记密码，已核对身份证").status_code == 303
    assert by_card(number, pin="9274").status_code == 201
    assert actions(world)[-1] == "card_pin.reset"


def test_a_dozen_wrong_pins_at_once_are_five_tries(world, by_card, counter, crowd):
    number = world.card(world.person(points=40), pin=PIN)
    crowd.sign_in(counter.manager)

    answers = crowd.at_once([lambda api: by_card(number, api=api, pin="1357")] * 12)

    assert outcomes(answers) == {"pin_wrong": 5, "pin_locked": 7}


@pytest.mark.parametrize(
    "weak", ["0000", "1234", "987654", "1212", "123123", "0307", "1956", "12", "1234567", "12a4"]
)
def test_a_pin_that_is_easy_to_guess_is_not_taken(world, api, counter, weak):
    lin = world.person()
    world.know(lin, {Field.BIRTH_DATE: "1956-03-07"})
    world.card(lin)
    where = f"/staff/cards/{lin.id}"

    page = Browser(world, api, counter.manager).submit(
        path=f"{where}/pin", shown_on=where, pin=weak, again=weak
    )

    assert page.status_code == 422
    assert "card_pin.set" not in actions(world)


def test_a_card_is_given_out_and_its_pin_chosen_before_staff(world, api, by_card, counter):
    lin = world.person("林小燕", points=40)
    desk, where = Browser(world, api, counter.manager), f"/staff/cards/{lin.id}"

    given = desk.submit(path=f"{where}/number", shown_on=where)
    assert given.status_code == 303, given.text
    card = desk.get(where).text
    desk.submit(path=f"{where}/pin", shown_on=where, pin=PIN, again=PIN)

    number = card.split('<p class="mono num">')[1][:9]
    assert "林*燕" in card
    assert "林小燕" not in card
    found = desk.submit(path="/staff/cards", shown_on="/staff/cards", card_no=number)
    assert found.location == where
    assert by_card(number, pin=PIN).status_code == 201
    assert actions(world)[:2] == ["card.issue", "card_pin.set"]


def test_a_card_without_a_pin_is_good_with_a_signature_and_a_reason(world, by_card, counter):
    lin = world.person(points=40)
    number = world.card(lin)

    unset = refusal(by_card(number, pin=PIN))
    unsaid = refusal(by_card(number))
    signed = by_card(number, reason="行动不便，没有手机")

    assert (unset, unsaid) == ((409, "pin_unset"), (422, "till_reason_missing"))
    assert signed.json["redemption"]["way"] == "paper"
    assert told(world, lin) == ["goods_without_phone"]
    assert redemptions(world)[-1].reason == "行动不便，没有手机"


def test_signatures_have_a_limit_a_day_for_each_manager(world, by_card, counter, crowd):
    buyers = world.people(12, points=16)
    numbers = [world.card(buyer) for buyer in buyers]
    world.deliver(counter.rice, 20)
    crowd.sign_in(counter.manager)

    answers = crowd.at_once(
        [
            lambda api, number=number: by_card(number, api=api, reason="没有手机")
            for number in numbers
        ]
    )

    assert outcomes(answers) == {"created": rules().papers, "limit_reached": 2}


def test_whoever_came_with_a_card_is_not_asked_for_a_code(world, by_card, counter):
    lin = world.person(points=30)
    card = world.card(lin, pin=PIN)

    poor = by_card(card, pin=PIN, quantity=2).json["detail"]
    world.give(lin, 300)
    gone = by_card(card, pin=PIN, quantity=11).json["detail"]
    wrong = by_card(card, pin="1357").json["detail"]

    assert poor == "可用积分 30 分，还差 2 分。请减少商品，再办一次。"
    assert gone.endswith("请减少数量或换一种商品。")
    assert wrong == "取物密码不对，请本人再输一次，还可以试 4 次。"


def test_a_delegate_fetches_with_their_own_card_and_pin(world, by_card):
    mother, son = world.person("林母", points=60), world.person("林子")
    card, fetcher = world.card(mother), world.card(son, pin=PIN)
    said = {"fetcher_card_no": fetcher, "pin": PIN, "reason": "住院"}

    stranger = refusal(by_card(card, **said))
    world.mandate(mother, son, daily_limit=20)
    fetched = by_card(card, **said)
    beyond = refusal(by_card(card, **said))

    assert stranger == (404, "mandate_unknown")
    assert fetched.json["redemption"]["way"] == "errand"
    assert beyond == (409, "mandate_exceeded")
    assert world.points_of(mother) == 44
    assert told(world, mother) == ["goods_without_phone"]


def test_a_card_nobody_has_counts_as_a_guess(world, by_card):
    said = [refusal(by_card(f"K{number:08}", pin=PIN)) for number in range(6)]

    assert said == [(404, "card_unknown")] * 5 + [(429, "too_many_misses")]


def test_nobody_sells_to_themself_by_card(world, by_card, counter):
    world.give(counter.manager, 40)
    number = world.card(counter.manager, pin=PIN)

    assert refusal(by_card(number, pin=PIN)) == (409, "self_redemption")
    assert world.points_of(counter.manager) == 40


def test_one_thing_proves_it(world, api, counter, by_card):
    lin = world.person(points=40)
    both = {**counter.order(counter.code(lin)), "card": {"card_no": world.card(lin), "reason": "x"}}

    answer = api.post(counter.path, as_=counter.manager, key=uuid4().hex, **both)

    assert refusal(answer) == (422, "proof_wrong")


# Before the scan.


def test_looking_burns_nothing_and_says_who_and_how_much(world, api, counter):
    lin = world.person("林小燕", points=40)
    shown = counter.code(lin)
    desk, where = Browser(world, api, counter.manager), f"/counter/{counter.shop.id}"

    with world.changes() as changed:
        seen = desk.submit(path=f"{where}/look", shown_on=where, redeem_code=shown)

    assert "林*燕" in seen.text
    assert 'data-available="40"' in seen.text
    assert changed == {}
    assert counter.redeem(shown).status_code == 201
    again = desk.submit(path=f"{where}/look", shown_on=where, redeem_code=shown)
    assert again.status_code == 409


def test_another_price_than_was_shown_is_said_and_the_code_stays_good(world, api, counter):
    lin = world.person(points=40)
    shown = counter.code(lin)
    order = {**counter.order(shown), "total": 12}

    other = api.post(counter.path, as_=counter.manager, key=uuid4().hex, **order)
    same = api.post(counter.path, as_=counter.manager, key=uuid4().hex, **{**order, "total": 16})

    assert refusal(other) == (409, "price_changed")
    assert "现在共 16 分" in other.json["detail"]
    assert same.status_code == 201


def test_a_closed_counter_sells_nothing_and_burns_nothing(world, counter):
    lin = world.person(points=40)
    shown = counter.code(lin)
    Orders(world, counter).rule(redemption={"within_hours": True})
    hours = sa.text("UPDATE shop SET opens_minute = 0, closes_minute = :minute WHERE id = :id")
    with world.own() as session:
        session.execute(hours, {"minute": 1, "id": counter.shop.id})

    closed = refusal(counter.redeem(shown))
    with world.own() as session:
        session.execute(hours, {"minute": 24 * 60, "id": counter.shop.id})

    assert closed == (409, "shop_closed")
    assert counter.redeem(shown).status_code == 201


def test_a_manager_has_a_limit_even_for_many_at_once(world, counter, crowd, monkeypatch):
    most = Most(sales=5, points=10_000)
    law = Rules(
        confirm_points=180,
        confirm_within=timedelta(minutes=3),
        hour=most,
        day=most,
        papers=10,
        paper_points=200,
    )
    monkeypatch.setattr(limits, "rules", lambda: law)
    shown = [counter.code(buyer) for buyer in world.people(12, points=16)]
    world.deliver(counter.rice, 20)
    for code in shown[:4]:
        assert counter.redeem(code).status_code == 201
    crowd.sign_in(counter.manager)

    answers = crowd.at_once(
        [lambda api, code=code: counter.redeem(code, api=api) for code in shown[4:]]
    )

    assert outcomes(answers)["created"] == 1
    assert outcomes(answers)["limit_reached"] == 7


# A large sale asks the member's own phone.


def test_a_large_sale_waits_for_the_phone_and_then_happens(world, api, counter, oil, browser_of):
    lin = world.person("林小燕", points=200)

    with world.changes() as changed:
        asked = counter.redeem(counter.code(lin), item=oil)

    assert asked.status_code == 202
    assert asked.json["question"]["cost"] == 180
    assert set(changed) == {"idempotency", "redeem_code", "sale_question"}
    phone, desk = browser_of(lin), browser_of(counter.manager)
    where = f"/counter/{counter.shop.id}/questions/{asked.json['question']['id']}"
    assert "等 林*燕 在手机上确认 180 分" in desk.get(where).text
    page = phone.get("/redeem-code").text
    assert '确认 <span class="num">180</span> 分兑换食用油×1' in page
    yes = phone.submit(
        path=f"/redeem-code/questions/{asked.json['question']['id']}",
        shown_on="/redeem-code",
        answer="yes",
    )
    assert "扣 180 分，结余 20 分" in yes.text
    assert "兑换成功，扣 180 分，结余 20 分" in desk.get(where).text
    assert (world.points_of(lin), world.on_hand(oil)) == (20, 2)
    assert world.violations() == []


def test_a_no_moves_nothing_and_the_counter_hears_of_it(world, counter, oil, browser_of):
    lin = world.person(points=200)
    asked = counter.redeem(counter.code(lin), item=oil).json["question"]["id"]
    answer = {"path": f"/redeem-code/questions/{asked}", "shown_on": "/redeem-code"}

    browser_of(lin).submit(**answer, answer="no")
    late = browser_of(lin).submit(**answer, answer="yes")

    assert late.status_code == 409
    shown = browser_of(counter.manager).get(f"/counter/{counter.shop.id}/questions/{asked}").text
    assert "居民在手机上选了“不兑换”" in shown
    assert (world.points_of(lin), world.on_hand(oil)) == (200, 3)
    assert redemptions(world)[-1].refused_for == "declined"


def test_a_question_ends_by_itself(world, counter, oil, browser_of, hands):
    lin = world.person(points=200)
    asked = counter.redeem(counter.code(lin), item=oil).json["question"]["id"]

    hands.move(minutes=4)

    answer = {"path": f"/redeem-code/questions/{asked}", "shown_on": "/redeem-code"}
    assert browser_of(lin).submit(**answer, answer="yes").status_code == 409
    shown = browser_of(counter.manager).get(f"/counter/{counter.shop.id}/questions/{asked}").text
    assert "居民没有确认" in shown
    assert world.points_of(lin) == 200


def test_what_was_sold_meanwhile_is_refused_and_moves_nothing(world, counter, oil, browser_of):
    first, second = world.person(points=200), world.person(points=200)
    last = world.item(counter.shop, name="电饭煲", points=180, stock=1)
    asked = [
        counter.redeem(counter.code(who), item=last).json["question"]["id"]
        for who in (first, second)
    ]

    answers = [
        browser_of(who).submit(
            path=f"/redeem-code/questions/{one}", shown_on="/redeem-code", answer="yes"
        )
        for who, one in zip((first, second), asked, strict=True)
    ]

    assert [answer.status_code for answer in answers] == [200, 409]
    assert (world.points_of(first), world.points_of(second)) == (20, 200)
    assert world.violations() == []


@pytest.mark.parametrize("dearer", [190, 170])
def test_a_yes_is_to_the_price_that_was_asked_about(
    world, api, counter, oil, browser_of, hands, dearer
):
    lin = world.person("林小燕", points=200)
    path = f"/items/{oil.id}/prices"
    day = (world.now() + timedelta(days=7)).date().isoformat()
    api.post(path, as_=counter.manager, key="1", points=dearer, valid_from=day)
    hands.move(days=6, hours=11, minutes=59)
    asked = counter.redeem(counter.code(lin), item=oil).json["question"]
    hands.move(minutes=2)

    yes = {"path": f"/redeem-code/questions/{asked['id']}", "shown_on": "/redeem-code"}
    refused = browser_of(lin).submit(**yes, answer="yes")

    assert (asked["cost"], refused.status_code) == (180, 409)
    assert f"现在共 {dearer} 分（您确认的是 180 分）" in refused.text
    assert redemptions(world)[-1].refused_for == "price_changed"
    assert (world.points_of(lin), world.on_hand(oil)) == (200, 3)
    desk = f"/counter/{counter.shop.id}/questions/{asked['id']}"
    assert "积分不够或价格变了" in browser_of(counter.manager).get(desk).text


def test_yes_and_no_at_once_are_one_answer(world, counter, oil, crowd):
    lin = world.person(points=200)
    assert counter.redeem(counter.code(lin), item=oil).status_code == 202

    def say(yes):
        def act(_api):
            keyring = Keyring(world.app.config["SETTINGS"].secret_key)
            try:
                with world.work() as session:
                    asking.answer(
                        session,
                        question_of(world, lin).id,
                        me=principal_of(world, lin),
                        yes=yes,
                        keyring=keyring,
                        now=world.now(),
                    )
            except DomainError as refused:
                return refused.code
            return "answered"

        return act

    answers = crowd.at_once([say(place % 2 == 0) for place in range(16)])

    assert sorted(answers) == ["answered"] + ["question_over"] * 15
    assert world.points_of(lin) in {20, 200}
    assert (world.points_of(lin) == 20) is (world.on_hand(oil) == 2)
    assert world.violations() == []


# The shift, and who looks at it.


def test_a_shift_is_handed_over_with_its_figures(world, api, counter, browser_of):
    lin = world.person(points=40)
    counter.redeem(counter.code(lin))
    counter.redeem(counter.code(world.person(points=2)))
    colleague = world.staff("shop_manager", name="王店长")
    username = world.employ(colleague, password="a password of the shift")
    desk, where = browser_of(counter.manager), f"/counter/{counter.shop.id}"
    form = {"path": f"{where}/hand-over", "shown_on": f"{where}/day", "username": username}

    day = desk.get(f"{where}/day").text
    wrong = desk.submit(**form, password="not it")
    done = desk.submit(**form, password="a password of the shift")

    assert "16 分" in day
    assert "积分不够" in day
    assert f"{world.now():%Y-%m-%d}" in day  # it is printed, signed and kept
    assert "接班人签字" in day
    assert wrong.status_code == 401
    assert done.status_code == 303
    assert desk.get(where).status_code == 302  # one's own session has ended
    assert "交给 王店长" in browser_of(colleague).get(f"{where}/day").text
    assert actions(world)[-1] == "counter.hand_over"


def test_a_colleague_takes_over_by_card_and_pin(world, counter, browser_of):
    colleague = world.staff("shop_manager", name="王店长")
    number = world.card(colleague, pin=PIN)
    desk, where = browser_of(counter.manager), f"/counter/{counter.shop.id}"
    form = {"path": f"{where}/hand-over", "shown_on": f"{where}/day"}

    wrong = desk.submit(**form, username=number, password="1357")
    unknown = desk.submit(**form, username="K00000000", password=PIN)
    done = desk.submit(**form, username=number.lower(), password=PIN)

    assert (wrong.status_code, unknown.status_code, done.status_code) == (409, 401, 303)
    assert "还可以试 4 次" in wrong.text
    assert desk.get(where).status_code == 302  # one's own session has ended
    assert "交给 王店长" in browser_of(colleague).get(f"{where}/day").text


def test_a_counter_is_not_handed_to_whoever_has_a_card(world, counter, browser_of):
    lin, desk = world.person(), browser_of(counter.manager)
    cards = [world.card(person, pin=PIN) for person in (lin, counter.manager)]
    where = f"/counter/{counter.shop.id}"

    said = [
        desk.submit(
            path=f"{where}/hand-over", shown_on=f"{where}/day", username=card, password=PIN
        ).status_code
        for card in cards
    ]

    assert said == [422, 422]
    assert "counter.hand_over" not in actions(world)


def test_a_counter_is_not_handed_to_oneself_or_to_a_stranger(world, counter, browser_of):
    own = world.employ(counter.manager, password="a password of my own")
    clerk = world.staff("community_clerk", name="李社工")
    other = world.employ(clerk, password="a password of the clerk")
    desk, where = browser_of(counter.manager), f"/counter/{counter.shop.id}"
    form = {"path": f"{where}/hand-over", "shown_on": f"{where}/day"}

    said = [
        desk.submit(**form, username=own, password="a password of my own").status_code,
        desk.submit(**form, username=other, password="a password of the clerk").status_code,
    ]

    assert said == [422, 422]
    assert "counter.hand_over" not in actions(world)


def test_the_auditor_sees_who_sells_without_codes_and_to_whom(world, by_card, counter, browser_of):
    lin = world.person(points=60)
    number = world.card(lin, pin=PIN)
    counter.redeem(counter.code(lin))
    by_card(number, pin=PIN)
    by_card(number, pin="1357")

    report = browser_of(world.staff("auditor", name="审计员")).get("/staff/tills").text

    assert "2 笔，32 分" in report
    assert "50%（卡和密码 1，签字 0，代领 0，断网 0）" in report
    assert "1 人，其中三个人占 100%" in report
    assert "1 次" in report
