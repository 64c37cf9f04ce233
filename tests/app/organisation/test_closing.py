"""撤销: a unit that is empty is closed, takes up nothing new, and can be opened again."""

import pytest
import sqlalchemy as sa

from app.identity.models import Person
from tests.app.organisation.conftest import make_member
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.crowd import outcomes
from tests.support.hands import NOON
from tests.support.refusals import refusal

TODAY = NOON.date().isoformat()


@pytest.fixture
def officer(world):
    return world.staff("city_officer", at="city", name="程部长")


@pytest.fixture
def empty(world):
    """A community in which nobody lives and nothing is done."""
    return world.unit("community", "Wenhua", under="East Street")


@pytest.fixture
def close(api, world, officer):
    def close(name, *, reason="与东街合并", as_=officer, to="closing"):
        return api.put(f"/org-units/{world.units[name]}/{to}", as_=as_, reason=reason)

    return close


def audited(world, action):
    query = "SELECT changed, reason, actor_id FROM audit_entry WHERE action = :action"
    with world.own() as session:
        return session.execute(sa.text(query), {"action": action}).all()


def test_an_empty_unit_is_closed_and_opened_again_and_both_are_written_down(
    world, api, officer, empty, close
):
    closed, again = close("Wenhua"), close("Wenhua")
    listed = api.get("/org-units", as_=officer, under=str(world.units["East Street"])).json["items"]
    opened, open_ = (
        close("Wenhua", to="reopening", reason="没有合并成"),
        close("Wenhua", to="reopening"),
    )

    assert closed.json["unit"]["closed_on"] == TODAY
    assert refusal(again) == (409, "unit_closed_already")
    assert {one["name"]: one["closed_on"] for one in listed} == {"Mingde": None, "Wenhua": TODAY}
    assert (opened.status_code, opened.json["unit"]["closed_on"]) == (200, None)
    assert refusal(open_) == (409, "unit_open")
    [ended], [begun] = audited(world, "unit.close"), audited(world, "unit.reopen")
    assert (ended.changed, ended.reason) == ({"closed_on": ["", TODAY]}, "与东街合并")
    assert (begun.changed, begun.reason) == ({"closed_on": [TODAY, ""]}, "没有合并成")
    assert begun.actor_id == officer.id
    assert world.violations() == []


def _child(world):
    world.unit("grid", "Grid 9", under="Wenhua")


def _person(world):
    _moved(world, world.person())


def _grant(world):
    world.staff("grid_worker", at="Wenhua")


def _moved(world, person):
    with world.own() as session:
        theirs = sa.update(Person).where(Person.id == person.id)
        session.execute(theirs.values(community_id=world.units["Wenhua"]))


def _activity(world):
    world.activity(title="义诊", community_id=world.units["Wenhua"])


def _shop(world):
    world.item(world.shop(community="Wenhua"))


def _station(world):
    world.station(community_id=world.units["Wenhua"])


def _newcomers(world):
    with world.own() as session:
        session.execute(
            sa.text("UPDATE super_app SET landing_community_id = :unit WHERE appid = :appid"),
            {"unit": world.units["Wenhua"], "appid": world.appid},
        )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (_child, "下面还有“Grid 9”，请先撤销或调走"),
        (_person, "还有居民记在这里"),
        (_grant, "还有岗位授权没有结束"),
        (_newcomers, "小程序的新用户落在这里"),
        (_activity, "活动“义诊”还没有办完"),
        (_station, "还开着，请先停用"),
        (_shop, "还有存货"),
    ],
)
def test_what_is_not_empty_stays_open_and_says_what_to_do_first(
    world, empty, close, given, sentence
):
    given(world)

    with world.changes() as changed:
        refused = close("Wenhua")

    assert refusal(refused) == (409, "unit_occupied")
    assert sentence in refused.json["detail"]
    assert changed == {}


def test_who_registered_keeps_a_community_open_until_that_is_over(world, api, empty, close):
    member = make_member(world, "王立新")
    asked = api.post("/me/registrations", as_=member, community_id=str(world.units["Wenhua"]))

    refused = close("Wenhua")
    secretary = world.staff("community_secretary", at="East Street")
    number = asked.json["registration"]["id"]
    api.post(
        f"/registrations/{number}/decision", as_=secretary, decision="refuse", reason="要撤销了"
    )

    assert refusal(refused) == (409, "unit_occupied")
    assert "还有报到没有结束" in refused.json["detail"]
    assert close("Wenhua").status_code == 200


