"""活动登记簿: its minutes are the ledger's, names are masked, and taking it is written down."""

import io

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.activities import registers
from app.activities.arrival_models import Attendance
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.refusals import refusal

HERE = "/staff/registers/activities"


@pytest.fixture
def leader(world):
    return world.staff("station_manager")


@pytest.fixture
def desk(world, api, leader):
    return Browser(world, api, leader)


@pytest.fixture
def month(hands):
    return f"{hands():%Y-%m}"


@pytest.fixture
def attend(api, world, hands):
    """People come to an activity, and leave one after the other."""

    def attend(activity, *people):
        path = f"/activities/{activity.id}"
        for one in people:
            api.post(f"{path}/check-ins", as_=one, code=world.venue_code(activity))
        for one in people:
            hands.move(minutes=17)
            api.post(f"{path}/check-outs", as_=one, code=world.venue_code(activity, "out"))

    return attend


def minutes_in_the_ledger(world):
    with world.own() as session:
        query = "SELECT sum(quantity) FROM fact WHERE tenant_id = :t AND kind = 'attendance'"
        return session.scalar(sa.text(query), {"t": world.tenant_id})


def entries(world):
    with world.own() as session:
        query = "SELECT changed FROM audit_entry WHERE action = 'activity_register.export'"
        return session.scalars(sa.text(query)).all()


def test_its_minutes_are_those_of_the_ledger_and_what_waits_is_in_neither(
    api, world, leader, attend, month
):
    lin, hong, fang = world.people(3)
    first, second = world.activity(), world.activity(title="=HYPERLINK()", minutes=300)
    attend(first, lin, hong)
    attend(second, fang, lin)
    there = world.activity(minutes=600)
    attend(there, world.person())
    with world.own() as session:
        theirs = sa.update(Attendance).filter_by(activity_id=there.id)
        session.execute(theirs.values(review="pending_review", reasons=["outside_fence"]))
        fact = "DELETE FROM fact WHERE tenant_id = :t AND activity_id = :a"
        before = session.scalar(
            sa.text(fact.replace("DELETE", "SELECT sum(quantity)")),
            {"t": world.tenant_id, "a": there.id},
        )

    answer = api.post("/activity-registers", as_=leader, month=month)

    register = answer.json["register"]
    assert answer.status_code == 201
    assert register["minutes"] == minutes_in_the_ledger(world) - before > 0
    assert (register["people"], register["waiting"]) == (4, 1)
    assert [sheet["title"] for sheet in register["sheets"]] == ["River clean-up", "=HYPERLINK()"]
    assert sum(sheet["minutes"] for sheet in register["sheets"]) == register["minutes"]
    assert entries(world) == [
        {"month": ["", month], "rows": ["", "4"], "form": ["", "json"]},
    ]


def test_the_page_shows_masked_names_with_a_column_to_sign(world, desk, attend, month):
    lin, activity = world.person("欧阳静怡"), world.activity()
    attend(activity, lin)

    page = desk.get(HERE, month=month)
    one = desk.get(HERE, month=month, activity=str(activity.id))
    other = desk.get(HERE, month="2020-01")

    for shown in (page.text, one.text):
        assert "欧阳静怡" not in shown
        assert "签字" in shown
        assert "17 分钟" in shown
    assert "还没有算好时长" in other.text


def test_the_spreadsheet_holds_text_alone_and_no_formula(world, api, leader, attend, month):
    attend(world.activity(title="=HYPERLINK()"), world.person())
    desk = Browser(world, api, leader)

    answer = desk.submit(f"{HERE}/export", shown_on=f"{HERE}?month={month}", month=month)

    rows = list(load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows())
    cells = [cell for row in rows for cell in row if cell.value is not None]
    assert tuple(cell.value for cell in rows[0]) == registers.HEADINGS
    assert {cell.data_type for cell in cells} <= {"s", "inlineStr"}
    assert rows[1][0].value == "'=HYPERLINK()"
    assert [rows[-1][0].value, rows[-1][-1].value] == ["合计", "17"]
    assert entries(world)[0]["form"] == ["", "xlsx"]


def test_who_proved_long_ago_who_they_are_takes_nothing_away(
    api, world, leader, desk, attend, month, hands
):
    attend(world.activity(), world.person())
    api.get("/me", as_=leader)
    hands.move(minutes=10)

    with world.changes() as changed:
        answers = [
            desk.submit(f"{HERE}/export", shown_on=HERE, month=month),
            api.post("/activity-registers", as_=leader, month=month),
        ]

    assert [one.status_code for one in answers] == [403, 403]
    assert refusal(answers[1]) == (403, "step_up_required")
    assert entries(world) == []
    assert "audit_entry" not in changed


def test_what_others_look_after_does_not_exist(api, world, leader, attend, month):
    activity = world.activity()
    attend(activity, world.person())
    there = world.unit("community", "Xinhua", under="East Street")
    stranger = world.staff("station_manager", at="Xinhua")
    take = "/activity-registers"

    with world.changes() as changed:
        foreign = [
            api.post(take, as_=leader, month=month, community_id=str(world.units["Xinhua"])),
            api.post(take, as_=leader, month=month, community_id=NOWHERE),
            api.post(take, as_=stranger, month=month, activity_id=str(activity.id)),
            api.post(take, as_=stranger, month=month, activity_id=NOWHERE),
        ]
        wrong = api.post(take, as_=leader, month="2026-13")

    assert [refusal(one) for one in foreign] == [
        *[(404, "community_unknown")] * 2,
        *[(404, "activity_unknown")] * 2,
    ]
    assert wrong.status_code == 422
    assert changed == {}
    assert there is not None
    assert api.post(take, as_=stranger, month=month).json["register"]["sheets"] == []


def test_too_much_for_one_register_is_refused(api, world, leader, attend, month, monkeypatch):
    attend(world.activity(), *world.people(2))
    monkeypatch.setattr(registers, "MOST", 1)

    with world.changes() as changed:
        answer = api.post("/activity-registers", as_=leader, month=month)

    assert refusal(answer) == (409, "register_too_large")
    assert changed == {}
