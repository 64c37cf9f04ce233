"""Sales of a terminal that are refused as they stand: put aside, and ended by a second person."""

from dataclasses import replace
from uuid import UUID

import pytest
import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from app.supermarket.models import OfflineStray
from tests.support.browser import Browser
from tests.support.counter import Counter
from tests.support.terminal import Terminal, served_by_card


@pytest.fixture
def forged(terminal, salt, card):
    """A sale of a slice that was altered since."""
    sale = terminal.sell(card, salt, quantity=2)
    richer = sale["slice"].replace('"points": 20', '"points": 90')
    return {**sale, "slice": richer, "name": "林*燕"}


@pytest.fixture
def second(world, api):
    return Browser(world, api, world.staff("shop_manager", name="王店长"))


def strays(world):
    with world.own() as session:
        return list(session.scalars(sa.select(OfflineStray)))


def actions(world):
    with world.own() as session:
        return list(session.scalars(sa.select(AuditEntry.action).order_by(AuditEntry.seq)))


def test_a_forged_sale_is_kept_as_it_was_told_and_takes_no_points(world, terminal, forged, lin):
    first, again = terminal.post("/strays", **forged), terminal.post("/strays", **forged)

    kept = first.get_json()
    assert again.get_json() == kept
    assert kept["state"] == "aside"
    assert "被改动过" in kept["said"]
    assert "由另一位店长或者社区书记" in kept["said"]
    (stray,) = strays(world)
    assert stray.problem == "slice_forged"
    assert stray.told["lines"][0]["name"] == "食用盐"
    assert (stray.told["total"], stray.told["name"]) == ("8", "林*燕")
    assert world.points_of(lin) == 24
    assert actions(world).count("offline.aside") == 1


def test_what_is_good_after_all_is_booked_and_not_put_aside(world, terminal, salt, card, lin):
    sale = terminal.sell(card, salt)

    kept = terminal.post("/strays", **sale).get_json()

    assert kept["state"] == "booked"
    assert strays(world) == []
    assert world.points_of(lin) == 40


