"""The page after a visit: it can be read again, and asking for it records nothing."""

import pytest

from tests.support.browser import Browser
from tests.support.client import NOWHERE


@pytest.fixture
def station_page(world):
    """The page of a station that has a service."""
    return f"/q/{world.code_of(world.station(services=['water']))}"


def visit(browser, station_page):
    return browser.submit(f"{station_page}/visit", shown_on=station_page, service="water")


def test_the_page_after_a_visit_can_be_read_as_often_as_one_likes(
    world, browser, lin, station_page
):
    sent = visit(browser, station_page)

    assert (sent.status_code, sent.location) == (303, f"{station_page}/visit")
    with world.changes() as changed:
        for _time in range(2):
            shown = browser.get(sent.location)
            assert shown.status_code == 200
            assert "今天第一次到访 +2 待结算" in shown.text
            assert "饮水" in shown.text
    assert changed == {}
    assert world.facts_of(lin) == 1


def test_however_fast_the_worker_is_one_reads_first_that_it_waits(world, browser, station_page):
    visit(browser, station_page)
    world.settle()

    told, again = (browser.get(f"{station_page}/visit").text for _ in range(2))

    assert "今天第一次到访 +2 待结算" in told
    assert "今天第一次到访 +2 已经记入账户" in again
    assert "待结算" not in again


def test_a_second_visit_says_that_it_counts_no_more(world, browser, lin, station_page):
    visit(browser, station_page)
    again = visit(browser, station_page)

    assert again.location == f"{station_page}/visit?again=1"
    shown = browser.get(f"{station_page}/visit", again=1).text
    assert "今天已经记过一次到访，这次不再重复计分。" in shown
    assert world.facts_of(lin) == 1


def test_where_there_is_no_visit_today_the_station_is_shown(browser, station_page, hands):
    before = browser.get(f"{station_page}/visit")
    visit(browser, station_page)
    hands.move(hours=24)
    tomorrow = browser.get(f"{station_page}/visit")

    for answer in (before, tomorrow):
        assert (answer.status_code, answer.location) == (303, station_page)


def test_the_visit_of_somebody_else_is_not_shown(world, api, browser, station_page):
    visit(browser, station_page)

    answer = Browser(world, api, world.person()).get(f"{station_page}/visit")

    assert (answer.status_code, answer.location) == (303, station_page)


def test_a_code_of_no_station_has_no_such_page(browser):
    assert browser.get(f"/q/{'S' + 'x' * 22}/visit").status_code == 404
    assert browser.get(f"/q/{NOWHERE}/visit").status_code == 422