def test_the_top_a_foreign_unit_and_a_closing_without_reason_are_refused(
    world, empty, close, officer
):
    elsewhere = world.staff("community_secretary")
    world.units["nowhere"] = NOWHERE

    with world.changes() as changed:
        refused = [
            close("city"),
            close("Wenhua", as_=elsewhere),
            close("nowhere", as_=elsewhere),
            close("Wenhua", reason="  "),
        ]

    assert [refusal(one) for one in refused] == [
        (409, "unit_on_top"),
        (404, "unit_unknown"),
        (404, "unit_unknown"),
        (422, "invalid"),
    ]
    assert changed == {}


def test_a_closed_unit_takes_up_nothing_and_is_no_choice(world, api, empty, close, officer):
    world.unit("street", "West Street", under="city")
    member, lin = make_member(world, "王立新"), world.staff("community_secretary", at="East Street")
    guard = world.staff("security_admin", at="city")
    close("Wenhua")
    wenhua = str(world.units["Wenhua"])
    start = f"{NOON:%Y-%m-%d}"
    grant = {"role": "grid_worker", "valid_from": start, "valid_to": "2027-01-01", "reason": "换届"}

    with world.changes() as changed:
        refused = [
            api.post("/org-units", as_=officer, parent_id=wenhua, kind="grid", name="一格"),
            api.post(
                f"/org-units/{wenhua}/placements",
                as_=officer,
                parent_id=str(world.units["West Street"]),
                on=TODAY,
                reason="调整",
            ),
            api.post("/me/registrations", as_=member, community_id=wenhua),
            api.post(
                "/stationed-units", as_=lin, community_id=wenhua, name="供电所", nature="organ"
            ),
        ]
    given = api.post(
        "/role-grants", as_=guard, person_id=str(member.id), org_unit_id=wenhua, **grant
    )

    assert {refusal(one) for one in (*refused, given)} == {(409, "unit_closed")}
    assert changed == {}
    assert "Wenhua" not in Browser(world, api, member).get("/registration").text
    assert "Wenhua" not in Browser(world, api, guard).get("/staff/grants/new").text
    assert world.violations() == []


def test_under_a_closed_unit_nothing_is_opened_again(world, empty, close):
    world.unit("grid", "Grid 9", under="Wenhua")
    close("Grid 9")
    close("Wenhua")

    with world.changes() as changed:
        refused = close("Grid 9", to="reopening")

    assert refusal(refused) == (409, "unit_closed")
    assert changed == {}


def test_a_community_is_closed_or_registered_with_but_never_both(
    world, api, crowd, empty, close, officer
):
    wenhua = world.units["Wenhua"]
    members = [make_member(world, name) for name in ("甲某", "乙某", "丙某")]
    crowd.sign_in(officer, *members)

    def register(member):
        return lambda client: client.post("/me/registrations", as_=member, community_id=str(wenhua))

    def shut(client):
        return client.put(f"/org-units/{wenhua}/closing", as_=officer, reason="合并")

    for _ in range(3):
        closed, *asked = crowd.at_once([shut, *(register(one) for one in members)])
        came = outcomes(asked)
        if closed.status_code == 200:
            assert came == {"unit_closed": 3}
        else:
            assert refusal(closed) == (409, "unit_occupied")
            assert came["created"] > 0
        with world.own() as session:
            session.execute(sa.text("DELETE FROM registration"))
            session.execute(sa.text("UPDATE org_unit SET closed_on = NULL, closed_for = ''"))


def test_on_the_page_a_unit_is_closed_says_so_and_is_opened_again(world, api, empty, officer):
    desk, home = Browser(world, api, officer), f"/staff/organisation/{world.units['Wenhua']}"
    street = f"/staff/organisation/{world.units['East Street']}"

    closed = desk.submit(f"{home}/closing", shown_on=home, reason="与东街合并")
    page, above = desk.get(home).text, desk.get(street).text
    opened = desk.submit(f"{home}/reopening", shown_on=home, reason="没有合并成")
    world.unit("grid", "Grid 9", under="Wenhua")
    refused = desk.submit(f"{home}/closing", shown_on=home, reason="再试")

    assert (closed.status_code, opened.status_code, refused.status_code) == (303, 303, 409)
    assert f"从 {TODAY} 起已撤销：与东街合并" in page
    assert "设立下级组织" not in page
    assert "已撤销" in above
    assert "请先撤销或调走" in refused.text
