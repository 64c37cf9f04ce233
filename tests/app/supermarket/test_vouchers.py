"""服务券: bought at the counter, redeemed once at a merchant's, given back, or over."""

import re
from io import BytesIO

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.core.idempotency import Ask, IdempotencyRow
from app.supermarket import codes
from app.supermarket.models import ServiceVoucher
from tests.support.browser import Browser
from tests.support.orders import Orders
from tests.support.searching import standing_in

CODE = re.compile(r"code__digits[^>]*>([^<]+)<")


@pytest.fixture
def lin(world):
    return world.person("林晓梅", points=100)


@pytest.fixture
def buy(counter, lin, haircut):
    def buy(quantity=1, item=haircut):
        sold = counter.redeem(counter.code(lin), item=item, quantity=quantity)
        assert sold.status_code == 201, sold.json
        return sold.json["redemption"]

    return buy


@pytest.fixture
def phone(world, api, lin):
    return Browser(world, api, lin)


def codes_on(phone):
    return CODE.findall(phone.get("/vouchers").text)


def states(world):
    with world.work() as session:
        return sorted(session.scalars(sa.select(ServiceVoucher.state)))


def give_back(world, phone):
    with world.work() as session:
        live = sa.select(ServiceVoucher.id).order_by(ServiceVoucher.state, ServiceVoucher.id)
        id_ = session.scalars(live.limit(1)).one()
    return phone.submit(f"/vouchers/{id_}/return", shown_on="/vouchers")


def test_what_is_bought_is_redeemed_once_at_a_merchant_of_its_kind(
    world, buy, phone, open_merchant
):
    barber, canteen = open_merchant(), open_merchant("暖心食堂", "lunch")
    buy(quantity=2)
    first, _second = codes_on(phone)

    elsewhere = canteen.redeem(first)
    done, again = barber.redeem(first.lower()), barber.redeem(first)

    assert (elsewhere.status_code, "没有找到这张服务券" in elsewhere.text) == (404, True)
    assert (done.status_code, "核销成功：理发券，林*梅" in done.text) == (200, True)
    assert (again.status_code, "在本店用过" in again.text) == (409, True)
    assert "今天核销了 1 张" in barber.browser.get(barber.path).text
    assert states(world) == ["live", "used"]
    assert len(codes_on(phone)) == 1
    assert world.violations() == []


def test_five_wrong_codes_pause_whoever_types_them(world, buy, phone, open_merchant):
    barber = open_merchant()
    buy()
    (code,) = codes_on(phone)

    wrong = [barber.redeem("2345678" + letter).status_code for letter in "ABCDE"]
    paused = barber.redeem(code)

    assert wrong == [404] * 5
    assert paused.status_code == 429
    assert states(world) == ["live"]


def test_an_unused_one_is_given_back_with_its_points(
    world, buy, phone, lin, haircut, open_merchant
):
    barber = open_merchant()
    buy(quantity=2)
    before = codes_on(phone)

    assert give_back(world, phone).status_code == 303

    (left,) = codes_on(phone)
    (gone,) = set(before) - {left}
    assert (world.points_of(lin), world.on_hand(haircut)) == (90, 9)
    assert states(world) == ["live", "returned"]
    assert barber.redeem(gone).status_code == 409
    assert barber.redeem(left).status_code == 200
    assert give_back(world, phone).status_code == 409  # used by now
    assert world.points_of(lin) == 90
    assert world.violations() == []


def test_at_the_counter_nothing_comes_back_that_was_used(
    world, buy, counter, phone, lin, open_merchant
):
    orders, barber, sold = Orders(world, counter), open_merchant(), buy()
    barber.redeem(codes_on(phone)[0])

    answer = orders.returning(sold["id"], goods="shelf")

    assert (answer.status_code, answer.json["code"]) == (409, "voucher_spent")
    assert world.points_of(lin) == 90
    assert orders.returning(buy()["id"], goods="shelf").status_code == 201
    assert states(world) == ["returned", "used"]
    assert world.violations() == []


