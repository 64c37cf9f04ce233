"""Residents sign in with the code of their phone, and stay signed in for as long as they should."""

import pytest

from tests.support.crowd import outcomes
from tests.support.refusals import refusal


@pytest.fixture
def sign_in(api, world, phone):
    """What the mini-program sends after `wx.login`."""

    def sign_in(openid, *, code=None, appid=None):
        return api.post(
            "/sessions",
            platform="wechat",
            appid=appid or world.appid,
            code=code or phone(openid),
        )

    return sign_in


def test_whoever_is_known_gets_their_own_account(world, sign_in):
    lin = world.person("林小燕")

    answer = sign_in(world.openid_of(lin))

    assert answer.status_code == 201
    assert answer.json["token"].startswith("st_")
    assert answer.json["member"] == {
        "id": str(lin.id),
        "display_name": "林小燕",
        "kinds": ["resident"],
        "community": {"id": str(world.units["Mingde"]), "name": "Mingde"},
    }


def test_a_newcomer_gets_an_account_where_the_mini_program_says(world, sign_in):
    with world.changes() as changed:
        first = sign_in("oNewcomer0000000000000000001")
    again = sign_in("oNewcomer0000000000000000001")

    assert first.json["member"]["community"]["name"] == "Mingde"
    assert again.json["member"]["id"] == first.json["member"]["id"]
    assert again.json["token"] != first.json["token"]
    assert changed == {"person": 1, "super_app_identity": 1}


def test_two_first_sign_ins_at_once_make_one_person(world, api, phone, crowd):
    codes = [phone("oNewcomer0000000000000000002") for _ in range(12)]

    answers = crowd.at_once(
        [
            lambda one, code=code: one.post(
                "/sessions", platform="wechat", appid=world.appid, code=code
            )
            for code in codes
        ]
    )

    assert outcomes(answers) == {"created": 12}
    assert len({answer.json["member"]["id"] for answer in answers}) == 1
    assert (world.row_counts()["person"], world.row_counts()["super_app_identity"]) == (1, 1)


def test_a_login_code_works_once(world, sign_in, phone):
    openid = world.openid_of(world.person())
    code = phone(openid)
    sign_in(openid, code=code)

    with world.changes() as changed:
        again = sign_in(openid, code=code)

    assert refusal(again) == (401, "login_code_refused")
    assert changed == {}


@pytest.mark.parametrize("code", ["0" * 32, "no code", "键" * 8])
def test_a_login_code_nobody_was_given_is_refused(world, sign_in, code):
    with world.changes() as changed:
        answer = sign_in("", code=code)

    assert refusal(answer) == (401, "login_code_refused")
    assert changed == {}


def test_an_old_login_code_is_refused(world, sign_in, phone, hands):
    openid = world.openid_of(world.person())
    code = phone(openid)
    hands.move(minutes=6)

    assert refusal(sign_in(openid, code=code)) == (401, "login_code_refused")


def test_a_mini_program_that_is_not_connected_is_refused(sign_in, phone):
    answer = sign_in("", code=phone("oSomebody"), appid="wx0000000000000000")

    assert refusal(answer) == (404, "platform_unknown")


def test_a_token_is_never_kept_in_clear(world, sign_in):
    token = sign_in(world.openid_of(world.person())).json["token"]

    assert not world.holds_text(token)
    assert not world.holds_text(token.removeprefix("st_"))


def test_signing_out_bites_at_the_next_call(api, world, sign_in):
    token = sign_in(world.openid_of(world.person())).json["token"]

    out = api.bearing(token, "/sessions/current", method="DELETE")

    assert out.status_code == 204
    assert refusal(api.bearing(token)) == (401, "session_ended")


def test_ending_another_device_from_here(api, world, sign_in):
    openid = world.openid_of(world.person())
    lost, here = (sign_in(openid).json["token"] for _ in range(2))
    sessions = api.bearing(here, "/sessions").json["items"]
    other = next(row["id"] for row in sessions if not row["current"])

    ended = api.bearing(here, f"/sessions/{other}", method="DELETE")

    assert ended.status_code == 204
    assert refusal(api.bearing(lost)) == (401, "session_ended")
    assert api.bearing(here).status_code == 200
    assert [row["current"] for row in api.bearing(here, "/sessions").json["items"]] == [True]


def test_nobody_ends_somebody_elses_session(api, world, new_world, sign_in):
    token = sign_in(world.openid_of(world.person())).json["token"]
    session_id = api.bearing(token, "/sessions/current").json["id"]
    lin = world.person()
    api.request_id = "one-and-the-same"

    answers = [
        api.delete(f"/sessions/{id_}", as_=lin)
        for id_ in (session_id, "018f0000-0000-7000-8000-000000000000")
    ]

    assert {refusal(answer) for answer in answers} == {(404, "not_found")}
    assert answers[0].data == answers[1].data
    assert api.bearing(token).status_code == 200


def test_a_session_that_is_not_used_for_a_week_has_ended(api, world, sign_in, hands):
    token = sign_in(world.openid_of(world.person())).json["token"]
    hands.move(days=7)

    assert refusal(api.bearing(token)) == (401, "session_ended")


def test_a_session_that_is_used_lasts_for_a_month_and_no_longer(api, world, sign_in, hands):
    started = sign_in(world.openid_of(world.person())).json
    for _ in range(5):
        hands.move(days=5)
        assert api.bearing(started["token"]).status_code == 200
    hands.move(days=5)

    assert started["expires_at"] == hands().isoformat()
    assert refusal(api.bearing(started["token"])) == (401, "session_ended")


@pytest.mark.parametrize(
    "token",
    ["", "st_", "st_" + "A" * 54, "st_" + "_" * 54, "sk_live", "st_" + "键" * 5, "x" * 4000],
)
def test_a_token_that_is_none_is_refused(api, world, token):
    header = f"Bearer {token}".encode().decode("latin-1")

    answer = api.bearing(None, "/me", authorization=header)

    assert refusal(answer) == (401, "sign_in_first")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_says_nothing_in_another_city(api, world, new_world, sign_in):
    token = sign_in(world.openid_of(world.person())).json["token"]
    forged = world.token_for(new_world().tenant_id, token)

    assert refusal(api.bearing(forged)) == (401, "sign_in_first")


def test_a_cookie_is_no_key_to_the_api(world, api):
    lin = world.person()
    browser = world.app.test_client()
    browser.set_cookie("session", api.token(lin))

    assert refusal(browser.get("/api/v1/me")) == (401, "sign_in_first")


def test_a_resident_is_let_into_no_room_of_the_staff(api, world):
    lin, shop, activity = world.person(), world.shop(), world.activity()

    answers = [
        api.get(f"/stations/{world.station().id}/code", as_=lin),
        api.get(f"/activities/{activity.id}/venue-code", as_=lin),
        api.post(f"/shops/{shop.id}/redemptions", as_=lin, redeem_code="x", lines=[]),
    ]

    assert {refusal(answer) for answer in answers} == {(403, "staff_only")}