@pytest.mark.parametrize(
    "wrong",
    [
        {"slice": "", "mac": ""},  # the browser has lost it
        {"sold_at": "yesterday"},
        {"total": "1000000000000"},
        {"share": "018f0000-0000-7000-8000-000000000001"},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_whatever_is_wrong_with_it_nothing_is_lost(world, terminal, salt, card, wrong):
    sale = {**terminal.sell(card, salt), **wrong}

    refused = terminal.bringing(sale)
    kept = terminal.post("/strays", **sale).get_json()

    assert refused.status_code in {404, 422}
    assert kept["said"].startswith(refused.get_json()["detail"])
    assert len(strays(world)) == 1


def test_what_is_refused_as_it_stands_is_told_apart_from_what_passes(
    world, api, terminal, salt, card, forged
):
    world.unit("community", "Next door", under="East Street")
    stranger = Browser(world, api, world.staff("shop_manager", at="Next door"))
    sale, path = terminal.sell(card, salt), f"{terminal.at}/sales"

    answers = [
        terminal.bringing(forged),
        terminal.browser.send(path, csrf_token="of yesterday", **sale),
        stranger.submit(path, shown_on="/staff/merchants", **sale),  # at a terminal of others
        terminal.bringing(sale),
    ]

    told = [(answer.status_code, answer.headers.get("Refused-Finally")) for answer in answers]
    assert told == [(422, "true"), (400, None), (404, None), (200, None)]


def test_the_queue_of_people_shows_it_until_a_second_one_has_ended_it(
    world, counter, terminal, forged, second
):
    terminal.post("/strays", **forged)
    where = f"{terminal.at}/waiting"
    path = f"{terminal.at}/strays/{strays(world)[0].id}"
    said = {"reason": "核对了登记纸，请居民下次来补办"}
    day = terminal.browser.get(f"/counter/{counter.shop.id}/day").text
    page = terminal.browser.get(where).text

    own = terminal.post(f"/strays/{strays(world)[0].id}", **said)
    unsaid = second.submit(path, shown_on=where, reason="")
    ended = second.submit(path, shown_on=where, **said)
    twice = second.submit(path, shown_on=where, **said)

    assert "有 1 笔断网兑换没有入账" in day
    assert "食用盐×2" in page
    assert "您不能自己结清。请王店长（爱心超市店长）来结清。" in page
    assert [one.status_code for one in (own, unsaid, ended, twice)] == [409, 422, 303, 409]
    assert "食用盐×2" not in terminal.browser.get(where).text
    assert terminal.state()["waiting"] == 0
    assert strays(world)[0].reason == said["reason"]
    assert actions(world)[-1] == "offline.aside_closed"


@pytest.mark.parametrize(
    "wrong",
    [
        {"sold_at": "yesterday", "share": "no longer known"},  # the signature says whose it was
        {"slice": "", "mac": ""},  # the share does
        {"mac": "0"},
    ],
    ids=["signed", "lost", "forged"],
)
def test_who_sold_does_not_end_what_a_colleague_put_aside(
    world, counter, terminal, salt, card, wrong
):
    sale = {**terminal.sell(card, salt), **wrong}
    colleague = replace(terminal, who=world.staff("shop_manager", name="王店长"))
    third = Browser(world, counter.api, world.staff("shop_manager", name="钱店长"))
    where, said = f"{terminal.at}/waiting", {"reason": "核对了登记纸"}
    colleague.post("/strays", **sale)
    (stray,) = strays(world)

    own = terminal.post(f"/strays/{stray.id}", **said)
    aside = colleague.post(f"/strays/{stray.id}", **said)
    page = terminal.browser.get(where).text
    ended = third.submit(f"{terminal.at}/strays/{stray.id}", shown_on=where, **said)

    assert stray.sold_by == counter.manager.id
    assert [one.status_code for one in (own, aside, ended)] == [409, 409, 303]
    assert "请兑换点的另一位店长或者社区书记来结清" in own.text
    assert "您不能自己结清。请钱店长（爱心超市店长）来结清。" in page


def test_where_two_sell_who_answers_for_the_community_ends_what_both_had_a_hand_in(
    world, counter, terminal, salt, card
):
    colleague = replace(terminal, who=world.staff("shop_manager", name="王店长"))
    where = f"{terminal.at}/waiting"
    sale = terminal.sell(card, salt)
    colleague.post("/strays", **{**sale, "mac": "0"})
    before = [one.browser.get(where).text for one in (terminal, colleague)]
    secretary = Browser(world, counter.api, world.staff("community_secretary", name="方书记"))
    after = [one.browser.get(where).text for one in (terminal, colleague)]
    shop = secretary.get(f"/staff/shops/{counter.shop.id}").text
    page = secretary.get(where).text

    path = f"{terminal.at}/strays/{strays(world)[0].id}"
    ended = secretary.submit(path, shown_on=where, reason="核对了登记纸")

    assert ["还没有别人可以结清：请社区" in one for one in before] == [True, True]
    assert ["请方书记（社区党组织书记）来结清。" in one for one in after] == [True, True]
    assert "有 1 笔等人核对、结清" in shop
    assert f'href="{where}"' in shop
    assert "食用盐×1" in page
    assert "还没有交回的备用额度" not in page  # that is for whoever sells
    assert ended.status_code == 303
    with world.own() as session:
        last = session.scalars(sa.select(AuditEntry).order_by(AuditEntry.seq.desc())).first()
    assert (last.action, last.role) == ("offline.aside_closed", "community_secretary")
    assert "等人核对" not in secretary.get(f"/staff/shops/{counter.shop.id}").text


def test_who_answers_for_another_community_sees_nothing_of_it(world, api, terminal, forged):
    terminal.post("/strays", **forged)
    world.unit("community", "Next door", under="East Street")
    stranger = Browser(world, api, world.staff("community_secretary", at="Next door"))
    path = f"{terminal.at}/strays/{strays(world)[0].id}"

    closing = stranger.submit(path, shown_on="/staff/shops", reason="看过了")

    assert stranger.get(f"{terminal.at}/waiting").status_code == 404
    assert closing.status_code == 404
    assert strays(world)[0].closed_at is None


def test_who_answers_for_the_community_sells_nothing_and_books_nothing(
    world, api, terminal, salt, card
):
    secretary = Browser(world, api, world.staff("community_secretary"))
    sale = terminal.sell(card, salt)

    answer = secretary.submit(f"{terminal.at}/sales", shown_on=f"{terminal.at}/waiting", **sale)

    assert answer.status_code == 403


def test_whose_card_it_was_does_not_end_it(world, counter, terminal, salt):
    member = world.staff("shop_manager", name="孙店长")
    world.give(member, 60)
    served_by_card(world, counter, member)
    (share,) = terminal.hold_for([member])[1:]
    terminal.post("/strays", **{**terminal.sale_of(share, salt), "mac": "0"})
    path = f"{terminal.at}/strays/{strays(world)[0].id}"

    browser, where = Browser(world, counter.api, member), f"{terminal.at}/waiting"
    page = browser.get(where).text
    answer = browser.submit(path, shown_on=where, reason="看过了")

    assert "或者是您的卡，您不能自己结清" in page
    assert answer.status_code == 409
    assert "是谁的卡，都不能自己结清" in answer.text


def test_what_was_ended_is_let_go_of_after_a_year_and_what_waits_is_kept(
    world, app, hands, terminal, forged, second
):
    for nonce in range(2):
        terminal.post("/strays", **{**forged, "nonce": str(UUID(int=nonce))})
    first, waits = sorted(strays(world), key=lambda one: one.nonce)
    where = f"{terminal.at}/waiting"
    second.submit(f"{terminal.at}/strays/{first.id}", shown_on=where, reason="补办了")

    def kept_after(days):
        hands.move(days=days)
        with world.as_worker():
            for let_go in app.extensions["tidying"]:
                let_go([world.tenant_id])
        return {one.id for one in strays(world)}

    assert kept_after(364) == {first.id, waits.id}
    assert kept_after(2) == {waits.id}


def test_another_shops_terminal_puts_nothing_aside_here(world, api, counter, terminal, forged):
    there = Counter.open(world, api, name="Second shop")
    terminal.post("/strays", **forged)
    (stray,) = strays(world)

    elsewhere = Terminal(world, there).post(f"/strays/{stray.id}", reason="看过了")

    assert elsewhere.status_code == 404


def test_who_hands_over_is_told_of_a_slice_that_is_out(world, counter, terminal):
    where = f"/counter/{counter.shop.id}/day"
    out = terminal.browser.get(where).text
    terminal.give_back()

    assert "汤店长" in out
    assert "领的断网备用额度还没有交回" in out
    assert "还没有交回" not in terminal.browser.get(where).text
