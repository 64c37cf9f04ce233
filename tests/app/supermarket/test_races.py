"""Everybody at the counter at once: nothing is sold twice, and nobody spends what they have not."""

import secrets
from http import HTTPStatus

from app.core.db import add
from app.supermarket import codes
from app.supermarket.models import RedeemCode
from tests.support.counter import Counter
from tests.support.crowd import outcomes


def test_sixty_four_redemptions_with_one_code_are_one_sale(world, counter, crowd):
    lin = world.person(points=100)
    shown = counter.code(lin)
    crowd.sign_in(counter.manager)

    answers = crowd.at_once([lambda api: counter.redeem(shown, api=api)] * 64)

    assert outcomes(answers) == {"created": 1, "code_used": 63}
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (84, 9)
    assert world.violations() == []


def test_a_code_that_is_scanned_and_typed_at_once_is_one_sale(api, world, counter, crowd):
    crowd.sign_in(counter.manager)
    for lin in world.people(8, points=100):
        shown = api.post("/me/redeem-codes", as_=lin).json
        ways = [shown["code"], shown["digits"]] * 4

        answers = crowd.at_once([lambda api, way=way: counter.redeem(way, api=api) for way in ways])

        assert outcomes(answers) == {"created": 1, "code_used": 7}
        assert world.points_of(lin) == 84
    assert world.violations() == []


def test_a_code_beside_which_the_phone_draws_another_is_good(world, counter, crowd):
    people = world.people(8, points=100)
    crowd.sign_in(counter.manager, *people)
    for lin in people:
        shown = counter.code(lin)

        sold, _renewed = crowd.at_once(
            [
                lambda api, code=shown: counter.redeem(code, api=api),
                lambda api, one=lin: api.post("/me/redeem-codes", as_=one),
            ]
        )

        assert (sold.status_code, world.points_of(lin)) == (201, 84)
    assert world.violations() == []


def test_five_bags_and_fifty_buyers_are_five_sales(world, counter, crowd):
    oil = world.item(counter.shop, name="食用油", points=2, stock=5)
    shown = [counter.code(buyer) for buyer in world.people(50, points=2)]
    crowd.sign_in(counter.manager)

    answers = crowd.at_once(
        [lambda api, code=code: counter.redeem(code, item=oil, api=api) for code in shown]
    )

    assert outcomes(answers) == {"created": 5, "sold_out": 45}
    assert world.on_hand(oil) == 0
    assert world.violations() == []


def test_two_codes_of_one_member_at_two_shops_never_overdraw(api, world, counter, crowd):
    there = Counter.open(world, api, name="Second shop")
    for lin in world.people(6, points=20):
        shown = [counter.code(lin), there.code(lin)]
        crowd.sign_in(counter.manager, there.manager)

        answers = crowd.at_once(
            [
                lambda api, code=shown[0]: counter.redeem(code, api=api),
                lambda api, code=shown[1]: there.redeem(code, api=api),
            ]
        )

        assert outcomes(answers) == {"created": 1, "insufficient_points": 1}
        assert world.points_of(lin) == 4
    assert world.violations() == []


def test_baskets_in_opposite_order_do_not_wait_for_each_other(world, counter, crowd):
    soap = world.item(counter.shop, name="肥皂", points=2, stock=100)
    rice = world.item(counter.shop, name="面粉", points=2, stock=100)
    crowd.sign_in(counter.manager)

    def basket(shown, *items):
        lines = [{"item_id": str(item.id), "quantity": 1} for item in items]
        return lambda api: api.post(
            counter.path, as_=counter.manager, key=shown, redeem_code=shown, lines=lines
        )

    shown = [counter.code(buyer) for buyer in world.people(64, points=4)]
    answers = crowd.at_once(
        [
            basket(code, *((soap, rice) if number % 2 else (rice, soap)))
            for number, code in enumerate(shown)
        ],
        patient=False,
    )

    assert outcomes(answers) == {"created": 64}
    assert (world.on_hand(soap), world.on_hand(rice)) == (36, 36)
    assert world.violations() == []


def test_a_balance_of_a_hundred_is_one_sale_of_sixty_out_of_sixty_four(world, counter, crowd):
    lin, now = world.person(points=100), world.now()
    kettle = world.item(counter.shop, name="水壶", points=60, stock=64)
    shown = ["R" + secrets.token_urlsafe(16) for _ in range(64)]
    times = {"issued_at": now, "expires_at": now + codes.LIFETIME}
    with world.own() as session:
        for code in shown:
            digest = codes.digest(code)
            add(
                session,
                RedeemCode(person_id=lin.id, code_hash=digest, digits_hash=digest, **times),
            )
    crowd.sign_in(counter.manager)

    answers = crowd.at_once(
        [lambda api, code=code: counter.redeem(code, item=kettle, api=api) for code in shown]
    )

    assert outcomes(answers) == {"created": 1, "insufficient_points": 63}
    assert (world.points_of(lin), world.on_hand(kettle)) == (40, 63)
    assert world.violations() == []


def test_two_hundred_sales_over_a_connection_that_is_cut_are_two_hundred(world, counter, crowd):
    soap = world.item(counter.shop, name="肥皂", points=2, stock=300)
    shown = [counter.code(buyer) for buyer in world.people(200, points=2)]
    crowd.sign_in(counter.manager)

    def until_answered(place, code):
        """Every third answer is lost, and who hears that it is busy sends the same again."""

        def sell(api):
            key = f"sale-number-{place:08}"
            if place % 3 == 1:
                counter.redeem(code, key=key, item=soap, api=api)
            answer = counter.redeem(code, key=key, item=soap, api=api)
            while answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE:
                answer = counter.redeem(code, key=key, item=soap, api=api)
            return answer

        return sell

    answers = crowd.at_once([until_answered(place, code) for place, code in enumerate(shown)])

    numbers = {answer.json["redemption"]["number"] for answer in answers}
    assert outcomes(answers) == {"created": 200}
    assert len(numbers) == 200
    assert world.on_hand(soap) == 100
    assert world.violations() == []


def test_sixteen_typed_guesses_at_once_are_five_tries(world, counter, crowd):
    crowd.sign_in(counter.manager)

    with world.changes() as changed:
        answers = crowd.at_once(
            [
                lambda api, typed=f"{typed:010}": counter.redeem(typed, api=api)
                for typed in range(16)
            ]
        )

    assert outcomes(answers) == {"code_unknown": 5, "too_many_misses": 11}
    assert changed["miss"] == 5


def test_asking_for_many_codes_at_once_leaves_two_alive(api, world, counter, crowd):
    lin = world.person(points=200)
    crowd.sign_in(lin, counter.manager)

    shown = crowd.at_once([lambda api: api.post("/me/redeem-codes", as_=lin)] * 8)

    sold = [counter.redeem(code.json["code"]).status_code for code in shown]
    assert sorted(sold) == [201, 201, 409, 409, 409, 409, 409, 409]


def test_one_delivery_booked_by_eight_at_once_is_on_the_shelf_once(world, counter, crowd):
    def book(_api):
        world.deliver(counter.rice, 20, reference="delivery 7")

    crowd.at_once([book] * 8)

    assert world.on_hand(counter.rice) == 30
    assert world.violations() == []
