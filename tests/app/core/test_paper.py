"""Paper: PDFs with their type inside, and registers that add up over their sheets."""

import itertools
import re

from app.core.paper import Column, Register, Sheets
from app.core.paper import type as setting

COLUMNS = [
    Column(title="日期", share=1),
    Column(title="摘要", share=3),
    Column(title="数量", share=1, summed=True),
    Column(title="签名", share=1),
]


VALUE = Column(title="价值（元）", share=1, summed=True, money=True)


def pages(pdf):
    return len(re.findall(rb"/Type /Page\b", pdf))


def faces(pdf):
    return set(re.findall(rb"/BaseFont /([A-Za-z+-]+)", pdf))


def register(rows):
    return Register(
        title="物品捐赠簿",
        about="明德爱心志愿超市 · 2026 年第一季度",
        columns=COLUMNS,
        rows=rows,
        signed_by=["经手人", "复核人"],
    )


def test_the_type_is_inside_with_no_more_letters_than_are_used():
    sheets = Sheets("海报")
    sheets.text((50, 50), "驿站", size=20, bold=True)
    pdf = sheets.finish()

    assert pdf.startswith(b"%PDF")
    assert {face.split(b"+")[-1] for face in faces(pdf)} == {b"NotoSansSC-Regular"}
    assert b"/FontFile2" in pdf
    assert len(pdf) < 20_000


def test_the_same_drawing_makes_the_same_bytes():
    assert (
        register([["3月1日", "大米", 2, ""]]).pdf() == register([["3月1日", "大米", 2, ""]]).pdf()
    )


def test_rare_names_are_set_and_what_no_face_has_is_marked():
    assert setting.settable("喆堃燊䶮") == "喆堃燊䶮"
    assert setting.settable("好🙂") == "好〓"


def test_lines_fit_and_none_begins_with_the_end_of_a_sentence():
    lines = setting.lines("今天来了很多人，明天也会来很多人。" * 6, 10, 100)

    assert all(setting.width(line, 10) <= 110 for line in lines)
    assert not any(line.startswith(("，", "。")) for line in lines)
    assert setting.cut("很长很长很长的名字", 10, 50).endswith("…")


def test_an_empty_register_is_one_sheet_and_a_long_one_has_several():
    rows = [["3月1日", "某位居民捐赠的大米和食用油" * 3, n, ""] for n in range(80)]

    assert pages(register([]).pdf()) == 1
    assert pages(register(rows).pdf()) > 2
    assert (
        pages(Register(title="横", about="", columns=COLUMNS, rows=rows, landscape=True).pdf()) > 2
    )


def said_on(monkeypatch, rows):
    """What is written on each sheet, in order."""
    sheets, said = Sheets, [[]]

    def text(self, at, text, **how):
        said[-1].append(text)

    monkeypatch.setattr(sheets, "text", text)
    monkeypatch.setattr(sheets, "next_page", lambda _self: said.append([]))
    monkeypatch.setattr(sheets, "finish", lambda _self: b"")
    register(rows).pdf()
    return said[:-1]


def test_what_is_carried_on_is_carried_over_and_the_end_is_the_sum(monkeypatch):
    rows = [["3月1日", f"第 {n} 笔", n, ""] for n in range(1, 101)]

    sheets = said_on(monkeypatch, rows)

    of = len(sheets)
    assert of > 1
    for number, said in enumerate(sheets, start=1):
        assert "摘要" in said
        assert f"第 {number} 页 共 {of} 页" in said
    for before, after in itertools.pairwise(sheets):
        carried_on = before[before.index("过次页") + 2]
        assert after[after.index("承前页") + 2] == carried_on
    assert sheets[-1][sheets[-1].index("合计") + 2] == "5,050"
    assert "复核人：" in sheets[-1]


def test_money_of_which_nothing_is_known_has_no_sum():
    columns = [*COLUMNS[:3], VALUE]
    unknown = [["3月1日", "大米", 2, "—"]] * 3
    mixed = [*unknown, ["3月2日", "食盐", 1, 350]]
    papers = [
        Register(title="簿", about="", columns=columns, rows=rows) for rows in (unknown, mixed)
    ]

    of_unknown = papers[0].leaves(lines_each=2)
    of_mixed = papers[1].leaves(lines_each=2)

    assert [leaf.sums for leaf in of_unknown] == [
        ["过次页", "", 4, "未估价"],
        ["合计", "", 6, "未估价"],
    ]
    assert of_unknown[1].carried == ["承前页", "", 4, "未估价"]
    assert [leaf.sums[3] for leaf in of_mixed] == ["未估价", 350]
    assert papers[0].table()[-1] == ("合计", "", 6, "未估价")
    assert papers[0].written(of_unknown[1].sums) == ("合计", "", "6", "未估价")
