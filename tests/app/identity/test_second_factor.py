"""Staff sign in with a second factor: six digits of an authenticator, each once."""

import pytest
import sqlalchemy as sa

from app.identity.models import StaffCredential
from tests.support.authenticator import Authenticator, enrol
from tests.support.browser import Browser
from tests.support.refusals import refusal

PASSWORD = "correct horse battery staple"


@pytest.fixture
def manager(world):
    world.demand_second_factor()
    return world.staff("station_manager")


@pytest.fixture
def name(world, manager):
    return world.employ(manager, password=PASSWORD)


@pytest.fixture
def sign_in(api, name):
    def sign_in(password=PASSWORD, **given):
        return api.post("/staff-sessions", username=name, password=password, **given)

    return sign_in


@pytest.fixture
def enrolled(api, manager, name, hands):
    """The authenticator and the recovery codes, some time after they were set up."""
    found = enrol(api, manager, hands)
    hands.move(minutes=2)
    return found


def test_who_signs_in_first_may_set_it_up_and_nothing_else(api, world, sign_in, hands):
    started = sign_in().json
    token, path = started["token"], f"/stations/{world.station().id}/code"

    before = api.bearing(token, path)
    drafted = api.bearing(token, "/me/second-factor", method="POST").json
    shown = Authenticator(drafted["secret"], hands)
    confirmed = api.sending(token, "/me/second-factor", method="PUT", otp=shown.digits())
    after = api.bearing(token, path)

    assert (started["must_enrol"], started["roles"]) == (True, [])
    assert refusal(before) == (403, "second_factor_first")
    assert drafted["address"].startswith("otpauth://totp/")
    assert len(set(confirmed.json["recovery_codes"])) == 10
    assert after.status_code == 200


def test_from_then_on_the_password_alone_does_not_do(api, world, sign_in, enrolled):
    authenticator, _codes = enrolled

    with world.changes() as changed:
        alone = sign_in()
    both = sign_in(otp=authenticator.digits())

    assert refusal(alone) == (401, "otp_required")
    assert changed == {}
    assert (both.status_code, both.json["must_enrol"]) == (201, False)
    assert [one["role"] for one in both.json["roles"]] == ["station_manager"]


def test_the_same_digits_open_once(sign_in, enrolled):
    authenticator, _codes = enrolled
    digits = authenticator.digits()

    first, again = sign_in(otp=digits), sign_in(otp=digits)

    assert first.status_code == 201
    assert refusal(again) == (401, "otp_refused")


def test_digits_before_the_last_that_opened_are_worth_nothing(sign_in, enrolled):
    authenticator, _codes = enrolled
    sign_in(otp=authenticator.digits())

    assert refusal(sign_in(otp=authenticator.digits(steps=-1))) == (401, "otp_refused")


@pytest.mark.parametrize(("steps", "code"), [(-2, 401), (-1, 201), (1, 201), (2, 401)])
def test_a_clock_may_be_half_a_minute_off_and_no_more(sign_in, enrolled, steps, code):
    authenticator, _codes = enrolled

    assert sign_in(otp=authenticator.digits(steps=steps)).status_code == code


@pytest.mark.parametrize("otp", ["000000", "12345", "1234567", "１２３４５６", "ABCD-EFGH", "x"])
def test_what_was_never_shown_is_refused_and_counted(world, sign_in, enrolled, otp):
    with world.changes() as changed:
        answer = sign_in(otp=otp)

    assert refusal(answer) == (401, "otp_refused")
    assert changed == {"miss": 1}


def test_five_wrong_digits_lock_the_name_for_a_quarter_of_an_hour(sign_in, enrolled, hands):
    authenticator, _codes = enrolled
    for _ in range(5):
        sign_in(otp="000000")

    locked = sign_in(otp=authenticator.digits())
    hands.move(minutes=15, seconds=1)
    afterwards = sign_in(otp=authenticator.digits())

    assert refusal(locked) == (429, "too_many_misses")
    assert afterwards.status_code == 201