def test_what_is_fetched_with_a_pick_up_code_is_a_voucher_as_well(
    world, counter, lin, haircut, phone
):
    orders = Orders(world, counter)

    orders.fetching(orders.reserve(lin, item=haircut)["code"])

    assert len(codes_on(phone)) == 1
    assert world.violations() == []


def test_the_time_of_the_policy_ends_it(world, api, counter, buy, phone, lin, hands):
    orders = Orders(world, counter)
    orders.rule(redemption={"voucher_days": 2})
    buy()
    assert len(codes_on(phone)) == 1
    hands.move(days=2)
    phone = Browser(world, api, lin)

    orders.sweep()

    assert codes_on(phone) == []
    assert "过期没用" in phone.get("/vouchers").text
    assert give_back(world, phone).status_code == 409
    assert (states(world), world.points_of(lin)) == (["expired"], 90)
    assert world.violations() == []


def test_the_months_sheet_counts_by_merchant_and_names_nobody(
    world, api, counter, buy, phone, open_merchant, keeper
):
    barber = open_merchant()
    buy(quantity=3)
    for code in codes_on(phone)[:2]:
        barber.redeem(code)
    month = f"{world.now():%Y-%m}"

    page = keeper.get("/staff/voucher-sheet").text
    taken = {
        form: keeper.submit(
            "/staff/voucher-sheet/export", shown_on="/staff/voucher-sheet", form=form, month=month
        )
        for form in ("xlsx", "pdf")
    }

    rows = list(load_workbook(BytesIO(taken["xlsx"].data)).active.values)
    assert rows[1:] == [
        ("明德理发店", "服务券：理发", "理发券", 2, 20),
        ("合计", *rows[2][1:3], 2, 20),
    ]
    assert "明德理发店" in page
    assert not re.search("林|梅", page)
    assert taken["pdf"].data.startswith(b"%PDF")
    assert "还没有核销过" in keeper.get("/staff/voucher-sheet", month="2020-01").text
    assert keeper.get("/staff/voucher-sheet", month="2020-13").status_code == 422


def test_who_runs_no_such_merchant_and_who_keeps_no_shop_is_told_it_does_not_exist(
    world, api, open_merchant, keeper
):
    barber, other = open_merchant(), open_merchant("早点铺", "breakfast")

    with world.changes() as changed:
        stranger = other.browser.submit(barber.path, shown_on=other.path, code="23456789")
        wrong = [
            keeper.submit("/staff/merchants", shown_on="/staff/merchants", **said).status_code
            for said in (
                {"name": "店", "category": "daily", "username": "nobody"},
                {"name": "店", "category": "lunch", "username": "nobody"},
                {"name": " ", "category": "lunch", "username": "nobody"},
            )
        ]

    assert (stranger.status_code, wrong) == (404, [422] * 3)
    assert not {"merchant", "service_voucher"} & set(changed)
    closing = f"/staff/merchants/{barber.path.rpartition('/')[2]}/close"
    assert keeper.submit(closing, shown_on="/staff/merchants").status_code == 303
    assert barber.browser.get(barber.path).status_code == 404


def test_nobody_redeems_their_own(world, api, counter, haircut, open_merchant):
    barber = open_merchant()
    world.give(barber.clerk, 20)
    assert counter.redeem(counter.code(barber.clerk), item=haircut).status_code == 201
    with world.work() as session:
        id_ = session.scalars(sa.select(ServiceVoucher.id)).one()
    code = codes.voucher(id_, world.keyring, world.tenant_id)

    assert barber.redeem(code).status_code == 409
    assert states(world) == ["live"]


def test_one_code_at_two_merchants_at_once_is_redeemed_once(
    world, buy, phone, open_merchant, crowd
):
    desks = [open_merchant(), open_merchant("新潮理发")]
    buy()
    (code,) = codes_on(phone)

    answers = crowd.at_once([lambda _api, desk=desk: desk.redeem(code) for desk in desks])

    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert states(world) == ["used"]
    assert world.violations() == []


