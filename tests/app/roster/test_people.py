"""Search, one person's file and the export: one's own people only, masked, and written down."""

import csv
import io

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.roster import exporting
from tests.support.browser import Browser
from tests.support.client import NOWHERE
from tests.support.sheets import id_number, person, xlsx


@pytest.fixture
def settled(take_over):
    """Three people of one door, and what they are known by."""
    rows = [person(n, 存折卡号=f"88{n:04d}") for n in range(3)]
    take_over(xlsx(rows, headings=tuple(rows[0])))


def found(desk, text):
    return desk.submit("/staff/people", shown_on="/staff/people", q=text).text


@pytest.mark.parametrize(
    "text", ["李伟伟", "13800000000", "138 0000 0000", "880000", id_number(0), id_number(0)[-4:]]
)
def test_somebody_is_found_by_name_phone_card_and_number(desk, settled, text):
    page = found(desk, text)

    assert "李**" in page
    assert "138****0000" in page
    assert "13800000000" not in page.replace('value="13800000000"', "")


@pytest.mark.parametrize("text", ["李伟", "李", "1380000000", "%", "nobody"])
def test_nobody_is_found_by_half_a_word(desk, settled, text):
    assert "没有找到" in found(desk, text)


def test_people_of_elsewhere_are_not_found(world, api, settled):
    world.unit("community", "Wenhua", under="East Street")
    other = Browser(world, api, world.staff("community_clerk", at="Wenhua"))

    assert "没有找到" in found(other, "李伟伟")


def test_a_grid_worker_sees_who_lives_in_their_grid(world, api, settled):
    world.unit("grid", "一网格", under="Mingde")
    here, there = world.person("王芳"), world.person("赵强")
    world.household(here, under="一网格")
    world.household(there, door="别处")
    worker = Browser(world, api, world.staff("grid_worker", at="一网格"))

    page = worker.get("/staff/people").text

    assert f"/staff/people/{here.id}" in page
    assert f"/staff/people/{there.id}" not in page
    assert worker.get(f"/staff/people/{there.id}").status_code == 404


def test_one_persons_file_tells_where_they_belong(world, api, desk, settled):
    lin, son = world.person("林小燕"), world.person("林明")
    world.household(lin, son, door="9 栋 101 室")
    world.grant(lin, "shop_manager", days_from_now=-1)
    body = {"delegate_id": str(son.id), "acts": ["read"], "daily_limit": 9}
    world.staff_ids.discard(lin.id)
    api.post("/me/delegates", as_=lin, **body)

    page = desk.get(f"/staff/people/{lin.id}").text

    for text in ("林*燕", "爱心超市店长（Mingde）", "9 栋 101 室", "家人代办", "看存折", "入户"):
        assert text in page, text
    assert "林小燕" not in page


def test_the_file_of_elsewhere_is_like_none(world, api, desk):
    world.unit("community", "Wenhua", under="East Street")
    stranger = world.person(community="Wenhua")

    answers = [desk.get(f"/staff/people/{number}") for number in (stranger.id, NOWHERE)]

    assert [answer.status_code for answer in answers] == [404, 404]


def test_at_the_counter_a_mandate_is_entered_and_taken_back(world, desk):
    lin, son = world.person("林小燕"), world.person("林明")
    world.household(lin, son)
    here = f"/staff/people/{lin.id}"

    desk.submit(
        f"{here}/delegates",
        shown_on=here,
        delegate_id=str(son.id),
        daily_limit="30",
        consent="paper",
    )
    page = desk.get(here).text
    assert "本人书面同意" in page
    mandate = page.split("/delegates/")[1].split("/")[0]
    desk.submit(f"{here}/delegates/{mandate}/revoke", shown_on=here)

    assert "本人书面同意</p>" not in desk.get(here).text


def export(desk, form):
    return desk.submit("/staff/people/export", shown_on="/staff/people", form=form)


def test_the_export_is_masked_and_written_down(world, desk, clerk, settled):
    answer = export(desk, "csv")

    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert rows[0] == list(exporting.HEADINGS)
    assert rows[-3][:4] == ["李**", "居民", "Mingde", "138****0000"]
    assert id_number(0) not in answer.text
    with world.own() as session:
        entry = session.execute(
            sa.text("SELECT actor_id, changed FROM audit_entry WHERE action = 'people.export'")
        ).one()
    assert entry.actor_id == clerk.id
    assert entry.changed["rows"] == ["", str(len(rows) - 1)]


def test_the_export_as_xlsx_holds_text_alone(desk, settled):
    book = load_workbook(io.BytesIO(export(desk, "xlsx").data))

    cells = [cell for row in book.worksheets[0].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "inlineStr"}


@pytest.mark.parametrize("first", list("=+-@＝＋－＠\t\r\n"))
def test_no_cell_is_taken_for_a_formula(first):
    row = [(f"{first}cmd|' /C calc'!A1", "plain")]

    [written] = csv.reader(io.StringIO(exporting.as_csv(row).decode("utf-8-sig"), newline=""))
    sheet = load_workbook(io.BytesIO(exporting.as_xlsx(row))).worksheets[0]

    assert written[0].startswith("'")
    assert str(sheet["A1"].value).startswith("'")
    assert sheet["A1"].data_type == "s"


def test_more_than_fits_is_refused(desk, settled, monkeypatch):
    monkeypatch.setattr(exporting, "MOST", 2)

    assert export(desk, "csv").status_code == 409


def test_who_may_not_export_does_not(world, api, settled):
    clerk = Browser(world, api, world.staff("community_clerk"))

    assert export(clerk, "csv").status_code == 403


def test_an_export_wants_a_fresh_proof(desk, settled, hands):
    hands.move(minutes=10)

    assert export(desk, "csv").status_code == 403
