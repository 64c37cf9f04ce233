"""System administrators mend accounts, and neither give roles nor get at those above."""

import pytest

from tests.support.authenticator import enrol
from tests.support.browser import Browser
from tests.support.client import NOWHERE
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


def opening(world, **given):
    return {"username": f"c{world.tenant_id}.fang", **given}


def test_a_new_colleague_signs_in_by_a_name_and_has_no_role(api, world, sysadmin):
    body = opening(world, name="方书记", org_unit_id=str(world.units["Mingde"]))

    made = api.post("/staff-accounts", as_=sysadmin, **body)
    entry = {"username": body["username"], "password": made.json["secret"]}
    signed_in = api.post("/staff-sessions", **entry)

    assert (made.status_code, signed_in.status_code) == (201, 201)
    assert (signed_in.json["roles"], signed_in.json["member"]["display_name"]) == ([], "方**")
    assert not world.holds_text(made.json["secret"])
    assert not world.holds_text("方书记")
    [opened] = [
        one
        for one in api.get("/audit-entries", as_=world.staff("audit_admin", at="city")).json[
            "items"
        ]
        if one["action"] == "account.open"
    ]
    assert (opened["actor_id"], opened["role"]) == (str(sysadmin.id), "system_admin")


def test_whoever_has_an_account_or_high_office_gets_none(api, world, sysadmin, manager, name, lin):
    world.grant(lin, "security_admin", at="city")
    above = opening(world, person_id=str(lin.id))
    twice = opening(world, person_id=str(manager.id))
    taken = opening(world, person_id=str(world.person("林小燕").id))
    api.post("/staff-accounts", as_=sysadmin, **taken)
    taken["person_id"] = str(world.person("周丽萍").id)
    odd = opening(world, person_id=str(world.person("何志文").id)) | {"username": "方书记"}

    with world.changes() as changed:
        answers = [api.post("/staff-accounts", as_=sysadmin, **one) for one in (above, twice)]
        answers += [api.post("/staff-accounts", as_=sysadmin, **one) for one in (taken, odd)]

    assert [refusal(answer) for answer in answers] == [
        (403, "account_above_own"),
        (409, "account_exists"),
        (409, "username_taken"),
        (422, "username_invalid"),
    ]
    assert set(changed) <= {"audit_entry", "audit_head"}


@pytest.mark.parametrize("given", [{}, {"name": "方"}, {"name": "方", "person_id": NOWHERE}])
def test_an_account_is_somebodys_known_or_a_new_colleagues_and_not_both(
    api, world, sysadmin, given
):
    refused = api.post("/staff-accounts", as_=sysadmin, **opening(world, **given))

    assert refusal(refused)[0] == 422


def test_of_two_who_take_one_name_at_once_one_is_refused(api, world, crowd, sysadmin):
    body = opening(world, name="方书记", org_unit_id=str(world.units["Mingde"]))
    crowd.sign_in(sysadmin)

    answers = crowd.at_once(
        [lambda client: client.post("/staff-accounts", as_=sysadmin, **body)] * 4
    )

    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409]


def test_on_the_page_somebody_is_found_and_gets_an_account(world, api, sysadmin, lin):
    browser, new = Browser(world, api, sysadmin), "/staff/accounts/new"
    found = browser.submit(new, shown_on=new, q=lin.display_name)
    username = opening(world)["username"]

    made = browser.submit("/staff/accounts", shown_on=new, person_id=lin.id, username=username)
    again = browser.submit("/staff/accounts", shown_on=new, person_id=lin.id, username=username)

    assert f'value="{lin.id}"' in found.text
    secret = made.text.partition('aria-label="新密码">')[2].partition("<")[0]
    assert api.post("/staff-sessions", username=username, password=secret).status_code == 201
    assert (again.status_code, "已经有工作人员账号" in again.text) == (409, True)


