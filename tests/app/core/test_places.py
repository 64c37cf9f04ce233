"""Lists of places: by name, or the nearest first, of one kind."""

import pytest

from tests.support.refusals import refusal

NO_PLACE = ["", "north", "23.3", "1,2,3", "23.3;112", "91,0", "0,181", "nan,0", "x" * 300]


def names(answer):
    return [place["name"] for place in answer.json["items"]]


def test_shops_are_found_by_distance_as_well(api, world):
    lin = world.person()
    world.shop(name="a far shop", lat=23.40, lng=112.73)
    world.shop(name="the shop here", lat=23.3270, lng=112.7340)

    nearest = api.get("/shops", as_=lin, near="23.3271,112.7341")

    assert names(nearest) == ["the shop here", "a far shop"]


@pytest.mark.parametrize("near", NO_PLACE)
def test_a_place_that_is_none_is_refused(api, world, near):
    answer = api.get("/shops", as_=world.person(), near=near)

    assert refusal(answer) == (422, "invalid")
    assert answer.json["errors"].keys() == {"near"}


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
