"""Staff sign in with name and password; what they may do hangs on their roles of the day."""

from uuid import uuid4

import pytest

from tests.support.browser import Browser
from tests.support.refusals import refusal

PASSWORD = "correct horse battery staple"


@pytest.fixture
def sign_in(api):
    def sign_in(username, password=PASSWORD):
        return api.post("/staff-sessions", username=username, password=password)

    return sign_in


@pytest.fixture
def manager(world):
    return world.staff("shop_manager")


@pytest.fixture
def name(world, manager):
    return world.employ(manager, password=PASSWORD)


def test_the_right_password_opens_a_session_with_the_roles_of_today(
    api, world, sign_in, manager, name
):
    answer = sign_in(name)

    roles = [{"role": "shop_manager", "org_unit_id": str(world.units["Mingde"])}]
    assert answer.status_code == 201
    assert answer.json["member"]["id"] == str(manager.id)
    assert answer.json["roles"] == roles
    assert api.bearing(answer.json["token"]).json["roles"] == roles


def test_a_wrong_password_and_an_unknown_name_are_refused_alike(api, sign_in, name):
    api.request_id = "one-and-the-same"

    wrong, unknown = sign_in(name, "wrong"), sign_in("nobody", PASSWORD)

    assert refusal(wrong) == (401, "password_refused")
    assert wrong.data == unknown.data
    assert str(wrong.headers) == str(unknown.headers)


def test_a_wrong_password_leaves_a_line_in_the_log_and_nothing_else(world, sign_in, name):
    with world.changes() as changed:
        sign_in(name, "wrong")

    assert changed == {"miss": 1}


def test_five_wrong_passwords_lock_the_name_for_a_quarter_of_an_hour(sign_in, name, hands):
    for _ in range(5):
        sign_in(name, "wrong")
        hands.move(seconds=10)

    locked = sign_in(name)
    hands.move(seconds=int(locked.headers["Retry-After"]))
    afterwards = sign_in(name)

    assert refusal(locked) == (429, "too_many_misses")
    assert afterwards.status_code == 201


def test_the_page_of_a_locked_name_says_when_to_come_back(world, api, sign_in, name):
    for _ in range(5):
        sign_in(name, "wrong")

    page = Browser(world, api).submit(
        "/staff/login", shown_on="/staff/login", username=name, password=PASSWORD
    )

    assert page.status_code == 429
    assert page.headers["Retry-After"] == str(15 * 60 + 1)
    assert "分钟后再试" in page.text


def test_an_unknown_name_is_locked_like_a_known_one(api, sign_in, name):
    api.request_id = "one-and-the-same"
    stranger = f"nobody-{uuid4().hex}"

    for _ in range(5):
        assert sign_in(name, "wrong").data == sign_in(stranger, "wrong").data

    known, unknown = sign_in(name, "wrong"), sign_in(stranger, "wrong")
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)


def test_a_locked_name_locks_nobody_else(world, sign_in, name):
    colleague = world.employ(world.staff("shop_manager"), password=PASSWORD)
    for _ in range(5):
        sign_in(name, "wrong")

    assert sign_in(colleague).status_code == 201


def test_a_staff_session_ends_after_half_an_hour_of_silence(api, sign_in, name, hands):
    token = sign_in(name).json["token"]
    hands.move(minutes=29)
    assert api.bearing(token).status_code == 200
    hands.move(minutes=30)

    assert refusal(api.bearing(token)) == (401, "session_ended")


def test_a_staff_session_ends_after_twelve_hours_whatever_happens(api, sign_in, name, hands):
    token = sign_in(name).json["token"]
    for _ in range(28):
        hands.move(minutes=25)
        assert api.bearing(token).status_code == 200
    hands.move(minutes=20)

    assert refusal(api.bearing(token)) == (401, "session_ended")


def test_a_role_taken_away_is_gone_at_the_next_call(api, world, sign_in, manager, name):
    token = sign_in(name).json["token"]
    world.end_roles(manager)

    answer = api.bearing(token, f"/shops/{world.shop().id}/redemptions", method="POST")

    assert api.bearing(token).json["roles"] == []
    assert refusal(answer) == (403, "staff_only")


def test_a_role_begins_on_its_day_and_not_before(api, world, hands):
    lin = world.person()
    world.grant(lin, "station_manager", days_from_now=1)
    path = f"/stations/{world.station().id}/code"

    assert refusal(api.get(path, as_=lin)) == (403, "staff_only")
    hands.move(days=1)
    assert api.get(path, as_=lin).status_code == 200


def test_a_member_of_staff_on_their_phone_is_a_resident(api, world, phone, manager):
    token = api.post(
        "/sessions", platform="wechat", appid=world.appid, code=phone(world.openid_of(manager))
    ).json["token"]

    answer = api.bearing(token, f"/shops/{world.shop().id}/redemptions", method="POST")

    assert api.bearing(token).json["roles"] == []
    assert refusal(answer) == (403, "staff_only")


@pytest.mark.parametrize(("at", "status"), [("city", 200), ("East Street", 200), ("Mingde", 200)])
def test_a_role_reaches_down_its_subtree(api, world, at, status):
    station = world.station()
    manager = world.staff("station_manager", at=at)

    assert api.get(f"/stations/{station.id}/code", as_=manager).status_code == status


def test_a_role_reaches_neither_up_nor_sideways(api, world):
    world.unit("street", "West Street", under="city")
    wenhua = world.unit("community", "Wenhua", under="West Street")
    manager = world.staff("station_manager", at="Mingde")

    answer = api.get(f"/stations/{world.station(community_id=wenhua).id}/code", as_=manager)

    assert refusal(answer) == (404, "station_unknown")


def test_staff_of_another_city_see_nothing_here(api, world, new_world):
    other = new_world()
    stranger = other.staff("community_secretary", at="city")
    other_api = type(api)(other)

    answers = [
        other_api.get(f"/stations/{world.station().id}/code", as_=stranger),
        other_api.get(f"/activities/{world.activity().id}/venue-code", as_=stranger),
        other_api.get(f"/shops/{world.shop().id}/items", as_=stranger),
    ]

    assert [refusal(answer)[0] for answer in answers] == [404, 404, 404]


@pytest.mark.parametrize(
    "target",
    ["//evil.cn", "/\\evil.cn", "/\t\\evil.cn", "/\r\n/evil.cn", "https://evil.cn", "//[", "me"],
)
def test_after_signing_in_nobody_is_sent_to_another_site(world, api, name, target):
    browser = Browser(world, api)
    page = browser.get("/staff/login", next=target)

    signed_in = browser.submit(
        "/staff/login", shown_on="/staff/login", username=name, password=PASSWORD, next=target
    )

    assert "evil" not in page.text
    assert (signed_in.status_code, signed_in.location) == (303, "/staff")


def test_after_signing_in_one_is_back_where_one_was(world, api, name):
    browser = Browser(world, api)

    signed_in = browser.submit(
        "/staff/login",
        shown_on="/staff/login",
        username=name,
        password=PASSWORD,
        next="/counter?from=desk",
    )

    assert signed_in.location == "/counter?from=desk"


def test_ten_wrong_passwords_at_once_are_five_tries(name, crowd):
    wrong = {"username": name, "password": "wrong"}
    answers = crowd.at_once([lambda client: client.post("/staff-sessions", **wrong)] * 10)

    assert sorted(answer.status_code for answer in answers) == [401] * 5 + [429] * 5


def test_a_second_factor_nobody_has_is_not_ignored(api, name):
    answer = api.post("/staff-sessions", username=name, password=PASSWORD, otp="123456")

    assert refusal(answer) == (422, "otp_unexpected")