def test_wrong_passwords_and_wrong_digits_are_counted_together(sign_in, enrolled):
    authenticator, _codes = enrolled
    for _ in range(3):
        sign_in("wrong")
    for _ in range(2):
        sign_in(otp="000000")

    assert refusal(sign_in(otp=authenticator.digits())) == (429, "too_many_misses")


def test_a_recovery_code_opens_once_however_it_is_typed(sign_in, enrolled):
    _authenticator, codes = enrolled

    first = sign_in(otp=codes[0].lower().replace("-", " "))
    again = sign_in(otp=codes[0])
    another = sign_in(otp=codes[1])

    assert (first.status_code, another.status_code) == (201, 201)
    assert refusal(again) == (401, "otp_refused")


def test_neither_the_secret_nor_a_code_stands_in_clear_anywhere(api, world, manager, name, hands):
    secret = api.post("/me/second-factor", as_=manager).json["secret"]
    _authenticator, codes = enrol(api, manager, hands)

    for text in (secret, *codes, *(code.replace("-", "") for code in codes)):
        assert not world.holds_text(text)


def test_a_secret_in_another_row_opens_nothing(api, world, manager, name, sign_in, enrolled, hands):
    """What is sealed is sealed for its row: whoever copies it gets in nowhere."""
    authenticator, _codes = enrolled
    thief = world.staff("shop_manager")
    thiefs_name = world.employ(thief, password=PASSWORD)
    secrets = sa.select(StaffCredential.totp_secret).filter_by(username=name)
    with world.own() as session:
        session.execute(
            sa.update(StaffCredential)
            .filter_by(username=thiefs_name)
            .values(totp_secret=secrets.scalar_subquery())
        )

    answer = api.post(
        "/staff-sessions", username=thiefs_name, password=PASSWORD, otp=authenticator.digits()
    )

    assert answer.status_code == 500
    assert sign_in(otp=authenticator.digits()).status_code == 201


def test_ten_who_try_the_same_digits_at_once_are_one(name, enrolled, crowd):
    authenticator, _codes = enrolled
    right = {"username": name, "password": PASSWORD, "otp": authenticator.digits()}

    answers = crowd.at_once([lambda client: client.post("/staff-sessions", **right)] * 10)

    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(201) == 1
    assert set(codes) <= {201, 401, 429}


def test_it_is_changed_only_by_who_has_just_proved_who_they_are(api, manager, enrolled, hands):
    api.get("/me", as_=manager)
    hands.move(minutes=6)

    assert refusal(api.post("/me/second-factor", as_=manager)) == (403, "step_up_required")


def test_setting_it_up_anew_ends_what_else_is_open_and_voids_old_codes(
    api, world, manager, sign_in, enrolled, hands
):
    authenticator, old = enrolled
    elsewhere = sign_in(otp=authenticator.digits()).json["token"]

    enrol(api, manager, hands)
    hands.move(minutes=2)

    assert refusal(api.bearing(elsewhere)) == (401, "session_ended")
    assert refusal(sign_in(otp=old[0])) == (401, "otp_refused")
    assert refusal(sign_in(otp=authenticator.digits())) == (401, "otp_refused")


def test_digits_that_do_not_fit_the_new_secret_change_nothing(api, world, manager, name):
    api.post("/me/second-factor", as_=manager)

    with world.changes() as changed:
        answer = api.put("/me/second-factor", as_=manager, otp="000000")

    assert refusal(answer) == (401, "otp_refused")
    assert changed == {}


def test_nothing_is_confirmed_that_was_not_begun(api, manager, name):
    assert refusal(api.put("/me/second-factor", as_=manager, otp="123456")) == (
        409,
        "second_factor_not_begun",
    )


def test_a_resident_has_none(api, world):
    answer = api.post("/me/second-factor", as_=world.person())

    assert refusal(answer) == (409, "second_factor_for_staff")


