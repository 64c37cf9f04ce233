"""Finding a station, and printing its code."""

import pytest

from tests.support.refusals import refusal


def names(answer):
    return [item["name"] for item in answer.json["items"]]


def test_stations_are_listed_by_name_page_by_page(api, world):
    lin = world.person()
    for name in ("C", "A", "B", "E", "D"):
        world.station(name=name)

    read, cursor = [], None
    while True:
        page = api.get("/stations", as_=lin, limit=2, **({"cursor": cursor} if cursor else {}))
        read += names(page)
        cursor = page.json["next_cursor"]
        if cursor is None:
            break

    assert read == ["A", "B", "C", "D", "E"]


def test_the_nearest_station_comes_first_and_one_without_a_place_last(api, world):
    lin = world.person()
    world.station(name="far", lat=32.0, lng=119.0)
    world.station(name="near", lat=31.01, lng=118.0)
    world.station(name="nowhere")

    near = {"lat": 31.0, "lng": 118.0, "crs": "gcj02"}
    first = api.post("/stations/search", as_=lin, near=near, limit=2)
    cursor = first.json["next_cursor"]
    rest = api.post("/stations/search", as_=lin, near=near, limit=2, cursor=cursor)

    assert names(first) + names(rest) == ["near", "far", "nowhere"]


def test_only_open_stations_when_asked(api, world):
    lin = world.person()
    world.station(name="open")
    world.station(name="closed", opens_minute=0, closes_minute=60)

    assert names(api.get("/stations", as_=lin, open_now="true")) == ["open"]
    assert names(api.get("/stations", as_=lin, open_now="false")) == ["closed"]


def test_a_page_of_open_stations_is_full_of_them(api, world):
    lin = world.person()
    for name in ("A", "C", "E"):
        world.station(name=name, opens_minute=12 * 60 + 1)
    for name in ("B", "D", "F"):
        world.station(name=name, opens_minute=12 * 60)

    first = api.get("/stations", as_=lin, open_now="true", limit=2)
    rest = api.get("/stations", as_=lin, open_now="true", limit=2, cursor=first.json["next_cursor"])

    assert (names(first), names(rest)) == (["B", "D"], ["F"])
    assert rest.json["next_cursor"] is None


def test_a_station_of_another_city_answers_like_none(api, world, new_world):
    lin, other = world.person(), new_world()
    api.request_id = "one-and-the-same"

    foreign = api.get(f"/stations/{other.station().id}", as_=lin)
    none = api.get("/stations/00000000-0000-7000-8000-000000000000", as_=lin)

    assert refusal(foreign) == (404, "station_unknown")
    assert foreign.data == none.data


@pytest.mark.parametrize(
    ("form", "content_type", "begins"),
    [
        ("svg", "image/svg+xml", b"<?xml"),
        ("png", "image/png", b"\x89PNG"),
        ("text", "text/plain; charset=utf-8", b"http"),
    ],
)
def test_the_code_is_printed_by_staff(api, world, form, content_type, begins):
    manager, station = world.staff("station_manager"), world.station()

    answer = api.get(f"/stations/{station.id}/code", as_=manager, format=form)

    assert answer.content_type == content_type
    assert answer.data.startswith(begins)


def test_the_printed_text_is_what_a_phone_may_scan(api, world):
    manager, lin, station = world.staff("station_manager"), world.person(), world.station()

    printed = api.get(f"/stations/{station.id}/code", as_=manager, format="text").text

    assert api.post("/station-visits", as_=lin, code=printed).status_code == 201


def test_the_code_is_not_printed_for_residents(api, world):
    answer = api.get(f"/stations/{world.station().id}/code", as_=world.person())

    assert refusal(answer) == (403, "staff_only")


def test_staff_print_the_codes_of_their_own_subtree_only(api, world, new_world):
    world.unit("community", "Wenhua", under="East Street")
    world.unit("street", "West Street", under="city")
    manager = world.staff("station_manager", at="Wenhua")
    above = world.staff("station_manager", at="East Street")
    beside = world.staff("station_manager", at="West Street")
    station, other = world.station(), new_world()
    foreign = other.station()
    api.request_id = "one-and-the-same"

    path = f"/stations/{station.id}/code"
    answers = [api.get(path, as_=person) for person in (manager, beside)]
    answers += [
        api.get(f"/stations/{id_}/code", as_=manager)
        for id_ in (foreign.id, "00000000-0000-7000-8000-000000000000")
    ]

    assert api.get(path, as_=above).status_code == 200
    assert {refusal(answer) for answer in answers} == {(404, "station_unknown")}
    assert len({answer.data for answer in answers}) == 1
