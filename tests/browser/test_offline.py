"""A counter in a basement: it is cut off, sells on paper, and brings each sale once."""

import re

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.supermarket.models import OfflineSale
from tests.browser.conftest import PHONE
from tests.browser.test_paper import paper_mm
from tests.browser.test_quality import flaws_on_phones
from tests.support.counter import Counter
from tests.support.terminal import allow, served_by_card

BARCODE = "6901234567892"


@pytest.fixture
def counter(world, city, api):
    counter = Counter(world=world, api=api, shop=city.shop, manager=city.manager, rice=city.salt)
    allow(world, counter, 20)
    return counter


@pytest.fixture
def tea(world, city):
    return world.item(city.shop, name="绿茶", points=5, stock=9, barcode=BARCODE)


@pytest.fixture
def cards(world, counter):
    """Of three people who have used them here, and have 40 points left each."""
    return [served_by_card(world, counter, who) for who in world.people(3, points=44)]


@pytest.fixture
def terminal(till, city, tea, cards, hands):
    """Granted the slice, and kept by the browser."""
    till.context.clock.set_system_time(hands())
    page = till.open(f"/counter/{city.shop.id}/offline")
    page.get_by_role("button", name="领取今天的备用额度").click()
    expect(page.locator("[data-slice]")).to_contain_text("有 3 张卡")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("async () => (await caches.keys()).length === 1")
    page.wait_for_function("async (address) => Boolean(await caches.match(address))", arg=page.url)
    return page


def brought(world):
    query = sa.select(OfflineSale.state).order_by(OfflineSale.place)
    with world.own() as session:
        return list(session.scalars(query))


def sell(till, page, card, pieces=1):
    till.scan(card)
    expect(page.locator("[data-who]")).to_contain_text("断网时最多 20 分")
    for _ in range(pieces):
        till.scan(BARCODE)
    page.get_by_role("button", name="签字了，确认兑换").click()
    expect(page.locator("[data-receipt]")).to_be_visible()


def test_cut_off_it_sells_three_and_back_it_brings_each_once(
    till, terminal, city, world, tea, cards
):
    queue = terminal.locator("[data-queue-text]")
    with till.cut_off():
        for place, card in enumerate(cards, start=1):
            sell(till, terminal, card)
            expect(queue).to_have_text(f"未同步 {place} 笔")
        till.scan(cards[0])
        expect(terminal.locator("[data-who]")).to_contain_text("今天断网时已经兑换过一次")
        assert brought(world) == []

        terminal.reload()
        expect(queue).to_have_text("未同步 3 笔")
        expect(terminal.locator("[data-net]")).to_have_text("断网兑换，没有网络")
        expect(terminal.locator("[data-item]", has_text="绿茶")).to_contain_text("账上还有 6")

    expect(queue).to_have_text("都同步好了")
    expect(terminal.locator("[data-sales] .tag")).to_have_text(["已入账"] * 3)
    assert brought(world) == ["booked"] * 3
    assert world.on_hand(tea) == 6
    terminal.reload()
    expect(queue).to_have_text("都同步好了")
    assert brought(world) == ["booked"] * 3
    assert world.violations() == []


def test_the_slip_to_be_signed_leaves_the_printer(till, terminal, cards):
    with till.cut_off():
        terminal.reload()
        expect(terminal.locator("[data-net]")).to_have_text("断网兑换，没有网络")  # it listens
        sell(till, terminal, cards[0])
        terminal.emulate_media(media="print")
        for line in ("断网时办理，网络恢复后记账、扣积分。", "居民签字", "经手人签字"):
            expect(terminal.get_by_text(line)).to_be_visible()
        expect(terminal.locator("[data-receipt-at]")).to_contain_text("年")
        expect(terminal.locator("[data-receipt-lines]")).to_contain_text("绿茶")
        ((width, height),) = paper_mm(terminal)
        terminal.emulate_media(media="screen")

    assert (width, height < 150) == (80, True)


def test_a_colleague_reads_where_the_slice_of_today_is(visit, terminal, city, api, world):
    colleague = world.staff("shop_manager", name="尤店长")
    page = visit(**PHONE).known_by(api.token(colleague, staff=True)).page
    page.goto(f"/counter/{city.shop.id}/offline")

    expect(page.locator("[data-slice]")).to_contain_text(
        "在另一台设备上。请先在那台设备上同步、交回"
    )
    expect(page.get_by_role("button", name="领取今天的备用额度")).to_be_hidden()
    expect(page.get_by_role("heading", name="明德爱心志愿超市断网兑换")).to_be_visible()


def test_what_the_slice_does_not_cover_waits_for_the_network(
    till, terminal, city, world, tea, cards
):
    stranger = world.card(world.person(points=40))
    said, who = terminal.locator("[data-say]"), terminal.locator("[data-who]")
    with till.cut_off():
        till.scan(stranger)
        expect(who).to_have_text("这张卡不在备用额度里，请等网络恢复后再办。")
        till.scan(cards[0])
        expect(who).to_contain_text("最多 20 分")
        for _ in range(5):
            till.scan(BARCODE)
        terminal.get_by_role("button", name="签字了，确认兑换").click()
        expect(said).to_have_text("断网时这张卡最多 20 分，请减少商品。")
        expect(terminal.locator("[data-queue-text]")).to_have_text("都同步好了")


