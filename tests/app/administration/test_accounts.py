"""System administrators mend accounts, and neither give roles nor get at those above."""

import pytest

from tests.support.authenticator import enrol
from tests.support.browser import Browser
from tests.support.refusals import refusal

PASSWORD = "correct horse battery staple"


@pytest.fixture
def sysadmin(world):
    return world.staff("system_admin", at="city", name="邱系统")


@pytest.fixture
def manager(world):
    return world.staff("station_manager", name="钟站长")


@pytest.fixture
def name(world, manager):
    return world.employ(manager, password=PASSWORD)


@pytest.fixture
def account(api, sysadmin, name):
    """What the list says of the manager's account."""

    def account():
        items = api.get("/staff-accounts", as_=sysadmin).json["items"]
        return next(one for one in items if one["username"] == name)

    return account


def test_a_new_password_works_the_old_one_does_not_and_what_was_open_ends(
    api, world, sysadmin, name, account
):
    entry = {"username": name}
    open_session = api.post("/staff-sessions", **entry, password=PASSWORD).json["token"]

    answer = api.post(f"/staff-accounts/{account()['id']}/password", as_=sysadmin)

    assert answer.status_code == 201
    assert refusal(api.bearing(open_session)) == (401, "session_ended")
    assert refusal(api.post("/staff-sessions", **entry, password=PASSWORD)) == (
        401,
        "password_refused",
    )
    new = api.post("/staff-sessions", **entry, password=answer.json["secret"])
    assert new.status_code == 201
    assert not world.holds_text(answer.json["secret"])


def test_who_lost_their_phone_sets_up_a_new_second_factor(
    api, world, sysadmin, manager, name, account, hands
):
    world.demand_second_factor()
    _authenticator, codes = enrol(api, manager, hands)
    before = account()

    answer = api.delete(f"/staff-accounts/{before['id']}/second-factor", as_=sysadmin)
    signed_in = api.post("/staff-sessions", username=name, password=PASSWORD)
    old_code = api.post("/staff-sessions", username=name, password=PASSWORD, otp=codes[0])

    assert (before["second_factor"], account()["second_factor"]) == (True, False)
    assert answer.status_code == 204
    assert (signed_in.status_code, signed_in.json["must_enrol"]) == (201, True)
    assert refusal(old_code) == (422, "otp_unexpected")


@pytest.mark.parametrize("role", ["security_admin", "audit_admin", "auditor", "city_officer"])
def test_nobody_gets_into_the_account_of_who_grants_or_keeps_watch(
    api, world, sysadmin, name, role
):
    theirs = world.employ(world.staff(role, at="city"), password=PASSWORD)
    items = api.get("/staff-accounts", as_=sysadmin).json["items"]
    id_ = next(one["id"] for one in items if one["username"] == theirs)

    with world.changes() as changed:
        answers = [
            api.post(f"/staff-accounts/{id_}/password", as_=sysadmin),
            api.delete(f"/staff-accounts/{id_}/second-factor", as_=sysadmin),
        ]

    assert {refusal(answer) for answer in answers} == {(403, "account_above_own")}
    assert set(changed) <= {"audit_entry", "audit_head"}
    assert api.post("/staff-sessions", username=theirs, password=PASSWORD).status_code == 201


def test_the_page_shows_a_new_password_once(world, api, sysadmin, name):
    browser, page = Browser(world, api, sysadmin), "/staff/accounts"
    shown = browser.get(page)
    path = shown.text.partition('action="/staff/accounts/')[2].partition('"')[0]

    answer = browser.submit(f"{page}/{path}", shown_on=page)
    secret = answer.text.partition('aria-label="新密码">')[2].partition("<")[0]

    assert name in shown.text
    assert api.post("/staff-sessions", username=name, password=secret).status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
