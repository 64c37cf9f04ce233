"""反馈得到 on a phone and at a desk, the four stamps, and the register."""

import pytest
from playwright.sync_api import expect

from app.activities import jobs
from tests.browser.test_quality import flaws_at_desks, flaws_on_phones
from tests.support.visitor import COUNTER


@pytest.fixture
def attended(city, api, hands):
    """The address of the activity at which the resident was for ninety minutes."""
    activity, lin = city.activity, city.resident
    path = f"/activities/{activity.id}"
    for way in ("in", "out"):
        code = city.world.venue_code(activity, way)
        answer = api.post(f"{path}/check-{way}s", as_=lin, code=code)
        assert answer.status_code == 201, answer.json
        hands.move(minutes=90)
    return path


@pytest.fixture
def desk(visit, world, api):
    leader = world.staff("station_manager", name="小周")
    return lambda: visit(**COUNTER).known_by(api.token(leader, staff=True))


def test_a_resident_says_how_it_was_and_reads_the_answer(phone, world, desk, attended):
    """On pages without flaws, from the first word to the stamp."""
    page = phone.open(f"{attended}/feedback")
    flaws = flaws_on_phones([("feedback, empty", page)])
    page.get_by_label("很好", exact=True).check()
    page.get_by_label("想说的话").fill("下次还来")
    page.get_by_role("button", name="送出").click()
    expect(page.get_by_text("收到了，谢谢您")).to_be_visible()
    flaws += flaws_on_phones([("feedback, given", page)])

    with world.as_worker():
        jobs.check_words_of(world.tenant)
    inbox = desk().open("/staff/feedback")
    flaws += flaws_at_desks([("words to look at", inbox)])
    inbox.get_by_label("理由").fill("没有问题")
    inbox.get_by_label("展示", exact=True).check()
    inbox.get_by_role("button", name="确定").click()
    expect(inbox.get_by_text("没有等着审核的话")).to_be_visible()

    staff = desk().open(f"/staff{attended}/feedback")
    expect(staff.get_by_text("下次还来")).to_be_visible()
    staff.get_by_role("button", name="感谢来过的 1 人").click()
    expect(staff.get_by_text("都已经感谢过")).to_be_visible()
    staff.get_by_text("回复", exact=True).click()
    staff.get_by_label("您的回复").fill("等您来")
    staff.get_by_role("button", name="送出回复").click()
    expect(staff.get_by_text("等您来")).to_be_visible()
    flaws += flaws_at_desks([("feedback of an activity", staff)])

    page = phone.open("/me/arrivals")
    expect(page.get_by_text("您的反馈有了回复")).to_be_visible()
    flaws += flaws_on_phones([("arrivals", page)])
    page.get_by_role("link", name="感谢与反馈").click()
    expect(page.get_by_text("等您来")).to_be_visible()
    assert flaws == []


def test_the_register_is_read_and_printed_with_a_column_to_sign(desk, attended):
    page = desk().open("/staff/registers/activities")
    sign = page.get_by_role("columnheader", name="签字", include_hidden=True)

    expect(page.get_by_text("90 分钟")).to_be_visible()
    expect(sign).to_be_hidden()
    flaws = flaws_at_desks([("register", page)])
    page.emulate_media(media="print")

    expect(sign).to_be_visible()
    expect(page.get_by_role("button", name="导出 xlsx")).to_be_hidden()
    assert flaws == []
