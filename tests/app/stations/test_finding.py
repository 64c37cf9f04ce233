"""Looking for stations: on a page, near where one is, and without leaving that anywhere."""

import pytest

from tests.support.refusals import refusal

NEAR = {"lat": 23.327, "lng": 112.734, "crs": "gcj02"}


def numbers(page):
    """The names on the cards, in their order."""
    return [part.split("</h2>")[0] for part in page.text.split("<h2>")[1:]]


@pytest.fixture
def town(world):
    world.station(name="近处", lat=23.3275, lng=112.7345, services=["hot_meal"])
    world.station(name="远处", lat=23.3400, lng=112.7500, kind="service_hut")
    world.station(name="没有坐标")
    world.station(name="关着", lat=23.3272, lng=112.7342, closes_minute=60)


def test_the_map_begins_at_ones_own_community_and_has_a_pin_for_each(browser, town):
    page = browser.get("/stations")

    assert numbers(page)[-1] == "没有坐标"
    assert page.text.count('class="pin__dot"') == 3
    assert page.text.count("pin_shut") == 1
    assert "您在这里" not in page.text


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"kind": "service_hut"}, ["远处"]),
        ({"service": "hot_meal"}, ["近处"]),
        ({"open": "1"}, {"近处", "远处", "没有坐标"}),
        ({"kind": "new_business"}, []),
        ({"kind": "castle"}, {"近处", "远处", "没有坐标", "关着"}),
    ],
)
def test_only_what_was_asked_for(browser, town, asked, found):
    assert type(found)(numbers(browser.get("/stations", **asked))) == found


def test_the_nearest_to_a_phone_come_first_and_the_phone_is_on_the_map(browser, town, log_lines):
    page = browser.submit("/stations/near", shown_on="/stations", lat="23.3270", lng="112.7290")

    assert page.status_code == 200
    assert set(numbers(page)[:2]) == {"近处", "关着"}
    assert "您在这里" in page.text
    assert "23.327" not in "".join(log_lines())


@pytest.mark.parametrize("said", [{}, {"lat": "x", "lng": "1"}, {"lat": "nan", "lng": "1"}])
def test_a_place_that_is_none_is_asked_for_again(browser, town, said):
    assert browser.submit("/stations/near", shown_on="/stations", **said).status_code == 422


def test_a_program_asks_in_a_body_and_is_told_how_far(api, lin, town):
    found = api.post("/stations/search", as_=lin, near=NEAR, service="hot_meal").json["items"]

    assert [(one["name"], one["metres"]) for one in found] == [("近处", 76)]
    unsaid = api.post("/stations/search", as_=lin)
    assert refusal(unsaid) == (422, "invalid")
    assert refusal(api.get("/stations", as_=lin, near="23.3,112.7")) == (422, "invalid")


def test_each_is_measured_on_its_own_grid(world, api, lin):
    world.station(name="gcj", lat=39.916404, lng=116.410244)
    world.station(name="wgs", lat=39.915, lng=116.404, crs="wgs84")
    phone = {"lat": 39.915, "lng": 116.404, "crs": "wgs84"}

    found = api.post("/stations/search", as_=lin, near=phone).json["items"]

    assert [one["metres"] for one in found] == [0, 0]


def test_one_station_tells_its_week_its_signs_and_its_rooms(world, browser):
    station = world.station(name="明德驿站", opens_minute=480, closes_minute=1260)

    page = browser.get(f"/stations/{station.id}").text

    for said in ("明德驿站", "8:00–21:00", "开放中，到 21:00", "休息", "社区级"):
        assert said in page
    nowhere = browser.get("/stations/018f0000-0000-7000-8000-000000000000")
    assert nowhere.status_code == 404
