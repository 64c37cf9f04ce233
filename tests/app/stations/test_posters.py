"""Posters and labels: what hangs on the wall, as a page and as a PDF."""

import re

import pytest

from app.stations import posters, queries
from tests.support.browser import Browser


@pytest.fixture
def stations(world):
    names = [f"明德第 {n} “邻里先锋”驿站" for n in range(9)]
    return [world.station(name=name, services=["rest", "water", "hot_meal"]) for name in names]


def pages(answer):
    return len(re.findall(rb"/Type /Page\b", answer.data))


def test_a_poster_is_one_sheet_with_its_type_inside(world, api, keeper, stations):
    clerk, station = world.staff("community_clerk"), stations[0]

    page = keeper.get(f"/staff/stations/{station.id}/poster")
    printed = keeper.get(f"/staff/stations/{station.id}/poster.pdf")
    asked = api.get(f"/stations/{station.id}/poster", as_=clerk)

    for said in (world.code_of(station), "微信扫一扫", "点一项服务", "热饭", "全天开放"):
        assert said in page.text
    assert printed.content_type == asked.content_type == "application/pdf"
    assert printed.data == asked.data
    assert pages(printed) == 1
    assert b"NotoSansSC" in printed.data
    assert b"Helvetica" not in printed.data


def test_labels_are_eight_a_sheet(world, keeper, stations):
    page = keeper.get("/staff/stations/labels")
    printed = keeper.get("/staff/stations/labels.pdf")

    assert page.text.count('class="label"') == 9
    assert pages(printed) == 2


def test_a_poster_of_a_station_outside_of_ones_subtree_is_none(world, api, stations):
    world.unit("community", "Wenhua", under="East Street")
    beside = Browser(world, api, world.staff("station_manager", at="Wenhua"))

    for end in ("poster", "poster.pdf", "codes"):
        assert beside.get(f"/staff/stations/{stations[0].id}/{end}").status_code == 404
    assert pages(beside.get("/staff/stations/labels.pdf")) == 1


@pytest.mark.parametrize("length", [4, 24, 60])
def test_a_name_of_any_length_fits_on_the_sheet(world, length):
    station = world.station(name="站" * length)
    with world.work() as session:
        hours = queries.hours_at(session, station, now=world.now(), zone="Asia/Shanghai")

    pdf = posters.poster(posters.Poster(station=station, hours=hours, address="https://a.cn/q/S"))

    assert pdf.startswith(b"%PDF")
