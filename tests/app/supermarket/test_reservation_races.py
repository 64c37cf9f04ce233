"""Everybody after the same goods: what waits is kept once, and ends in one way."""

import pytest

from tests.support.crowd import outcomes
from tests.support.orders import Orders


@pytest.fixture
def orders(world, counter):
    return Orders(world, counter)


def test_sixty_four_people_reserve_the_last_five(world, counter, orders, crowd):
    oil = world.item(counter.shop, name="食用油", points=2, stock=5)
    buyers = world.people(64, points=2)
    crowd.sign_in(*buyers)

    answers = crowd.at_once(
        [lambda api, who=who: orders.reserving(who, item=oil, api=api) for who in buyers]
    )

    assert outcomes(answers) == {"created": 5, "sold_out": 59}
    assert world.shelf(oil) == [(5, 5)]
    assert world.violations() == []


def test_one_code_fetched_by_sixteen_counters_is_fetched_once(world, counter, orders, crowd):
    kept = orders.reserve(world.person(points=20))
    crowd.sign_in(counter.manager)

    answers = crowd.at_once([lambda api: orders.fetching(kept["code"], api=api)] * 16)

    assert outcomes(answers) == {"created": 1, "code_used": 15}
    assert world.shelf(counter.rice) == [(9, 0)]
    assert world.violations() == []


def test_fetching_cancelling_and_lapsing_end_a_reservation_in_one_way(
    world, counter, orders, crowd, hands
):
    people = world.people(8, points=20)
    kept = [orders.reserve(who) for who in people]
    crowd.sign_in(counter.manager, *people)
    hands.move(hours=72, minutes=15)  # to the minute: for the counter it is over

    def fetch(code):
        return lambda api: orders.fetching(code, api=api)

    def cancel(who, row):
        return lambda api: orders.cancelling(who, row["id"], api=api)

    deeds = [fetch(row["code"]) for row in kept]
    deeds += [cancel(who, row) for who, row in zip(people, kept, strict=True)]
    crowd.at_once([*deeds, *[lambda _api: orders.sweep_beside()] * 2])

    states = {orders.list_own(who)[0]["state"] for who in people}
    assert states <= {"cancelled", "lapsed"}
    assert world.shelf(counter.rice) == [(10, 0)]
    assert {world.points_of(who) for who in people} == {20}
    assert world.violations() == []


def test_fetched_or_cancelled_but_never_both(world, counter, orders, crowd):
    people = world.people(8, points=20)
    kept = [orders.reserve(who) for who in people]
    crowd.sign_in(counter.manager, *people)
    deeds = [lambda api, row=row: orders.fetching(row["code"], api=api) for row in kept]
    deeds += [
        lambda api, who=who, row=row: orders.cancelling(who, row["id"], api=api)
        for who, row in zip(people, kept, strict=True)
    ]

    crowd.at_once(deeds)

    fetched = sum(orders.list_own(who)[0]["state"] == "picked_up" for who in people)
    assert world.shelf(counter.rice) == [(10 - fetched, 0)]
    assert sum(world.points_of(who) for who in people) == 160 - 16 * fetched
    assert world.violations() == []


def test_what_is_held_is_not_sold_to_somebody_else(world, counter, orders, crowd):
    oil = world.item(counter.shop, name="食用油", points=2, stock=1)
    lin, *others = world.people(8, points=2)
    shown = [counter.code(who) for who in others]
    crowd.sign_in(counter.manager, lin)

    answers = crowd.at_once(
        [
            lambda api: orders.reserving(lin, item=oil, api=api),
            *[lambda api, code=code: counter.redeem(code, item=oil, api=api) for code in shown],
        ]
    )

    assert outcomes(answers) == {"created": 1, "sold_out": 7}
    assert world.violations() == []
