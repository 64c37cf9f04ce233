"""Lists of places: by name, or the nearest first, of one kind."""

import pytest

from app.core.geodesy import Spot
from tests.support.refusals import refusal

HERE = {"lat": 23.3271, "lng": 112.7341, "crs": "gcj02"}
NO_PLACE = [
    None,
    "23.3,112.7",
    {},
    {"lat": 91, "lng": 0, "crs": "gcj02"},
    {"lat": 0, "lng": 181, "crs": "gcj02"},
    {"lat": "nan", "lng": 0, "crs": "gcj02"},
    {"lat": 0, "lng": 0, "crs": "mars"},
]


def names(answer):
    return [place["name"] for place in answer.json["items"]]


def test_shops_are_found_by_distance_as_well(api, world):
    lin = world.person()
    world.shop(name="a far shop", lat=23.40, lng=112.73)
    world.shop(name="the shop here", lat=23.3270, lng=112.7340)

    nearest = api.post("/shops/search", as_=lin, near=HERE, limit=1)
    rest = api.post("/shops/search", as_=lin, near=HERE, cursor=nearest.json["next_cursor"])

    assert names(nearest) + names(rest) == ["the shop here", "a far shop"]
    assert names(api.get("/shops", as_=lin)) == ["a far shop", "the shop here"]


def test_a_phone_and_a_map_mean_the_same_shop(api, world):
    lin = world.person()
    where = Spot(lat=23.3270, lng=112.7340)
    phone = where.as_wgs84()
    world.shop(name="beside it", lat=phone.lat, lng=phone.lng)
    world.shop(name="right here", lat=where.lat, lng=where.lng)

    near = {"lat": phone.lat, "lng": phone.lng, "crs": "wgs84"}
    found = api.post("/shops/search", as_=lin, near=near)

    assert names(found) == ["right here", "beside it"]


@pytest.mark.parametrize("near", NO_PLACE)
def test_a_place_that_is_none_is_refused(api, world, near):
    answer = api.post("/shops/search", as_=world.person(), near=near)

    assert refusal(answer) == (422, "invalid")
    assert answer.json["errors"].keys() == {"near"}


def test_no_address_takes_where_somebody_is(api, world):
    lin = world.person()

    for path in ("/shops", "/stations"):
        answer = api.get(path, as_=lin, near="23.3,112.7")
        assert refusal(answer) == (422, "invalid")


def test_only_one_kind_when_asked(api, world):
    lin = world.person()
    world.station(name="hut", kind="service_hut")
    world.station(name="warm", kind="warm_new_station")

    assert names(api.get("/stations", as_=lin, kind="service_hut")) == ["hut"]


@pytest.mark.parametrize("letter", ["桥", "𠮷", '"'])
def test_the_next_page_follows_however_long_the_names_are(api, world, letter):
    lin, longest = world.person(), [f"{letter * 59}{number}" for number in range(3)]
    for name in longest:
        world.station(name=name)

    first = api.get("/stations", as_=lin, limit=2)
    rest = api.get("/stations", as_=lin, limit=2, cursor=first.json["next_cursor"])

    assert names(first) + names(rest) == longest
