"""A number that WeChat vouches for: bound, changed, somebody else's, or a newcomer's way home."""

import pytest

from app.identity.fields import Field
from tests.app.phones.conftest import LIN, NUMBER, OTHER, acts, proofs
from tests.support.refusals import refusal

API = "/wxa/business/getuserphonenumber"


def test_a_number_that_wechat_vouches_for_is_bound_at_once(world, api, lin, press):
    bound = press(lin)

    assert bound.status_code == 200
    assert bound.json["number"]["masked"] == "138****5678"
    assert bound.json["number"]["verified_how"] == "wechat"
    assert (bound.json["cooling_until"], bound.json["session"]) == (None, None)
    assert proofs(world) == {(lin.id, "wechat")}
    assert api.get("/me/phone", as_=lin).json["number"] == bound.json["number"]
    assert [entry.result for entry in acts(world, "phone.prove")] == ["done"]


def test_the_same_number_again_changes_nothing(world, lin, press, hands):
    press(lin)
    hands.move(hours=1)

    with world.changes() as changed:
        assert press(lin).status_code == 200

    assert changed == {}


def test_another_number_makes_her_wait_a_day_at_the_counter(world, api, lin, press, counter, hands):
    world.give(lin, 40)
    press(lin)
    code = counter.code(lin)
    assert press(lin, OTHER).json["cooling_until"] == "2026-03-03T04:00:00+00:00"

    sold = counter.redeem(code)
    issued = api.post("/me/redeem-codes", as_=lin)
    hands.move(hours=24)
    later = counter.redeem(counter.code(lin))

    assert refusal(sold) == refusal(issued) == (409, "phone_cooling_down")
    assert "3月3日 12:00" in issued.json["detail"]
    assert "服务台" in issued.json["detail"]
    assert later.status_code == 201
    assert world.points_of(lin) == 24


def test_a_number_of_somebody_else_is_refused_and_nobody_learns_whose(world, api, lin, press):
    wang = world.rostered("王建国", NUMBER)
    many = [world.rostered("赵芳", OTHER), world.rostered("赵明", OTHER)]
    taken = world.person("孙丽")
    assert press(taken, "13700000000").status_code == 200

    with world.changes() as changed:
        refused = [press(lin, number, name="林晓梅") for number in (NUMBER, OTHER, "13700000000")]

    assert {refusal(one) for one in refused} == {(409, "phone_at_desk")}
    assert len({one.json["detail"] for one in refused}) == 1
    assert changed.keys() == {"audit_entry", "audit_head", "miss"}
    assert proofs(world) == {(taken.id, "wechat")}
    assert [entry.result for entry in acts(world, "phone.prove")].count("phone_at_desk") == 3
    assert {wang.id, *(one.id for one in many)}.isdisjoint({lin.id})


def test_a_number_a_family_shares_is_the_first_ones_who_proves_it(world, press):
    mother, daughter = world.person("赵芳"), world.person("赵小芳")
    for person in (mother, daughter):
        name = "赵芳" if person is mother else "赵小芳"
        world.know(person, {Field.NAME: name, Field.PHONE: NUMBER})

    assert press(mother).status_code == 200
    assert refusal(press(daughter)) == (409, "phone_at_desk")
    assert proofs(world) == {(mother.id, "wechat")}


def test_two_who_prove_one_number_at_once_are_not_both_believed(world, press, phone, crowd, lin):
    people = [lin, world.person("王建国"), world.person("赵芳")]
    crowd.sign_in(*people)
    codes = [phone.press(world.openid_of(one), NUMBER) for one in people]

    def deed(person, code):
        return lambda client: press(person, client=client, code=code)

    answers = crowd.at_once([deed(*one) for one in zip(people, codes, strict=True)])

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409]
    assert len(proofs(world)) == 1


@pytest.mark.parametrize("name", [LIN, f" {LIN} "])
def test_a_newcomer_whom_the_community_knows_is_that_person(world, api, press, name):
    known = world.rostered(LIN, NUMBER)
    world.give(known, 20)
    newcomer = world.person("新居民")

    bound = press(newcomer, name=name)

    assert bound.status_code == 200
    token = bound.json["session"]["token"]
    me = api.bearing(token).json
    assert (me["id"], me["full_name"]) == (str(known.id), LIN)
    assert refusal(api.get("/me", as_=newcomer)) == (401, "session_ended")
    assert proofs(world) == {(known.id, "wechat")}
    assert bound.json["cooling_until"] is not None
    cooled = api.sending(token, "/me/redeem-codes")
    assert refusal(cooled) == (409, "phone_cooling_down")
    assert {entry.subject_id for entry in acts(world, "person.join")} == {known.id, newcomer.id}
    assert world.violations() == []


