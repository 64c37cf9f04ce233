"""A sale that waits, answered by the mini-program on the member's own phone: once for a key."""

from uuid import uuid4

import pytest

from tests.support.refusals import refusal


@pytest.fixture
def oil(world, counter):
    """What costs enough to be asked about."""
    return world.item(counter.shop, name="食用油", points=180, stock=3)


@pytest.fixture
def lin(world):
    return world.person("林小燕", points=200)


@pytest.fixture
def ask(counter, oil, lin):
    """The counter asks her phone; the question's name."""

    def ask():
        return counter.redeem(counter.code(lin), item=oil).json["question"]["id"]

    return ask


@pytest.fixture
def say(api, lin):
    def say(question_id, what, *, who=lin, key=None, api=api):
        return api.post(f"/me/sale-questions/{question_id}/{what}", as_=who, key=key or uuid4().hex)

    return say


def waiting(api, who):
    return api.get("/me/sale-questions", as_=who).json["items"]


def test_what_waits_is_listed_and_confirmed_once_for_a_key(world, api, counter, oil, lin, ask, say):
    id_ = ask()

    (one,) = waiting(api, lin)
    yes, again = (say(id_, "confirmation", key="k" * 20) for _ in range(2))

    assert (one["id"], one["cost"], one["shop_name"]) == (id_, 180, counter.shop.name)
    assert one["lines"] == [{"item_id": str(oil.id), "name": "食用油", "quantity": 1}]
    assert yes.status_code == 201
    assert yes.json["redemption"]["balance_after"] == 20
    assert (again.json, again.headers["Idempotency-Replayed"]) == (yes.json, "true")
    assert refusal(say(id_, "confirmation")) == (409, "question_over")
    assert waiting(api, lin) == []
    assert (world.points_of(lin), world.on_hand(oil)) == (20, 2)
    assert world.violations() == []


def test_a_refusal_moves_nothing_and_a_yes_after_it_is_too_late(world, api, oil, lin, ask, say):
    id_ = ask()

    no, again = (say(id_, "refusal", key="k" * 20) for _ in range(2))

    assert (no.status_code, no.json) == (200, {"question": {"id": id_, "state": "no"}})
    assert again.json == no.json
    assert refusal(say(id_, "confirmation")) == (409, "question_over")
    assert refusal(say(id_, "confirmation", key="k" * 20)) == (422, "idempotency_key_reused")
    assert (world.points_of(lin), world.on_hand(oil)) == (200, 3)


def test_nobody_elses_question_exists_and_none_waits_for_ever(world, api, lin, ask, say, hands):
    id_, other = ask(), world.person(points=200)

    stranger = say(id_, "confirmation", who=other)
    hands.move(minutes=4)

    assert waiting(api, other) == waiting(api, lin) == []
    assert refusal(stranger) == (404, "question_unknown")
    assert refusal(say(id_, "confirmation")) == (409, "question_over")


def test_what_was_sold_meanwhile_is_refused_and_stays_so_for_the_key(
    world, counter, oil, lin, ask, say
):
    id_ = ask()
    for _ in range(3):
        card = world.card(world.person(points=180), pin="2580")
        lines = [{"item_id": str(oil.id), "quantity": 1}]
        said = {"card": {"card_no": card, "pin": "2580"}, "lines": lines}
        sold = counter.api.post(counter.path, as_=counter.manager, key=uuid4().hex, **said)
        assert sold.status_code == 201

    gone, again = (say(id_, "confirmation", key="k" * 20) for _ in range(2))

    assert refusal(gone) == refusal(again) == (409, "sold_out")
    assert refusal(say(id_, "refusal")) == (409, "question_over")
    assert world.points_of(lin) == 200
    assert world.violations() == []


def test_many_taps_are_one_sale(world, lin, oil, ask, say, crowd):
    id_ = ask()
    crowd.sign_in(lin)

    answers = crowd.at_once(
        [lambda api: say(id_, "confirmation", api=api)] * 4
        + [lambda api: say(id_, "refusal", api=api)] * 4
    )

    (first,) = [answer for answer in answers if answer.status_code < 400]
    late = [answer for answer in answers if answer is not first]
    assert [refusal(answer) for answer in late] == [(409, "question_over")] * 7
    left = (20, 2) if first.status_code == 201 else (200, 3)
    assert (world.points_of(lin), world.on_hand(oil)) == left
    assert world.violations() == []
