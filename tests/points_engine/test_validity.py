"""How long points stay good, and what else a policy settles."""

from datetime import date

import pytest

from points_engine import Checkin, Expiry, ExpiryKind, Stars


@pytest.mark.parametrize(
    ("expiry", "earned_on", "last_day"),
    [
        (Expiry(kind=ExpiryKind.NATURAL_YEAR), date(2026, 12, 31), date(2026, 12, 31)),
        (Expiry(), date(2026, 1, 1), date(2027, 12, 31)),
        (Expiry(), date(2026, 12, 31), date(2027, 12, 31)),
        (Expiry(kind=ExpiryKind.ROLLING_MONTHS, months=36), date(2026, 3, 2), date(2029, 3, 2)),
        (Expiry(kind=ExpiryKind.ROLLING_MONTHS, months=1), date(2026, 1, 31), date(2026, 2, 28)),
        (Expiry(kind=ExpiryKind.ROLLING_MONTHS, months=12), date(2024, 2, 29), date(2025, 2, 28)),
        (Expiry(kind=ExpiryKind.ROLLING_MONTHS, months=1), date(2026, 12, 5), date(2027, 1, 5)),
        (Expiry(kind=ExpiryKind.NONE), date(2026, 3, 2), None),
    ],
)
def test_points_lapse_after_their_last_day(expiry, earned_on, last_day):
    assert expiry.last_day(earned_on) == last_day


@pytest.mark.parametrize(
    "said",
    [{"kind": ExpiryKind.ROLLING_MONTHS}, {"kind": ExpiryKind.NONE, "months": 3}],
)
def test_months_go_with_rolling_months_alone(said):
    with pytest.raises(ValueError, match=r"^months goes with rolling_months, and only with it$"):
        Expiry(**said)


def test_no_radius_is_below_the_least():
    with pytest.raises(ValueError, match=r"^no radius is below radius_least_m$"):
        Checkin(radius_indoor_m=50)


@pytest.mark.parametrize(("hours", "level"), [(99, 0), (100, 1), (999, 3), (1500, 5)])
def test_stars_are_reached_by_hours(hours, level):
    assert Stars().level(hours) == level