def test_two_tabs_sell_a_card_once(till, terminal, city, cards):
    with till.cut_off():
        other = till.context.new_page()
        other.goto(terminal.url)
        sell(till, terminal, cards[0])
        other.locator("#card_no").fill(cards[0])
        other.get_by_label("绿茶", exact=True).fill("1")
        other.get_by_role("button", name="签字了，确认兑换").click()
        expect(other.locator("[data-say]")).to_contain_text("没有记下来")
        expect(other.locator("[data-queue-text]")).to_have_text("未同步 1 笔")


LET_GO = """async () => {
  const script = document.querySelector("script[src*='offline.js']").src;
  const store = await import(new URL("./offline-store.js", script));
  const shop = location.pathname.split("/")[2];
  for (const slice of await store.slicesOf(shop)) await store.dropSlice(slice.id);
}"""


def test_a_slice_that_is_let_go_takes_no_sale_along_that_is_to_be_brought(
    till, terminal, cards, world
):
    with till.cut_off():
        sell(till, terminal, cards[0])
        terminal.evaluate(LET_GO)
        terminal.reload()
        expect(terminal.locator("[data-queue-text]")).to_have_text("未同步 1 笔")

    expect(terminal.locator("[data-queue-text]")).to_have_text("都同步好了")
    assert brought(world) == ["booked"]


def test_what_was_refused_stays_with_its_reason(till, terminal, city, world, tea, cards, counter):
    with till.cut_off():
        sell(till, terminal, cards[0])
        counter.redeem(counter.code(world.person(points=46)), item=tea, quantity=9)

    expect(terminal.locator("[data-queue-text]")).to_have_text("都同步好了，要处理 1 笔")
    expect(terminal.locator("[data-sales]")).to_contain_text("绿茶已兑完")
    terminal.get_by_role("link", name="去处理").click()
    expect(terminal.get_by_role("heading", name="绿茶×1")).to_be_visible()


def test_who_has_to_sign_in_again_loses_nothing(till, terminal, city, api, cards, world):
    with till.cut_off():
        sell(till, terminal, cards[0])
        till.context.clear_cookies()

    expect(terminal.get_by_text("登录已过期。没有同步的都还在")).to_be_visible()
    expect(terminal.get_by_role("button", name="交回备用额度")).to_be_disabled()
    expect(terminal.locator("[data-why-not]")).to_have_text("还有 1 笔未同步，先同步再交回。")
    till.known_by(api.token(city.manager, staff=True))
    terminal.get_by_role("button", name="现在同步").click()
    expect(terminal.locator("[data-queue-text]")).to_have_text("都同步好了")
    expect(terminal.locator("[data-why-not]")).to_have_text("")
    assert brought(world) == ["booked"]


def test_a_finger_sells_and_gives_the_rest_back(visit, city, world, api, tea, cards, hands):
    touched = visit(**PHONE).known_by(api.token(city.manager, staff=True))
    touched.context.clock.set_system_time(hands())
    page = touched.open(f"/counter/{city.shop.id}/offline")
    page.get_by_role("button", name="领取今天的备用额度").tap()
    expect(page.locator("[data-slice]")).to_contain_text("有 3 张卡")
    with touched.cut_off():
        page.get_by_label("居民的存折卡").fill(cards[0])
        page.get_by_role("button", name="加一件 绿茶").tap()
        page.get_by_role("button", name="签字了，确认兑换").tap()
        expect(page.locator("[data-queue-text]")).to_have_text("未同步 1 笔")

    expect(page.locator("[data-queue-text]")).to_have_text("都同步好了")
    page.get_by_role("button", name="交回备用额度").tap()
    expect(page.locator("[data-slice]")).to_contain_text("还没有领取")
    with world.own() as session:
        query = sa.text("SELECT state, count(*) FROM offline_share GROUP BY 1 ORDER BY 1")
        assert list(map(tuple, session.execute(query))) == [("released", 2), ("sold", 1)]


def test_its_pages_are_without_flaws(till, terminal, city, cards, counter, tea, world):
    def stops():
        yield "offline, granted", terminal
        with till.cut_off():
            sell(till, terminal, cards[0])
            counter.redeem(counter.code(world.person(points=46)), item=tea, quantity=9)
            yield "offline, sold", terminal
        expect(terminal.locator("[data-queue-text]")).to_contain_text("要处理 1 笔")
        yield "offline, back", terminal
        terminal.goto(f"/counter/{city.shop.id}/offline/waiting")
        yield "offline, waiting", terminal
        terminal.goto(f"/staff/shops/{city.shop.id}")
        yield "offline, chosen", terminal

    assert flaws_on_phones(stops()) == []


