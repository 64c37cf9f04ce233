"""A counter without a network: what it may sell, what it brings back, and what waits for people."""

from datetime import timedelta

import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from app.core.telling.models import Notice
from app.supermarket.models import OfflineSale, Redemption
from tests.support.browser import Browser
from tests.support.counter import Counter
from tests.support.orders import Orders
from tests.support.refusals import refusal
from tests.support.terminal import Terminal, allow, served_by_card


def last_redemption(world):
    with world.own() as session:
        return session.scalars(sa.select(Redemption).order_by(Redemption.id.desc())).first()


def sales(world):
    with world.own() as session:
        return list(session.scalars(sa.select(OfflineSale).order_by(OfflineSale.place)))


def actions(world):
    with world.own() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)))


# Before the network is gone.


def test_it_is_off_until_the_shops_manager_says_how_much(world, api, counter, card):
    desk, at = Browser(world, api, counter.manager), f"/staff/shops/{counter.shop.id}"
    terminal = Terminal(world, counter)

    off = refusal(terminal.asking())
    unlinked = desk.get(f"/counter/{counter.shop.id}").text
    said = desk.submit(f"{at}/offline", shown_on=at, points="20")
    too_much = desk.submit(f"{at}/offline", shown_on=at, points="201")

    assert off == (409, "offline_off")
    assert "断网兑换" not in unlinked
    assert (said.status_code, too_much.status_code) == (303, 422)
    assert "每人每天最多 20 分" in desk.get(at).text
    assert "断网兑换" in desk.get(f"/counter/{counter.shop.id}").text
    assert actions(world)[-1] == "shop.offline"
    assert terminal.asking().status_code == 200


def test_a_slice_holds_a_little_for_whoever_used_a_card_here(world, api, counter, salt, lin, card):
    allow(world, counter, 20)
    few = world.person("钱少", points=20)
    poor = served_by_card(world, counter, few)  # 4 are left: half of that buys nothing
    stranger = world.card(world.person("路过", points=60))
    terminal = Terminal(world, counter)

    terminal.ask()

    assert terminal.known(card) == {
        "share": terminal.known(card)["share"],
        "name": "林*燕",
        "points": 20,
    }
    assert terminal.known(poor) is None
    assert terminal.known(stranger) is None
    assert terminal.shares() == {lin.id: "open"}
    assert world.points_of(lin) == 24
    desk, at = Browser(world, api, counter.manager), f"/counter/{counter.shop.id}"
    seen = desk.submit(f"{at}/look", shown_on=at, card_no=card).text
    assert "另有 20 分为断网兑换预留" in seen
    assert world.violations() == []


def test_never_more_than_half_of_what_somebody_has_is_held(world, counter, salt):
    allow(world, counter, 100)
    wang = world.person(points=40)
    card = served_by_card(world, counter, wang)
    terminal = Terminal(world, counter)

    terminal.ask()

    assert terminal.known(card)["points"] == 12


def test_what_a_terminal_keeps_names_nobody(world, terminal, lin, card):
    text = terminal.slice["text"]

    assert "林小燕" not in text
    assert card not in text
    assert str(lin.id) not in text


def test_asked_again_it_is_the_same_and_another_terminal_is_sent_to_the_first(
    world, counter, terminal, card
):
    first = terminal.content
    terminal.ask()
    other = Terminal(world, counter)

    answer = other.asking()

    assert terminal.content == first
    assert refusal(answer) == (409, "slice_taken")
    assert other.state()["slice"] is None
    assert other.state()["holder"] == "汤*长"
    assert actions(world).count("offline.grant") == 1


def test_a_manager_has_no_share_of_their_own(world, counter, salt, buying_colleague):
    colleague, card = buying_colleague
    terminal = Terminal(world, counter, who=colleague)

    terminal.ask()

    assert terminal.known(card) is None


