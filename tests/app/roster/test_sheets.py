"""Reading sheets: headings in their many words, cells in their many forms, within bounds."""

import io
import zipfile
from datetime import date

import pytest

from app.core.errors import DomainError
from app.roster import cells, checking, columns, sheets
from app.roster.cells import Wrong
from app.roster.columns import Column, UnitColumn
from tests.support.sheets import HEADINGS, id_number, person, xlsx

TODAY = date(2026, 3, 2)


def problems(rows, **more):
    table = columns.table(sheets.read(xlsx(rows, **more)), Column)
    checked = checking.check_people(table, today=TODAY, grids=frozenset({"一网格"}))
    return [(one.row, one.column, one.text) for one in checked.problems]


def refused(content):
    with pytest.raises(DomainError) as refusal:
        columns.table(sheets.read(content), Column)
    return refusal.value.code


def test_the_headings_need_not_be_the_first_row():
    rows = sheets.read(xlsx([person(0)], above=("明德社区", "", "2026 年居民花名册（存档）")))

    table = columns.table(rows, Column)

    assert table.headings[Column.PHONE] == "联系电话"
    assert [row.number for row in table.rows] == [5]


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("姓  名", Column.NAME),
        ("*姓名", Column.NAME),
        ("姓名（必填）", Column.NAME),
        ("公民身份号码", Column.ID_NUMBER),
        ("联系电话:", Column.PHONE),
        ("现住址", Column.DOOR),
        ("与户主关系", Column.HEAD),
        ("政治面貌", Column.KIND),
    ],
)
def test_a_heading_is_known_by_its_other_words(heading, column):
    others = ("手机号", "姓名") if column is not Column.NAME else ("手机号",)
    content = xlsx([{heading: "x"}], headings=(heading, *others))

    assert column in columns.table(sheets.read(content), Column).places


def test_a_sheet_without_headings_says_which_are_wanted():
    with pytest.raises(DomainError) as refusal:
        columns.table(sheets.read("张三,男\n李四,女\n".encode()), Column)

    assert refusal.value.code == "header_missing"
    assert "姓名" in refusal.value.detail


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1950-3-2", date(1950, 3, 2)),
        ("1950.03.02", date(1950, 3, 2)),
        ("1950/3/2", date(1950, 3, 2)),
        ("1950年3月2日", date(1950, 3, 2)),
        ("１９５０－３－２", date(1950, 3, 2)),
        ("19500302", date(1950, 3, 2)),
        ("18324", date(1950, 3, 2)),
    ],
)
def test_a_day_is_read_however_it_was_typed(typed, day):
    assert cells.day(typed) == day


@pytest.mark.parametrize("typed", ["", "1950", "1950-13-01", "2月30日", "1950-02-30", "九月"])
def test_what_is_no_day_is_wrong(typed):
    with pytest.raises(Wrong):
        cells.day(typed)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("44128419500302", "身份证号应为 18 位，现在是 14 位"),
        (id_number(1)[:17] + ("0" if id_number(1)[17] != "0" else "1"), "校验码不对"),
        ("441284195013020011", "出生日期不存在"),
        ("44128419500302001A", "只能是数字"),
    ],
)
def test_a_wrong_identity_number_says_what_is_wrong_and_never_itself(typed, said):
    [(row, column, text)] = problems([person(0, 身份证号码=typed)])

    assert (row, column) == (3, "身份证号码")
    assert said in text
    assert typed not in text


def test_full_width_digits_are_digits():
    wide = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
    row = person(0, 身份证号码=id_number(0).translate(wide))
    row["联系电话"] = "13800000000".translate(wide)

    assert problems([row]) == []


@pytest.mark.parametrize(
    ("row", "column", "said"),
    [
        ({"姓名": ""}, "姓名", "必填，不能空着"),
        ({"联系电话": "123"}, "联系电话", "应为 11 位手机号或带区号的固定电话"),
        ({"人员类别": "领导"}, "人员类别", "应为其中之一"),
        ({"所属网格": "九网格"}, "所属网格", "本社区没有这个网格"),
        ({"姓名": "=HYPERLINK(1)"}, "姓名", "这里是公式"),
    ],
)
def test_every_problem_is_named_by_row_and_column(row, column, said):
    [(number, where, text)] = problems([person(0), person(1, **row)])

    assert (number, where) == (4, column)
    assert said in text


def test_all_problems_of_a_row_are_named_at_once():
    found = problems([person(0, 姓名="", 联系电话="1", 人员类别="领导")])

    assert [column for _, column, _ in found] == ["姓名", "联系电话", "人员类别"]


def test_who_stands_twice_is_named_with_the_other_row():
    found = problems([person(0), person(1), person(2, 身份证号码=id_number(0))])

    assert found == [(5, "身份证号", "和第 3 行重复")]


def test_a_child_is_not_taken_over():
    young = id_number(0, year=2020)

    [(_, column, text)] = problems([person(0, 身份证号码=young)])

    assert (column, "未满 14 周岁" in text) == ("身份证号码", True)


def test_a_birthday_that_is_not_the_numbers_is_wrong():
    headings = (*HEADINGS, "出生日期")

    [(_, column, text)] = problems([person(0, 出生日期="1999-01-01")], headings=headings)

    assert (column, text) == ("出生日期", "和身份证号里的出生日期不一致")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_a_csv_is_read_in_the_encodings_and_marks_that_programs_write(encoding, mark):
    text = f"姓名{mark}手机号\r\n张三{mark}13800000000\r\n"

    table = columns.table(sheets.read(text.encode(encoding)), Column)

    assert table.cell(table.rows[0], Column.NAME) == "张三"


def test_a_formula_is_never_evaluated():
    rows = sheets.read(xlsx([person(0, 姓名="=1+1")]))

    assert rows[-1].cells[1] == "=1+1"


def archive(**parts):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def test_a_bomb_is_not_unpacked():
    assert refused(archive(bomb=b"\0" * 60_000_000)) == "sheet_too_large"


def test_a_sheet_that_declares_entities_is_not_read():
    whole = zipfile.ZipFile(io.BytesIO(xlsx([person(0)])))
    parts = {name: whole.read(name) for name in whole.namelist()}
    parts["xl/worksheets/sheet1.xml"] = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x/>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)

    assert refused(out.getvalue()) == "sheet_unreadable"


@pytest.mark.parametrize(
    "content",
    [b"PK\x03\x04 and nothing", archive(x="y"), b"\0\1\2", b"\xff\xfe\xfa", b""],
    ids=["half a zip", "another zip", "zeros", "no text", "nothing"],
)
def test_what_is_no_sheet_is_refused(content):
    assert refused(content) in {"sheet_unreadable", "header_missing"}


def test_too_many_rows_are_too_many():
    content = "姓名,手机号\n" + "张三,13800000000\n" * (sheets.MOST_ROWS + 1)

    assert refused(content.encode()) == "sheet_too_large"


def test_units_are_read_by_name_and_nature():
    content = "单位名称,单位性质\n第一小学,事业单位\n第一小学,机关\n某公司,火星\n".encode()

    checked = checking.check_units(columns.table(sheets.read(content), UnitColumn))

    assert [(one.name, one.nature) for one in checked.units] == [("第一小学", "institution")]
    assert [(one.row, one.column) for one in checked.problems] == [(3, "单位名称"), (4, "单位性质")]
