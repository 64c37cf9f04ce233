"""What lay mostly between ten in the evening and six in the morning, by the clock on the wall."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from app.core.clock import is_mostly_night

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")


def at(day, hour, minute=0, zone=SHANGHAI):
    return datetime(2026, 3, day, hour, minute, tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize(
    ("began", "ended", "night"),
    [
        (at(2, 22), at(2, 23), True),
        (at(2, 4), at(2, 6), True),
        (at(2, 23), at(3, 1), True),
        (at(2, 20), at(3, 1), True),
        (at(2, 21), at(2, 23), False),  # half is not more than half
        (at(2, 21), at(2, 23, 1), True),
        (at(2, 6), at(2, 22), False),
        (at(2, 12), at(2, 13), False),
        (at(2, 23), at(2, 23), False),  # nothing is no night
        (at(2, 23), at(2, 22), False),
        (at(1, 12), at(3, 12), False),  # two days and two nights
    ],
)
def test_mostly_is_more_than_half(began, ended, night):
    assert is_mostly_night(began, ended) is night


def test_the_night_is_that_of_the_zone():
    began, ended = at(2, 23, zone=BERLIN), at(3, 1, zone=BERLIN)

    assert is_mostly_night(began, ended, "Europe/Berlin")
    assert not is_mostly_night(began, ended, "Asia/Shanghai")
