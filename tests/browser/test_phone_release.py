"""号码换了主人: two colleagues and a day between an old file and the number's new owner."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import COUNTER, PHONE
from tests.browser.test_quality import flaws_at_desks, flaws_on_phones

NUMBER = "138 1234 5678"


@pytest.fixture
def clerk(world, city):
    return world.staff("community_clerk", name="方社工")


@pytest.fixture
def desk(visit, api, clerk):
    return visit(**COUNTER).known_by(api.token(clerk, staff=True))


@pytest.fixture
def wang(world, city):
    """Whoever had the number before."""
    wang = world.rostered("王建国", NUMBER)
    city.carry_phone(wang, number=2)
    return wang


@pytest.fixture
def phone(visit, api, wang):
    return visit(**PHONE).known_by(api.token(wang))


@pytest.fixture
def heir(world, city, visit, api):
    """The phone of whoever has the number now."""
    new = world.rostered("李建军", "13987654321")
    city.carry_phone(new, number=3)
    return visit(**PHONE).known_by(api.token(new))


@pytest.fixture
def next_day(hands, api, desk, screen, clerk, city):
    """Both have signed in again: a session of staff does not last that long."""

    def pass_():
        hands.move(days=1, minutes=1)
        desk.known_by(api.token(clerk, staff=True))
        screen.known_by(api.token(city.secretary, staff=True))

    return pass_


def bind(visitor):
    page = visitor.open("/me/phone")
    page.get_by_text("演示：微信手机号一键绑定").click()
    page.get_by_label("微信里的号码").fill(NUMBER)
    page.get_by_role("button", name="同意并绑定").click()
    return page


def ask(desk, wang, *, reason="新机主带开户单来过"):
    page = desk.open(f"/staff/people/{wang.id}")
    page.get_by_role("link", name="号码换了主人").click()
    page.get_by_label("核对的情况").fill(reason)
    page.get_by_role("button", name="提出解绑").click()
    expect(page.get_by_role("heading", name="换了主人、正在解绑的号码")).to_be_visible()
    return page


def open_release(visitor):
    page = visitor.open("/staff/phones")
    page.get_by_role("link", name="138****5678").click()
    return page


def test_a_day_later_another_colleague_lets_it_go_and_its_new_owner_binds_it(
    desk, screen, phone, heir, wang, next_day
):
    heir.may_be_refused = True
    expect(bind(phone).get_by_role("heading", name="138****5678")).to_be_visible()
    expect(bind(heir).get_by_role("alert")).to_contain_text("社区")

    ask(desk, wang)
    expect(phone.open("/me/phone").get_by_role("button", name="号码还是我的")).to_be_visible()
    early = open_release(screen)
    expect(early.get_by_text("可以提出异议")).to_be_visible()
    expect(early.get_by_label("没有异议")).to_have_count(0)

    next_day()
    expect(open_release(desk).get_by_text("请另一位同事核对后解绑")).to_be_visible()
    page = open_release(screen)
    page.get_by_label("没有异议").check()
    page.get_by_label("核对的情况").fill("一天没有异议")
    page.get_by_role("button", name="提交").click()
    expect(page.get_by_text("已经办好")).to_be_visible()

    expect(phone.open("/me/phone").get_by_text("还没有登记手机号")).to_be_visible()
    expect(bind(heir).get_by_role("heading", name="138****5678")).to_be_visible()


def test_who_still_has_it_says_so_with_one_tap(desk, phone, wang):
    bind(phone)
    ask(desk, wang)

    page = phone.open("/me/phone")
    page.get_by_role("button", name="号码还是我的").click()

    expect(page.get_by_text("已经办好")).to_be_visible()
    expect(page.get_by_role("heading", name="138****5678")).to_be_visible()
    expect(desk.open("/staff/phones").get_by_text("正在解绑的号码")).to_have_count(0)


def on_the_way(desk, screen, phone, wang, next_day):
    """Each page of it, in each state that says something else."""
    bind(phone)
    yield "one's own number", phone.page
    page = desk.open(f"/staff/people/{wang.id}/phone-release")
    yield "a number to let go of", page
    ask(desk, wang)
    yield "the numbers", page
    yield "asked by oneself", open_release(desk)
    yield "too early", open_release(screen)
    yield "one's own number, in question", phone.open("/me/phone")
    next_day()
    yield "due", open_release(screen)
    yield "due, and one's own", open_release(desk)
    yield "the numbers, due", desk.open("/staff/phones")
    yield "password", desk.open("/staff/password")


@pytest.mark.parametrize("flaws", [flaws_on_phones, flaws_at_desks])
def test_its_pages_are_without_flaws(desk, screen, phone, wang, next_day, flaws):
    assert flaws(on_the_way(desk, screen, phone, wang, next_day)) == []
