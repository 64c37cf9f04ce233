"""A number somebody typed: it waits for staff, who find out whose it is."""

import pytest
import sqlalchemy as sa

from app.commands import tidy
from app.core.db import acting_as
from app.identity.fields import Field
from tests.app.phones.conftest import LIN, NUMBER, OTHER, acts, claim_path, proofs
from tests.support.browser import Browser
from tests.support.refusals import refusal

_STATES = sa.text("SELECT state, number_sealed, name_sealed FROM phone_claim WHERE tenant_id = :t")


@pytest.fixture
def typed(api):
    """Somebody types their number and name."""

    def typed(person, number=NUMBER, name=LIN, client=None):
        return (client or api).post("/me/phone", as_=person, number=number, name=name)

    return typed


def test_a_typed_number_waits_until_the_clerk_has_checked_it(world, api, lin, typed, check, clerk):
    waiting = typed(lin)
    assert (waiting.json["number"], waiting.json["claim"]["masked"]) == (None, "138****5678")
    assert not world.holds_text(NUMBER)
    assert "138****5678" in clerk.get("/staff/phones").text

    opened = clerk.get(claim_path(world))
    assert check().status_code == 303

    assert "138 1234 5678" in opened.text
    after = api.get("/me/phone", as_=lin).json
    assert (after["number"]["verified_how"], after["claim"]) == ("in_person", None)
    assert after["cooling_until"] is None
    assert api.get("/me", as_=lin).json["full_name"] == LIN
    (message,) = api.get("/me/messages", as_=lin).json["items"]
    assert "138****5678" in message["text"]
    assert len(acts(world, "phone_claim.read")) == 2  # opened twice, and each time written down
    (entry,) = acts(world, "phone.prove")
    assert entry.role == "community_clerk"
    assert clerk.get(claim_path(world)).status_code == 404


def test_a_refused_one_is_told_with_the_reason_and_forgotten(world, api, lin, typed, check):
    typed(lin)

    assert check("refuse", reason="接电话的不是本人").status_code == 303

    assert api.get("/me/phone", as_=lin).json["number"] is None
    (message,) = api.get("/me/messages", as_=lin).json["items"]
    assert "接电话的不是本人" in message["text"]
    assert [entry.reason for entry in acts(world, "phone_claim.refuse")] == ["接电话的不是本人"]
    assert proofs(world) == set()


def test_one_waits_at_a_time_and_can_be_taken_back(world, api, lin, typed):
    typed(lin)
    with world.changes() as changed:
        same = typed(lin, f"+86 {NUMBER}")
        other = typed(lin, OTHER)
    assert (same.status_code, refusal(other)) == (200, (409, "phone_claim_open"))
    assert changed == {}

    assert api.delete("/me/phone/claim", as_=lin).status_code == 204
    assert refusal(api.delete("/me/phone/claim", as_=lin)) == (404, "phone_claim_unknown")
    assert typed(lin, OTHER).json["claim"]["masked"] == "139****4321"


def test_ten_tries_at_once_wait_as_one(world, lin, typed, crowd):
    crowd.sign_in(lin)

    answers = crowd.at_once([lambda client: typed(lin, client=client)] * 10)

    assert {answer.status_code for answer in answers} == {200}
    assert world.row_counts()["phone_claim"] == 1


def test_what_nobody_checked_in_a_month_is_let_go_of(app, world, api, lin, typed, hands, settings):
    typed(lin)
    path = claim_path(world)
    hands.move(days=30)

    with app.app_context(), acting_as("worker", settings.worker_database_url):
        tidy([world.tenant])

    assert api.get("/me/phone", as_=lin).json["claim"] is None
    assert path
    with world.work() as session:
        states = session.execute(_STATES, {"t": world.tenant_id}).all()
    assert [tuple(state) for state in states] == [("lapsed", None, None)]
    assert typed(lin).status_code == 200


