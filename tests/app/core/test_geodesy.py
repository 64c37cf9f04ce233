"""Spots in two coordinate systems, and how far apart they are."""

import pytest

from app.core.geodesy import Spot, metres

# Pairs that are published with the series, to a ten-thousandth of a metre or so.
KNOWN = [
    pytest.param((39.915, 116.404), (39.91640428150164, 116.41024449916938), id="Beijing"),
    pytest.param((31.1774276, 121.5272106), (31.17530398364597, 121.531541859215), id="Shanghai"),
]


@pytest.mark.parametrize(("wgs84", "gcj02"), KNOWN)
def test_a_phones_degrees_become_the_maps(wgs84, gcj02):
    seen = Spot(lat=wgs84[0], lng=wgs84[1], crs="wgs84").as_gcj02()

    assert (seen.lat, seen.lng) == pytest.approx(gcj02, abs=1e-9)
    assert seen.crs == "gcj02"


def test_outside_china_there_is_no_offset():
    paris = Spot(lat=48.8584, lng=2.2945, crs="wgs84")

    assert paris.as_gcj02() == Spot(lat=48.8584, lng=2.2945)


def test_the_same_spot_in_both_systems_is_no_distance_apart():
    phone = Spot(lat=39.915, lng=116.404, crs="wgs84")

    assert metres(phone, phone.as_gcj02()) < 0.01
    naive = metres(Spot(lat=phone.lat, lng=phone.lng), phone)
    assert 500 < naive < 600  # what comparing them as they stand would be wrong by


def test_a_degree_of_latitude_is_111_kilometres_everywhere():
    for lat in (0.0, 23.0, 45.0):
        one, other = Spot(lat=lat, lng=112.0), Spot(lat=lat + 1, lng=112.0)
        assert metres(one, other) == pytest.approx(111_195, abs=1)


def test_what_was_picked_on_a_map_is_found_where_a_phone_would_be():
    picked = Spot(lat=39.915, lng=116.404)

    phone = picked.as_wgs84()

    assert (phone.lat, phone.lng) == pytest.approx((39.91359623, 116.39775575), abs=1e-8)
    assert metres(picked, phone) < 0.001
    assert phone.as_wgs84() == phone
