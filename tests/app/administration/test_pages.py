"""The pages on which roles are given, approved and ended."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.identity.fields import Field
from app.identity.models import Person, RoleGrant
from app.identity.ranks import ROLE_LABELS
from tests.support.browser import Browser

GRANTS, NEW = "/staff/grants", "/staff/grants/new"


@pytest.fixture
def secadmin(world):
    return world.staff("security_admin", at="city", name="岳安全")


@pytest.fixture
def second(world):
    return world.staff("security_admin", at="city", name="程安全")


@pytest.fixture
def fields(world, lin):
    today = world.now().date()
    return {
        "person_id": lin.id,
        "role": "auditor",
        "org_unit_id": world.units["city"],
        "valid_from": today,
        "valid_to": today + timedelta(days=365),
        "reason": "年度审计",
    }


def state_of(world, person):
    with world.own() as session:
        return session.scalars(sa.select(RoleGrant.state).filter_by(person_id=person.id)).all()


def test_a_role_of_the_city_is_proposed_on_one_page_and_approved_on_another(
    world, api, lin, secadmin, second, fields
):
    proposer, approver = Browser(world, api, secadmin), Browser(world, api, second)

    proposed = proposer.submit(GRANTS, shown_on=NEW, **fields)
    told = proposer.get(GRANTS).text
    seen = approver.get(GRANTS, state="proposed").text
    grant = re.search(rf"{GRANTS}/([0-9a-f-]+)/approve", seen).group(1)
    approved = approver.submit(f"{GRANTS}/{grant}/approve", shown_on=GRANTS)

    assert (proposed.status_code, proposed.location) == (303, GRANTS)
    assert ("待复核" in told, "/approve" in told) == (True, False)
    assert ROLE_LABELS["auditor"] in seen
    assert approved.status_code == 303
    assert state_of(world, lin) == ["active"]
    assert "程安全复核" in approver.get(GRANTS).text


def test_what_is_refused_is_said_where_it_can_be_mended(world, api, secadmin, fields):
    browser = Browser(world, api, secadmin)

    above = browser.submit(GRANTS, shown_on=NEW, **{**fields, "role": "platform_operator"})
    empty = browser.submit(GRANTS, shown_on=NEW, **{**fields, "valid_to": ""})

    assert (above.status_code, "高于您的岗位" in above.text) == (403, True)
    assert (empty.status_code, "没有填写" in empty.text) == (422, True)


def test_a_role_is_ended_for_a_reason(world, api, lin, secadmin, fields):
    browser = Browser(world, api, secadmin)
    browser.submit(GRANTS, shown_on=NEW, **{**fields, "role": "grid_worker"})
    grant = re.findall(rf"{GRANTS}/([0-9a-f-]+)/end", browser.get(GRANTS).text)[0]

    without = browser.submit(f"{GRANTS}/{grant}/end", shown_on=GRANTS, reason=" ")
    ended = browser.submit(f"{GRANTS}/{grant}/end", shown_on=GRANTS, reason="离任")

    assert (without.status_code, ended.status_code) == (422, 303)
    assert state_of(world, lin) == ["ended"]


@pytest.mark.parametrize("text", ["林小燕", "138 0000 0001", "0001", "LX0042"])
def test_who_gets_a_role_is_found_as_people_are_and_in_ones_own_subtree_only(world, api, text):
    world.unit("street", "West Street", under="city")
    world.unit("community", "Wenhua", under="West Street")
    near, far = world.person("林小燕"), world.person("林小燕", community="Wenhua")
    for person, tail in ((near, "0001"), (far, "10001")):
        world.know(person, {Field.NAME: "林小燕", Field.PHONE: f"1380000{tail[-4:]}"})
    with world.own() as session:
        theirs = sa.update(Person).where(Person.id == near.id)
        session.execute(theirs.values(card_no="LX0042"))
    browser = Browser(world, api, world.staff("community_secretary"))

    found = browser.submit(NEW, shown_on=NEW, q=text)
    half = browser.submit(NEW, shown_on=NEW, q="林")

    assert (str(near.id) in found.text, str(far.id) in found.text) == (True, False)
    assert "林小燕" not in found.text.replace('value="林小燕"', "")
    assert (str(near.id) in half.text, "没有找到这个人" in half.text) == (False, True)
    assert str(near.id) not in browser.get(NEW, q=text).text  # an address finds nobody


def test_a_secretary_is_offered_no_role_above_and_no_place_beside(world, api, lin):
    world.unit("street", "West Street", under="city")
    browser = Browser(world, api, world.staff("community_secretary"))

    page = browser.submit(NEW, shown_on=NEW, q=lin.display_name).text

    assert 'value="grid_worker"' in page
    assert 'value="street_officer"' not in page
    assert ("Mingde" in page, "West Street" in page) == (True, False)


def test_who_holds_what_is_not_one_persons_is_named_to_those_who_may_end_it(world, api):
    clerk, seller = world.staff("merchant", name="周师傅"), world.staff("shop_manager")
    world.staff("supervisor", name="程监督")  # and nothing else
    world.grant(clerk, "shop_manager", at="Mingde", days_from_now=-1)
    world.grant(seller, "grid_worker", at="Mingde", days_from_now=-1)
    world.unit("community", "Next door", under="East Street")
    officer = Browser(world, api, world.staff("city_officer", at="city"))
    elsewhere = Browser(world, api, world.staff("community_secretary", at="Next door"))
    reader = Browser(world, api, world.staff("auditor", at="city"))

    page = officer.get(GRANTS).text

    assert "不能由一个人兼任：周师傅（兑付商户、爱心超市店长）。" in page
    assert "不能由一个人兼任" not in elsewhere.get(GRANTS).text
    assert "周师傅" in reader.get(GRANTS).text
    assert "不能由一个人兼任" not in reader.get(GRANTS).text

    with world.own() as session:
        theirs = sa.update(RoleGrant).where(RoleGrant.person_id == clerk.id)
        ended = {"state": "ended", "ended_at": world.now()}
        session.execute(theirs.where(RoleGrant.role == "shop_manager").values(**ended))
    assert "不能由一个人兼任" not in officer.get(GRANTS).text