def test_redeemed_or_given_back_but_never_both(world, buy, phone, lin, open_merchant, crowd):
    barber = open_merchant()
    buy()
    (code,) = codes_on(phone)

    served, back = crowd.at_once(
        [lambda _api: barber.redeem(code), lambda _api: give_back(world, phone)]
    )

    assert (served.status_code, back.status_code) in {(200, 409), (409, 303)}
    assert world.points_of(lin) == (90 if served.status_code == 200 else 100)
    assert world.violations() == []


def test_the_same_over_the_api_once_for_a_key(world, api, buy, lin, open_merchant):
    barber = open_merchant()
    buy(quantity=2)
    used, left = api.get("/me/vouchers", as_=lin).json["items"]
    (merchant,) = api.get("/me/merchants", as_=barber.clerk).json["items"]
    path = f"/merchants/{merchant['id']}/vouchers"

    first, again = (
        api.post(path, as_=barber.clerk, key="k" * 20, code=used["code"]) for _ in range(2)
    )
    twice = api.post(path, as_=barber.clerk, key="l" * 20, code=used["code"])
    back = api.post(f"/vouchers/{left['id']}/return", as_=lin, key="m" * 20)

    assert (first.status_code, first.json == again.json) == (201, True)
    assert first.json["served"]["member_name_masked"] == "林*梅"
    assert (twice.status_code, twice.json["code"]) == (409, "code_used")
    assert (back.status_code, back.json["voucher"]["state"]) == (200, "returned")
    assert used["places"] == ["明德理发店"]
    assert {one["code"] for one in api.get("/me/vouchers", as_=lin).json["items"]} == {None}
    assert world.points_of(lin) == 90
    assert world.violations() == []


def test_what_is_kept_of_a_request_lets_nobody_try_out_its_short_code(
    world, counter, buy, api, lin, open_merchant
):
    barber, orders = open_merchant(), Orders(world, counter)
    buy()
    (voucher,) = api.get("/me/vouchers", as_=lin).json["items"]
    (merchant,) = api.get("/me/merchants", as_=barber.clerk).json["items"]
    waiting = orders.reserve(lin)["code"]
    at = f"/merchants/{merchant['id']}/vouchers"
    api.post(at, as_=barber.clerk, key="k" * 20, code=voucher["code"])
    assert orders.fetching(waiting).status_code == 201

    def plain(route, **body):
        ask = Ask(actor_id=lin.id, key=None, route=route, body=body, now=world.now())
        return ask.fingerprint

    with world.own() as session:
        kept = set(session.scalars(sa.select(IdempotencyRow.fingerprint)))
    assert plain(f"redeem-voucher:{merchant['id']}", code=voucher["code"]) not in kept
    assert plain(f"pick_up:{counter.shop.id}", code=waiting, pieces=None) not in kept


def test_a_code_that_is_worth_points_is_answered_again_and_can_be_read_nowhere(
    world, counter, api, haircut, lin, log_lines
):
    orders, card = Orders(world, counter), {"card_no": world.card(lin, pin="2580"), "pin": "2580"}
    lines = [{"item_id": str(haircut.id), "quantity": 2}]

    def bought():  # and printed, because no phone was there
        asked = {"as_": counter.manager, "key": "b" * 20, "card": card, "lines": lines}
        return api.post(counter.path, **asked)

    def reserved():
        return orders.reserving(lin, item=haircut, key="w" * 20)

    firsts, agains = (bought(), reserved()), (bought(), reserved())

    assert [one.status_code for one in (*firsts, *agains)] == [201] * 4
    assert [one.data for one in agains] == [one.data for one in firsts]
    assert {one.headers["Idempotency-Replayed"] for one in agains} == {"true"}
    secrets = {each["code"] for each in firsts[0].json["redemption"]["vouchers"]}
    secrets.add(codes.in_fours(firsts[1].json["reservation"]["code"]))
    assert len(secrets) == 3
    for code in secrets:
        for written in (code, code.replace(" ", "")):
            assert standing_in(world, written) == set()
            assert written not in "\n".join(log_lines())
