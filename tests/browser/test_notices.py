"""我的消息 on a phone, and the call list of those whom WeChat does not reach."""

import pytest
from playwright.sync_api import expect

from app.identity.fields import Field
from app.notices import jobs
from tests.browser.test_quality import flaws_at_desks, flaws_on_phones
from tests.support.visitor import COUNTER, PHONE


@pytest.fixture
def tell(world):
    """Tell somebody that their points expire, and let the worker see to it."""

    def tell(person, *, about="a month ahead"):
        world.tell(person, about=about)
        with world.app.app_context():
            jobs.send_of_tenant(world.tenant_id)

    return tell


@pytest.fixture
def elder(world):
    elder = world.without_wechat()
    world.know(elder, {Field.PHONE: "13812345678"})
    return elder


@pytest.fixture
def desk(visit, world, api):
    """The browser of a grid worker."""
    worker = world.staff("grid_worker", name="小周")
    return visit(**COUNTER).known_by(api.token(worker, staff=True))


def test_a_resident_reads_what_they_were_told(phone, city, tell):
    tell(city.resident)
    page = phone.open("/me")

    page.get_by_role("link", name="我的消息 1 条未读").click()

    expect(page.get_by_role("heading", name="积分快到期")).to_be_visible()
    expect(page.get_by_text("未读")).to_be_visible()
    page.get_by_role("button", name="都看过了").click()
    expect(page.get_by_text("未读")).to_have_count(0)
    page.get_by_role("link", name="去看看").click()
    page.wait_for_url("**/me#expiring")


def test_a_grid_worker_calls_and_then_visits(desk, city, tell, elder):
    tell(elder)
    page = desk.open("/staff")
    page.get_by_role("link", name="电话与上门名单").click()
    expect(page.get_by_role("heading", name="欧**兰")).to_be_visible()
    expect(page.locator("[aria-current=step]")).to_have_text("电话")

    page.get_by_role("button", name="拨打电话").click()
    dial = page.get_by_role("link", name="拨打 138 1234 5678")
    expect(dial).to_have_attribute("href", "tel:+8613812345678")
    page.goto(page.url.split("/staff/")[0] + "/staff/calls")
    expect(dial).to_have_count(0)
    page.get_by_role("button", name="没打通，转上门").click()
    expect(page.locator("[aria-current=step]")).to_have_text("上门")
    expect(page.get_by_text("电话没打通（小周）")).to_be_visible()
    page.get_by_role("button", name="已通知到").click()

    expect(page.get_by_text("现在没有需要打电话或上门的居民")).to_be_visible()


def messages(phone, city, tell):
    yield "messages, empty", phone.open("/messages")
    tell(city.resident)
    yield "me, with a message", phone.open("/me")
    yield "messages", phone.open("/messages")


def call_list(visitor, city, tell, elder):
    yield "calls, empty", visitor.open("/staff/calls")
    tell(elder)
    tell(city.resident)
    yield "calls", visitor.open("/staff/calls")
    visitor.page.get_by_role("button", name="拨打电话").first.click()
    yield "calls, with a number", visitor.page
    visitor.page.get_by_role("button", name="没打通，转上门").first.click()
    visitor.page.get_by_text("电话没打通").wait_for()
    yield "calls, visiting", visitor.page


def test_the_messages_are_without_flaws(phone, city, tell):
    assert flaws_on_phones(messages(phone, city, tell)) == []


def test_the_call_list_is_without_flaws_at_a_desk_and_on_a_phone(
    desk, visit, world, api, city, tell, elder
):
    secretary = visit(**PHONE).known_by(api.token(city.secretary, staff=True))

    assert flaws_at_desks(call_list(desk, city, tell, elder)) == []
    assert flaws_on_phones([("calls", secretary.open("/staff/calls"))]) == []


@pytest.fixture
def look(request, tmp_path_factory):
    """Keeps pictures of the pages for whoever wants to look at them."""
    folder = tmp_path_factory.getbasetemp()

    def look(page, name):
        page.screenshot(path=folder / f"{name}.png", full_page=True)
        return folder / f"{name}.png"

    return look


def test_pictures_can_be_taken_of_both(phone, desk, city, tell, elder, look):
    tell(city.resident)
    tell(elder)

    pictures = [look(phone.open("/messages"), "messages"), look(desk.open("/staff/calls"), "calls")]

    assert all(picture.stat().st_size > 0 for picture in pictures)
