"""The drawn map: where pins stand, and how long its scale is."""

import math

import pytest

from app.core.geodesy import Spot
from app.stations import mapping
from app.stations.icons import PATHS
from app.stations.kinds import Service


def spot(north_m=0.0, east_m=0.0):
    """A spot so many metres from the middle of the town."""
    lat = 23.0 + north_m / 111_320
    return Spot(lat=lat, lng=112.0 + east_m / (111_320 * math.cos(math.radians(23.0))))


def test_north_is_up_and_east_is_right_and_distances_keep_their_proportion():
    drawing = mapping.drawn([spot(), spot(north_m=400), spot(east_m=400)], None)
    here, north, east = drawing.pins

    assert (north.x, east.y) == (here.x, here.y)
    assert here.y - north.y == pytest.approx(east.x - here.x, abs=0.3)
    metres = float(drawing.bar_text.removesuffix(" 米"))
    assert (here.y - north.y) / 400 == pytest.approx(drawing.bar / metres, rel=0.01)


def test_everything_is_on_the_paper_and_no_pin_hides_another():
    spots = [spot(n * 3, n * 2) for n in range(12)] + [spot(3000, -2000)] * 3

    drawing = mapping.drawn([*spots, None], spot(-1500, 2500))

    assert drawing.pins[-1] is None
    placed = [pin for pin in drawing.pins if pin]
    for pin in (*placed, drawing.reader):
        assert 0 < pin.x < drawing.wide
        assert 0 < pin.y < drawing.high
    apart = [math.dist((a.x, a.y), (b.x, b.y)) for a in placed for b in placed if a is not b]
    assert min(apart) > 12


def test_one_station_is_drawn_in_the_middle_and_none_not_at_all():
    drawing = mapping.drawn([spot()], None)

    assert (drawing.pins[0].x, drawing.pins[0].y) == (150, 130)
    assert drawing.bar_text == "100 米"
    assert mapping.drawn([None], spot()) is None


def test_a_far_station_is_told_in_kilometres():
    assert mapping.drawn([spot(), spot(north_m=9000)], None).bar_text == "2 公里"


def test_every_service_has_a_sign():
    assert PATHS.keys() == {one.value for one in Service}
