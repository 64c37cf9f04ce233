"""The journey the product exists for, on the screens of those who take it."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from app.core.queue import Bell
from tests.browser.city import PASSWORD
from tests.support.serving import listening
from tests.support.visitor import PHONE, drawn

QUARTER = 22.5  # of ninety minutes: a venue's screen asks far more often than its session idles


@dataclass(frozen=True, kw_only=True)
class Redis:
    """What becomes of Redis half-way, and who settles then."""

    fail: Callable[[], None]
    settle: Callable[[], object]


@pytest.fixture(params=["answers", "falls silent"])
def redis(request, app, city, worker, monkeypatch):
    """Redis to the end; or, from half-way on, one that takes what it is told and says nothing."""
    if request.param == "answers":
        yield Redis(fail=lambda: None, settle=worker.work)
        return
    with listening() as silent:
        bell = Bell(f"redis://127.0.0.1:{silent.getsockname()[1]}")
        yield Redis(
            fail=lambda: monkeypatch.setitem(app.extensions, "queue", bell), settle=worker.sweep
        )


def numbers(page: Page) -> list[str]:
    return page.locator(".stat__number").all_inner_texts()


def test_a_resident_comes_gives_time_and_takes_goods_home(
    city, visit, screen, till, redis, decoder, hands, settings, world
):
    phone = visit(**PHONE)
    page = phone.sign_in("林小燕")
    expect(page.get_by_role("heading", name="林小燕")).to_be_visible()
    assert numbers(page) == ["0", "0", "0"]

    # At the station: the text under the code leads to its page, as the code itself does.
    phone.open("/scan")
    page.get_by_label("也可以输入码上的文字").fill(city.station_address(settings.public_url))
    page.get_by_role("button", name="就用这个").click()
    expect(page.get_by_role("heading", name=city.station.name)).to_be_visible()
    page.get_by_role("button", name="饮水").click()
    expect(page.get_by_role("heading", name="今天第一次到访 +2 待结算")).to_be_visible()
    redis.fail()

    # At the venue: a photograph of the big screen is as good as the camera.
    big = screen.open(f"/venue/{city.activity.id}")
    phone.open("/scan")
    phone.show(big.locator(".qr").screenshot())
    page.get_by_role("button", name="签到").click()
    expect(page.get_by_role("heading", name="签到成功")).to_be_visible()

    # Ninety minutes later.
    for _quarter in range(4):
        hands.move(minutes=QUARTER)
        screen.open(f"/venue/{city.activity.id}?kind=out")
    phone.open("/scan")
    phone.show(big.locator(".qr").screenshot())
    page.get_by_role("button", name="签退").click()
    said = "服务 90 分钟 × 10 分/小时 = 15 分，待结算"
    expect(page.get_by_role("heading", name=said, exact=True)).to_be_visible()

    # The page waits for settlement, and changes by itself.
    phone.open("/me")
    assert numbers(page) == ["0", "0", "0"]
    expect(page.get_by_text("+17 待结算")).to_be_visible()
    redis.settle()
    expect(page.locator(".stat__number").first).to_have_text("17")
    assert numbers(page) == ["17", "16", "90"]
    expect(page.locator("#latest")).to_contain_text("服务 90 分钟 × 10 分/小时 = 15 分")

    # Every line of the passbook says why, and by which policy.
    lines = phone.open("/passbook").locator(".book tbody tr")
    expect(lines).to_have_count(5)
    assert all("2026-01 版办法" in line for line in lines.all_inner_texts())
    phone.open("/passbook?unit=points")
    expect(lines).to_have_count(2)
    expect(lines.first).to_contain_text("服务 90 分钟 × 10 分/小时 = 15 分")
    expect(lines.last).to_contain_text("当天第一次到访 +2 分")

    # At the counter: the scanner types the code and presses Enter, the manager does the rest.
    counter = till.open(f"/counter/{city.shop.id}")
    expect(counter.get_by_text("登录过期了")).to_be_visible()
    till.give_password(city.manager_name, PASSWORD, to=f"**/counter/{city.shop.id}")
    till.scan(decoder.read(phone.open("/redeem-code").locator(".qr").screenshot()))
    expect(counter.locator(".stepper__input").first).to_be_focused()
    counter.get_by_label(city.rice.name, exact=True).press_sequentially("1")
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("button", name="确认兑换")).to_be_focused()
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("兑换成功，扣 16 分，结余 1 分")).to_be_visible()
    expect(counter.locator(".receipt")).to_contain_text("林*燕")
    expect(counter.locator(".receipt")).to_contain_text("积分结余 1")
    expect(counter.locator(".item").filter(has_text="大米")).to_contain_text("还有 2 件")

    phone.open("/me")
    assert numbers(page) == ["1", "16", "90"]
    assert world.on_hand(city.rice) == 2
    assert world.violations() == []


def test_a_picture_of_the_code_and_its_address_open_the_same_page(phone, city, settings):
    address = city.station_address(settings.public_url)
    phone.open("/scan")
    phone.show(drawn(address))
    expect(phone.page.get_by_role("heading", name=city.station.name)).to_be_visible()
    assert phone.page.url == address

    phone.open(address)

    expect(phone.page.get_by_text("今天第一次到访 +2 分")).to_be_visible()
