"""What people do about sales without a network that were not booked, and holds that have ended."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from app.ledger import moving
from app.ledger import services as ledger
from app.supermarket import limits, shares
from app.supermarket.models import OfflineSale, OfflineShare
from app.supermarket.till_rules import Most, Rules
from points_engine import Capture
from tests.support.browser import Browser
from tests.support.terminal import Terminal


@pytest.fixture
def second(world, api):
    """Another manager of the shop, neither who sold nor whose card it was."""
    return Browser(world, api, world.staff("shop_manager", name="王店长"))


@pytest.fixture
def again(world, terminal):
    """Press 再办一次 on the only sale that waits."""

    def press(browser):
        path = f"{terminal.at}/sales/{sale(world).id}"
        return browser.submit(path, shown_on=f"{terminal.at}/waiting")

    return press


def sale(world):
    with world.own() as session:
        return session.scalars(sa.select(OfflineSale)).one()


def last_deed(world):
    with world.own() as session:
        return session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()


# Once more.


def test_a_limit_holds_for_whoever_tries_again_until_its_time_is_over(
    world, terminal, second, again, salt, card, hands, monkeypatch
):
    hour, day = Most(sales=1, points=10_000), Most(sales=10, points=10_000)
    law = Rules(
        confirm_points=180,
        confirm_within=timedelta(minutes=3),
        hour=hour,
        day=day,
        papers=10,
        paper_points=200,
    )
    monkeypatch.setattr(limits, "rules", lambda: law)
    brought = terminal.bring(terminal.sell(card, salt))

    soon = [again(browser).status_code for browser in (terminal.browser, second)]
    still = sale(world)
    hands.move(hours=1, minutes=1)
    terminal.sign_in()
    later = again(terminal.browser)

    assert (brought["state"], "请过一小时再点" in brought["said"]) == ("waiting", True)
    assert soon == [200, 200]
    assert (still.state, still.problem) == ("waiting", "limit_reached")
    assert (later.status_code, sale(world).state) == (303, "booked")
    assert world.violations() == []


def test_nobody_books_another_price_than_was_signed_for(
    world, terminal, second, again, salt, card, lin
):
    terminal.bring({**terminal.sell(card, salt), "total": "3"})

    said = [again(browser).text for browser in (terminal.browser, second)]

    assert all("再办也是一样，请另一位店长或者社区书记核对登记纸后结清" in page for page in said)
    assert (sale(world).state, sale(world).problem) == ("waiting", "price_changed")
    assert world.points_of(lin) == 24


def test_a_clock_that_was_wrong_takes_a_second_person(
    world, counter, terminal, second, again, salt, card
):
    terminal.bring(terminal.sell(card, salt, at=world.now() + timedelta(days=3)))

    alone = again(terminal.browser)
    still = sale(world).state
    together = again(second)

    assert (alone.status_code, still) == (200, "waiting")
    assert "请另一位管理员核对登记纸上的日期" in alone.text
    assert (together.status_code, sale(world).state) == (303, "booked")
    assert sale(world).decided_by not in {counter.manager.id, None}
    assert last_deed(world).action == "offline.again"
    assert last_deed(world).subject_id == sale(world).id
    assert world.violations() == []


def test_nobody_books_what_was_bought_with_their_own_card(world, counter, salt, buying_colleague):
    colleague, card = buying_colleague
    terminal, own = Terminal(world, counter), Terminal(world, counter, who=colleague)
    terminal.ask()
    terminal.bring(terminal.sell(card, salt, at=world.now() + timedelta(days=3)))
    page = own.browser.get(f"{own.at}/waiting").text

    with world.changes() as changed:
        refused = own.post(f"/sales/{sale(world).id}")

    assert "这是您自己的卡" in page
    assert "再办一次</button>" not in page
    assert (refused.status_code, changed) == (409, {})
    assert "不能自己办" in refused.text


def test_what_the_other_of_two_sellers_bought_is_ended_by_who_answers_for_the_community(
    world, api, counter, salt, buying_colleague
):
    colleague, card = buying_colleague
    terminal = Terminal(world, counter)
    terminal.ask()
    terminal.bring(terminal.sell(card, salt, at=world.now() + timedelta(days=3)))
    path, where = f"{terminal.at}/sales/{sale(world).id}/closing", f"{terminal.at}/waiting"
    secretary = Browser(world, api, world.staff("community_secretary", name="方书记"))
    both = [terminal.browser, Terminal(world, counter, who=colleague).browser]
    refused = [one.submit(path, shown_on=where, reason="对过了") for one in both]
    shop, page = secretary.get(f"/staff/shops/{counter.shop.id}").text, secretary.get(where).text
    trying = secretary.submit(f"{terminal.at}/sales/{sale(world).id}", shown_on=where)
    points = world.points_of(colleague)

    ended = secretary.submit(path, shown_on=where, reason="登记纸上的日期不对")

    assert [one.status_code for one in refused] == [409, 409]
    assert ["请方书记（社区党组织书记）来结清。" in one.text for one in refused] == [True, True]
    assert "有 1 笔等人核对、结清" in shop
    assert ("再办一次</button>" in page, trying.status_code) == (False, 403)  # that is selling
    assert (ended.status_code, sale(world).state) == (303, "closed")
    assert (last_deed(world).action, last_deed(world).role) == (
        "offline.close",
        "community_secretary",
    )
    assert world.points_of(colleague) == points
    assert world.violations() == []


# Holds, and when they are over.


def test_whose_points_are_held_reads_in_the_passbook_why_and_until_when(
    world, api, terminal, lin, hands
):
    own = Browser(world, api, lin)
    hands.move(hours=12)  # it is about a day, and so are the words

    book, orders = own.get("/passbook").text, own.get("/orders").text
    by_minutes = own.get("/passbook", unit="minutes").text
    terminal.sign_in()
    terminal.give_back()

    assert "有 20 分暂不在可兑积分里：Mingde shop为断网兑换预留，3月2日断网时" in book
    assert "没有用掉的最迟 3月5日 00:00 退回。" in book
    assert "为断网兑换预留了您的 20 分：3月2日断网时" in orders
    assert "最迟 3月5日 00:00 退回" in orders
    assert "为断网兑换预留" not in by_minutes
    assert "为断网兑换预留" not in own.get("/passbook").text


def test_a_hold_that_ended_by_itself_is_paid_from_what_there_is(
    world, terminal, salt, card, lin, hands
):
    late = terminal.sell(card, salt)
    hands.move(days=6)
    with world.work() as session:
        ledger.lapse_holds(session, now=hands(), on=hands().date())
    terminal.sign_in()

    brought = terminal.bring(late)

    assert brought["state"] == "booked"
    assert terminal.shares() == {lin.id: "released"}
    assert world.points_of(lin) == 40
    assert world.violations() == []


def test_one_hold_that_is_over_keeps_nobody_elses_points(world, counter, terminal, lin):
    wang, zhao = world.people(2, points=60)
    terminal.hold_for([wang, zhao])
    with world.own() as session:
        first = session.scalars(sa.select(OfflineShare).order_by(OfflineShare.id)).first()
    taken = Capture(
        reference=shares.reference(first.id),
        amount=first.points,
        occurred_on=world.now().date(),
        booked_at=world.now(),
        actor_id=counter.manager.id,
        reason="手工",
    )
    with world.work() as session:
        moving.capture(session, taken)

    terminal.give_back()

    assert first.person_id == lin.id
    assert set(terminal.shares().values()) == {"released"}
    assert [world.points_of(who) for who in (wang, zhao)] == [60, 60]


def test_what_cannot_be_let_go_of_does_not_keep_back_the_others(world, terminal, lin):
    wang, zhao = world.people(2, points=60)
    terminal.hold_for([wang, zhao])
    with world.own() as session:
        first = session.scalars(sa.select(OfflineShare).order_by(OfflineShare.id)).first()
        session.execute(
            sa.text("UPDATE hold SET reference = 'lost' WHERE reference = :reference"),
            {"reference": shares.reference(first.id)},
        )

    terminal.give_back()

    assert terminal.shares() == {lin.id: "open", wang.id: "released", zhao.id: "released"}
