"""Large type follows the person: to the next device, from the next sign-in on."""

import re

from tests.support.browser import TOKEN, Browser

ELDER = re.compile(r'<html lang="zh-CN" class="elder">')


def choose(browser, large):
    return browser.submit("/large-type", shown_on="/me", large=large, next="/passbook")


def test_who_reads_large_reads_large_on_the_next_page(world, api, lin):
    browser = Browser(world, api, lin)

    answer = choose(browser, "1")

    assert (answer.status_code, answer.location) == (303, "/passbook")
    assert ELDER.search(browser.get("/me").text)
    choose(browser, "0")
    assert not ELDER.search(browser.get("/me").text)


def test_it_follows_to_another_device(world, api, monkeypatch):
    secretary = world.staff("community_secretary")
    username = world.employ(secretary, password="a password of hers")
    choose(Browser(world, api, secretary), "1")
    other = Browser(world, api)

    other.submit(
        "/staff/login",
        shown_on="/staff/login",
        username=username,
        password="a password of hers",
    )

    assert ELDER.search(other.get("/staff/login").text)


def test_a_visitor_may_choose_too_and_nothing_is_kept(world, api):
    visitor = Browser(world, api)
    token = TOKEN.search(visitor.get("/login").text).group(1)

    with world.changes() as changed:
        answer = visitor._client.post("/large-type", data={"csrf_token": token, "large": "1"})

    assert (answer.status_code, answer.location) == (303, "/me")
    assert ELDER.search(visitor.get("/login").text)
    assert changed == {}


def test_the_api_says_and_takes_it(api, lin):
    assert api.get("/me", as_=lin).json["large_type"] is False

    said = api.put("/me", as_=lin, large_type=True)

    assert said.json["large_type"] is True
    assert api.get("/me", as_=lin).json["large_type"] is True