def test_points_that_may_not_be_redeemed_are_not_held(world, counter, card, salt, lin):
    allow(world, counter)
    Orders(world, counter).rule(redeemable_by=["retired"])
    terminal = Terminal(world, counter)

    terminal.ask()

    assert terminal.known(card) is None
    assert world.points_of(lin) == 44


# Back.


def test_a_sale_is_booked_once_by_the_ordinary_way(world, counter, terminal, salt, lin, card):
    sale = terminal.sell(card, salt, quantity=3)

    first, again = terminal.bring(sale), terminal.bring(sale)

    assert first == again
    assert (first["state"], first["balance_after"]) == ("booked", 32)
    sold = last_redemption(world)
    assert (sold.way, sold.cost, sold.manager_id) == ("offline", 12, counter.manager.id)
    assert str(sold.id) == sale["share"]
    assert sales(world)[0].sold_at == world.now()
    assert (world.points_of(lin), world.on_hand(salt)) == (32, 17)
    with world.own() as session:
        notice = session.scalars(sa.select(Notice).order_by(Notice.id.desc())).first()
    assert notice.template == "goods_without_phone"
    assert terminal.state()["sales"] == [first]
    assert world.violations() == []


def test_order_and_delay_change_nothing(world, counter, salt, hands):
    people = world.people(4, points=60)
    cards = [served_by_card(world, counter, who) for who in people]
    allow(world, counter)
    terminal = Terminal(world, counter)
    terminal.ask()
    queue = [terminal.sell(card, salt, quantity=2) for card in cards]
    hands.move(hours=20)  # the day after
    terminal.sign_in()

    states = [terminal.bring(sale)["state"] for sale in reversed(queue + queue)]

    assert states == ["booked"] * 8
    assert [world.points_of(who) for who in people] == [36] * 4
    assert world.on_hand(salt) == 12
    assert world.violations() == []


def test_what_is_held_cannot_be_spent_elsewhere_and_covers_the_sale(
    world, api, counter, terminal, salt, lin, card
):
    there = Counter.open(world, api, name="Second shop")
    dear = world.item(there.shop, name="油", points=26, stock=3)
    sale = terminal.sell(card, salt, quantity=5)

    beyond = refusal(there.redeem(there.code(lin), item=dear))
    all_else = there.redeem(there.code(lin))
    brought = terminal.bring(sale)

    assert beyond == (409, "insufficient_points")
    assert all_else.status_code == 201
    assert brought["state"] == "booked"
    assert world.points_of(lin) == 8


def test_points_that_lapse_over_night_still_pay(world, counter, terminal, salt, lin, card, hands):
    sale = terminal.sell(card, salt)
    with world.own() as session:
        last_day = sa.text("UPDATE lot SET expires_on = :day WHERE tenant_id = :t")
        session.execute(last_day, {"day": hands().date(), "t": world.tenant_id})
    hands.move(hours=20)
    terminal.sign_in()

    assert terminal.bring(sale)["state"] == "booked"


def test_a_card_is_good_once_a_day(world, counter, terminal, salt, lin, card):
    first, second = terminal.sell(card, salt), terminal.sell(card, salt)

    assert terminal.bring(first)["state"] == "booked"
    late = terminal.bring(second)
    terminal.give_back()
    terminal.ask()

    assert late["state"] == "waiting"
    assert "已经用过一次" in late["said"]
    assert terminal.known(card) is None
    assert world.points_of(lin) == 40


