"""The pages after checking in and out: they can be read again, and asking records nothing."""

import pytest

from tests.support.browser import Browser
from tests.support.client import NOWHERE


@pytest.fixture
def lin(world):
    return world.person()


@pytest.fixture
def browser(world, api, lin):
    return Browser(world, api, lin)


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


def test_time_that_is_settled_waits_no_more(world, browser, check, home, hands):
    check("in")
    hands.move(minutes=90)
    check("out")
    world.settle()

    shown = browser.get(f"{home}/check-out").text

    assert "= 15 分，已经记入账户" in shown
    assert "待结算" not in shown


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