def test_nobody_checks_their_own_nor_out_of_reach(world, api, lin, typed, check):
    typed(lin)
    world.unit("community", "Wenhua", under="East Street")
    far = Browser(world, api, world.staff("community_clerk", at="Wenhua", name="远社工"))
    assert far.get(claim_path(world)).status_code == 404
    assert NUMBER[-4:] not in far.get("/staff/phones").text

    secretary = world.staff("community_secretary", name="方书记")
    api.delete("/me/phone/claim", as_=lin)
    own = Browser(world, api, secretary)
    own.submit("/me/phone", shown_on="/me/phone", number=OTHER, name="方书记")
    with world.changes() as changed:
        refused = check(by=own)
    assert refused.status_code == 403
    assert "phone_claim" not in changed


def test_a_reason_and_a_result_are_needed(world, lin, typed, check):
    typed(lin)

    assert check(reason="").status_code == 422
    assert check("whatever").status_code == 422
    assert proofs(world) == set()


def test_who_was_proved_to_have_it_keeps_it(world, lin, typed, check, press):
    wang = world.person("王建国")
    press(wang)
    typed(lin)

    refused = check("call")

    assert refused.status_code == 409
    assert "服务台" in refused.text
    assert proofs(world) == {(wang.id, "wechat")}


def test_a_landline_of_the_family_is_hers_too_once_it_was_checked(world, lin, typed, check):
    world.rostered("林父", NUMBER)

    typed(lin)
    check("call")

    assert proofs(world) == {(lin.id, "call")}


def test_a_newcomer_who_shows_her_card_is_the_person_on_file(world, api, typed, check, phone):
    known, newcomer = world.rostered(LIN, NUMBER), world.person("新居民")
    typed(newcomer)

    assert check().status_code == 303

    assert proofs(world) == {(known.id, "in_person")}
    wechat = {"platform": "wechat", "appid": world.appid}
    code = phone(world.openid_of(newcomer))
    assert api.post("/sessions", **wechat, code=code).json["member"]["id"] == str(known.id)


def test_the_desk_lets_her_redeem_before_the_day_is_over(world, api, lin, press, clerk):
    world.know(lin, {Field.NAME: LIN, Field.PHONE: OTHER})
    press(lin)
    assert refusal(api.post("/me/redeem-codes", as_=lin)) == (409, "phone_cooling_down")
    assert "林*" in clerk.get("/staff/phones").text

    path = f"/staff/phones/cooling/{lin.id}"
    without = clerk.submit(path, shown_on="/staff/phones", reason="")
    ended = clerk.submit(path, shown_on="/staff/phones", reason="看了身份证")
    again = clerk.submit(path, shown_on="/staff/phones", reason="看了身份证")

    assert (without.status_code, ended.status_code, again.status_code) == (422, 303, 404)
    assert api.post("/me/redeem-codes", as_=lin).status_code == 201
    assert [entry.reason for entry in acts(world, "phone.end_cooling")] == ["看了身份证"]


def test_whoever_is_forgotten_waits_for_nothing(world, api, lin, typed):
    typed(lin)
    assert "138" in api.get("/me/data", as_=lin).get_data(as_text=True)

    code = api.post("/me/erasure", as_=lin).json["confirmation"]
    assert api.post("/me/erasure", as_=lin, confirmation=code).status_code == 200

    with world.work() as session:
        states = session.execute(_STATES, {"t": world.tenant_id}).all()
    assert [tuple(state) for state in states] == [("withdrawn", None, None)]


def test_the_page_shows_and_takes_a_number(world, lin, api):
    browser = Browser(world, api, lin)

    wrong = browser.submit("/me/phone", shown_on="/me/phone", number="12", name=LIN)
    right = browser.submit("/me/phone", shown_on="/me/phone", number=NUMBER, name=LIN)
    page = browser.get("/me/phone").text
    back = browser.submit("/me/phone/withdraw", shown_on="/me/phone")

    assert (wrong.status_code, right.status_code, back.status_code) == (422, 303, 303)
    assert "等社区核对" in page
    assert "等社区核对" not in browser.get("/me/phone").text
    assert browser.submit("/me/phone/demo", shown_on="/me/phone", number=NUMBER).status_code == 404
