"""What comes back for a defect, and what is given away: points go where they came from."""

from uuid import uuid4

import pytest

from tests.support.browser import Browser
from tests.support.orders import Orders


@pytest.fixture
def orders(world, counter):
    return Orders(world, counter)


@pytest.fixture
def lin(world):
    return world.person(points=100)


@pytest.fixture
def sold(counter, lin):
    """Three bags of rice, 48 points."""
    return counter.redeem(counter.code(lin), quantity=3).json["redemption"]


def test_a_piece_comes_back_with_its_points_and_the_rest_stays_paid(
    world, counter, orders, lin, sold
):
    answer = orders.returning(sold["id"], lines=[(counter.rice, 1)], goods="shelf")

    assert answer.status_code == 201, answer.json
    assert answer.json["redemption"]["points_returned"] == 16
    assert answer.json["redemption"]["state"] == "completed"
    assert world.points_of(lin) == 100 - 32
    assert world.shelf(counter.rice) == [(8, 0)]
    assert world.violations() == []


def test_the_passbook_says_plainly_what_came_back_and_what_was_kept(
    world, api, counter, orders, lin, sold
):
    orders.returning(sold["id"], lines=[(counter.rice, 1)], reason="袋子破了")
    orders.returning(sold["id"], lines=[(counter.rice, 1)], reason="受潮")

    lines = api.get("/me/passbook", as_=lin).json["items"][:5]
    page = Browser(world, api, lin).get("/passbook").text

    assert [(line["title"], line["amount"]) for line in lines] == [
        ("退货后留下的物品", -16),
        ("爱心超市退货", 32),
        ("退货后留下的物品", -32),
        ("爱心超市退货", 48),
        ("爱心超市兑换", -48),
    ]
    assert "退货退回：袋子破了（单号" in page
    assert page.count("没有退、留下的物品，重新扣分（单号") == 2
    assert page.count('<span class="tag">退货退回</span>') == 2
    assert "冲正" not in page


def test_what_is_left_can_come_back_later_and_nothing_twice(world, counter, orders, lin, sold):
    orders.returning(sold["id"], lines=[(counter.rice, 1)])

    rest = orders.returning(sold["id"])
    again = orders.returning(sold["id"])

    assert rest.json["redemption"]["state"] == "refunded"
    assert rest.json["redemption"]["points_returned"] == 32
    assert (again.status_code, again.json["code"]) == (409, "returned_twice")
    assert world.points_of(lin) == 100
    assert world.shelf(counter.rice) == [(7, 0)]  # it was of no use, and is off the books
    assert world.violations() == []


def test_what_was_picked_up_comes_back_as_well(world, counter, orders, lin):
    kept = orders.reserve(lin, quantity=2)
    sold = orders.fetching(kept["code"]).json["redemption"]

    answer = orders.returning(sold["id"], goods="shelf")

    assert answer.json["redemption"]["state"] == "refunded"
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (100, 10)
    assert world.violations() == []


def test_after_seven_days_it_is_too_late(world, orders, sold, hands):
    hands.move(days=8)

    with world.changes() as changed:
        refused = orders.returning(sold["id"])

    assert (refused.status_code, refused.json["code"]) == (409, "return_too_late")
    assert set(changed) <= {"idempotency"}


def test_much_is_taken_back_by_somebody_else_than_who_sold_it(world, orders, counter, lin, sold):
    orders.rule(redemption={"return_alone_max": 20})
    other = world.staff("shop_manager", name="古店长")

    alone = orders.returning(sold["id"])
    by_another = orders.returning(sold["id"], by=other)

    assert (alone.status_code, alone.json["code"]) == (409, "return_by_second")
    assert by_another.status_code == 201
    assert world.violations() == []


def test_nobody_takes_back_their_own_or_elsewhere(world, api, counter, orders, new_world):
    keeper = world.staff("shop_manager", name="古店长")
    world.give(keeper, 20)
    sold = counter.redeem(counter.code(keeper)).json["redemption"]
    foreign = new_world()

    own = orders.returning(sold["id"], by=keeper)
    unknown = orders.returning(uuid4())
    resident = orders.returning(sold["id"], by=world.person())

    assert (own.status_code, own.json["code"]) == (409, "self_redemption")
    assert (unknown.status_code, unknown.json["code"]) == (404, "redemption_unknown")
    assert resident.status_code == 403
    assert foreign.violations() == world.violations() == []


def test_eight_returns_at_once_are_one(world, counter, orders, lin, sold, crowd):
    crowd.sign_in(counter.manager)

    answers = crowd.at_once([lambda api: orders.returning(sold["id"], api=api)] * 8)

    assert sorted(one.status_code for one in answers) == [201] + [409] * 7
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (100, 7)
    assert world.violations() == []


def test_points_are_given_away_once_and_shown_without_names(api, world, lin):
    key = uuid4().hex
    gift = {"points": 30, "goal": "family"}

    first, again = (api.post("/me/donations", as_=lin, key=key, **gift) for _ in range(2))
    too_much = api.post("/me/donations", as_=lin, key=uuid4().hex, points=71)

    assert first.status_code == 201, first.json
    assert first.data == again.data
    assert first.json["donation"]["balance_after"] == 70
    assert (too_much.status_code, too_much.json["code"]) == (409, "insufficient_points")
    assert world.points_of(lin) == 70
    page = Browser(world, api, world.person()).get("/donate").get_data(as_text=True)
    assert ">30</b> 分" in page
    assert ">1</b> 位居民" in page
    assert lin.display_name not in page
    assert world.violations() == []


def test_the_day_of_a_shop_counts_what_went_over_its_counter(api, counter, orders, lin, sold):
    orders.fetching(orders.reserve(lin)["code"])
    orders.reserve(lin)
    orders.returning(sold["id"], lines=[(counter.rice, 1)])

    day = api.get(f"/shops/{counter.shop.id}/day", as_=counter.manager).json

    assert {**day, "on": None} == {
        "on": None, "sales": 1, "pick_ups": 1, "refused": 0, "points": 64, "returns": 1,
        "points_returned": 16, "waiting": 1,
    }  # fmt: skip
