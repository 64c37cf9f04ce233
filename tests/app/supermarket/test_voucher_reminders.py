"""A week before a 服务券 ends whoever has it is told, once, and called where no message gets."""

from datetime import UTC
from uuid import uuid4
from zoneinfo import ZoneInfoNotFoundError

import pytest
import sqlalchemy as sa

from app.core.telling.models import Notice, NoticeSending
from app.core.tenancy import Tenant
from app.notices import jobs
from app.notices.models import CallLine
from app.supermarket.jobs import look_after_tenant
from app.supermarket.models import ServiceVoucher
from tests.support.orders import Orders


@pytest.fixture
def orders(world, counter):
    return Orders(world, counter)


@pytest.fixture
def lin(world):
    return world.person("林晓梅", points=100)


@pytest.fixture
def buy(counter, haircut, lin):
    def buy(*, quantity=1, who=lin, item=haircut):
        answer = counter.redeem(counter.code(who), item=item, quantity=quantity)
        assert answer.status_code == 201

    return buy


@pytest.fixture
def days_pass(hands, orders):
    """Some days, with the sweeper at work on each."""

    def days_pass(days):
        for _day in range(days):
            hands.move(days=1)
            orders.sweep()

    return days_pass


def said(world, who):
    mine = sa.select(Notice.words).filter_by(person_id=who.id, template="voucher_ending")
    with world.own() as session:
        return list(session.scalars(mine))


def test_what_ends_on_one_day_is_one_message_a_week_before_and_never_another(
    world, counter, buy, lin, days_pass, open_merchant
):
    open_merchant()
    lunch = world.item(counter.shop, name="热饭券", points=5, category="lunch", merchant="食堂")
    buy(quantity=2)
    buy(item=lunch)

    days_pass(82)
    early = said(world, lin)
    days_pass(10)

    assert early == []
    (words,) = said(world, lin)
    assert words == {"goods": "理发券×2、热饭券×1", "day": "2026年5月31日", "where": "明德理发店"}
    assert world.violations() == []


def test_what_was_used_or_given_back_is_not_told_of(world, api, buy, lin, days_pass, open_merchant):
    barber = open_merchant()
    buy(quantity=2)
    used, back = api.get("/me/vouchers", as_=lin).json["items"]
    barber.redeem(used["code"])
    api.post(f"/vouchers/{back['id']}/return", as_=lin, key="k" * 20)

    days_pass(85)

    assert said(world, lin) == []


def test_what_is_good_for_a_few_days_is_not_told_of_at_once(world, orders, buy, lin, days_pass):
    orders.rule(redemption={"voucher_days": 3})
    buy()
    orders.sweep()
    assert said(world, lin) == []

    days_pass(2)

    assert [words["where"] for words in said(world, lin)] == ["请问社区"]


def test_each_of_many_is_told_of_their_own(world, buy, days_pass, monkeypatch):
    monkeypatch.setattr("app.supermarket.reminders.AT_ONCE", 2)
    people = world.people(3, points=10)
    for who in people:
        buy(who=who)

    days_pass(86)

    assert [len(said(world, who)) for who in people] == [1, 1, 1]


def test_all_that_somebody_has_is_one_message_however_few_are_told_at_once(
    world, counter, buy, lin, days_pass, monkeypatch
):
    monkeypatch.setattr("app.supermarket.reminders.AT_ONCE", 2)
    lunch = world.item(counter.shop, name="热饭券", points=5, category="lunch", merchant="食堂")
    buy(quantity=2)
    buy(item=lunch)

    days_pass(86)

    assert [words["goods"] for words in said(world, lin)] == ["理发券×2、热饭券×1"]


def test_what_was_bought_in_the_morning_and_in_the_afternoon_is_one_message(
    world, orders, buy, lin, hands
):
    buy()
    hands.move(hours=3)
    buy()
    hands.move(days=82, hours=19)

    for _hour in range(48):
        hands.move(hours=1)
        orders.sweep()

    assert [words["goods"] for words in said(world, lin)] == ["理发券×2"]


def test_nobody_is_told_twice_on_a_day_of_what_ends_on_several(world, orders, buy, lin, hands):
    """After some days on which nobody swept."""
    buy()
    hands.move(days=1)
    buy(quantity=2)
    hands.move(days=86)

    orders.sweep()
    hands.move(hours=2)
    orders.sweep()
    first = said(world, lin)
    hands.move(days=1)
    orders.sweep()

    assert [words["goods"] for words in first] == ["理发券×1"]
    assert sorted(words["goods"] for words in said(world, lin)) == ["理发券×1", "理发券×2"]
    assert world.violations() == []


def test_vouchers_end_though_nobody_could_be_told_of_them_and_the_trouble_is_seen(
    world, buy, lin, hands
):
    buy()
    hands.move(days=10)
    buy()
    hands.move(days=84)
    nowhere = Tenant(id=world.tenant_id, slug="x", name="x", zone="Mars/Olympus")

    with world.as_worker(), pytest.raises(ZoneInfoNotFoundError):
        look_after_tenant(nowhere)

    with world.own() as session:
        states = session.scalars(sa.select(ServiceVoucher.state)).all()
    assert sorted(states) == ["expired", "live"]


def test_whoever_has_no_phone_is_called_about_it(world, counter, haircut, days_pass):
    wang = world.without_wechat("王阿婆")
    world.give(wang, 20)
    card = {"card_no": world.card(wang, pin="2580"), "pin": "2580"}
    lines = [{"item_id": str(haircut.id), "quantity": 1}]
    sold = counter.api.post(
        counter.path, as_=counter.manager, key=uuid4().hex, card=card, lines=lines
    )
    assert sold.status_code == 201

    days_pass(85)
    with world.as_worker():
        jobs.send_of_tenant(world.tenant_id)

    ours = sa.select(Notice.id).filter_by(person_id=wang.id, template="voucher_ending")
    with world.own() as session:
        (line,) = session.scalars(sa.select(CallLine).where(CallLine.notice_id.in_(ours)))
        due = session.scalar(
            sa.select(NoticeSending.due_at).where(NoticeSending.notice_id.in_(ours))
        )
    assert line.state == "open"
    assert 0 <= due.astimezone(UTC).hour < 14  # by day, where they are
