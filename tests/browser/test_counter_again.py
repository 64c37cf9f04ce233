"""A counter whose sale is held up asks again by itself, and sells once."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

AGAIN = "正在自动再试，不会重复扣分"
CLAIMED = """
    INSERT INTO idempotency (tenant_id, id, actor_id, key, fingerprint, created_at)
    VALUES (:tenant, gen_random_uuid(), :actor, :key, '', now())
"""
HELD = "SELECT FROM account WHERE tenant_id = :tenant FOR UPDATE"


@pytest.fixture
def counter(till, phone, city, world):
    """With a code and a bag of rice, ready to be confirmed."""
    till.may_be_refused = True  # which Chromium notes in its console
    world.give(city.resident, 40)
    counter = till.open(f"/counter/{city.shop.id}")
    shown = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
    counter.get_by_label("居民的兑换码").fill(shown)
    counter.get_by_label(city.rice.name, exact=True).fill("1")
    return counter


@pytest.mark.parametrize("held", [HELD, CLAIMED], ids=["the account", "the key"])
def test_what_is_held_up_is_asked_again_under_its_key_and_sold_once(
    counter, till, city, world, owner, held
):
    """Takes some seconds: so long a sale waits before it gives up."""
    key = counter.locator("[name=idempotency_key]").input_value()
    values = {"tenant": world.tenant_id, "actor": city.manager.id, "key": key}

    with owner.open(world.tenant_id) as another:
        another.execute(sa.text(held), values)
        counter.get_by_role("button", name="确认兑换").click()
        expect(counter.get_by_text(AGAIN)).to_be_visible()
        another.rollback()

    expect(counter.get_by_text("兑换成功，扣 16 分，结余 24 分")).to_be_visible()
    till.complaints.clear()  # Chromium's, of what was held up
    assert world.on_hand(city.rice) == 2
    assert world.violations() == []


@pytest.fixture
def neighbour(world):
    return world.person("何志文", points=40)


@pytest.fixture
def card(neighbour, world):
    return world.card(neighbour, pin="2580")


def let_through(till):
    till.context.unroute("**/counter/*")
    till.complaints.clear()  # Chromium's, of what was lost


def give_up_on(counter):
    """The clerk empties the form, and hears that the last sale is not forgotten."""
    for done in ("兑换码清掉了。再按一次 Esc 清空商品。", "商品清空了。"):
        counter.keyboard.press("Escape")
        expect(counter.locator("[data-say]")).to_have_text(
            f"上一笔还没有结果，办下一位之前会先问清楚。{done}"
        )


def serve(counter, till, card):
    """The next resident: salt, by card and PIN."""
    counter.get_by_label("食用盐", exact=True).fill("1")
    till.scan(card)
    expect(counter.locator("[data-who]")).to_contain_text("何*文")
    counter.locator("#pin").fill("2580")


@pytest.mark.parametrize("arrived", [True, False], ids=["booked", "never arrived"])
def test_a_sale_without_an_answer_is_asked_first_and_never_taken_for_the_next_one(
    counter, till, city, world, neighbour, card, arrived
):
    """Takes some seconds: all the tries fail before the clerk serves the next one."""
    lose(till, arrived=arrived)
    counter.get_by_role("button", name="确认兑换").click()
    expect(counter.get_by_text("没有连上，请检查网络后再按一次")).to_be_visible()
    give_up_on(counter)
    serve(counter, till, card)
    let_through(till)

    counter.get_by_role("button", name="确认兑换").click()

    told = counter.get_by_text("上一笔（林*燕）：兑换成功，扣 16 分，结余 24 分")
    expect(counter.locator("[data-say]")).to_contain_text("上一笔有结果了")
    expect(told).to_be_in_viewport()
    expect(counter.locator("#card_no")).to_have_value(card)
    expect(counter.locator("[data-lines]")).to_have_text("食用盐 × 14")
    assert (world.points_of(city.resident), world.points_of(neighbour)) == (24, 40)

    counter.get_by_role("button", name="确认兑换").click()

    expect(counter.get_by_text("兑换成功，扣 4 分，结余 36 分")).to_be_visible()
    expect(counter.get_by_text("上一笔")).to_have_count(0)
    assert (world.points_of(city.resident), world.points_of(neighbour)) == (24, 36)
    assert (world.on_hand(city.rice), world.on_hand(city.salt)) == (2, 19)
    assert world.violations() == []


def test_what_is_asked_again_by_itself_is_told_above_the_next_basket(
    counter, till, city, world, neighbour, card
):
    lose(till, arrived=False)
    counter.get_by_role("button", name="确认兑换").click()
    expect(counter.get_by_text(AGAIN)).to_be_visible()
    give_up_on(counter)
    serve(counter, till, card)
    expect(counter.get_by_text("上一笔没有连上")).to_be_visible()
    let_through(till)

    expect(counter.get_by_text("上一笔（林*燕）：兑换成功，扣 16 分")).to_be_visible()

    expect(counter.locator("#pin")).to_have_value("2580")
    expect(counter.get_by_label("食用盐", exact=True)).to_have_value("1")
    assert (world.points_of(city.resident), world.points_of(neighbour)) == (24, 40)


def test_while_the_last_sale_has_no_result_the_next_one_waits_and_takes_over_nothing_of_it(
    counter, till, city, world, neighbour, card, hands
):
    """Takes some seconds. In the end the last one is refused: its code has run out."""
    till.context.route("**/counter/*", lambda route: route.fulfill(status=503, body=""))
    confirm = counter.get_by_role("button", name="确认兑换")
    confirm.click()
    expect(counter.get_by_text("服务器没有办成。请再按一次")).to_be_visible()
    give_up_on(counter)
    serve(counter, till, card)

    confirm.click()

    expect(counter.get_by_text("上一笔还没有结果，请过一会儿再按一次")).to_be_visible()
    expect(counter.locator("#pin")).to_have_value("2580")
    hands.move(minutes=10)
    let_through(till)
    till.may_be_refused = True
    confirm.click()
    expect(counter.get_by_role("alert").get_by_text("上一笔：")).to_be_visible()
    expect(counter.locator("[data-lines]")).to_have_text("食用盐 × 14")
    expect(counter.get_by_label("居民的兑换码")).to_have_value("")
    confirm.click()
    expect(counter.get_by_text("兑换成功，扣 4 分，结余 36 分")).to_be_visible()
    assert (world.points_of(city.resident), world.points_of(neighbour)) == (40, 36)


def lose(till, *, arrived):
    """Whatever is sent gets lost: the answer alone, or the request as well."""

    def swallow(route):
        if arrived:
            route.fetch()
        route.abort()

    till.context.route("**/counter/*", swallow)
