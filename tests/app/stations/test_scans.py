"""Scanning anything: what it is, what can be done, and what happens to those who guess."""

from uuid import uuid4

import pytest

from tests.support.browser import Browser
from tests.support.refusals import refusal

UNKNOWN = "S" + "x" * 22


def test_a_station_code_offers_a_visit(api, world):
    lin, station = world.person(), world.station(name="East gate")

    found = api.post("/scans", as_=lin, text=world.code_of(station)).json

    assert (found["kind"], found["id"], found["title"]) == ("station", str(station.id), "East gate")
    assert [action["operation"] for action in found["actions"]] == ["createStationVisit"]


def test_a_closed_station_offers_nothing(api, world):
    lin, station = world.person(), world.station(opens_minute=0, closes_minute=60)

    found = api.post("/scans", as_=lin, text=world.code_of(station)).json

    assert (found["kind"], found["actions"]) == ("station", [])


@pytest.mark.parametrize(("direction", "operation"), [("in", "checkIn"), ("out", "checkOut")])
def test_a_venue_code_offers_what_its_screen_is_for(api, world, direction, operation):
    lin, activity = world.person(), world.activity()

    found = api.post("/scans", as_=lin, text=world.venue_code(activity, direction)).json

    assert (found["kind"], found["id"]) == ("venue", str(activity.id))
    assert [action["operation"] for action in found["actions"]] == [operation]


def test_a_redeem_code_says_nothing_about_its_owner_and_is_not_burnt(api, world):
    lin, manager = world.person("林小燕"), world.staff("shop_manager")
    code = api.post("/me/redeem-codes", as_=lin).json["code"]

    with world.changes() as changed:
        found = api.post("/scans", as_=manager, text=code)

    assert found.json["kind"] == "redeem"
    assert "林" not in found.text
    assert changed == {}


def test_the_address_on_the_poster_is_as_good_as_the_code_in_it(api, world):
    lin, station = world.person(), world.station()

    found = api.post("/scans", as_=lin, text=f"https://any.host/q/{world.code_of(station)}")

    assert found.json["id"] == str(station.id)


def test_an_expired_venue_code_is_named_as_expired(api, world, hands):
    lin, old = world.person(), world.venue_code(world.activity())
    hands.move(seconds=31)

    with world.changes() as changed:
        answer = api.post("/scans", as_=lin, text=old)

    assert refusal(answer) == (409, "code_expired")
    assert changed == {"miss": 1}


def test_a_burnt_redeem_code_is_named_as_used(api, world):
    lin, manager, shop = world.person(), world.staff("shop_manager"), world.shop()
    code = api.post("/me/redeem-codes", as_=lin).json["code"]
    line = {"item_id": str(world.item(shop).id), "quantity": 1}
    api.post(
        f"/shops/{shop.id}/redemptions",
        as_=manager,
        key=uuid4().hex,
        redeem_code=code,
        lines=[line],
    )

    assert refusal(api.post("/scans", as_=manager, text=code)) == (409, "code_used")


def test_codes_of_another_city_are_unknown(api, world, new_world):
    lin, other = world.person(), new_world()
    foreign = [other.code_of(other.station()), other.venue_code(other.activity())]

    with world.changes() as changed:
        answers = [api.post("/scans", as_=lin, text=text) for text in foreign]

    assert [refusal(answer) for answer in answers] == [(404, "code_unknown")] * 2
    assert changed == {"miss": 2}


def test_five_unknown_codes_pause_a_scanner_for_a_quarter_of_an_hour(api, world, hands):
    lin, wang, station = world.person(), world.person(), world.station()
    code = world.code_of(station)
    for _ in range(5):
        assert refusal(api.post("/scans", as_=lin, text=UNKNOWN)) == (404, "code_unknown")
        hands.move(seconds=10)

    with world.changes() as changed:
        paused = api.post("/station-visits", as_=lin, code=code)
    of_another = api.post("/station-visits", as_=wang, code=code)
    hands.move(seconds=int(paused.headers["Retry-After"]))
    afterwards = api.post("/station-visits", as_=lin, code=code)

    assert refusal(paused) == (429, "too_many_misses")
    assert 14 * 60 < int(paused.headers["Retry-After"]) <= 15 * 60
    assert changed == {}
    assert of_another.status_code == 201
    assert afterwards.status_code == 201


def test_the_scanner_of_a_page_is_told_as_well_when_to_come_back(api, world):
    lin = world.person()
    browser = Browser(world, api, lin)
    for _ in range(5):
        api.post("/scans", as_=lin, text=UNKNOWN)

    page = browser.submit("/scan", shown_on="/scan", text=UNKNOWN)

    assert page.status_code == 429
    assert page.headers["Retry-After"] == str(15 * 60 + 1)


def test_a_pause_is_for_every_kind_of_code(api, world):
    lin, activity = world.person(), world.activity()
    for _ in range(5):
        api.post("/station-visits", as_=lin, code=UNKNOWN)

    code = world.venue_code(activity)
    answer = api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=code)

    assert refusal(answer) == (429, "too_many_misses")


def test_five_misses_in_a_long_day_pause_nobody(api, world, hands):
    lin, station = world.person(), world.station()
    for _ in range(6):
        api.post("/scans", as_=lin, text=UNKNOWN)
        hands.move(minutes=3)

    assert api.post("/scans", as_=lin, text=world.code_of(station)).status_code == 200


def test_codes_that_were_once_right_pause_nobody(api, world, hands):
    lin, activity = world.person(), world.activity()
    old = world.venue_code(activity)
    hands.move(minutes=1)

    for _ in range(7):
        assert refusal(api.post("/scans", as_=lin, text=old)) == (409, "code_expired")

    assert api.post("/scans", as_=lin, text=world.venue_code(activity)).status_code == 200


def test_a_remembered_miss_is_not_counted_again(api, world):
    lin, station, key = world.person(), world.station(), uuid4().hex

    for _ in range(7):
        answer = api.post("/station-visits", as_=lin, key=key, code=UNKNOWN)
        assert refusal(answer) == (404, "code_unknown")

    assert world.row_counts()["miss"] == 1
    assert api.post("/scans", as_=lin, text=world.code_of(station)).status_code == 200
