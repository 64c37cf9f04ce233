"""The code on a venue's screen: a queue of people is scanning it while it changes."""

import pytest
from playwright.sync_api import expect

STEP_SECONDS = 15


@pytest.fixture
def screen(screen, city):
    """The screen with the code for coming, in a browser whose seconds the test counts."""
    screen.page.clock.install()
    screen.open(f"/venue/{city.activity.id}")
    return screen


def seconds_pass(screen, hands, seconds):
    hands.move(seconds=seconds)
    screen.page.clock.run_for(seconds * 1000)


def test_the_next_code_takes_the_place_of_one_that_is_still_good(screen, city, world, hands):
    page = screen.page
    text, spent = page.locator(".venue__text"), page.locator(".is-expired")
    first = world.venue_code(city.activity)
    expect(text).to_have_text(first)

    for _second in range(STEP_SECONDS):
        seconds_pass(screen, hands, 1)
        expect(spent).to_have_count(0)

    expect(text).to_have_text(world.venue_code(city.activity))
    expect(text).not_to_have_text(first)
    expect(page.locator("[data-countdown]")).to_have_text(str(STEP_SECONDS))
    expect(page.get_by_text("码过期了")).to_be_hidden()


def test_a_screen_that_gets_no_new_codes_hides_what_opens_nothing_any_more(screen, hands):
    page = screen.page
    page.route("**/code?kind=in", lambda route: route.fulfill(status=204))

    seconds_pass(screen, hands, 2 * STEP_SECONDS - 1)
    expect(page.get_by_text("码过期了")).to_be_hidden()
    seconds_pass(screen, hands, 1)
    expect(page.get_by_text("码过期了")).to_be_visible()

    page.unroute("**/code?kind=in")
    seconds_pass(screen, hands, 5)
    expect(page.get_by_text("码过期了")).to_be_hidden()
