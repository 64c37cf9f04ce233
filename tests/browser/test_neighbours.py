"""The pages of belonging, on the screens of those who use them: without flaws, and they work."""

import pytest
from playwright.sync_api import expect

from tests.browser.neighbours import Neighbours, of_the_neighbour, of_the_office
from tests.browser.test_quality import flaws_at_desks, flaws_on_phones
from tests.support.visitor import PHONE


@pytest.fixture
def neighbours(city, api):
    return Neighbours(city=city, api=api)


def test_pages_of_a_neighbour_are_without_flaws(phone, neighbours):
    assert flaws_on_phones(of_the_neighbour(phone, neighbours)) == []


def test_pages_of_the_office_are_without_flaws(screen, neighbours, tmp_path):
    screen.may_be_refused = True

    assert flaws_at_desks(of_the_office(screen, neighbours, tmp_path)) == []


def test_pages_of_the_office_fit_a_phone(visit, neighbours, city, api, tmp_path):
    desk = visit(**PHONE).known_by(api.token(city.secretary, staff=True))
    desk.may_be_refused = True

    assert flaws_on_phones(of_the_office(desk, neighbours, tmp_path)) == []


def test_a_registration_goes_from_her_phone_to_the_office_and_back(phone, screen, neighbours):
    phone.open("/registration").get_by_label("我居住的社区").select_option(label="Mingde")
    phone.page.get_by_role("button", name="报到").click()
    office = screen.open("/staff/registrations")
    hers = office.locator("section", has_text="林*")
    hers.get_by_label("原因").fill("请带身份证到社区核对")
    hers.get_by_role("button", name="退回").click()

    page = phone.open("/registration")

    expect(page.get_by_text("请带身份证到社区核对")).to_be_visible()


def test_large_type_waits_for_her_on_another_device(phone, visit, city, api):
    page = phone.open("/me")
    with page.expect_response("**/large-type"):
        page.get_by_role("button", name="大字").click()
    expect(page.get_by_role("button", name="标准字")).to_be_visible()
    other = visit(**PHONE)

    other.sign_in("林")

    expect(other.page.locator("body")).to_have_css("font-size", "24px")
