"""The screen of a venue says from when on its code opens anything."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.support.browser import Browser

TEN = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)  # in the morning, in Shanghai
NOTE = "签到从 3月2日 09:30 开始"


@pytest.fixture
def secretary(world):
    return world.staff("community_secretary")


@pytest.fixture
def screen(world, api, hands, secretary):
    """What the screen of an activity at ten o'clock shows at an instant."""
    activity = world.activity(starts_at=TEN, ends_at=TEN + timedelta(hours=2))

    def screen(*, before, kind="in", part=""):
        hands.instant = TEN - before
        browser = Browser(world, api, secretary)
        return browser.get(f"/venue/{activity.id}{part}", kind=kind).text

    return screen


@pytest.mark.parametrize("part", ["", "/code"])
def test_before_it_opens_a_screen_says_when(screen, part):
    assert NOTE in screen(before=timedelta(minutes=31), part=part)
    assert "开始" not in screen(before=timedelta(minutes=30), part=part)


def test_the_code_for_leaving_says_nothing_of_coming(screen):
    assert NOTE not in screen(before=timedelta(minutes=31), kind="out")
