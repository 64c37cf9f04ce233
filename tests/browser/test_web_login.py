"""扫码登录 with two screens: what one shows, the other scans; and the web-view's entrance."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.browser.test_quality import flaws_on_phones
from tests.support.visitor import COUNTER


def test_a_phone_lets_a_computer_in_and_proves_its_person_there(
    visit, phone, city, api, decoder, hands
):
    computer = visit(**COUNTER)
    screen = computer.open("/login?next=/passbook")
    expect(screen.locator(".qr svg")).to_be_visible()
    assert flaws_on_phones([("a code to scan", screen)]) == []

    scanned = urlsplit(decoder.read(screen.locator(".qr").screenshot())).path
    page = phone.open(scanned)
    expect(page.get_by_text("Chrome 浏览器")).to_be_visible()
    expect(screen.get_by_text("手机已经扫到")).to_be_visible()
    assert flaws_on_phones([("a device that asks", page), ("it was seen", screen)]) == []
    page.get_by_role("button", name="确认").click()

    expect(page.get_by_role("heading", name="已确认，请看电脑屏幕。")).to_be_visible()
    assert flaws_on_phones([("confirmed", page)]) == []
    screen.wait_for_url(re.compile("^[^?]*/passbook"))

    computer.open("/confirm?next=/me")
    screen.get_by_role("button", name="显示二维码").click()
    scanned = urlsplit(decoder.read(screen.locator(".qr").screenshot())).path
    phone.open(scanned)
    page.get_by_role("button", name="确认").click()
    screen.wait_for_url(re.compile("^[^?]*/me$"))


def test_a_code_that_ran_out_stops_asking_and_is_drawn_anew(visit, city, hands):
    page = visit(**COUNTER).open("/login")
    expect(page.locator(".qr svg")).to_be_visible()

    hands.move(minutes=2)
    expect(page.get_by_text("二维码已过期或已取消")).to_be_visible()
    page.get_by_role("button", name="换一个二维码").click()

    expect(page.locator(".qr svg")).to_be_visible()


def test_a_mini_programs_web_view_is_the_same_person_and_its_address_says_nothing(visit, city, api):
    made = api.post("/me/handoffs", as_=city.resident, next="/passbook").json["address"]
    view = visit(**COUNTER)

    page = view.open(made)

    page.wait_for_url(re.compile("^[^?]*/passbook"))
    assert "H" not in urlsplit(page.url).fragment
