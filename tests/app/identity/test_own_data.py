"""Somebody's own data: what they may take away, and what is left when they want to be forgotten."""

import json
import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.activities.models import Enrolment
from app.core.audit.models import AuditEntry
from app.core.db import add
from app.households.models import Delegation, HouseholdMember
from app.identity import services, sessions
from app.identity.elsewhere import Known
from app.identity.fields import Field
from app.identity.models import Person, SessionRow, SuperAppIdentity
from app.ledger import services as ledger
from app.organisation.models import Registration
from app.wechat.models import WechatRight
from points_engine import Reservation
from points_engine.postgres import PostgresEngine
from tests.support.refusals import refusal

NAME, PHONE = "林晓梅", "13812345678"


@pytest.fixture
def lin(world):
    person = world.person(points=20)
    world.know(person, {Field.NAME: NAME, Field.PHONE: PHONE})
    return person


@pytest.fixture
def wang(world):
    person = world.person("王建国", points=8)
    world.know(person, {Field.NAME: "王建国", Field.PHONE: "13900001111"})
    return person


@pytest.fixture
def confirm(api):
    """The two steps of being forgotten; answers what the second one answers."""

    def confirm(person):
        asked = api.post("/me/erasure", as_=person)
        assert asked.json["state"] == "to_confirm"
        return api.post("/me/erasure", as_=person, confirmation=asked.json["confirmation"])

    return confirm


def acts(world, action):
    with world.work() as session:
        query = sa.select(AuditEntry).filter_by(action=action).order_by(AuditEntry.seq)
        return list(session.scalars(query))


def spend_a_morning(world, api, lin):
    """She comes to the station, gives two hours, and takes rice home."""
    activity, shop, manager = world.activity(), world.shop(), world.staff("shop_manager")
    rice = world.item(shop, points=16)
    api.post("/station-visits", as_=lin, code=world.code_of(world.station()))
    api.post(f"/activities/{activity.id}/enrolments", as_=lin)
    api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=world.venue_code(activity))
    sold = api.post(
        f"/shops/{shop.id}/redemptions",
        as_=manager,
        key="of-this-very-morning",
        redeem_code=api.post("/me/redeem-codes", as_=lin).json["code"],
        lines=[{"item_id": str(rice.id), "quantity": 1}],
    )
    assert sold.status_code == 201
    return activity


def test_everything_of_hers_is_handed_out(world, api, lin, wang):
    activity = spend_a_morning(world, api, lin)
    world.settle()

    kept = api.get("/me/data", as_=lin)

    assert kept.status_code == 200
    assert kept.json["person"] == {"name": NAME, "phone": f"+86{PHONE}"}
    parts = kept.json["kept"]
    assert parts["account"]["rows"][0]["id"] == str(lin.id)
    assert parts["accounts_elsewhere"]["rows"][0]["account"] == world.openid_of(lin)
    assert len(parts["sessions"]["rows"]) == 1
    assert len(parts["station_visits"]["rows"]) == 1
    assert [row["activity"] for row in parts["attendances"]["rows"]] == [activity.title]
    assert [row["activity"] for row in parts["enrolments"]["rows"]] == [activity.title]
    assert parts["redemptions"]["rows"][0]["goods"][0]["points"] == 16
    assert sum(row["amount"] for row in parts["passbook"]["rows"] if row["unit"] == "points") == 6
    assert all(part["why"] and part["until"] for part in parts.values())


def test_it_says_who_did_it_for_her_and_why(world, api, lin):
    keeper, activity = world.staff("community_secretary"), world.activity()
    body = {"person_id": str(lin.id), "reason": "手机没电了"}
    done = api.post(f"/activities/{activity.id}/staff-check-ins", as_=keeper, **body)
    assert done.status_code == 201, done.text

    (row,) = api.get("/me/data", as_=lin).json["kept"]["attendances"]["rows"]

    assert (row["in_by"], row["way_in"], row["note"]) == (str(keeper.id), "staff", "手机没电了")
    assert row["out_by"] is None


def test_nothing_of_anybody_else_is_in_it(world, api, lin, wang):
    spend_a_morning(world, api, lin)

    text = api.get("/me/data", as_=wang).get_data(as_text=True)

    for of_lin in (NAME, PHONE, str(lin.id), world.openid_of(lin)):
        assert of_lin not in text


def test_taking_it_away_is_written_down(world, api, lin):
    api.get("/me/data", as_=lin)

    (entry,) = acts(world, "person.export")
    assert (entry.actor_id, entry.subject_id, entry.result) == (lin.id, lin.id, "done")


def test_asking_changes_nothing(world, api, lin):
    api.get("/me", as_=lin)

    with world.changes() as changed:
        asked = api.post("/me/erasure", as_=lin)

    assert (asked.json["state"], asked.json["pending"]) == ("to_confirm", [])
    assert changed == {}


