"""What people agree to: in which version, since when, and no more from when on."""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from app.core.db import acting_as
from app.identity import consents
from app.identity.jobs import forget_whereabouts
from app.identity.kinds import Purpose
from app.identity.models import Whereabouts
from tests.support.browser import Browser
from tests.support.refusals import refusal

HERE = {"lat": 31.2993791, "lng": 120.6195851, "crs": "gcj02", "accuracy_m": 15.0}
LAT = "31.299379"


def version(purpose):
    return consents.texts()[Purpose(purpose)].version


@pytest.fixture
def agree(api):
    def agree(person, purpose):
        return api.post("/me/consents", as_=person, purpose=purpose, version=version(purpose))

    return agree


@pytest.fixture
def newer(monkeypatch):
    """The privacy notice has another version from now on."""
    texts = dict(consents.texts())
    texts[Purpose.PRIVACY] = replace(texts[Purpose.PRIVACY], version="2027-01-01")
    monkeypatch.setattr(consents, "texts", lambda: texts)


@pytest.fixture
def check_in(world, api):
    """Somebody checks in and out, and their phone says where it is."""

    def check_in(person, location=HERE):
        activity = world.activity()
        path, code = f"/activities/{activity.id}", world.venue_code
        came = api.post(f"{path}/check-ins", as_=person, code=code(activity), location=location)
        assert came.status_code == 201
        return activity

    return check_in


@pytest.fixture
def secretary(world, api):
    return Browser(world, api, world.staff("community_secretary", name="方书记"))


def test_who_has_not_agreed_is_told_and_shut_out_of_nothing(api, lin, agree):
    before = api.get("/me", as_=lin)
    assert agree(lin, "privacy").status_code == 201
    after = api.get("/me", as_=lin)

    assert (before.status_code, before.json["consent_needed"]) == (200, ["privacy"])
    assert after.json["consent_needed"] == []


def test_only_the_version_in_force_is_agreed_to(world, api, lin, agree, phone, newer):
    old = api.post("/me/consents", as_=lin, purpose="privacy", version="2026-11-27")
    wechat = {"platform": "wechat", "appid": world.appid}
    before = api.post("/sessions", **wechat, code=phone(world.openid_of(lin)))
    agree(lin, "privacy")
    after = api.post("/sessions", **wechat, code=phone(world.openid_of(lin)))

    assert refusal(old) == (409, "consent_outdated")
    assert before.json["consent_needed"] == ["privacy"]
    assert after.json["consent_needed"] == []


def test_what_was_agreed_to_before_does_not_count_for_a_new_version(
    world, api, lin, agree, request
):
    agree(lin, "privacy")
    agreed = version("privacy")

    request.getfixturevalue("newer")

    assert api.get("/me", as_=lin).json["consent_needed"] == ["privacy"]
    page = Browser(world, api, lin).get("/me/data").text
    assert f"同意过 {agreed} 版" in page


def test_agreeing_twice_is_agreeing_once_and_it_can_be_taken_back(world, api, lin, agree, crowd):
    crowd.sign_in(lin)
    body = {"purpose": "location", "version": version("location")}
    crowd.at_once([lambda client: client.post("/me/consents", as_=lin, **body)] * 6)
    assert world.row_counts()["consent"] == 1

    gone = api.delete("/me/consents/location", as_=lin)
    told = {one["purpose"]: one for one in api.get("/me/consents", as_=lin).json["items"]}
    agree(lin, "location")

    assert gone.status_code == 204
    assert told["location"]["given_at"] is None
    (once, again) = api.get("/me/data", as_=lin).json["kept"]["consents"]["rows"]
    assert once["withdrawn_at"] is not None
    assert again["withdrawn_at"] is None


def test_nobody_agrees_to_what_is_not_asked(api, lin):
    unknown = api.post("/me/consents", as_=lin, purpose="marketing", version="1")

    assert refusal(unknown) == (404, "consent_unknown")
    assert refusal(api.delete("/me/consents/marketing", as_=lin)) == (404, "consent_unknown")


def test_the_page_asks_and_lets_go_on(world, api, lin):
    browser = Browser(world, api, lin)
    asked = browser.get("/me/consent", next="/activities")
    assert "隐私说明" in asked.text
    assert 'href="/activities"' in asked.text

    path, fields = "/me/consents/privacy/give", {"version": version("privacy")}
    given = browser.submit(path, shown_on="/me/consent", next="/activities", **fields)
    again = browser.get("/me/consent", next="/activities")
    gone = browser.submit("/me/consents/privacy/withdraw", shown_on="/me/data")

    assert (given.location, again.location) == ("/activities", "/activities")
    assert gone.location == "/me/data"
    assert api.get("/me", as_=lin).json["consent_needed"] == ["privacy"]


def test_where_a_phone_was_is_kept_with_consent_alone(world, api, lin, agree, check_in):
    check_in(lin)
    assert world.row_counts()["whereabouts"] == 0

    agree(lin, "location")
    activity = check_in(lin)
    check_in(lin, location=None)
    api.post(
        f"/activities/{activity.id}/check-outs",
        as_=lin,
        code=world.venue_code(activity, "out"),
        location=HERE,
    )

    rows = api.get("/me/data", as_=lin).json["kept"]["whereabouts"]["rows"]
    assert [(row["deed"], row["lat"]) for row in rows] == [
        ("check_out", HERE["lat"]),
        ("check_in", HERE["lat"]),
    ]
    assert not world.holds_text(LAT)


def test_it_goes_after_thirty_days_or_with_the_consent(
    app, world, api, lin, agree, check_in, hands, settings
):
    agree(lin, "location")
    check_in(lin)
    hands.move(days=29)
    check_in(lin)
    hands.move(days=1)

    with app.app_context(), acting_as("worker", settings.worker_database_url):
        forget_whereabouts([world.tenant_id])
    assert world.row_counts()["whereabouts"] == 1

    api.delete("/me/consents/location", as_=lin)
    assert world.row_counts()["whereabouts"] == 0


def test_it_is_read_for_a_reason_that_is_written_down(world, api, lin, agree, check_in, secretary):
    agree(lin, "location")
    check_in(lin)
    path = f"/staff/people/{lin.id}/whereabouts"

    without = secretary.submit(path, shown_on=path, reason="")
    shown = secretary.submit(path, shown_on=path, reason="核对签到")

    assert without.status_code == 422
    assert LAT not in without.text + secretary.get(path).text
    assert LAT in shown.text
    assert "误差约 15 米" in shown.text
    with world.work() as session:
        read = sa.select(AuditEntry.reason).filter_by(action="person.read_location")
        assert session.scalars(read).all() == ["核对签到"]


def test_who_is_forgotten_was_nowhere(world, api, lin, agree, check_in):
    agree(lin, "location")
    activity = check_in(lin)
    api.post(
        f"/activities/{activity.id}/check-outs", as_=lin, code=world.venue_code(activity, "out")
    )

    code = api.post("/me/erasure", as_=lin).json["confirmation"]
    assert api.post("/me/erasure", as_=lin, confirmation=code).status_code == 200

    with world.work() as session:
        assert session.scalars(sa.select(Whereabouts)).all() == []
