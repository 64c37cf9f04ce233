"""What lapses is said beforehand, and goes where its owner wants."""

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from app.core.ids import new_id
from app.ledger import labels, services
from points_engine import Destination, Reservation, Reversal
from points_engine.postgres import PostgresEngine
from tests.support.hands import NOON
from tests.support.refusals import refusal

NEW_YEAR = datetime(2027, 12, 31, 16, 10, tzinfo=UTC)  # ten past midnight in Shanghai
TODAY = date(2026, 3, 2)


def points_of(api, person):
    return api.get("/me/balances", as_=person).json["points"]


def expire(world, *, at):
    with world.work() as session:
        services.expire(session, on=date(2028, 1, 1), now=at, zone="Asia/Shanghai")


def take_back_a_visit(world, person):
    """Somebody finds that a visit was none."""
    with world.work() as session:
        engine = PostgresEngine(session, world.tenant_id)
        line = next(line for line in engine.lines(person.id) if line.unit == "points")
        engine.reverse(
            Reversal(
                reference=f"reversal:{new_id()}",
                of=line.reference,
                occurred_on=TODAY,
                booked_at=NOON,
                actor_id=person.id,
                reason="记错了人",
            )
        )


def hold(world, person, amount):
    with world.work() as session:
        PostgresEngine(session, world.tenant_id).hold(
            Reservation(
                payer_id=person.id,
                shop_id=new_id(),
                community_id=person.community_id,
                amount=amount,
                reference=f"hold:{new_id()}",
                occurred_on=TODAY,
                held_at=NOON,
                expires_at=NOON + timedelta(hours=72),
                actor_id=person.id,
                reason="预订",
            )
        )


def test_the_balance_says_what_lapses_and_when(api, world, lin):
    world.give(lin, 6)

    assert points_of(api, lin)["expiring"] == [{"on": "2027-12-31", "amount": 6}]


def test_the_account_and_the_passbook_say_it_too(browser, world, lin):
    assert "积分到期" not in browser.get("/me").text + browser.get("/passbook").text
    world.give(lin, 6)

    said = '<span class="num">{}</span> 到期 <b class="num">6</b> 分'
    assert said.format("2027-12-31") in browser.get("/me").text
    calendar = browser.get("/passbook", unit="points").text
    assert "<h3>2027 年" in calendar
    assert said.format("12-31") in calendar
    assert "到期日历" not in browser.get("/passbook", unit="score").text


def test_what_lapses_goes_back_to_the_community_unless_somebody_says_otherwise(api, world, lin):
    world.give(lin, 4)
    assert points_of(api, lin)["lapses_to"] == "community"

    answer = api.put("/me/expiry-choice", as_=lin, goes_to="love_pool")
    again = api.put("/me/expiry-choice", as_=lin, goes_to="love_pool")
    expire(world, at=NEW_YEAR)

    assert (answer.status_code, answer.json) == (200, {"goes_to": "love_pool"})
    assert again.json == answer.json
    assert points_of(api, lin)["lapses_to"] == "love_pool"
    line = api.get("/me/passbook", as_=lin, unit="points").json["items"][0]
    assert (line["kind"], line["title"], line["amount"]) == ("expire", "积分到期", -2)
    assert line["reason"] == "积分到期未使用，按本人选择转入爱心池"


def test_the_choice_is_a_small_form_on_the_account_page(browser, world, hands, lin):
    world.give(lin, 4)
    assert "现在会<b>归还社区</b>" in browser.get("/me").text

    answer = browser.submit("/me/expiry-choice", shown_on="/me", goes_to="love_pool")
    assert "现在会<b>捐给爱心池</b>" in browser.get("/me").text
    hands.move(minutes=1)
    browser.submit("/me/expiry-choice", shown_on="/me", goes_to="community")

    assert (answer.status_code, answer.location) == (303, "/me#expiring")
    assert "现在会<b>归还社区</b>" in browser.get("/me").text


@pytest.mark.parametrize("goes_to", ["somebody", "", None])
def test_there_are_two_places_for_it_to_go(api, browser, world, lin, goes_to):
    answer = api.put("/me/expiry-choice", as_=lin, goes_to=goes_to)
    browser.submit("/me/expiry-choice", shown_on="/me", goes_to=goes_to or "")

    assert refusal(answer) == (422, "invalid")
    assert world.row_counts()["expiry_choice"] == 0


def test_everybody_chooses_for_themselves(api, world, lin):
    wang = world.person()
    api.put("/me/expiry-choice", as_=lin, goes_to="love_pool")

    assert points_of(api, wang)["lapses_to"] == Destination.COMMUNITY


def test_what_is_held_is_missing_from_the_balance_and_the_page_says_why(api, browser, world, lin):
    world.give(lin, 6)
    assert "不在可兑积分里" not in browser.get("/me").text

    hold(world, lin, 4)

    assert (points_of(api, lin)["available"], points_of(api, lin)["held"]) == (2, 4)
    assert (
        "另有 4 分已预订商品或为断网兑换预留，看存折和“我的预约”，不在可兑积分里。"
        in browser.get("/me").text
    )


def test_what_is_owed_is_said_in_a_plain_sentence(api, browser, world, lin):
    world.give(lin, 2)
    hold(world, lin, 2)
    assert "待抵扣" not in browser.get("/me").text

    take_back_a_visit(world, lin)

    assert points_of(api, lin)["owed"] == 2
    assert "待抵扣 2 分：有一笔记错的积分被冲正，当时已经用掉" in browser.get("/me").text


def test_a_line_says_when_it_counts_in_another_quarter(browser, world, lin):
    world.give(lin, 2)
    query = "UPDATE transfer SET quarter = '2026Q3' WHERE tenant_id = :t"
    with world.own() as session:
        session.execute(sa.text(query), {"t": world.tenant_id})

    assert "计入 2026Q3" in browser.get("/passbook").text


@pytest.mark.parametrize(
    ("quarter", "reason", "said"),
    [
        ("2026Q1", "", ""),
        ("2026Q2", "记错了人", "计入 2026Q2"),
        ("2026Q2", "服务 30 分钟（2026Q1 已结账，计入 2026Q2）", ""),
    ],
)
def test_the_quarter_is_said_once_and_only_when_it_is_another(quarter, reason, said):
    assert labels.counts_in(TODAY, quarter, reason) == said
