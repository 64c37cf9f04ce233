"""Goods come in with who paid or gave, and leave the books with a reason, above a limit by two."""

import pytest
import sqlalchemy as sa

from app.supermarket import keeping
from app.supermarket.models import Delivery
from tests.support.client import NOWHERE
from tests.support.hands import NOON
from tests.support.refusals import refusal
from tests.support.stockroom import Stockroom, day


@pytest.fixture
def room(world, counter):
    return Stockroom(counter=counter, secretary=world.staff("community_secretary"))


def test_what_is_bought_says_whose_money_it_was(world, counter, room):
    with world.changes() as changed:
        bought = room.buy(counter.rice, 20, best=day(90))

    assert bought.status_code == 201
    assert bought.json["delivery"]["number"] == "购2026-0001"
    assert world.shelf(counter.rice) == [(20, 0), (10, 0)]
    assert changed.pop("audit_entry") == 1
    assert changed["stock_move"] == changed["batch"] == changed["delivery"] == 1
    assert world.violations() == []


def test_a_donation_has_the_number_of_its_receipt_and_no_name_in_clear(world, counter, room):
    first, second = room.give(counter.rice, 5), room.give(counter.rice, 5, donor_kind="unit")

    numbers = [one.json["delivery"]["number"] for one in (first, second)]
    with world.own() as session:
        rows = session.scalars(sa.select(Delivery).filter_by(kind="donation")).all()
    said = {(one.donor_kind, one.donor_name, one.donor_sealed is not None) for one in rows}
    assert numbers == ["捐2026-0001", "捐2026-0002"]
    assert said == {("person", "林*梅", True), ("unit", "林晓梅", False)}
    assert world.on_hand(counter.rice) == 20


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"source": "lottery"}, 422, "invalid"),
        ({"voucher": " "}, 422, "invalid"),
        ({"day": day(1)}, 422, "delivery_invalid"),
        ({"best": day(-1)}, 422, "delivery_invalid"),
        ({"key": "short"}, 400, "idempotency_key_malformed"),
    ],
)
def test_what_cannot_come_like_this_changes_nothing(world, counter, room, body, status, code):
    with world.changes() as changed:
        refused = room.buy(counter.rice, 20, **body)

    assert (refused.status_code, refused.json["code"]) == (status, code)
    assert changed == {}


def test_the_same_key_is_the_same_delivery(world, counter, room):
    first = room.buy(counter.rice, 20, key="k" * 20)
    again = room.buy(counter.rice, 20, key="k" * 20)

    assert again.json == first.json
    assert world.on_hand(counter.rice) == 30


def test_a_small_loss_is_one_persons_business_and_many_small_ones_are_not(world, counter, room):
    small = room.lose(counter.rice, 3)
    third = room.lose(counter.rice, 3)

    assert (small.json["state"], third.json["state"]) == ("booked", "pending")
    assert world.on_hand(counter.rice) == 7
    assert room.proposals() == [("write_off", -3, "pending")]
    assert world.violations() == []


def test_what_is_dear_needs_two_from_the_first_piece_on(world, counter, room):
    oil = world.item(counter.shop, name="食用油", value_fen=6000)

    assert room.lose(oil, 1).json["state"] == "pending"
    assert world.on_hand(oil) == 10


def test_another_person_approves_once(api, world, counter, room):
    asked = room.lose(counter.rice, 8).json["proposal_id"]

    own = room.decide(asked, by=room.maker)
    done, again = room.decide(asked), room.decide(asked)

    assert own.status_code == 403
    assert (done.status_code, done.json["state"]) == (200, "approved")
    assert refusal(again) == (409, "stock_proposal_decided")
    assert world.on_hand(counter.rice) == 2
    assert world.violations() == []


def test_nobody_approves_what_they_entered_whatever_else_they_may(world, counter, room):
    asked = room.lose(counter.rice, 8).json["proposal_id"]
    world.grant(room.maker, "community_secretary", at="Mingde", days_from_now=-1)

    with world.changes() as changed:
        own = room.decide(asked, by=room.maker)

    assert refusal(own) == (409, "own_stock_proposal")
    assert changed == {}