def test_a_session_by_password_alone_cannot_replace_a_factor(
    api, world, name, sign_in, manager, hands
):
    """Somebody who knows the password signed in before its owner had set up a second factor."""
    thief = sign_in().json["token"]
    enrol(api, manager, hands)

    answer = api.bearing(thief, "/me/second-factor", method="POST")

    assert refusal(answer) == (401, "session_ended")


def test_where_the_city_demands_it_later_open_sessions_must_follow(api, world, hands):
    manager = world.staff("station_manager")
    name = world.employ(manager, password=PASSWORD)
    path = f"/stations/{world.station().id}/code"
    token = api.post("/staff-sessions", username=name, password=PASSWORD).json["token"]
    assert api.bearing(token, path).status_code == 200

    world.demand_second_factor()

    assert refusal(api.bearing(token, path)) == (403, "second_factor_first")


def test_the_page_asks_for_the_password_first_and_the_digits_then(world, api, name, enrolled):
    authenticator, _codes = enrolled
    browser, login = Browser(world, api), "/staff/login"
    second = "/staff/login/second"

    asked = browser.submit(
        login, shown_on=login, username=name, password=PASSWORD, next="/staff/stations"
    )
    wrong = browser.submit(second, shown_on=second, otp="000000")
    signed_in = browser.submit(
        second, shown_on=second, otp=authenticator.digits(), next="/staff/stations"
    )

    assert (asked.status_code, asked.location) == (
        303,
        "/staff/login/second?next=%2Fstaff%2Fstations",
    )
    assert (wrong.status_code, "验证码不正确" in wrong.text) == (401, True)
    assert (signed_in.status_code, signed_in.location) == (303, "/staff/stations")
    assert browser.get("/staff/stations").status_code == 200


def test_the_second_step_alone_leads_nowhere(world, api, name, enrolled, hands):
    authenticator, _codes = enrolled
    browser, login, second = Browser(world, api), "/staff/login", "/staff/login/second"

    without = browser.submit(second, shown_on=login, otp=authenticator.digits())
    browser.submit(login, shown_on=login, username=name, password=PASSWORD)
    hands.move(minutes=6)
    late = browser.submit(second, shown_on=login, otp=authenticator.digits())

    assert [answer.location for answer in (without, late)] == ["/staff/login?ended=1"] * 2
    assert browser.get("/staff").location.startswith("/staff/login")


def test_the_pages_lead_who_signs_in_first_through_setting_it_up(world, api, name, hands):
    browser, login, page = Browser(world, api), "/staff/login", "/staff/second-factor"
    browser.submit(login, shown_on=login, username=name, password=PASSWORD)

    led = browser.get("/staff")
    shown = browser.get(page)
    again = browser.get(page)
    secret = shown.text.partition('aria-label="手工输入的文字">')[2].partition("<")[0]
    digits = Authenticator(secret.replace(" ", ""), hands).digits()
    codes = browser.submit(page, shown_on=page, otp=digits)

    assert (led.status_code, led.location) == (302, page)
    assert "<svg" in shown.text
    assert secret in again.text
    assert (codes.status_code, codes.text.count("<li>")) == (200, 10)
    assert browser.get("/staff").status_code == 200


def test_an_operator_lets_anybody_set_up_theirs_anew(app, api, world, hands):
    world.demand_second_factor()
    officer = world.staff("security_admin", at="city")
    username = world.employ(officer, password=PASSWORD)
    enrol(api, officer, hands)
    run = app.test_cli_runner().invoke

    with app.app_context():
        nobody = run(args=["staff-second-factor", "nobody"])
        told = run(args=["staff-second-factor", username])
    answer = api.post("/staff-sessions", username=username, password=PASSWORD)

    assert (nobody.exit_code, told.exit_code) == (1, 0)
    assert answer.json["must_enrol"]