def test_who_is_forgotten_is_nobody_and_the_books_still_balance(world, api, lin, wang, confirm):
    api.post("/station-visits", as_=lin, code=world.code_of(world.station()))

    erased = confirm(lin)

    assert (erased.status_code, erased.json["state"]) == (200, "erased")
    for of_lin in (NAME, PHONE, world.openid_of(lin)):
        assert not world.holds_text(of_lin)
    with world.work() as session:
        owners = session.scalars(sa.select(SuperAppIdentity.person_id)).all()
        assert owners == [wang.id]
        person = session.get_one(Person, (world.tenant_id, lin.id))
        assert (person.display_name, person.erased_at) == ("已注销居民", world.now())
    world.settle()
    assert world.violations() == []
    assert world.facts_of(lin) == 11
    assert world.points_of(wang) == 8


def test_all_sessions_of_who_is_forgotten_are_over(world, api, lin, confirm):
    with world.work() as session:
        other = sessions.start(session, lin, staff=False, now=world.now()).token.text
    here = api.token(lin)

    confirm(lin)

    assert refusal(api.bearing(here)) == (401, "session_ended")
    assert refusal(api.bearing(other)) == (401, "session_ended")


def test_being_forgotten_is_written_down_without_a_name(world, api, lin, confirm):
    confirm(lin)

    (entry,) = acts(world, "person.erase")
    assert (entry.actor_id, entry.subject_id, entry.result) == (lin.id, lin.id, "done")
    assert entry.changed == {}


def test_who_is_forgotten_lives_nowhere_and_acts_for_nobody(world, api, lin, wang, confirm):
    world.household(lin, wang)
    body = {"acts": ["read"], "daily_limit": 0}
    given = api.post("/me/delegates", as_=lin, delegate_id=str(wang.id), **body)
    received = api.post("/me/delegates", as_=wang, delegate_id=str(lin.id), **body)
    assert (given.status_code, received.status_code) == (201, 201)

    confirm(lin)

    with world.work() as session:
        (member,) = session.scalars(sa.select(HouseholdMember).filter_by(person_id=lin.id))
        mandates = session.scalars(sa.select(Delegation)).all()
    assert member.to_day == world.now().date()
    assert len(mandates) == 2
    assert all(mandate.revoked_at == world.now() for mandate in mandates)


def test_who_is_forgotten_is_registered_nowhere_and_asks_for_nothing(
    world, api, lin, wang, confirm
):
    with world.own() as session:
        session.execute(sa.update(Person).values(kinds=["in_service_member"]))
    west = world.unit("community", "West", under="East Street")
    secretary = world.staff("community_secretary", name="方书记")
    for member in (lin, wang):
        asked = api.post("/me/registrations", as_=member, community_id=str(world.units["Mingde"]))
        path = f"/registrations/{asked.json['registration']['id']}/decision"
        assert api.post(path, as_=secretary, decision="accept", reason="").status_code == 200
    assert api.post("/me/registrations", as_=lin, community_id=str(west)).status_code == 201

    confirm(lin)

    with world.work() as session:
        query = sa.select(Registration.state, Registration.until, Registration.reason)
        hers = session.execute(query.where(Registration.person_id == lin.id)).all()
        his = session.execute(query.where(Registration.person_id == wang.id)).all()
    assert hers == [("closed", world.now().date(), "本人注销账户")] * 2
    assert [state for state, *_ in his] == ["accepted"]
    assert [entry.actor_id for entry in acts(world, "registration.close")] == [lin.id] * 2
    assert world.violations() == []


def test_who_is_forgotten_gives_her_place_to_whoever_waits(world, api, lin, wang, confirm, hands):
    starts = world.now() + timedelta(days=3)
    later = {"starts_at": starts, "ends_at": starts + timedelta(hours=2)}
    activity = world.activity(capacity=1, **later)
    for person in (lin, wang):
        enrolled = api.post(f"/activities/{activity.id}/enrolments", as_=person)
        assert enrolled.status_code == 201, enrolled.json

    confirm(lin)

    with world.work() as session:
        found = session.execute(sa.select(Enrolment.person_id, Enrolment.state)).all()
    assert dict(map(tuple, found)) == {lin.id: "left", wang.id: "offered"}
    assert world.violations() == []


def test_rights_to_send_her_messages_are_nobodys(world, lin, confirm):
    openid = world.openid_of(lin)
    blind = world.blind_of(openid)
    right = {"appid": world.appid, "subject_blind": blind, "template_id": "T1", "left_over": 1}
    with world.own() as session:
        add(session, WechatRight(**right, changed_at=world.now()))

    confirm(lin)

    with world.work() as session:
        assert session.scalars(sa.select(WechatRight)).all() == []


def test_who_comes_back_is_somebody_new(world, api, lin, confirm):
    openid = world.openid_of(lin)
    confirm(lin)
    known = Known(platform="wechat", appid=world.appid, subject=openid)

    with world.work() as session:
        started = services.start_resident_session(
            session,
            world.app.extensions["vault"],
            known=known,
            landing_community_id=world.units["Mingde"],
            now=world.now(),
        )

    assert started.person.id != lin.id
    assert world.points_of(started.person) == 0


