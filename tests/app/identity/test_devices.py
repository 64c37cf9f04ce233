"""Sessions and the devices they are on: seen, ended, and proved once more."""

import pytest

from app.core.queue import Bell
from tests.app.core.test_queue import no_server, silent_server
from tests.support.authenticator import enrol
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.refusals import refusal

PASSWORD = "correct horse battery staple"
DEVICE = "a-phone-of-this-test"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) MicroMessenger/8.0.44"


@pytest.fixture
def sign_in(api, world, phone):
    def sign_in(person, **given):
        code = phone(world.openid_of(person))
        known = {"platform": "wechat", "appid": world.appid, "code": code}
        return api.post("/sessions", **known, **given).json["token"]

    return sign_in


@pytest.fixture
def confirm(api, world, phone):
    """What the mini-program sends before something that matters."""

    def confirm(token, openid):
        known = {"platform": "wechat", "appid": world.appid, "code": phone(openid)}
        return api.sending(token, "/sessions/current/confirmations", **known)

    return confirm


@pytest.mark.parametrize("outage", [None, no_server, silent_server])
def test_what_is_ended_has_ended_at_the_next_call_whatever_redis_does(
    app, api, world, monkeypatch, sign_in, outage
):
    lin = world.person()
    here, lost = sign_in(lin), sign_in(lin)
    other = next(
        row["id"] for row in api.bearing(here, "/sessions").json["items"] if not row["current"]
    )

    def ended():
        assert api.bearing(lost).status_code == 200
        api.bearing(here, f"/sessions/{other}", method="DELETE")
        return refusal(api.bearing(lost))

    if outage is None:
        assert ended() == (401, "session_ended")
        return
    with outage() as url:
        monkeypatch.setitem(app.extensions, "queue", Bell(url))
        assert ended() == (401, "session_ended")


def test_a_token_that_was_stolen_is_worth_nothing_after_its_owner_has_signed_out(
    api, world, sign_in
):
    lin = world.person()
    stolen = sign_in(lin)
    api.bearing(stolen, "/sessions/current", method="DELETE")

    with world.changes() as changed:
        answers = [
            api.bearing(stolen),
            api.bearing(stolen, "/sessions"),
            api.bearing(stolen, "/sessions", method="DELETE"),
            api.sending(stolen, "/me/redeem-codes"),
            api.sending(stolen, "/scans", text=world.code_of(world.station(name="West gate"))),
        ]
    for made in ("station", "station_code", "station_span"):  # by the test
        del changed[made]

    assert {refusal(answer) for answer in answers} == {(401, "session_ended")}
    assert changed == {}


def test_all_other_sessions_end_at_once(api, world, sign_in):
    lin, manager = world.person(), world.person()
    here, *others = [sign_in(lin) for _ in range(4)]
    somebody_elses = sign_in(manager)

    answer = api.bearing(here, "/sessions", method="DELETE")

    assert answer.status_code == 204
    assert {refusal(api.bearing(token)) for token in others} == {(401, "session_ended")}
    assert [api.bearing(token).status_code for token in (here, somebody_elses)] == [200, 200]


def test_a_new_sign_in_on_a_device_ends_the_one_before(api, world, sign_in):
    lin, wang = world.person(), world.person()
    first = sign_in(lin, device_id=DEVICE)
    elsewhere = sign_in(lin, device_id="another-phone-of-hers")

    again = sign_in(lin, device_id=DEVICE)
    anothers = sign_in(wang, device_id=DEVICE)

    assert refusal(api.bearing(first)) == (401, "session_ended")
    assert refusal(api.bearing(again)) == (401, "session_ended")
    assert [api.bearing(token).status_code for token in (elsewhere, anothers)] == [200, 200]


def test_a_device_of_another_city_is_another_device(api, world, new_world, sign_in):
    other = new_world()
    token = sign_in(world.person(), device_id=DEVICE)
    stranger = other.employ(other.staff("shop_manager"), password=PASSWORD)

    api.post("/staff-sessions", username=stranger, password=PASSWORD, device_id=DEVICE)

    assert api.bearing(token).status_code == 200


@pytest.mark.parametrize("device_id", ["short", "x" * 65, "with spaces in it 12345", "设备" * 10])
def test_a_device_is_named_by_letters_that_nobody_guesses(api, world, phone, device_id):
    answer = api.post(
        "/sessions",
        platform="wechat",
        appid=world.appid,
        code=phone("oSomebody"),
        device_id=device_id,
    )

    assert refusal(answer) == (422, "invalid")


def test_neither_its_name_nor_what_a_browser_says_of_itself_is_kept(world, api, sign_in):
    sign_in(world.person(), device_id=DEVICE)
    browser = Browser(world, api, agent=PHONE)
    name = world.employ(world.staff("shop_manager"), password=PASSWORD)
    browser.submit("/staff/login", shown_on="/staff/login", username=name, password=PASSWORD)

    assert not world.holds_text(DEVICE)
    assert not world.holds_text("Mozilla")
    assert world.holds_text("微信 · iPhone")


def test_a_browser_that_signs_in_again_leaves_no_session_behind(world, api):
    name = world.employ(world.staff("station_manager"), password=PASSWORD)
    browser, login = Browser(world, api), "/staff/login"
    form = {"shown_on": login, "username": name, "password": PASSWORD}

    browser.submit(login, **form)
    planted = browser.session
    browser.forget_session()
    browser.submit(login, **form)

    assert browser.session != planted
    assert refusal(api.bearing(planted)) == (401, "session_ended")
    assert api.bearing(browser.session).status_code == 200