def test_goods_the_books_lack_wait_with_their_points_and_are_booked_once_counted(
    world, counter, terminal, lin, card
):
    sale = terminal.sell(card)
    for buyer in world.people(world.on_hand(counter.rice), points=16):
        counter.redeem(counter.code(buyer))

    waits = terminal.bring(sale)
    terminal.give_back()
    terminal.sweep()

    assert (waits["state"], "已兑完" in waits["said"]) == ("waiting", True)
    assert terminal.shares()[lin.id] == "open"
    assert world.points_of(lin) == 24
    world.deliver(counter.rice, 1)  # a count, or a delivery somebody forgot to enter
    assert "有 1 笔断网兑换没有入账" in terminal.browser.get(f"/counter/{counter.shop.id}/day").text
    page = terminal.browser.get(f"{terminal.at}/waiting").text
    assert "大米×1" in page
    assert "林*燕" in page
    (kept,) = sales(world)
    where = f"{terminal.at}/waiting"
    path = f"{terminal.at}/sales/{kept.id}"
    again = terminal.browser.submit(path, shown_on=where)
    assert again.status_code == 303
    assert sales(world)[0].state == "booked"
    assert (world.points_of(lin), world.on_hand(counter.rice)) == (28, 0)
    assert world.violations() == []


def test_what_cannot_be_booked_is_closed_by_somebody_else_with_a_reason(
    world, api, counter, terminal, salt, card, lin
):
    terminal.bring(terminal.sell(card, salt))
    terminal.bring(terminal.sell(card, salt))
    waits = sales(world)[1]
    path, where = f"{terminal.at}/sales/{waits.id}/closing", f"{terminal.at}/waiting"
    other = Browser(world, api, world.staff("shop_manager", name="王店长"))
    why = "登记纸上是重复的一笔"

    own = terminal.browser.submit(path, shown_on=where, reason=why)
    unsaid = other.submit(path, shown_on=where, reason="")
    closed = other.submit(path, shown_on=where, reason=why)
    twice = other.submit(path, shown_on=where, reason=why)

    assert [one.status_code for one in (own, unsaid, closed, twice)] == [409, 422, 303, 409]
    assert sales(world)[1].reason == "登记纸上是重复的一笔"
    assert actions(world)[-1] == "offline.close"
    assert world.points_of(lin) == 40
    assert world.violations() == []


def test_another_managers_own_card_is_refused_as_at_the_counter(
    world, counter, salt, buying_colleague
):
    colleague, card = buying_colleague
    terminal = Terminal(world, counter)
    terminal.ask()
    sale = terminal.sell(card, salt)

    brought = Terminal(world, counter, who=colleague).bring(sale)

    assert brought["state"] == "booked"  # sold by the one, brought by the other
    assert last_redemption(world).manager_id == counter.manager.id


def test_a_clock_that_is_days_off_is_looked_at(world, terminal, salt, card):
    sale = terminal.sell(card, salt, at=world.now() + timedelta(days=3))

    brought = terminal.bring(sale)

    assert brought["state"] == "waiting"
    assert sales(world)[0].problem == "offline_time_odd"


# What no terminal can have.


def test_an_altered_slice_is_refused_and_changes_nothing(world, terminal, salt, card):
    sale = terminal.sell(card, salt)
    richer = {**sale, "slice": sale["slice"].replace('"points": 20', '"points": 90')}
    unsigned = {**sale, "mac": "0" * 64}

    with world.changes() as changed:
        answers = [refusal(terminal.bringing(one)) for one in (richer, unsigned)]

    assert answers == [(422, "slice_forged")] * 2
    assert changed == {}


def test_another_shops_slice_is_refused(world, api, terminal, salt, card):
    there = Counter.open(world, api, name="Second shop")
    allow(world, there)
    sale = terminal.sell(card, salt)

    assert refusal(Terminal(world, there).bringing(sale)) == (404, "slice_unknown")


def test_another_citys_slice_is_refused(terminal, another_counter, salt, card):
    sale = terminal.sell(card, salt)

    stranger = Terminal(another_counter.world, another_counter)

    assert refusal(stranger.bringing(sale)) == (422, "slice_forged")


def test_a_share_of_another_slice_and_a_number_used_before_are_refused(
    world, counter, terminal, salt, card
):
    sale = terminal.sell(card, salt)
    other = served_by_card(world, counter, world.person(points=60))
    terminal.ask()
    theirs = terminal.sell(other, salt, quantity=2)
    terminal.bring(sale)

    unknown = refusal(terminal.bringing({**theirs, "share": theirs["nonce"]}))
    reused = refusal(terminal.bringing({**theirs, "nonce": sale["nonce"]}))

    assert unknown == (404, "share_unknown")
    assert reused == (409, "nonce_reused")


