"""Corrections by hand, gifts and repayments: the exam for both engines."""

from dataclasses import replace
from datetime import timedelta

import pytest

from points_engine import (
    Balance,
    InsufficientPoints,
    NotOwed,
    ReferenceConflict,
    TransferInvalid,
    TransferKind,
    Unit,
)
from tests.points_engine import make
from tests.points_engine.asked import donation, earned, given, repayment, reversal
from tests.points_engine.make import DAY
from tests.support.hands import NOON

LAST_DAY = DAY + timedelta(days=100)


def points(engine, who, *, on=DAY):
    return engine.balances(who, on=on)[Unit.POINTS]


def test_what_a_community_gives_by_hand_can_be_spent_until_its_last_day(engine, town):
    lin = make.someone()

    gift = engine.adjust(given(town, lin, 20, expires_on=LAST_DAY))

    assert (gift.kind, gift.amount, gift.credit_balance_after) == (TransferKind.ADJUST, 20, 20)
    assert points(engine, lin) == Balance(posted=20)
    assert points(engine, lin, on=LAST_DAY).available == 20
    assert points(engine, lin, on=LAST_DAY + timedelta(days=1)).lapsed == 20
    assert engine.lines(lin)[0].reason == "核对后更正"


def test_what_a_community_takes_by_hand_leaves_first_where_it_expires_first(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 20, expires_on=LAST_DAY)
    earned(engine, town, lin, 20, expires_on=None)
    earned(engine, town, lin, 20, expires_on=LAST_DAY - timedelta(days=1))

    engine.adjust(given(town, lin, -30))

    assert points(engine, lin) == Balance(posted=30)
    assert points(engine, lin, on=LAST_DAY).lapsed == 0
    assert points(engine, lin, on=LAST_DAY + timedelta(days=1)).lapsed == 10


@pytest.mark.parametrize("unit", [Unit.MINUTES, Unit.SCORE, Unit.POINTS])
def test_nobody_is_taken_more_from_than_they_have(engine, town, unit):
    lin = make.someone()
    engine.adjust(given(town, lin, 20, unit=unit))

    with pytest.raises(InsufficientPoints) as refused:
        engine.adjust(given(town, lin, -21, unit=unit))

    assert (refused.value.balance, refused.value.needed) == (20, 21)
    assert engine.balances(lin, on=DAY)[unit].posted == 20


def test_overdue_work_may_cost_more_than_was_gathered(engine, town):
    wang = make.someone()

    cost = engine.adjust(given(town, wang, -5, unit=Unit.WORK, kind=TransferKind.PENALTY))

    assert (cost.kind, cost.debit_balance_after) == (TransferKind.PENALTY, -5)
    assert engine.balances(wang, on=DAY)[Unit.WORK].posted == -5


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 0},
        {"reason": " "},
        {"kind": TransferKind.EARN},
        {"kind": TransferKind.PENALTY},
        {"amount": -1, "kind": TransferKind.REWARD, "expires_on": None},
        {"unit": Unit.HOUSEHOLD, "expires_on": None},
        {"unit": Unit.MINUTES},
        {"amount": -1},
        {"expires_on": DAY - timedelta(days=1)},
        {"reference": "attendance:1:points"},
    ],
    ids=str,
)
def test_a_correction_that_means_nothing_is_refused(town, other):
    with pytest.raises(TransferInvalid):
        replace(given(town, make.someone(), 1), **other)


def test_a_gift_leaves_the_donor_and_lives_until_the_day_it_says(engine, town):
    lin, wang = make.someone(), make.someone()
    earned(engine, town, lin, 20)

    gift = engine.donate(donation(town, lin, 8, to=wang, expires_on=LAST_DAY))

    assert (gift.kind, gift.debit_balance_after, gift.credit_balance_after) == (
        TransferKind.DONATE,
        12,
        8,
    )
    assert points(engine, wang, on=LAST_DAY + timedelta(days=1)) == Balance(posted=8, lapsed=8)
    assert engine.spend(town.spending(wang, 8)).debit_balance_after == 0


def test_the_love_pool_takes_gifts_without_a_last_day(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 20)

    gift = engine.donate(donation(town, lin, 8))

    assert (gift.credit.code, gift.credit_version) == ("love_pool", None)
    assert points(engine, lin).available == 12
    with pytest.raises(TransferInvalid):
        donation(town, lin, 8, expires_on=LAST_DAY)
    with pytest.raises(TransferInvalid):
        donation(town, lin, 8, to=lin)


def test_nobody_gives_away_what_has_lapsed(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 20, expires_on=DAY)

    with pytest.raises(InsufficientPoints):
        engine.donate(donation(town, lin, 1, at=NOON + timedelta(days=1)))


def test_what_is_owed_is_paid_back_bit_by_bit(engine, town):
    lin = make.someone()
    first = earned(engine, town, lin, 20)
    engine.spend(town.spending(lin, 15))
    engine.reverse(reversal(town, first.reference))
    earned(engine, town, lin, 10)
    assert points(engine, lin) == Balance(posted=10, owed=15)

    paid = engine.repay(repayment(town, lin, 4))

    assert (paid.debit_balance_after, paid.credit_balance_after) == (6, -11)
    assert points(engine, lin) == Balance(posted=6, owed=11)
    with pytest.raises(InsufficientPoints) as refused:
        engine.repay(repayment(town, lin, 7))
    assert (refused.value.balance, refused.value.needed) == (6, 7)
    with pytest.raises(NotOwed) as too_much:
        engine.repay(repayment(town, lin, 12))
    assert (too_much.value.owed, too_much.value.repaid) == (11, 12)


def test_what_is_asked_again_is_booked_once(engine, town):
    lin, wang = make.someone(), make.someone()
    giving, taking = given(town, lin, 20), given(town, lin, -5)
    gift = donation(town, lin, 5, to=wang, expires_on=LAST_DAY)
    acts = [(engine.adjust, giving), (engine.adjust, taking), (engine.donate, gift)]
    later = NOON + timedelta(days=1)

    first = [act(asked) for act, asked in acts]
    again = [act(replace(asked, booked_at=later)) for act, asked in acts]

    assert again == first
    assert points(engine, lin).posted == 10


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 19},
        {"person_id": make.someone()},
        {"community_id": make.someone()},
        {"kind": TransferKind.REWARD},
        {"expires_on": LAST_DAY},
        {"expires_on": None},
        {"actor_id": make.someone()},
        {"reason": "另一个原因"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_reference_stands_for_one_correction(engine, town, other):
    asked = given(town, make.someone(), 20)
    engine.adjust(asked)

    with pytest.raises(ReferenceConflict):
        engine.adjust(replace(asked, **other))
