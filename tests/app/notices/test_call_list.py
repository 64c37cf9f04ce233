"""Whom WeChat does not reach is called, then visited, and every try is written down."""

import pytest
import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from app.identity.fields import Field
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.refusals import refusal


@pytest.fixture
def unreached(post, elder, sim):
    """An elder without WeChat, whose points expire."""
    post.tell(elder)
    post.send()
    return elder


def lines(api, staff):
    return api.get("/call-list", as_=staff).json["items"]


def record(api, staff, line, *, step="phone", outcome="reached"):
    return api.post(f"/call-list/{line['id']}/tries", as_=staff, step=step, outcome=outcome)


def test_the_list_says_whom_to_reach_why_and_what_to_tell(api, unreached, grid_worker):
    (line,) = lines(api, grid_worker)

    assert (line["name"], line["community"]) == ("欧**兰", "Mingde")
    assert (line["missed"], line["step"], line["state"]) == ("no_account", "phone", "open")
    assert line["title"] == "积分快到期"
    assert "44 分" in line["text"]
    assert line["tries"] == []


def test_a_call_that_reaches_them_takes_them_off_the_list(api, unreached, grid_worker, hands):
    (line,) = lines(api, grid_worker)

    done = record(api, grid_worker, line).json

    assert done["state"] == "reached"
    assert done["tries"] == [
        {"step": "phone", "outcome": "reached", "by": "小周", "at": hands().isoformat()}
    ]
    assert lines(api, grid_worker) == []


def test_a_call_in_vain_leads_to_a_visit_and_a_visit_may_be_repeated(api, unreached, grid_worker):
    (line,) = lines(api, grid_worker)

    record(api, grid_worker, line, outcome="missed")
    record(api, grid_worker, line, step="visit", outcome="missed")
    (after,) = lines(api, grid_worker)
    done = record(api, grid_worker, line, step="visit").json

    assert after["step"] == "visit"
    tried = [(one["step"], one["outcome"]) for one in done["tries"]]
    assert tried == [("phone", "missed"), ("visit", "missed"), ("visit", "reached")]


def test_a_step_that_has_passed_and_a_line_that_is_closed_change_nothing(
    api, world, unreached, grid_worker
):
    (line,) = lines(api, grid_worker)
    record(api, grid_worker, line, outcome="missed")
    with world.changes() as changed:
        passed = record(api, grid_worker, line)
        early = record(api, grid_worker, {"id": NOWHERE})
    record(api, grid_worker, line, step="visit")
    with world.changes() as later:
        closed = record(api, grid_worker, line, step="visit")

    assert refusal(passed) == (409, "step_passed")
    assert refusal(early) == (404, "line_unknown")
    assert refusal(closed) == (409, "line_closed")
    assert changed == later == {}


def test_whoever_reads_it_themselves_needs_no_call(api, post, lin, grid_worker, sim):
    post.tell(lin)
    post.send()
    before = len(lines(api, grid_worker))
    (message,) = api.get("/me/messages", as_=lin).json["items"]

    api.post(f"/me/messages/{message['id']}/read", as_=lin)

    assert (before, lines(api, grid_worker)) == (1, [])
    assert post.lines() == [("no_right", "phone", "read")]


def test_another_community_does_not_see_them(api, world, unreached, grid_worker):
    world.unit("community", "Qingtang", under="East Street")
    other = world.staff("grid_worker", at="Qingtang", name="小吴")
    (line,) = lines(api, grid_worker)
    api.request_id = "one-and-the-same"

    answers = [record(api, other, {"id": id_}) for id_ in (line["id"], NOWHERE)]

    assert lines(api, other) == []
    assert {refusal(answer) for answer in answers} == {(404, "line_unknown")}
    assert answers[0].data == answers[1].data


def test_of_two_who_report_at_once_one_is_told_that_it_is_done(
    api, world, unreached, grid_worker, crowd
):
    (line,) = lines(api, grid_worker)

    deed = {"step": "phone", "outcome": "reached"}
    answers = crowd.at_once(
        [
            lambda one: one.post(f"/call-list/{line['id']}/tries", as_=grid_worker, **deed)
            for _ in range(4)
        ]
    )

    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409]