SETTLED = """() => navigator.locks.request(`sync ${location.pathname.split("/")[2]}`, () => true)"""
HOTSPOT = {"status": 403, "content_type": "text/html", "body": "<h1>Please sign in</h1>"}


def test_a_page_of_somebody_elses_network_is_called_that_and_keeps_the_sale(
    till, terminal, cards, world, hands
):
    asked, queue = [], terminal.locator("[data-queue-text]")
    till.may_be_refused = True
    terminal.clock.install(time=hands())
    with till.cut_off():
        sell(till, terminal, cards[0])
        terminal.route("**/offline/state?*", lambda route: asked.append(route.fulfill(**HOTSPOT)))

    expect(terminal.get_by_role("alert")).to_contain_text("连到的不是红色账户")
    expect(queue).to_have_text("未同步 1 笔")
    for _ in range(12):
        terminal.clock.run_for(20_000)
        terminal.evaluate(SETTLED)
    assert len(asked) < 6  # and not twelve: it asks more and more rarely
    assert brought(world) == []

    terminal.unroute("**/offline/state?*")
    terminal.get_by_role("button", name="现在同步").click()
    expect(queue).to_have_text("都同步好了")
    expect(terminal.get_by_role("alert")).to_have_count(0)
    assert brought(world) == ["booked"]


def test_who_is_told_to_try_again_finds_the_button_though_nothing_waits(till, terminal):
    till.may_be_refused = True
    terminal.route("**/offline/state?*", lambda route: route.fulfill(**HOTSPOT))
    terminal.reload()
    expect(terminal.get_by_role("alert")).to_contain_text("好了再点“现在同步”")

    terminal.unroute("**/offline/state?*")
    terminal.get_by_role("button", name="现在同步").click()

    expect(terminal.get_by_role("alert")).to_have_count(0)
    expect(terminal.get_by_role("button", name="现在同步")).to_be_hidden()


TOKEN = re.compile(rb'(name="csrf_token"\r\n\r\n)[^\r]+')


def spoil(terminal, *, times):
    """The token of some forms is of another session by the time they are there."""
    left = iter(range(times))

    def pass_on(route):
        body = route.request.post_data_buffer
        if next(left, None) is not None:
            body = TOKEN.sub(rb"\1stale", body)
        route.continue_(post_data=body)

    terminal.route("**/offline/sales", pass_on)


def test_a_form_that_went_stale_on_its_way_goes_again_with_a_fresh_token(
    till, terminal, cards, world
):
    till.may_be_refused = True
    with till.cut_off():
        sell(till, terminal, cards[0])
        spoil(terminal, times=1)

    expect(terminal.locator("[data-queue-text]")).to_have_text("都同步好了")
    assert brought(world) == ["booked"]


def test_what_may_pass_is_tried_again_by_itself_and_not_given_up(
    till, terminal, cards, world, hands
):
    till.may_be_refused = True
    with till.cut_off():
        sell(till, terminal, cards[0])
        terminal.clock.install(time=hands())
        spoil(terminal, times=2)
        terminal.reload()

    expect(terminal.locator("[data-sales]")).to_contain_text("这次没有同步成，会自己再试。")
    expect(terminal.get_by_role("button", name="转人工处理")).to_have_count(0)
    for _ in range(2):
        terminal.clock.run_for(20_000)
        terminal.evaluate(SETTLED)

    expect(terminal.locator("[data-queue-text]")).to_have_text("都同步好了")
    assert brought(world) == ["booked"]


FORGE = """async () => {
  const script = document.querySelector("script[src*='offline.js']").src;
  const store = await import(new URL("./offline-store.js", script));
  const [{ text, mac }] = await store.slicesOf(location.pathname.split("/")[2]);
  await store.keepSlice({ text: text.replaceAll('"points": 20', '"points": 21'), mac });
}"""


def test_what_is_refused_is_put_aside_and_a_shift_does_not_end_over_it_unseen(
    till, terminal, city, cards, world
):
    till.may_be_refused = True
    with till.cut_off():
        sell(till, terminal, cards[0])
        terminal.evaluate(FORGE)

    sales = terminal.locator("[data-sales]")
    expect(sales).to_contain_text("被改动过")
    expect(sales).to_contain_text("请点“转人工处理”")
    expect(terminal.locator("[data-queue-text]")).to_contain_text("其中 1 笔同步不了")
    terminal.goto(f"/counter/{city.shop.id}/day")
    expect(terminal.get_by_role("alert")).to_contain_text("还有 1 笔未同步")
    terminal.get_by_role("link", name="去同步").click()
    sales.get_by_role("button", name="转人工处理").click()
    expect(sales.locator(".tag")).to_have_text("已转人工")
    expect(terminal.locator("[data-queue-text]")).to_have_text("都同步好了，要处理 1 笔")
    expect(terminal.get_by_role("button", name="转人工处理")).to_have_count(0)
    terminal.get_by_role("link", name="断网兑换的处理").click()
    expect(terminal.get_by_role("heading", name="绿茶×1")).to_be_visible()
    assert brought(world) == []
