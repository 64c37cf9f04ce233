"""The book of paper: each line once, where the last one ended, also where two print at once."""

import io
import re

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.ledger.models import PassbookPrint
from tests.support.browser import Browser

PAPER = "/passbook/paper"
SEEN = re.compile(r'name="seen" value="([^"]+)"')


@pytest.fixture
def lin(world):
    return world.person("林晓梅")


@pytest.fixture
def phone(world, api, lin):
    return Browser(world, api, lin)


def seen_on(browser, page=PAPER):
    return SEEN.search(browser.get(page).text).group(1)


def on_paper(browser, at, *, number, page):
    """What the page says, row by row: the place, the day, what for, the amount, what is left."""
    text = browser.get(f"{at}/page?book={number}&page={page}").text
    lines = re.findall(r'paper__line_(\d+)" role="row">(.+?)</div>', text)
    cells = [(row, *re.findall(r"<span[^>]*>([^<]*)</span>", line)) for row, line in lines]
    return [
        (page, int(row), on, title, _number(amount), _number(after))
        for row, on, title, amount, after in cells
    ]


def _number(text):
    return int(text.replace(",", ""))


def taken(answer):
    assert answer.status_code == 200
    return [list(row) for row in load_workbook(io.BytesIO(answer.data)).active.values]


def rows_of(world):
    query = sa.select(PassbookPrint.page, PassbookPrint.line, PassbookPrint.version)
    with world.own() as session:
        return [tuple(row) for row in session.execute(query.order_by(PassbookPrint.version))]


def test_lines_go_on_where_the_last_print_ended_and_pages_are_turned(world, phone, lin):
    world.give(lin, 36)
    first = phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="1-1-0")
    world.give(lin, 8)
    stale = phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="1-1-0")
    second = phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="1-1-18")
    sheet = phone.get(second.location).text
    book = phone.get(PAPER).text
    third = phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="1-1-20")
    none = phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="1-2-2")

    assert first.location.endswith("book=1&page=1&from=1&to=18")
    assert (stale.status_code, "刚才已经印过" in stale.text) == (409, True)
    assert second.location.endswith("from=19&to=20")
    assert re.findall(r"paper__line_(\d+)", sheet) == ["19", "20"]
    assert "还有 2 笔没有印。请翻到第 2 页再印" in sheet
    assert "请翻到第 2 页" in book
    assert third.location.endswith("page=2&from=1&to=2")
    assert (none.status_code, "没有新的记录要印" in none.text) == (409, True)
    pages = [(page, row) for page, row, _ in rows_of(world)]
    assert pages == [(1, row) for row in range(1, 21)] + [(2, 1), (2, 2)]
    again = phone.get(f"{PAPER}/page?book=1&page=1").text
    assert re.findall(r"paper__line_(\d+)", again) == [str(row) for row in range(1, 21)]


def test_the_place_moves_on_or_into_a_new_book_and_never_back(world, phone, lin):
    world.give(lin, 6)
    phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="1-1-0")
    back = {"seen": "1-1-3", "number": "1", "page": "1", "row": "2"}
    on = {**back, "page": "2", "row": "5"}
    answers = [phone.submit(f"{PAPER}/place", shown_on=PAPER, **said) for said in (back, on)]
    world.give(lin, 2)
    at_six = phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="1-2-5")
    renewed = {"seen": "1-2-6", "number": "1", "renew": "1"}
    phone.submit(f"{PAPER}/place", shown_on=PAPER, **renewed)

    assert [answer.status_code for answer in answers] == [422, 303]
    assert at_six.location.endswith("page=2&from=6&to=6")
    assert seen_on(phone) == "2-1-0"


def test_staff_print_for_those_they_see_to_and_that_is_written_down(world, api, lin):
    world.give(lin, 4)
    world.unit("community", "Next door", under="East Street")
    clerk = Browser(world, api, world.staff("community_clerk"))
    other = Browser(world, api, world.staff("community_clerk", at="Next door"))
    at = f"/staff/people/{lin.id}/passbook"

    shown = clerk.get(at).text
    printed = clerk.submit(f"{at}/print", shown_on=at, seen="1-1-0")

    assert "林*梅" in shown
    assert "林晓梅" not in shown
    assert "paper__line_2" in clerk.get(printed.location).text
    assert other.get(at).status_code == 404
    query = "SELECT role FROM audit_entry WHERE action = 'passbook.print'"
    with world.own() as session:
        assert session.scalars(sa.text(query)).all() == ["community_clerk"]


def test_of_prints_at_once_one_prints(world, lin, crowd):
    world.give(lin, 6)
    crowd.sign_in(lin)

    def print_it(api):
        return Browser(world, api, lin).submit(f"{PAPER}/print", shown_on=PAPER, seen="1-1-0")

    answers = crowd.at_once([print_it] * 4)

    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409]
    assert [row for _, row, _ in rows_of(world)] == [1, 2, 3]


def test_the_spreadsheet_of_a_book_is_what_its_pages_say(world, api, phone, lin):
    world.give(lin, 44)
    for seen in ("1-1-0", "1-1-20"):
        phone.submit(f"{PAPER}/print", shown_on=PAPER, seen=seen)
    clerk = Browser(world, api, world.staff("community_clerk"))
    at = f"/staff/people/{lin.id}/passbook"

    head, carried, *rows, total = taken(clerk.submit(f"{at}/export", shown_on=at, book="1"))
    own = taken(phone.submit(f"{PAPER}/export", shown_on=PAPER, book="1"))

    paper = [line for page in (1, 2) for line in on_paper(clerk, at, number=1, page=page)]
    assert head == ["姓名", "页", "行", "日期", "摘要", "收支", "结余"]
    assert [tuple(row[1:]) for row in rows] == paper
    assert len(paper) == 22
    assert carried[4:] == ["承前", None, 0]
    assert total[4:] == ["合计", sum(line[4] for line in paper), paper[-1][5]]
    assert {row[0] for row in rows} == {"林*梅"}
    assert {row[0] for row in own[2:-1]} == {"林晓梅"}
    assert [row[1:] for row in own] == [row[1:] for row in (head, carried, *rows, total)]
    query = "SELECT count(*) FROM audit_entry WHERE action = 'passbook.export'"
    with world.own() as session:
        assert session.scalar(sa.text(query)) == 2


def test_a_new_book_goes_on_from_what_was_carried_over_to_it(world, api, phone, lin):
    world.give(lin, 6)
    phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="1-1-0")
    renewed = {"seen": "1-1-3", "number": "1", "renew": "1"}
    phone.submit(f"{PAPER}/place", shown_on=PAPER, **renewed)
    empty = phone.submit(f"{PAPER}/export", shown_on=PAPER, book="2")
    world.give(lin, 4)
    phone.submit(f"{PAPER}/print", shown_on=PAPER, seen="2-1-0")

    _, carried, *rows, total = taken(phone.submit(f"{PAPER}/export", shown_on=PAPER, book="2"))
    first = on_paper(phone, PAPER, number=1, page=1)

    assert (empty.status_code, "这一本还没有印过" in empty.text) == (409, True)
    assert carried[6] == first[-1][5] == 6
    assert [row[6] for row in rows] == [8, 10]
    assert (total[5], total[6]) == (4, 10)
    assert "导出 xlsx" in phone.get(PAPER).text
    world.unit("community", "Next door", under="East Street")
    stranger = Browser(world, api, world.staff("community_clerk", at="Next door"))
    at = f"/staff/people/{lin.id}/passbook"
    assert stranger.submit(f"{at}/export", shown_on="/staff/passbook", book="2").status_code == 404