def test_the_page_shows_every_device_and_ends_one(world, api, sign_in):
    lin = world.person()
    lost = sign_in(lin, device_id=DEVICE)
    browser, page = Browser(world, api, lin), "/me/devices"
    other = next(
        row["id"] for row in api.get("/sessions", as_=lin).json["items"] if not row["current"]
    )

    before = browser.get(page)
    browser.submit(f"{page}/{other}/end", shown_on=page)
    after = browser.get(page)

    assert (before.text.count("居民登录"), after.text.count("居民登录")) == (2, 1)
    assert "本机" in before.text
    assert refusal(api.bearing(lost)) == (401, "session_ended")


def test_the_page_ends_all_others(world, api, sign_in):
    lin = world.person()
    tokens = [sign_in(lin) for _ in range(3)]
    browser, page = Browser(world, api, lin), "/me/devices"

    browser.submit(f"{page}/end-others", shown_on=page)

    assert {refusal(api.bearing(token)) for token in tokens} == {(401, "session_ended")}
    assert browser.get(page).status_code == 200


def test_a_device_of_somebody_else_is_none(world, api, sign_in):
    sign_in(world.person())
    theirs = api.get("/sessions", as_=world.person()).json["items"][0]["id"]
    browser, page = Browser(world, api, world.person()), "/me/devices"

    answers = [browser.submit(f"{page}/{id_}/end", shown_on=page) for id_ in (theirs, NOWHERE)]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_a_resident_proves_once_more_with_a_fresh_code(api, world, sign_in, confirm, hands):
    lin = world.person()
    token = sign_in(lin)
    hands.move(minutes=30)

    answer = confirm(token, world.openid_of(lin))

    assert (answer.status_code, answer.json["auth_level"]) == (201, "wechat")
    assert answer.json["auth_time"] == hands().isoformat()


def test_the_code_of_somebody_else_proves_nothing(api, world, sign_in, confirm):
    lin, wang = world.person(), world.person()
    token = sign_in(lin)

    with world.changes() as changed:
        answers = [confirm(token, world.openid_of(wang)), confirm(token, "oNobodyWeKnow")]

    assert {refusal(answer) for answer in answers} == {(403, "login_code_of_another")}
    assert changed == {}


def test_a_phone_that_changed_hands_proves_nothing_for_the_one_before(
    api, world, sign_in, confirm, hands
):
    """Whoever has the number now has another account at WeChat: the session stays as it was."""
    lin = world.person()
    token = sign_in(lin)
    began = api.bearing(token, "/sessions/current").json["auth_time"]
    hands.move(minutes=30)

    answer = confirm(token, "oWhoHasTheNumberNow")

    assert refusal(answer) == (403, "login_code_of_another")
    assert api.bearing(token, "/sessions/current").json["auth_time"] == began


@pytest.fixture
def officer(world):
    return world.staff("security_admin", at="city")


def test_staff_prove_it_with_password_and_digits(api, world, officer, hands):
    world.demand_second_factor()
    name = world.employ(officer, password=PASSWORD)
    authenticator, _codes = enrol(api, officer, hands)
    hands.move(minutes=10)
    path, grant = "/sessions/current/confirmations", "/role-grants"

    stale = api.post(f"{grant}/{NOWHERE}/approval", as_=officer)
    password_alone = api.post(path, as_=officer, password=PASSWORD)
    wrong = api.post(path, as_=officer, password="wrong", otp=authenticator.digits())
    proved = api.post(path, as_=officer, password=PASSWORD, otp=authenticator.digits())
    fresh = api.post(f"{grant}/{NOWHERE}/approval", as_=officer)

    assert name
    assert refusal(stale) == (403, "step_up_required")
    assert refusal(password_alone) == (401, "otp_required")
    assert refusal(wrong) == (401, "password_refused")
    assert (proved.status_code, proved.json["auth_level"]) == (201, "two_factor")
    assert refusal(fresh) == (404, "grant_unknown")


def test_it_holds_for_five_minutes(api, world, officer, hands):
    world.employ(officer, password=PASSWORD)
    path = f"/role-grants/{NOWHERE}/approval"
    api.get("/me", as_=officer)

    hands.move(minutes=5)
    just_in_time = api.post(path, as_=officer)
    hands.move(seconds=1)
    too_late = api.post(path, as_=officer)

    assert refusal(just_in_time) == (404, "grant_unknown")
    assert refusal(too_late) == (403, "step_up_required")


def test_guessing_at_the_confirmation_locks_the_name_like_guessing_at_the_door(api, world, officer):
    name = world.employ(officer, password=PASSWORD)
    for _ in range(5):
        api.post("/sessions/current/confirmations", as_=officer, password="wrong")

    answer = api.post("/staff-sessions", username=name, password=PASSWORD)

    assert refusal(answer) == (429, "too_many_misses")


@pytest.mark.parametrize(
    "body",
    [{}, {"password": "x", "code": "y"}, {"code": "y"}, {"platform": "wechat", "appid": "x"}],
)
def test_a_confirmation_is_one_way_or_the_other(api, world, body):
    answer = api.post("/sessions/current/confirmations", as_=world.person(), **body)

    assert refusal(answer) == (422, "invalid")


def test_the_page_that_wants_it_leads_there_and_back(api, world, officer, hands):
    world.employ(officer, password=PASSWORD)
    browser = Browser(world, api, officer)
    hands.move(minutes=6)

    refused = browser.get("/staff/grants/new")
    wrong = browser.submit("/confirm", shown_on="/confirm", password="wrong")
    proved = browser.submit(
        "/confirm", shown_on="/confirm", password=PASSWORD, next="/staff/grants/new"
    )

    assert (refused.status_code, "/confirm?next=" in refused.text) == (403, True)
    assert (wrong.status_code, "不正确" in wrong.text) == (401, True)
    assert (proved.status_code, proved.location) == (303, "/staff/grants/new")
    assert browser.get("/staff/grants/new").status_code == 200