def test_residents_have_no_call_list(api, lin):
    assert refusal(api.get("/call-list", as_=lin)) == (403, "staff_only")


def test_the_page_leads_through_the_three_steps(world, api, unreached):
    secretary = world.staff("community_secretary", name="方书记")
    browser = Browser(world, api, secretary)
    page = browser.get("/staff/calls").text
    line = page.split('id="line-')[1].split('"')[0]

    first = browser.submit(
        f"/staff/calls/{line}", shown_on="/staff/calls", step="phone", outcome="missed"
    )
    after = browser.get("/staff/calls").text
    stale = browser.submit(
        f"/staff/calls/{line}", shown_on="/staff/calls", step="phone", outcome="reached"
    )
    browser.submit(f"/staff/calls/{line}", shown_on="/staff/calls", step="visit", outcome="reached")

    assert "微信：没有微信" in page
    assert "没打通，转上门" in page
    assert first.status_code == 303
    assert "电话：没打通" in after
    assert "（方书记）" in after
    assert stale.status_code == 409
    assert "已经到了下一步" in stale.text
    assert "现在没有需要打电话或上门的居民" in browser.get("/staff/calls").text


def test_the_desk_shows_the_list(world, api):
    desk = Browser(world, api, world.staff("grid_worker")).get("/staff").text

    assert "电话与上门名单" in desk


def dial(api, staff, line):
    return api.post(f"/call-list/{line['id']}/number", as_=staff)


def looks(world):
    with world.work() as session:
        query = sa.select(AuditEntry).filter_by(action="person.unmask").order_by(AuditEntry.seq)
        return list(session.scalars(query))


def test_a_grid_worker_rings_whom_they_have_to_reach_and_that_is_written_down(
    api, world, post, sim
):
    for name in ("South", "North"):
        world.unit("grid", f"{name} grid", under="Mingde")
    elder, other = world.person("欧阳秀兰"), world.person("钱多多")
    world.know(elder, {Field.PHONE: "13812345678"})
    world.household(elder, door="1-101", under="South grid")
    world.household(other, door="2-101", under="North grid")
    worker = world.staff("grid_worker", at="South grid", name="小周")
    secretary = world.staff("community_secretary", name="方书记")
    for person in (elder, other):
        post.tell(person)
    post.send()
    of_elder, of_other = lines(api, secretary)
    dial(api, worker, {"id": NOWHERE})  # signs them in

    with world.changes() as changed:
        not_theirs = dial(api, worker, of_other)
        no_number = dial(api, secretary, of_other)
        told = dial(api, worker, of_elder)

    assert refusal(not_theirs) == (404, "line_unknown")
    assert refusal(no_number) == (409, "no_number")
    assert (told.status_code, told.json) == (200, {"number": "+8613812345678"})
    assert told.headers["Cache-Control"] == "no-store"
    assert changed == {"audit_entry": 2, "audit_head": 1}
    refused, done = looks(world)
    assert (refused.result, refused.subject_id) == ("no_number", other.id)
    assert (done.actor_id, done.role, done.subject_id) == (worker.id, "grid_worker", elder.id)
    assert (done.reason, done.changed) == ("电话通知", {"field": ["", "phone"]})


def test_a_line_that_is_closed_shows_no_number_and_the_auditor_sees_how_many_were_seen(
    api, world, unreached, grid_worker
):
    world.know(unreached, {Field.PHONE: "13812345678"})
    (line,) = lines(api, grid_worker)
    desk = Browser(world, api, grid_worker)
    for _ in range(2):
        page = desk.submit(f"/staff/calls/{line['id']}/number", shown_on="/staff/calls")
        assert 'href="tel:+8613812345678"' in page.text
        assert page.headers["Cache-Control"] == "no-store"
    assert "138" not in desk.get("/staff/calls").text
    record(api, grid_worker, line)

    with world.changes() as changed:
        closed = dial(api, grid_worker, line)

    assert refusal(closed) == (409, "line_closed")
    assert changed == {}
    audit = Browser(world, api, world.staff("auditor", at="city")).get("/staff/audit")
    assert "为电话通知查看号码" in audit.text
    assert "小周 2 次" in audit.text