def test_a_refusal_has_a_reason_and_moves_nothing(world, counter, room):
    asked = room.lose(counter.rice, 8).json["proposal_id"]

    wordless = room.decide(asked, approved=False)
    refused = room.decide(asked, approved=False, reason="请拍照")

    assert refusal(wordless) == (422, "write_off_wrong")
    assert refused.json["state"] == "refused"
    assert world.on_hand(counter.rice) == 10
    assert world.violations() == []


def test_what_was_sold_meanwhile_cannot_be_written_off_any_more(world, counter, room):
    asked = room.lose(counter.rice, 8).json["proposal_id"]
    lin = world.person(points=100)
    assert counter.redeem(counter.code(lin), quantity=4).status_code == 201

    with world.changes() as changed:
        late = room.decide(asked)

    assert refusal(late) == (409, "not_on_hand")
    assert changed == {}
    assert room.proposals() == [("write_off", -8, "pending")]


def test_a_count_books_its_differences_and_a_large_one_waits(world, counter, room):
    soap = world.item(counter.shop, name="肥皂", stock=20)

    small = room.count(counter.rice, 9, expected=10)
    large = room.count(soap, 30, expected=20)

    assert (small.status_code, large.status_code) == (201, 201)
    assert (world.on_hand(counter.rice), world.on_hand(soap)) == (9, 20)
    assert room.proposals() == [("count", 10, "pending")]
    assert world.violations() == []


@pytest.mark.parametrize(
    ("counted", "said", "expected"),
    [
        (9, {"expected": 9}, (409, "count_moved")),
        (9, {"expected": 10, "wordless": True}, (422, "count_wrong")),
    ],
)
def test_a_count_that_is_not_of_what_there_is_changes_nothing(
    world, counter, room, counted, said, expected
):
    with world.changes() as changed:
        refused = room.count(counter.rice, counted, **said)

    assert refusal(refused) == expected
    assert changed.keys() <= {"idempotency"}
    assert world.on_hand(counter.rice) == 10


def test_nothing_is_counted_while_an_earlier_difference_waits(world, counter, room):
    room.count(counter.rice, 1, expected=10)

    assert refusal(room.count(counter.rice, 1, expected=10)) == (409, "count_waits")


def test_a_person_gets_no_more_of_it_in_a_quarter_than_the_shop_says(world, counter):
    lin = world.person(points=100)
    oil = world.item(counter.shop, name="食用油", points=10, stock=9, quarter_limit=2, unit="瓶")

    sold = counter.redeem(counter.code(lin), item=oil)
    with world.changes() as changed:
        refused = counter.redeem(counter.code(lin), item=oil, quantity=2)

    assert sold.status_code == 201
    assert refusal(refused) == (409, "quarter_used")
    assert "每季度最多 2 瓶，本季度还能换 1 瓶" in refused.json["detail"]
    assert "stock_move" not in changed
    assert (world.points_of(lin), world.on_hand(oil)) == (90, 8)


def test_whoever_gave_takes_it_along_and_is_forgotten(api, world, counter, room):
    lin, stranger = world.person("林晓梅"), world.person()
    room.give(counter.rice, 5, donor_id=str(lin.id))

    foreign = room.give(counter.rice, 5, donor_id=NOWHERE)
    mine, theirs = (donations_in(api.get("/me/data", as_=who).json) for who in (lin, stranger))
    with world.work() as session:
        (kept,) = (one for one in keeping.KEEPINGS if one.key == "donations")
        kept.forget(session, lin.id, NOON)
    with world.own() as session:
        left = session.scalars(sa.select(Delivery).filter_by(kind="donation")).one()

    assert refusal(foreign) == (404, "donor_unknown")
    assert ([one["number"] for one in mine], theirs) == (["捐2026-0001"], [])
    assert (left.donor_sealed, left.donor_id, left.donor_name) == (None, None, "林*梅")


def donations_in(told):
    """What a person's own file says of what they gave."""
    return told["kept"]["donations"]["rows"]