def test_she_signs_in_as_that_person_from_then_on(world, api, phone, press):
    known, newcomer = world.rostered(LIN, NUMBER), world.person("新居民")
    press(newcomer, name=LIN)

    openid = world.openid_of(newcomer)
    wechat = {"platform": "wechat", "appid": world.appid, "code": phone(openid)}
    started = api.post("/sessions", **wechat)

    assert started.json["member"]["id"] == str(known.id)


@pytest.mark.parametrize("why", ["no name", "another name", "a visit", "staff", "has wechat"])
def test_who_is_not_certainly_that_person_is_led_to_the_desk(world, api, press, why):
    known, newcomer = world.rostered(LIN, NUMBER), world.person("新居民")
    if why == "a visit":
        visited = api.post("/station-visits", as_=newcomer, code=world.code_of(world.station()))
        assert visited.status_code == 201
    if why == "staff":
        world.employ(known, password="a password of hers")
    if why == "has wechat":
        known = world.person(LIN)
        world.know(known, {Field.NAME: LIN, Field.PHONE: OTHER})
    number = OTHER if why == "has wechat" else NUMBER
    name = {"no name": None, "another name": "林晓兰"}.get(why, LIN)

    with world.changes() as changed:
        refused = press(newcomer, number, name=name)

    assert refusal(refused) == (409, "phone_at_desk")
    assert changed.keys() - {"miss"} == {"audit_entry", "audit_head"}
    assert proofs(world) == set()


def test_who_guesses_at_names_is_not_listened_to(world, press, hands):
    world.rostered(LIN, NUMBER)
    newcomer = world.person("新居民")
    guesses = [press(newcomer, name=f"林{number}") for number in range(5)]

    right_too_late = press(newcomer, name=LIN)
    hands.move(minutes=16)
    at_last = press(newcomer, name=LIN)

    assert {one.json["detail"] for one in guesses} == {right_too_late.json["detail"]}
    assert at_last.status_code == 200


def test_a_code_of_somebody_else_or_a_used_one_is_no_proof(world, lin, press, phone):
    somebody = world.person("王建国")
    code = phone.press(world.openid_of(lin), NUMBER)
    press(lin, code=code)

    with world.changes() as changed:
        again = press(lin, code=code)
        stolen = press(lin, OTHER, owner=somebody)
        login = press(lin, code=phone(world.openid_of(lin)))

    assert {refusal(one) for one in (again, stolen, login)} == {(409, "phone_code_refused")}
    assert changed == {}


@pytest.mark.parametrize(
    ("fault", "code", "said"),
    [
        ({"errcode": 45009}, (409, "phone_quota_used"), "手动填写"),
        ({"errcode": 45011}, (503, "phone_unavailable"), "过一会儿"),
        ({"errcode": 48001}, (503, "phone_unavailable"), "手动填写"),
    ],
)
def test_where_wechat_gives_no_number_there_is_another_way(
    world, lin, press, phone, fault, code, said
):
    phone.fault(API, **fault)

    with world.changes() as changed:
        refused = press(lin)

    assert refusal(refused) == code
    assert said in refused.json["detail"]
    assert changed.keys() <= {"wechat_token"}


def test_who_never_used_that_mini_program_has_nothing_to_prove_there(world, lin, api):
    body = {"platform": "wechat", "appid": "wx0000000000000000", "code": "0" * 32}

    assert refusal(api.post("/me/phone", as_=lin, **body)) == (404, "phone_account_unknown")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"number": NUMBER},
        {"code": "x"},
        {"number": NUMBER, "name": LIN, "code": "x"},
        {"number": "12", "name": LIN},
    ],
)
def test_a_body_is_one_of_two(lin, api, body):
    assert api.post("/me/phone", as_=lin, **body).status_code == 422


def test_a_sheet_does_not_replace_a_number_that_was_proved(world, api, lin, press):
    press(lin)

    world.know(lin, {Field.NAME: LIN, Field.PHONE: OTHER})

    assert api.get("/me/phone", as_=lin).json["number"]["masked"] == "138****5678"
