"""Two tabs, a slice that ends, and a wire that is cut: each sale once, and none lost."""

from collections import Counter as Tally
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.counter import Counter
from tests.support.cutting import cut_wire
from tests.support.refusals import refusal
from tests.support.serving import listening, serving
from tests.support.terminal import Terminal, allow, served_by_card

TABS = 4


@pytest.fixture
def salt(world, counter):
    return world.item(counter.shop, name="食用盐", points=2, stock=300)


@pytest.fixture
def terminal(world, counter, salt):
    allow(world, counter, 20)
    terminal = Terminal(world, counter)
    terminal.ask()
    return terminal


def states(answers):
    return Tally(answer.get_json().get("state") or refusal(answer)[1] for answer in answers)


def bringing(terminal, sale):
    """In a browser of its own, which is signed in before the race."""
    tab = terminal.tab()
    return lambda _api: tab.bringing(sale)


def test_one_queue_brought_by_two_tabs_at_once_is_booked_once(world, terminal, salt, crowd):
    people = world.people(12, points=40)
    queue = [terminal.sale_of(share, salt) for share in terminal.hold_for(people)]

    answers = crowd.at_once([bringing(terminal, sale) for sale in [*queue, *queue]])

    assert states(answers) == {"booked": 24}
    assert {world.points_of(who) for who in people} == {38}
    assert world.on_hand(salt) == 288
    assert world.violations() == []


def test_two_sales_with_one_card_are_one_and_one_that_waits(world, terminal, salt, crowd):
    people = world.people(6, points=40)
    shares = terminal.hold_for(people)
    queue = [terminal.sale_of(share, salt) for share in [*shares, *shares]]

    answers = crowd.at_once([bringing(terminal, sale) for sale in queue])

    assert states(answers) == {"booked": 6, "waiting": 6}
    assert {world.points_of(who) for who in people} == {38}
    assert world.violations() == []


def test_a_slice_that_ends_while_its_sales_come_loses_none(world, terminal, salt, crowd):
    people = world.people(12, points=40)
    queue = [terminal.sale_of(share, salt) for share in terminal.hold_for(people)]
    deeds = [bringing(terminal, sale) for sale in queue]
    ends = [lambda _api, tab=tab: tab.give_back() for tab in (terminal.tab(), terminal.tab())]

    answers = crowd.at_once([*deeds[:6], *ends, *deeds[6:]])

    assert states(answers[:6] + answers[8:]) == {"booked": 12}
    assert set(terminal.shares().values()) <= {"sold", "released"}
    assert {world.points_of(who) for who in people} == {38}
    assert world.violations() == []


def test_a_days_slice_is_one_terminals_and_a_persons_share_one_shops(
    world, api, counter, salt, crowd
):
    there = Counter.open(world, api, name="Second shop")
    for shop in (counter, there):
        allow(world, shop, 20)
        world.item(shop.shop, name="火柴", points=2, stock=9)
    people = world.people(4, points=80)
    for who in people:
        served_by_card(world, counter, who)
        served_by_card(world, there, who)
    terminals = [Terminal(world, shop) for shop in (counter, counter, there, there)]

    answers = crowd.at_once([lambda _api, one=one: one.asking() for one in terminals])

    assert Tally(answer.status_code for answer in answers) == {200: 2, 409: 2}
    assert len(terminals[0].shares()) == 4
    assert {world.points_of(who) for who in people} == {28}
    assert world.violations() == []


def test_two_hundred_sales_over_a_wire_that_is_cut_are_two_hundred(
    world, counter, terminal, salt, crowd
):
    people = world.people(200, points=4)
    queue = [terminal.sale_of(share, salt) for share in terminal.hold_for(people)]
    with listening() as listener, serving(world.app, listener):
        port = listener.getsockname()[1]
        with cut_wire(port, seed=3) as wire, ThreadPoolExecutor(TABS) as pool:
            tabs = [
                pool.submit(bring_all, wire.address, terminal, queue[tab::TABS])
                for tab in range(TABS)
            ]
            told = [sale for tab in tabs for sale in tab.result()]

    print(f"{wire.cuts} connections were cut")  # noqa: T201 - a figure
    assert Tally(sale["state"] for sale in told) == {"booked": 200}
    assert len({sale["number"] for sale in told}) == 200
    assert wire.cuts > 80
    assert world.on_hand(salt) == 100
    assert {world.points_of(who) for who in people[::20]} == {2}
    assert world.violations() == []


def bring_all(address, terminal, queue):
    """What the page does: one after the other, and the same again until it is answered."""
    cookies = {"session": terminal.browser.session}
    with httpx.Client(base_url=f"{address}{terminal.at}", cookies=cookies, timeout=10) as client:
        asked = client.build_request("GET", "/state", params={"terminal": str(terminal.id)})
        token = until_answered(client, asked)["csrf"]
        return [
            until_answered(client, client.build_request("POST", "/sales", data=form))
            for form in ({**sale, "csrf_token": token} for sale in queue)
        ]


def until_answered(client, asked):
    while True:
        try:
            answer = client.send(asked)
            if answer.status_code < 500:
                return answer.json()
        except (httpx.TransportError, ValueError):
            continue
