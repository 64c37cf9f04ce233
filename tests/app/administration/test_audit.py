"""The audit log is read by its auditors, within their subtrees, and written by none of them."""

from datetime import timedelta

import pytest

from app.core import audit
from app.core.audit import Actor
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.refusals import refusal


@pytest.fixture
def wrote(world):
    """Something that was done."""

    def wrote(action="person.unmask", *, at="Mingde", by=None, about=None, days=0):
        with world.work() as session:
            audit.record(
                session,
                actor=Actor(person_id=by and by.id),
                action=action,
                subject=("person", about and about.id),
                scope=at and world.units[at],
                at=world.now() + timedelta(days=days),
                reason="核对",
            )

    return wrote


@pytest.fixture
def auditor(world):
    return world.staff("auditor", at="city")


@pytest.fixture
def read(api, auditor):
    """The actions an auditor reads, the newest first."""

    def read(as_=auditor, **wanted):
        answer = api.get("/audit-entries", as_=as_, **wanted)
        assert answer.status_code == 200, answer.text
        return [one["action"] for one in answer.json["items"]]

    return read


def test_the_newest_comes_first_page_by_page(api, auditor, wrote):
    for number in range(5):
        wrote(f"thing.number_{chr(97 + number)}")

    first = api.get("/audit-entries", as_=auditor, limit=3).json
    rest = api.get("/audit-entries", as_=auditor, limit=3, cursor=first["next_cursor"]).json

    assert [one["seq"] for one in first["items"] + rest["items"]] == [5, 4, 3, 2, 1]
    assert rest["next_cursor"] is None


def test_it_is_asked_by_action_and_by_all_that_begin_alike(read, wrote):
    for action in ("role.grant", "role.end", "rolex", "person.unmask"):
        wrote(action)

    assert read(action="role.grant") == ["role.grant"]
    assert read(action="role") == ["role.end", "role.grant"]


def test_it_is_asked_by_who_did_it_and_to_whom(world, read, wrote):
    lin, wang = world.person(), world.person()
    wrote("a.by", by=lin)
    wrote("a.about", about=lin)
    wrote("a.another", by=wang, about=wang)

    assert read(person_id=lin.id) == ["a.about", "a.by"]
    assert read(person_id=NOWHERE) == []


def test_it_is_asked_by_days_both_counted(world, read, wrote):
    for days, action in ((-2, "a.old"), (-1, "a.yesterday"), (0, "a.today")):
        wrote(action, days=days)
    today = world.now().date()
    yesterday = today - timedelta(days=1)

    assert read(since=yesterday, until=yesterday) == ["a.yesterday"]
    assert read(since=yesterday) == ["a.today", "a.yesterday"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"action": "Role.Grant"},
        {"action": "x' OR 1=1"},
        {"person_id": "me"},
        {"since": "yesterday"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
        {"cursor": "x"},
        {"nobody": "knows"},
    ],
)
def test_a_question_that_is_none_is_refused(api, auditor, wanted):
    answer = api.get("/audit-entries", as_=auditor, **wanted)

    assert refusal(answer) == (422, "invalid")


def test_who_audits_a_street_reads_of_that_street_alone(world, read, wrote):
    world.unit("street", "West Street", under="city")
    for at in ("Mingde", "West Street", "city", None):
        wrote(f"at.{(at or 'nowhere').lower().replace(' ', '_')}", at=at)
    of_the_street = world.staff("auditor", at="East Street")

    assert read(as_=of_the_street) == ["at.mingde"]
    assert len(read()) == 4


def test_another_citys_log_is_not_there(new_world, api, world, wrote):
    other = new_world()
    wrote()
    stranger = other.staff("auditor", at="city")

    assert type(api)(other).get("/audit-entries", as_=stranger).json["items"] == []


def test_reading_and_trying_to_change_leaves_nothing_behind(world, api, auditor, wrote):
    wrote()
    browser = Browser(world, api, auditor)

    with world.changes() as changed:
        assert browser.get("/staff/audit").status_code == 200
        assert api.get("/audit-entries", as_=auditor).status_code == 200
        for path in ("/role-grants", f"/role-grants/{NOWHERE}/approval"):
            assert api.post(path, as_=auditor).status_code in {403, 422}
        assert api.delete("/audit-entries", as_=auditor).status_code == 405

    assert changed == {}


def test_the_page_says_it_in_words(world, api, auditor):
    secretary, lin = world.staff("community_secretary", name="方书记"), world.person("林小燕")
    today = world.now().date()
    body = {
        "person_id": str(lin.id),
        "role": "grid_worker",
        "org_unit_id": str(world.units["Mingde"]),
        "valid_from": today.isoformat(),
        "valid_to": (today + timedelta(days=30)).isoformat(),
        "reason": "换届",
    }
    api.post("/role-grants", as_=secretary, **body)
    api.post("/role-grants", as_=secretary, **body)

    page = Browser(world, api, auditor).get("/staff/audit", action="role.grant")

    assert page.text.count("授予岗位 <span") == 2
    assert "被拒绝（grant_exists）" in page.text
    assert "方书记（社区党组织书记）" in page.text
    assert "林小燕" in page.text


def test_the_page_keeps_to_what_it_was_asked(world, api, auditor, wrote):
    for _ in range(21):
        wrote("role.grant")
    wrote("role.end")
    browser = Browser(world, api, auditor)

    first = browser.get("/staff/audit", action="role.grant", since="", until="")
    onward = first.text.partition('href="/staff/audit?')[2].partition('"')[0]
    second = browser.get("/staff/audit?" + onward.replace("&amp;", "&"))
    wrong = browser.get("/staff/audit", since="yesterday")

    assert first.text.count("<article") == 20
    assert (second.text.count("<article"), "收回岗位 <span" in second.text) == (1, False)
    assert (wrong.status_code, "填写不正确" in wrong.text) == (422, True)