@pytest.mark.parametrize("confirmation", ["", "1", "x.y", "9999999999.00", "٣.00", "1" * 13 + ".0"])
def test_without_the_confirmation_nobody_is_forgotten(world, api, lin, confirmation):
    api.get("/me", as_=lin)

    with world.changes() as changed:
        answer = api.post("/me/erasure", as_=lin, confirmation=confirmation or "0.0")

    assert refusal(answer) == (409, "erasure_unconfirmed")
    assert changed == {}


def test_a_confirmation_is_hers_alone_and_for_ten_minutes(world, api, lin, wang, hands):
    code = api.post("/me/erasure", as_=lin).json["confirmation"]

    of_another = api.post("/me/erasure", as_=wang, confirmation=code)
    hands.move(minutes=10)
    with world.work() as session:  # who has just proved again who she is
        theirs = sa.update(SessionRow).where(SessionRow.person_id == lin.id)
        session.execute(theirs.values(auth_time=hands()))
    too_late = api.post("/me/erasure", as_=lin, confirmation=code)

    assert refusal(of_another) == refusal(too_late) == (409, "erasure_unconfirmed")


def test_a_session_that_lay_about_is_not_enough(api, lin, hands):
    code = api.post("/me/erasure", as_=lin).json["confirmation"]
    hands.move(minutes=6)

    taken = api.get("/me/data", as_=lin)
    asked = api.post("/me/erasure", as_=lin)
    confirmed = api.post("/me/erasure", as_=lin, confirmation=code)

    for answer in (taken, asked, confirmed):
        assert refusal(answer) == (403, "step_up_required")


def reserve(world, lin):
    shop, manager = world.shop(), world.staff("shop_manager")
    kept = Reservation(
        payer_id=lin.id,
        shop_id=shop.id,
        community_id=world.units["Mingde"],
        occurred_on=world.now().date(),
        actor_id=manager.id,
        reason="预约 大米 1 袋",
        amount=2,
        reference="order:1",
        held_at=world.now(),
        expires_at=world.now() + timedelta(days=3),
    )
    with world.work() as session:
        PostgresEngine(session, world.tenant_id).hold(kept)
        assert ledger.list_holds(session, person_id=lin.id)


def show_a_code(world, api, lin):
    api.post("/me/redeem-codes", as_=lin)


def be_at_work(world, api, lin):
    activity = world.activity()
    api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=world.venue_code(activity))


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (lambda world, _api, lin: reserve(world, lin), "预订"),
        (show_a_code, "兑换码"),
        (be_at_work, "签退"),
        (lambda world, _api, lin: world.grant(lin, "station_manager"), "岗位"),
    ],
    ids=["a reservation", "a code", "an activity", "a role"],
)
def test_what_is_open_comes_to_its_end_first(world, api, lin, deed, said):
    code = api.post("/me/erasure", as_=lin).json["confirmation"]
    deed(world, api, lin)
    world.staff_ids.discard(lin.id)

    asked = api.post("/me/erasure", as_=lin)
    with world.changes() as changed:
        confirmed = api.post("/me/erasure", as_=lin, confirmation=code)

    assert (asked.json["state"], asked.json["confirmation"]) == ("pending", None)
    assert said in asked.json["pending"][0]
    assert refusal(confirmed) == (409, "erasure_pending")
    assert said in confirmed.json["detail"]
    assert changed.keys() == {"audit_entry", "audit_head"}
    assert [entry.result for entry in acts(world, "person.erase")] == ["erasure_pending"]


def test_two_who_confirm_at_once_forget_her_once(world, api, lin, crowd):
    crowd.sign_in(lin)
    code = api.post("/me/erasure", as_=lin).json["confirmation"]

    answers = crowd.at_once(
        [lambda client: client.post("/me/erasure", as_=lin, confirmation=code)] * 6
    )

    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401, 401, 401]
    assert len(acts(world, "person.erase")) == 1
    with world.work() as session:
        assert session.scalars(sa.select(SuperAppIdentity).filter_by(person_id=lin.id)).all() == []
    assert world.violations() == []


def test_the_page_tells_her_what_is_kept_and_why(world, browser, lin):
    world.know(lin, {Field.NAME: NAME, Field.PHONE: PHONE})

    page = browser.get("/me/data").get_data(as_text=True)

    assert NAME in page
    assert "138 1234 5678" in page
    for title in ("积分存折", "登录记录", "兑换物品的记录", "参加活动的签到与签退"):
        assert title in page


def test_the_file_is_all_of_it(world, browser, lin):
    answer = browser.get("/me/data/export")

    assert answer.headers["Content-Disposition"] == "attachment; filename=my-data.json"
    document = json.loads(answer.get_data(as_text=True))
    assert document["person"]["name"] == NAME
    assert "passbook" in document["kept"]


def test_she_is_forgotten_from_the_page_and_signed_out(world, browser, lin):
    page = browser.get("/me/erasure").get_data(as_text=True)
    code = re.search(r'name="confirmation" value="([^"]+)"', page).group(1)

    goodbye = browser.submit("/me/erasure", shown_on="/me/erasure", confirmation=code)

    assert "账户已经注销" in goodbye.get_data(as_text=True)
    assert not world.holds_text(PHONE)
    assert browser.get("/me").status_code == 302