def test_a_given_password_is_changed_for_one_of_ones_own(world, api, manager, name):
    entry, chosen = {"username": name}, "brass kettle on the stove"
    elsewhere = api.post("/staff-sessions", **entry, password=PASSWORD).json["token"]
    browser, page = Browser(world, api, manager), "/staff/password"

    weak = [
        browser.submit(page, shown_on=page, password=said, again=again)
        for said, again in (("short", "short"), ("aaaaaaaaaaaa",) * 2, (PASSWORD,) * 2)
    ]
    unlike = browser.submit(page, shown_on=page, password=chosen, again=f"{chosen}!")
    changed = browser.submit(page, shown_on=page, password=chosen, again=chosen)

    assert [one.status_code for one in (*weak, unlike, changed)] == [422] * 4 + [303]
    assert refusal(api.bearing(elsewhere)) == (401, "session_ended")
    assert browser.get("/staff").status_code == 200
    assert api.post("/staff-sessions", **entry, password=PASSWORD).status_code == 401
    assert api.post("/staff-sessions", **entry, password=chosen).status_code == 201
    assert not world.holds_text(chosen)


def test_a_resident_has_no_password_to_change_and_a_stale_session_changes_none(
    world, api, hands, manager, name, lin
):
    resident = api.put("/me/password", as_=lin, password="brass kettle on the stove")
    api.token(manager, staff=True)
    hands.move(minutes=6)
    stale = api.put("/me/password", as_=manager, password="brass kettle on the stove")

    assert refusal(resident) == (409, "password_for_staff")
    assert refusal(stale) == (403, "step_up_required")


def test_a_given_password_is_good_for_choosing_ones_own(api, world, sysadmin, name, account, crowd):
    given = api.post(f"/staff-accounts/{account()['id']}/password", as_=sysadmin).json["secret"]
    started = api.post("/staff-sessions", username=name, password=given).json
    token, chosen = started["token"], "brass kettle on the stove"

    before = api.bearing(token, "/staff-accounts")
    same = api.sending(token, "/me/password", method="PUT", password=given)
    taken = api.sending(token, "/me/password", method="PUT", password=chosen)

    assert (started["must_choose"], started["roles"]) == (True, [])
    assert refusal(before) == (403, "password_first")
    assert refusal(same) == (422, "password_weak")
    assert (taken.status_code, api.bearing(token).status_code) == (204, 200)
    again = api.post("/staff-sessions", username=name, password=chosen)
    assert (again.json["must_choose"], again.json["roles"] != []) == (False, True)


def test_whoever_dawdles_proves_again_and_then_chooses(api, world, manager, hands):
    name = world.employ(manager, password=PASSWORD, given=True)
    token = api.post("/staff-sessions", username=name, password=PASSWORD).json["token"]
    hands.move(minutes=6)

    late = api.sending(token, "/me/password", method="PUT", password="brass kettle on the stove")
    proved = api.sending(token, "/sessions/current/confirmations", password=PASSWORD)
    taken = api.sending(token, "/me/password", method="PUT", password="brass kettle on the stove")

    assert refusal(late) == (403, "step_up_required")
    assert (proved.status_code, taken.status_code) == (201, 204)


def test_on_the_pages_a_given_password_leads_to_ones_own(world, api, manager):
    name = world.employ(manager, password=PASSWORD, given=True)
    browser, page, chosen = Browser(world, api), "/staff/password", "brass kettle on the stove"
    entered = browser.submit(
        "/staff/login", shown_on="/staff/login", username=name, password=PASSWORD
    )

    led = [browser.get(path).location for path in ("/staff", "/me", "/me/devices", "/me/data")]
    shown = browser.get(page)
    taken = browser.submit(page, shown_on=page, password=chosen, again=chosen)

    assert (entered.status_code, set(led)) == (303, {page})
    assert "初始密码" in shown.text
    assert (taken.location, browser.get("/staff").status_code) == ("/staff", 200)


def test_a_password_given_while_another_is_chosen_is_the_one_that_counts(
    api, world, sysadmin, name, account, crowd
):
    given = api.post(f"/staff-accounts/{account()['id']}/password", as_=sysadmin).json["secret"]
    token = api.post("/staff-sessions", username=name, password=given).json["token"]
    reset = f"/staff-accounts/{account()['id']}/password"
    crowd.sign_in(sysadmin)

    chosen, anew = crowd.at_once(
        [
            lambda client: client.sending(
                token, "/me/password", method="PUT", password="brass kettle on the stove"
            ),
            lambda client: client.post(reset, as_=sysadmin),
        ]
    )

    assert chosen.status_code in {204, 401}
    assert anew.status_code == 201
    left = api.post("/staff-sessions", username=name, password=anew.json["secret"])
    assert (left.status_code, left.json["must_choose"]) == (201, True)
