"""A phone is asked where it is only where that was agreed to, and a check-in never waits for it."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from app.activities.models import Activity
from app.identity import consents
from app.identity.kinds import Purpose

SPOT = {"lat": 23.3282, "lng": 112.7352, "crs": "gcj02"}
NEAR, FAR = (23.3308, 112.7302), (23.42, 112.73)  # as a phone has it
SILENT = "navigator.geolocation.getCurrentPosition = () => {}"  # nobody answers the question


@pytest.fixture
def agreed(api, city):
    """The activity has a place, and the resident agrees to its being looked at."""
    with city.world.own() as session:
        where = sa.update(Activity).where(Activity.id == city.activity.id).values(**SPOT)
        session.execute(where)
    text = consents.texts()[Purpose.LOCATION]
    api.post("/me/consents", as_=city.resident, purpose=text.purpose, version=text.version)


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        pytest.param("far", "outside", id="far away: it waits, and says what to do"),
        pytest.param("no", "none", id="the owner says no"),
        pytest.param("silence", "none", id="nobody answers"),
    ],
)
def test_checking_in_with_and_without_a_location(agreed, phone, city, answer, kept):
    context = phone.page.context
    if answer == "far":
        context.grant_permissions(["geolocation"])
        context.set_geolocation({"latitude": FAR[0], "longitude": FAR[1], "accuracy": 20})
    if answer == "silence":
        phone.page.add_init_script(SILENT)

    page = phone.open(f"/arrive/{city.world.venue_code(city.activity)}")
    expect(page.get_by_text("不提供位置也可以签到")).to_be_attached()
    page.get_by_role("button", name="签到", exact=True).click()
    page.get_by_text("签到成功").wait_for()

    with city.world.own() as session:
        found = session.scalars(sa.text("SELECT location_in FROM attendance")).all()
    assert found == [kept]
    if answer == "far":
        expect(page.get_by_text("请告诉负责人一声")).to_be_visible()
