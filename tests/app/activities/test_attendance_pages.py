"""The pages after checking in and out: they can be read again, and asking records nothing."""

import re
from datetime import timedelta

import pytest

from tests.support.browser import Browser
from tests.support.client import NOWHERE


@pytest.fixture
def activity(world):
    return world.activity()


@pytest.fixture
def home(activity):
    """The page of the activity."""
    return f"/activities/{activity.id}"


@pytest.fixture
def check(world, browser, activity, home):
    """Send the text of the venue's code from the page of the activity."""

    def check(direction):
        code = world.venue_code(activity, direction)
        return browser.submit(f"{home}/check-{direction}", shown_on=home, code=code)

    return check


def test_the_page_after_a_check_in_can_be_read_as_often_as_one_likes(world, browser, check, home):
    sent = check("in")

    assert (sent.status_code, sent.location) == (303, f"{home}/check-in")
    with world.changes() as changed:
        for _time in range(2):
            shown = browser.get(sent.location)
            assert shown.status_code == 200
            assert "签到成功" in shown.text
    assert changed == {}


def test_the_page_after_a_check_out_can_be_read_as_often_as_one_likes(
    world, browser, check, home, hands, lin
):
    check("in")
    hands.move(minutes=90)
    sent = check("out")

    assert (sent.status_code, sent.location) == (303, f"{home}/check-out")
    hands.move(minutes=5)
    with world.changes() as changed:
        for _time in range(2):
            shown = browser.get(sent.location)
            assert shown.status_code == 200
            assert "服务 90 分钟 × 10 分/小时 = 15 分，待结算" in shown.text
    assert changed == {}
    assert world.facts_of(lin) == 1


def test_however_fast_the_worker_is_one_reads_first_that_time_waits(
    world, browser, check, home, hands
):
    check("in")
    hands.move(minutes=90)
    check("out")
    world.settle()

    told, again = (browser.get(f"{home}/check-out").text for _ in range(2))

    assert "= 15 分，待结算" in told
    assert "= 15 分，已经记入账户" in again
    assert "待结算" not in again


def test_where_there_is_nothing_to_show_the_activity_is_shown(browser, check, home, hands):
    answers = [browser.get(f"{home}/check-in"), browser.get(f"{home}/check-out")]
    check("in")
    answers.append(browser.get(f"{home}/check-out"))
    hands.move(minutes=60)
    check("out")
    answers.append(browser.get(f"{home}/check-in"))

    assert {(answer.status_code, answer.location) for answer in answers} == {(303, home)}


def test_the_attendance_of_somebody_else_is_not_shown(world, api, check, home):
    check("in")

    answer = Browser(world, api, world.person()).get(f"{home}/check-in")

    assert (answer.status_code, answer.location) == (303, home)


@pytest.mark.parametrize("way", ["in", "out"])
def test_an_activity_that_is_none_has_no_such_page(browser, way):
    assert browser.get(f"/activities/{NOWHERE}/check-{way}").status_code == 404


def test_a_refusal_is_shown_where_it_can_be_mended(check):
    check("in")
    answer = check("in")

    assert answer.status_code == 409
    assert "您已经签到过" in answer.text


LEAVING_IN_VAIN = "现在签退，这次不计分"
LEAVING_BUTTON = re.compile(r"<button[^>]*>[^<]*签退[^<]*</button>")


def leaving_pages(world, browser, activity, home):
    """The pages with a button to leave."""
    return [
        browser.get(f"/arrive/{world.venue_code(activity, 'out')}").text,
        browser.get(home).text,
    ]


def test_who_would_leave_for_nothing_is_told_before(world, browser, check, activity, home, hands):
    check("in")
    hands.move(minutes=12)

    for page in leaving_pages(world, browser, activity, home):
        assert f"{LEAVING_IN_VAIN}：服务 12 分钟，满 30 分钟才计分，还差 18 分钟。" in page
        (button,) = LEAVING_BUTTON.findall(page)
        assert LEAVING_IN_VAIN in button
        assert "primary" not in button


def test_who_has_stayed_long_enough_is_not_warned(world, browser, check, activity, home, hands):
    check("in")
    hands.move(minutes=60)

    for page in leaving_pages(world, browser, activity, home):
        assert "现在签退：服务 60 分钟" in page
        assert "不计分" not in page


def test_who_leaves_a_long_activity_early_is_told_what_it_wants(world, browser, lin, api, hands):
    activity = world.activity(minutes=240)
    code = world.venue_code(activity)
    before = browser.get(f"/activities/{activity.id}").text
    api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=code)
    hands.move(minutes=90)

    during = browser.get(f"/activities/{activity.id}").text

    assert "满计划时长的 60% 才计分" in before
    assert "满计划时长的 60% 才计分" in during
    assert "现在签退：在场 90 分钟，不到计划 240 分钟的 60%，不计分" in during


def test_nobody_is_asked_to_stay_when_the_activity_is_over(world, browser, lin, api, hands):
    activity = world.activity(minutes=60)
    hands.instant = activity.ends_at - timedelta(minutes=12)
    code = world.venue_code(activity)
    api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=code)
    hands.move(minutes=12)

    for page in leaving_pages(world, browser, activity, f"/activities/{activity.id}"):
        assert "活动已经结束，这次不计分：服务 12 分钟，满 30 分钟才计分。" in page
        assert LEAVING_IN_VAIN in page


def test_leaving_for_nothing_is_no_triumph(browser, check, home):
    check("in")
    check("out")

    page = browser.get(f"{home}/check-out").text

    assert "服务 0 分钟，满 30 分钟才计分</h1>" in page
    assert "result_info" in page
    for word in ("result_ok", "待结算", "还差", "+0", "记入"):
        assert word not in page


def test_from_the_page_after_a_check_in_one_comes_to_the_activity(browser, check, home):
    check("in")

    assert f'href="{home}"' in browser.get(f"{home}/check-in").text


def test_who_scans_the_way_out_first_is_shown_the_way_in(world, browser, activity, home):
    page = browser.get(f"/arrive/{world.venue_code(activity, 'out')}").text

    assert "请先扫现场的签到码" in page
    assert f'href="{home}"' in page


def test_who_goes_back_to_an_old_code_after_the_deed_reads_what_was_recorded(
    world, browser, check, activity, home, hands
):
    for way in ("in", "out"):
        used = world.venue_code(activity, way)
        check(way)
        hands.move(minutes=45)

        answer = browser.get(f"/arrive/{used}")

        assert (answer.status_code, answer.location) == (303, f"{home}/check-{way}")


def test_an_old_code_that_was_never_used_asks_for_the_one_on_the_screen(
    world, browser, check, activity, hands
):
    came, left = world.venue_code(activity), world.venue_code(activity, "out")
    hands.move(minutes=2)
    answers = [browser.get(f"/arrive/{came}")]
    check("in")
    answers.append(browser.get(f"/arrive/{left}"))

    for answer in answers:
        assert answer.status_code == 409
        assert "请对准现场屏幕重新扫一次" in answer.text
