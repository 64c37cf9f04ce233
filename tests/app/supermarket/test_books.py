"""The two books of a shop: what they say is what stock and points say, to the unit."""

import io
import re
from datetime import date

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from app.core.db import add
from app.supermarket.kinds import Length, MoveKind
from app.supermarket.models import StockMove
from app.supermarket.spans import Span
from points_engine import Reversal
from points_engine.postgres import PostgresEngine
from tests.support.browser import Browser
from tests.support.hands import NOON
from tests.support.stockroom import TODAY, Stockroom, day

MONTH = {"span": "month", "day": day(0)}


@pytest.fixture
def room(world, counter):
    return Stockroom(counter=counter, secretary=world.staff("community_secretary"))


@pytest.fixture
def supervisor(world):
    return world.staff("supervisor")


def take_back(world, redemption_id, *, by, pieces):
    """Some of a redemption comes back: points to their lots, goods to the shelf."""
    with world.work() as session:
        move = session.scalars(sa.select(StockMove).filter_by(redemption_id=redemption_id)).one()
        back = {"delta": pieces, "kind": MoveKind.RETURN.value, "reason": "破损"}
        same = {"item_id": move.item_id, "batch_id": move.batch_id, "last_day": move.last_day}
        when = {"day": TODAY, "at": NOON, "entered_by": by.id}
        add(
            session,
            StockMove(redemption_id=redemption_id, reference="return:1", **same, **back, **when),
        )


def give_back(world, redemption_id, *, by):
    """The points of a redemption go back to their lots."""
    reversal = Reversal(
        reference=f"return:{redemption_id}",
        of=f"redemption:{redemption_id}",
        occurred_on=TODAY,
        booked_at=NOON,
        actor_id=by.id,
        reason="破损退货",
    )
    with world.work() as session:
        PostgresEngine(session, world.tenant_id).reverse(reversal)


def test_spans_are_days_months_and_quarters_of_the_calendar():
    said = [
        (span.since.isoformat(), span.until.isoformat(), span.text)
        for length in Length
        for span in [Span(length=length, day=date(2024, 12, 31))]
    ]

    assert said == [
        ("2024-12-31", "2025-01-01", "2024 年 12 月 31 日"),
        ("2024-12-01", "2025-01-01", "2024 年 12 月"),
        ("2024-10-01", "2025-01-01", "2024 年第 4 季度"),
    ]


def test_both_books_say_what_stock_and_points_say(world, api, counter, room, supervisor):
    room.give(counter.rice, 5, donor_name="林晓梅", best=day(90))
    room.give(counter.rice, 7, donor_kind="unit", donor_name="=供电所", best=day(60))
    lin, wang = world.person("林晓梅", points=100), world.person("王建国", points=100)
    assert counter.redeem(counter.code(lin), quantity=3).status_code == 201
    assert counter.redeem(counter.code(wang), quantity=2).status_code == 201

    given = api.post(f"/shops/{counter.shop.id}/donation-registers", as_=supervisor, **MONTH).json
    gone = api.post(f"/shops/{counter.shop.id}/redemption-registers", as_=supervisor, **MONTH).json

    given, gone = given["register"], gone["register"]
    assert [(line["who"], line["quantity"]) for line in given["lines"]] == [
        ("林*梅", 5),
        ("=供电所", 7),
    ]
    assert (given["total"], given["said"], given["is_true"]) == (
        {"pieces": 12, "points": None},
        {"pieces": 12, "points": None},
        True,
    )
    assert [(line["who"], line["quantity"], line["value"]) for line in gone["lines"]] == [
        ("林*梅", 3, 48),
        ("王*国", 2, 32),
    ]
    assert gone["total"] == gone["said"] == {"pieces": 5, "points": 80}
    assert gone["is_true"]
    exports = "SELECT action FROM audit_entry WHERE action LIKE '%_register.export' ORDER BY 1"
    with world.own() as session:
        assert session.scalars(sa.text(exports)).all() == [
            "donation_register.export",
            "redemption_register.export",
        ]


def test_what_comes_back_stands_below_zero_and_a_book_that_differs_says_so(
    world, api, counter, room, supervisor
):
    lin = world.person("林晓梅", points=100)
    sold = counter.redeem(counter.code(lin), quantity=3).json["redemption"]
    page = f"/staff/books/{counter.shop.id}/redemptions?span=quarter&day={day(0)}"
    reader = Browser(world, api, supervisor)

    take_back(world, sold["id"], by=counter.manager, pieces=3)
    goods_alone = reader.get(page).text
    give_back(world, sold["id"], by=counter.manager)
    both = reader.get(page).text

    assert "-3" in goods_alone
    assert "-48" in goods_alone
    assert "退货" in goods_alone
    assert "与台账不一致：库存流水 0 件，积分账 48 分，请先核对。" in goods_alone
    assert "与台账一致：库存流水 0 件，积分账 0 分。" in both


def test_the_book_is_shown_printed_and_taken_by_whoever_may_read_it(
    world, api, counter, room, supervisor
):
    room.give(counter.rice, 5, donor_kind="unit", donor_name="=供电所", best=day(90))
    reader = Browser(world, api, supervisor)
    at = f"/staff/books/{counter.shop.id}/donations"

    page = reader.get(f"{at}?span=quarter&day={day(0)}").text
    sheet = reader.submit(f"{at}/export", shown_on=at, form="xlsx", **MONTH)
    pdf = reader.submit(f"{at}/export", shown_on=at, form="pdf", **MONTH)
    wrong = reader.get(f"{at}?span=year&day={day(0)}")
    world.unit("community", "Next door", under="East Street")
    stranger = Browser(world, api, world.staff("shop_manager", at="Next door"))

    assert "与台账一致：库存流水 5 件" in page
    assert "第 1 页 共 1 页" in page
    cells = list(load_workbook(io.BytesIO(sheet.data)).active.values)
    assert (cells[1][2], cells[-1][0], cells[-1][5]) == ("'=供电所", "合计", 5)
    assert len(re.findall(rb"/Type /Page\b", pdf.data)) == 1
    assert wrong.status_code == 422
    assert stranger.get(at).status_code == 404
    assert reader.get("/staff/shops").status_code == 403


def test_what_runs_out_what_lies_and_what_money_covers(world, api, counter, room, supervisor):
    soap = world.item(counter.shop, name="香皂", stock=4)
    lin = world.person(points=160)
    counter.redeem(counter.code(lin), quantity=5)

    page = Browser(world, api, supervisor).get(f"/staff/books/{counter.shop.id}").text

    assert soap.name in page
    assert "按目前速度，2026年3月底用完" in page
    assert "28 天" in page
    assert "还没有登记筹到的资金" in page
