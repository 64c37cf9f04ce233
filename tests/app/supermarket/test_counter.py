"""At the counter: goods for points, or a refusal that moves nothing but burns the code."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.support.client import NOWHERE
from tests.support.refusals import refusal

SOLD = {
    "account": 2,
    "idempotency": 1,
    "lot": 16,  # two points of each visit: thirty-two points are of sixteen visits
    "lot_use": 16,
    "notice": 1,
    "notice_sending": 1,
    "redeem_code": 1,
    "redemption": 1,
    "redemption_line": 1,
    "stock": 1,
    "stock_move": 1,
    "transfer": 1,
}
REFUSED = {"idempotency": 1, "redeem_code": 1, "redemption": 1}


def test_goods_leave_the_shelf_and_points_the_account(world, counter):
    lin = world.person("林小燕", points=40)
    shown = counter.code(lin)

    with world.changes() as changed:
        sold = counter.redeem(shown, quantity=2)

    receipt = sold.json["redemption"]
    assert sold.status_code == 201
    assert (receipt["state"], receipt["cost"], receipt["balance_after"]) == ("completed", 32, 8)
    assert receipt["lines"] == [
        {"item_id": str(counter.rice.id), "name": "大米", "quantity": 2, "points": 32}
    ]
    assert receipt["member_name_masked"] == "林*燕"
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (8, 8)
    # The shop's till is a new account, and so it is one more than the member's that changed.
    assert changed == SOLD
    assert world.violations() == []


def test_ten_typed_digits_are_as_good_as_the_code(api, world, counter):
    lin = world.person(points=20)
    digits = api.post("/me/redeem-codes", as_=lin).json["digits"]

    sold = counter.redeem(f" {digits[:4]} {digits[4:7]} {digits[7:]} ")

    assert sold.status_code == 201
    assert world.points_of(lin) == 4


def test_typing_the_digits_burns_the_code_too(api, world, counter):
    shown = api.post("/me/redeem-codes", as_=world.person(points=40)).json
    counter.redeem(shown["digits"])

    assert refusal(counter.redeem(shown["code"])) == (409, "code_used")
    assert refusal(counter.redeem(shown["digits"])) == (409, "code_used")


def test_a_code_works_once(world, counter):
    lin = world.person(points=40)
    shown = counter.code(lin)
    counter.redeem(shown)

    with world.changes() as changed:
        again = counter.redeem(shown)

    assert refusal(again) == (409, "code_used")
    assert changed == {"idempotency": 1, "miss": 1}
    assert world.points_of(lin) == 24


@pytest.mark.parametrize(("age", "status"), [(59, 201), (60, 409), (3600, 409)])
def test_a_code_lives_for_a_minute(world, counter, hands, age, status):
    shown = counter.code(world.person(points=40))
    hands.move(seconds=age)

    assert counter.redeem(shown).status_code == status


def test_an_expired_code_is_burnt_and_logged_and_moves_nothing(world, counter, hands):
    lin = world.person(points=40)
    shown = counter.code(lin)
    hands.move(seconds=61)

    with world.changes() as changed:
        answer = counter.redeem(shown)

    assert refusal(answer) == (409, "code_expired")
    assert changed == {"idempotency": 1, "miss": 1, "redeem_code": 1}
    assert world.points_of(lin) == 40


def test_expired_digits_are_refused(api, world, counter, hands):
    digits = api.post("/me/redeem-codes", as_=world.person(points=40)).json["digits"]
    hands.move(seconds=60)

    assert refusal(counter.redeem(digits)) == (409, "code_expired")


def test_of_three_codes_the_two_youngest_live(world, counter, hands):
    lin = world.person(points=60)
    shown = []
    for _ in range(3):
        shown.append(counter.code(lin))
        hands.move(seconds=10)

    answers = [counter.redeem(code) for code in shown]

    assert refusal(answers[0]) == (409, "code_expired")
    assert [answer.status_code for answer in answers[1:]] == [201, 201]


@pytest.mark.parametrize(
    ("shown", "expected", "remembered"),
    [
        pytest.param("R" + "x" * 22, (404, "code_unknown"), True, id="a code nobody was shown"),
        pytest.param("0123456789", (404, "code_unknown"), True, id="digits nobody was shown"),
        pytest.param("hello", (422, "code_malformed"), False, id="no code at all"),
        pytest.param("S" + "x" * 22, (422, "code_malformed"), False, id="a station's"),
        pytest.param("012345678", (422, "code_malformed"), False, id="nine digits"),
        pytest.param("٠١٢٣٤٥٦٧٨٩", (422, "code_malformed"), False, id="other people's digits"),
        pytest.param("http://[", (422, "code_malformed"), False, id="an address that is none"),
    ],
)
def test_a_wrong_code_leaves_a_line_in_the_log_of_misses(
    world, counter, shown, expected, remembered
):
    with world.changes() as changed:
        answer = counter.redeem(shown)

    assert refusal(answer) == expected
    assert changed == ({"idempotency": 1} if remembered else {}) | {"miss": 1}


def test_a_venue_code_opens_no_account(world, counter):
    with world.changes() as changed:
        answer = counter.redeem(world.venue_code(world.activity()))

    assert refusal(answer) == (422, "code_malformed")
    assert changed == {"activity": 1, "miss": 1}


def test_the_code_of_another_city_is_unknown_here_and_stays_whole_there(
    world, counter, new_world, another_counter
):
    lin = another_counter.world.person(points=40)
    shown = another_counter.code(lin)

    with another_counter.world.changes() as there:
        answer = counter.redeem(shown)

    assert refusal(answer) == (404, "code_unknown")
    assert there == {}
    assert another_counter.redeem(shown).status_code == 201


def test_too_few_points_burn_the_code_and_move_nothing(world, counter):
    lin = world.person(points=14)
    shown = counter.code(lin)

    with world.changes() as changed:
        answer = counter.redeem(shown)

    assert refusal(answer) == (409, "insufficient_points")
    assert "14" in answer.json["detail"]
    assert "还差 2 分。请减少商品，并请居民重新出示兑换码。" in answer.json["detail"]
    assert changed == REFUSED
    assert refusal(counter.redeem(shown)) == (409, "code_used")
    assert world.violations() == []


def test_points_that_wait_for_settlement_cannot_be_spent(api, world, counter):
    lin = world.person(points=14)
    api.post("/station-visits", as_=lin, code=world.code_of(world.station()))

    assert refusal(counter.redeem(counter.code(lin))) == (409, "insufficient_points")
    world.settle()
    assert counter.redeem(counter.code(lin)).status_code == 201


def test_the_last_point_can_be_spent(world, counter):
    lin = world.person(points=16)

    assert counter.redeem(counter.code(lin)).json["redemption"]["balance_after"] == 0


def test_what_is_sold_out_burns_the_code_and_moves_nothing(world, counter):
    lin, oil = world.person(points=40), world.item(counter.shop, name="食用油", stock=0)

    shown = counter.code(lin)
    with world.changes() as changed:
        answer = counter.redeem(shown, item=oil)

    assert refusal(answer) == (409, "sold_out")
    assert "食用油" in answer.json["detail"]
    assert changed == REFUSED


def test_more_than_is_left_is_sold_out_and_says_how_many_are_left(world, counter):
    lin, soap = world.person(points=40), world.item(counter.shop, name="肥皂", points=2, stock=3)

    answer = counter.redeem(counter.code(lin), item=soap, quantity=4)

    assert refusal(answer) == (409, "sold_out")
    assert "只剩 3 件" in answer.json["detail"]
    assert world.on_hand(soap) == 3


def test_one_thing_missing_leaves_the_whole_basket_on_the_shelf(api, world, counter):
    lin, oil = world.person(points=100), world.item(counter.shop, name="食用油", stock=0)
    lines = [{"item_id": str(item.id), "quantity": 1} for item in (counter.rice, oil)]

    answer = api.post(
        counter.path,
        as_=counter.manager,
        key=uuid4().hex,
        redeem_code=counter.code(lin),
        lines=lines,
    )

    assert refusal(answer) == (409, "sold_out")
    assert (world.on_hand(counter.rice), world.points_of(lin)) == (10, 100)


def test_a_basket_of_several_things_costs_their_sum(api, world, counter):
    lin, soap = world.person(points=100), world.item(counter.shop, name="肥皂", points=3, stock=9)
    lines = [
        {"item_id": str(counter.rice.id), "quantity": 2},
        {"item_id": str(soap.id), "quantity": 3},
    ]

    sold = api.post(
        counter.path,
        as_=counter.manager,
        key=uuid4().hex,
        redeem_code=counter.code(lin),
        lines=lines,
    )

    assert sold.json["redemption"]["cost"] == 41
    assert (world.on_hand(counter.rice), world.on_hand(soap)) == (8, 6)
    assert world.violations() == []


def test_the_same_thing_in_two_lines_is_refused_before_the_code_is_looked_at(api, world, counter):
    shown = counter.code(world.person(points=100))
    line = {"item_id": str(counter.rice.id), "quantity": 1}

    with world.changes() as changed:
        answer = api.post(
            counter.path,
            as_=counter.manager,
            key=uuid4().hex,
            redeem_code=shown,
            lines=[line, line],
        )

    assert refusal(answer) == (422, "item_twice")
    assert changed == {}
    assert counter.redeem(shown).status_code == 201


def test_goods_of_another_shop_are_not_on_this_shelf(world, counter, another_counter):
    lin = world.person(points=100)
    elsewhere = world.item(world.shop(name="Second shop"))

    for item in (elsewhere, another_counter.rice):
        shown = counter.code(lin)
        with world.changes() as changed:
            answer = counter.redeem(shown, item=item)
        assert refusal(answer) == (404, "item_unknown")
        assert changed == REFUSED


def test_nobody_redeems_for_themself(world, counter):
    world.give(counter.manager, 40)
    shown = counter.code(counter.manager)

    with world.changes() as changed:
        answer = counter.redeem(shown)

    assert refusal(answer) == (409, "self_redemption")
    assert changed == REFUSED
    assert world.points_of(counter.manager) == 40


def test_a_shop_elsewhere_answers_like_no_shop_byte_for_byte(api, world, counter, another_counter):
    world.unit("community", "Wenhua", under="East Street")
    beside = world.shop(name="Wenhua shop", community="Wenhua")
    shown = counter.code(world.person(points=100))
    api.request_id = "one-and-the-same"

    with world.changes() as changed:
        answers = [
            api.post(
                f"/shops/{shop_id}/redemptions",
                as_=counter.manager,
                key=uuid4().hex,
                **counter.order(shown),
            )
            for shop_id in (beside.id, another_counter.shop.id, NOWHERE)
        ]

    assert {refusal(answer) for answer in answers} == {(404, "shop_unknown")}
    assert len({(answer.data, str(answer.headers)) for answer in answers}) == 1
    assert changed == {"idempotency": 3}
    assert counter.redeem(shown).status_code == 201


def test_a_manager_further_up_runs_every_counter_below(world, counter):
    lin = world.person(points=100)
    counter.manager = world.staff("shop_manager", at="East Street")

    assert counter.redeem(counter.code(lin)).status_code == 201


def test_a_resident_runs_no_counter(api, world, counter):
    lin, wang = world.person(points=100), world.person()
    shown = counter.code(lin)
    counter.manager = wang

    with world.changes() as changed:
        answer = counter.redeem(shown)

    assert refusal(answer) == (403, "staff_only")
    assert changed == {}


def test_a_price_from_the_client_is_not_a_price(api, world, counter):
    order = counter.order(counter.code(world.person(points=100)))
    order["lines"][0]["points"] = 1

    answer = api.post(counter.path, as_=counter.manager, key=uuid4().hex, **order)

    assert refusal(answer) == (422, "invalid")


def test_guessing_digits_pauses_the_counter_and_leaves_the_others_alone(world, counter, hands):
    lin, colleague = world.person(points=100), world.staff("shop_manager")
    for guess in range(5):
        assert refusal(counter.redeem(f"{guess:010}")) == (404, "code_unknown")

    shown = counter.code(lin)
    paused = counter.redeem(shown)
    beside = replace(counter, manager=colleague).redeem(shown)
    hands.move(minutes=15, seconds=1)
    right_again = counter.redeem(counter.code(lin))

    assert refusal(paused) == (429, "too_many_misses")
    assert int(paused.headers["Retry-After"]) > 14 * 60
    assert right_again.status_code == 201
    assert beside.status_code == 201


def test_the_passbook_names_the_shop_the_goods_and_the_receipt(api, world, counter):
    lin = world.person(points=40)
    receipt = counter.redeem(counter.code(lin), quantity=2).json["redemption"]

    line = api.get("/me/passbook", as_=lin).json["items"][0]

    assert (line["kind"], line["amount"], line["balance_after"]) == ("redeem", -32, 8)
    assert line["reason"] == f"Mingde shop：大米×2（单号 {receipt['number']}）"


def test_a_full_basket_is_one_line_in_the_passbook(api, world, counter):
    lin = world.person(points=40)
    goods = [world.item(counter.shop, name=f"商品 {n}", points=1) for n in range(20)]
    lines = [{"item_id": str(item.id), "quantity": 1} for item in goods]
    shown = counter.code(lin)

    answer = api.post(
        counter.path, as_=counter.manager, key=uuid4().hex, redeem_code=shown, lines=lines
    )

    receipt = answer.json["redemption"]
    assert len(receipt["lines"]) == 20
    named = "、".join(f"商品 {n}×1" for n in range(5))
    assert api.get("/me/passbook", as_=lin).json["items"][0]["reason"] == (
        f"Mingde shop：{named}等 20 种商品（单号 {receipt['number']}）"
    )


def test_shops_and_shelves_are_listed(api, world, counter, another_counter):
    lin = world.person()
    api.request_id = "one-and-the-same"

    shops = api.get("/shops", as_=lin).json["items"]
    shelf = api.get(f"/shops/{counter.shop.id}/items", as_=lin).json["items"]
    elsewhere = api.get(f"/shops/{another_counter.shop.id}/items", as_=lin)
    nowhere = api.get(f"/shops/{NOWHERE}/items", as_=lin)

    assert [shop["name"] for shop in shops] == ["Mingde shop"]
    assert [(item["name"], item["points"], item["available"]) for item in shelf] == [
        ("大米", 16, 10)
    ]
    assert refusal(elsewhere) == (404, "shop_unknown")
    assert elsewhere.data == nowhere.data


def test_a_code_says_when_it_dies(api, world, hands):
    shown = api.post("/me/redeem-codes", as_=world.person()).json

    assert shown["code"].startswith("R")
    assert len(shown["digits"]) == 10
    assert shown["expires_at"] == (hands() + timedelta(seconds=60)).isoformat()