def test_more_than_was_set_aside_waits(world, terminal, salt, card, lin):
    brought = terminal.bring(terminal.sell(card, salt, quantity=6))

    assert brought["state"] == "waiting"
    assert sales(world)[0].problem == "share_exceeded"
    assert world.points_of(lin) == 24


def test_vouchers_are_not_sold_without_a_network(world, counter, salt, card, lin):
    voucher = world.item(
        counter.shop, name="理发券", points=4, category="haircut", merchant="明德理发店"
    )
    allow(world, counter, 20)
    terminal = Terminal(world, counter)
    terminal.ask()

    sold = terminal.sell(card, salt)
    sold[f"qty-{voucher.id}"] = sold.pop(f"qty-{salt.id}")  # they cost the same
    brought = terminal.bring(sold)

    assert {one["id"] for one in terminal.content["goods"]}.isdisjoint({str(voucher.id)})
    assert (brought["state"], sales(world)[0].problem) == ("waiting", "item_unknown")
    assert (world.points_of(lin), world.on_hand(voucher)) == (24, 10)


def test_the_page_a_browser_keeps_is_about_nobody(world, counter, terminal):
    at = terminal.browser.get(terminal.at)
    manifest = terminal.browser.get(f"{terminal.at}/manifest.webmanifest")
    worker = terminal.browser.get("/counter/offline-worker.js")

    assert "汤店长" not in at.text
    assert "csrf" not in at.text
    assert manifest.get_json(force=True)["scope"] == terminal.at
    assert manifest.mimetype == "application/manifest+json"
    assert worker.mimetype == "text/javascript"
    assert "self" in at.headers["Content-Security-Policy"]


# The end.


def test_given_back_everything_is_free_again(world, terminal, lin):
    answer = terminal.give_back()

    assert answer.status_code == 303
    assert terminal.shares() == {lin.id: "released"}
    assert world.points_of(lin) == 44
    assert terminal.state()["slice"] is None
    assert actions(world)[-1] == "offline.return"
    assert world.violations() == []


def test_a_lost_terminals_points_come_back_by_themselves(world, terminal, lin, hands):
    hands.move(days=2)
    terminal.sweep()
    waiting = world.points_of(lin)
    hands.move(days=1, minutes=1)

    terminal.sweep()

    assert (waiting, world.points_of(lin)) == (24, 44)
    assert world.violations() == []


def test_what_comes_after_the_end_is_paid_as_long_as_there_are_points(world, counter, salt, hands):
    rich, poor = world.person(points=60), world.person(points=60)
    cards = [served_by_card(world, counter, who) for who in (rich, poor)]
    allow(world, counter)
    terminal = Terminal(world, counter)
    terminal.ask()
    queue = [terminal.sell(card, salt, quantity=2) for card in cards]
    terminal.give_back()
    dear = world.item(counter.shop, name="油", points=40, stock=1)
    counter.redeem(counter.code(poor), item=dear)

    states = [terminal.bring(sale)["state"] for sale in queue]

    assert states == ["booked", "waiting"]
    assert [world.points_of(who) for who in (rich, poor)] == [36, 4]
    assert world.violations() == []


def test_day_report_and_book_say_how_it_was_sold(world, api, counter, terminal, salt, card):
    terminal.bring(terminal.sell(card, salt))
    auditor = Browser(world, api, world.staff("auditor"))

    day = terminal.browser.get(f"/counter/{counter.shop.id}/day").text
    report = auditor.get("/staff/tills").text
    book = terminal.browser.get(f"/staff/books/{counter.shop.id}/redemptions").text

    assert "断网时持卡签字" in day
    assert "断网 1" in report
    assert '<dd class="num">100%' in report
    assert "断网" in book
