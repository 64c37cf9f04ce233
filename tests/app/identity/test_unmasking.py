"""A member of staff sees one datum in full: for a reason, within their reach, and written down."""

import pytest
import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from app.identity.fields import Field
from tests.support.browser import Browser

NUMBER = "11010519491231002X"


@pytest.fixture
def lin(world):
    person = world.person()
    world.know(person, {Field.NAME: "林晓梅", Field.PHONE: "13812345678", Field.ID_NUMBER: NUMBER})
    world.know(person, {Field.PARTY: "中共党员"})
    return person


@pytest.fixture
def secretary(world):
    return world.staff("community_secretary", name="方书记")


@pytest.fixture
def desk(world, api, secretary):
    return Browser(world, api, secretary)


def ask(desk, person, **fields):
    path = f"/staff/people/{person.id}/data"
    return desk.submit(path, shown_on="/staff", **fields)


def test_the_page_shows_what_there_is_and_nothing_in_full(desk, lin):
    page = desk.get(f"/staff/people/{lin.id}/data").text

    assert "138****5678" in page
    for whole in ("林晓梅", "13812345678", NUMBER, "中共党员"):
        assert whole not in page


def test_one_datum_is_shown_for_a_reason_and_written_down(world, desk, lin, secretary):
    page = ask(desk, lin, field="phone", reason="通知领取物品").text

    assert "138 1234 5678" in page
    assert NUMBER not in page
    with world.work() as session:
        query = sa.select(AuditEntry).filter_by(action="person.unmask")
        (entry,) = session.scalars(query)
    assert (entry.actor_id, entry.subject_id) == (secretary.id, lin.id)
    assert (entry.reason, entry.changed) == ("通知领取物品", {"field": ["", "phone"]})


def test_without_a_reason_it_stays_masked(world, desk, lin):
    with world.changes() as changed:
        answer = ask(desk, lin, field="phone", reason=" ")

    assert answer.status_code == 422
    assert "138 1234 5678" not in answer.text
    assert changed == {}


def test_somebody_elsewhere_is_nobody(world, api, lin):
    world.unit("community", "Next door", under="East Street")
    beside = Browser(world, api, world.staff("community_secretary", at="Next door"))
    nobody = world.units["city"]

    of_lin = beside.get(f"/staff/people/{lin.id}/data")
    of_nobody = beside.get(f"/staff/people/{nobody}/data")

    assert of_lin.status_code == of_nobody.status_code == 404
    assert ask(beside, lin, field="phone", reason="通知领取物品").status_code == 404


def test_a_session_that_lay_about_is_not_enough(desk, lin, hands):
    desk.get("/staff")
    hands.move(minutes=6)

    assert desk.get(f"/staff/people/{lin.id}/data").status_code == 403
