"""The book of paper: each line once, where the last one ended, also where two print at once."""

import re

import pytest
import sqlalchemy as sa

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
