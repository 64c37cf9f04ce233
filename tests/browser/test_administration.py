"""Staff with a second factor, roles from proposal to approval, devices: in real browsers."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.browser import tour
from tests.browser.city import PASSWORD
from tests.browser.test_quality import flaws_at_desks, flaws_on_phones
from tests.support.authenticator import Authenticator
from tests.support.visitor import COUNTER, PHONE

VIEWS = [(COUNTER, flaws_at_desks), (PHONE, flaws_on_phones)]
ADMINISTRATORS = {"security_admin": "岳安全", "system_admin": "邱系统", "auditor": "严审计"}


@pytest.fixture
def staff(world, visit, api, city):
    """A browser of a member of staff with this role in the whole city, signed in."""

    def staff(role, name="", **device):
        person = world.staff(role, at="city", name=name or ADMINISTRATORS[role])
        world.employ(person, password=PASSWORD)
        visitor = visit(**(device or COUNTER)).known_by(api.token(person, staff=True))
        visitor.may_be_refused = True
        return visitor

    return staff


@pytest.mark.parametrize(("device", "flaws"), VIEWS, ids=["desk", "phone"])
def test_pages_of_administrators_are_without_flaws(staff, city, hands, device, flaws):
    desk = staff("security_admin", **device)

    assert flaws(tour.of_the_administrators(desk, city, hands)) == []


def test_pages_of_auditors_and_of_accounts_are_without_flaws(staff, city, hands):
    desk = staff("security_admin")
    list(tour.of_the_administrators(desk, city, hands))

    for device, flaws in VIEWS:
        assert flaws(tour.of_the_auditor(staff("auditor", **device))) == []
        assert flaws(tour.of_the_system_administrator(staff("system_admin", **device))) == []


def test_devices_of_a_resident_are_without_flaws(phone, api, city, hands):
    phone.open("/me")

    assert flaws_on_phones([("devices", phone.open("/me/devices"))]) == []


def test_a_first_sign_in_leads_through_the_authenticator_to_the_desk(
    world, visit, city, hands, decoder
):
    world.demand_second_factor()
    name = world.employ(world.staff("security_admin", at="city"), password=PASSWORD)
    desk = visit(**PHONE)
    desk.may_be_refused = True
    desk.open("/staff/login")
    page = desk.give_password(name, PASSWORD, to="**/staff/second-factor")

    assert flaws_on_phones(tour.of_a_second_factor(desk)) == []
    page.set_viewport_size(PHONE["viewport"])
    address = decoder.read(page.locator(".qr").screenshot())
    authenticator = Authenticator(parse_qs(urlsplit(address).query)["secret"][0], hands)
    page.get_by_label("验证器上的六位数字").fill(authenticator.digits())
    page.get_by_role("button", name="确认启用").click()
    expect(page.locator(".recovery li")).to_have_count(10)
    assert flaws_on_phones([("recovery codes", page)]) == []
    code = page.locator(".recovery li").first.inner_text()
    page.get_by_role("link", name="抄好了，去工作台").click()
    page.get_by_role("button", name="交班退出").click()

    hands.move(minutes=2)
    desk.open("/staff/login")
    desk.give_password(name, PASSWORD, to="**/staff/login/second**")
    assert flaws_on_phones([("second step", page)]) == []
    page.get_by_label("六位数字").fill("000000")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("验证码不正确")
    page.get_by_label("六位数字").fill(code)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url("**/staff")

    expect(page.get_by_role("link", name="岗位与授权")).to_be_visible()


def test_one_proposes_another_approves_and_the_auditor_reads_of_both(staff, city, hands):
    proposer, approver = staff("security_admin"), staff("security_admin", "程安全")
    list(tour.of_the_administrators(proposer, city, hands))
    hands.move(minutes=-6)  # as if the two had sat beside each other

    page = approver.open("/staff/grants?state=proposed")
    page.get_by_role("button", name="复核通过").click()
    expect(page.get_by_text("已经办好")).to_be_visible()

    log = staff("auditor").open("/staff/audit")
    expect(log.get_by_role("heading", name="复核通过")).to_be_visible()
    expect(log.get_by_role("heading", name="提出市级岗位")).to_be_visible()


def test_a_device_that_is_ended_from_another_has_to_sign_in_again(visit, city, api, world, hands):
    name = world.employ(world.staff("station_manager"), password=PASSWORD)
    here, lost = visit(**PHONE), visit(**COUNTER)
    for visitor in (lost, here):
        visitor.sign_in_as_staff(name, PASSWORD)

    page = here.open("/me/devices")
    expect(page.get_by_text("Chrome 浏览器")).to_have_count(2)
    page.get_by_role("button", name="退出其他所有设备").click()
    expect(page.get_by_text("已经退出")).to_be_visible()

    lost.open("/staff/stations")
    expect(lost.page).to_have_url(re.compile("/staff/login.*ended=1"))
