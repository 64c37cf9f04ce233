"""Reversals: what was booked is undone once, and what is gone is owed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from points_engine import (
    AlreadyReversed,
    Balance,
    Capture,
    Destination,
    NotReversible,
    ReferenceConflict,
    TransferInvalid,
    TransferKind,
    Unit,
)
from points_engine.ledger import transfer_id
from tests.points_engine import capped, make
from tests.points_engine.asked import donation, earned, given, repayment, reversal
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON

A_DAY = timedelta(days=1)
SOON, LATE = DAY + 40 * A_DAY, DAY + 300 * A_DAY


def points(engine, who, *, on=DAY):
    return engine.balances(who, on=on)[Unit.POINTS]


def settled(engine, town, fact, policies=POLICIES):
    engine.report(fact)
    engine.settle(town.community, policies, now=NOON)
    return fact.source


def test_an_earning_that_is_still_there_is_taken_back(engine, town):
    lin = make.someone()
    source = settled(engine, town, town.attendance(lin, 90))

    undone = engine.reverse(reversal(town, f"{source}:points"))

    assert (undone.kind, undone.amount, undone.debit_balance_after) == (TransferKind.REVERSE, 15, 0)
    assert (undone.source, undone.policy_version) == (source, "2026-01")
    assert points(engine, lin) == Balance()
    assert engine.lines(lin, Unit.POINTS)[0].reason == "核对后更正"


@pytest.mark.parametrize("unit", [Unit.MINUTES, Unit.SCORE])
def test_what_does_not_come_in_lots_is_simply_negated(engine, town, unit):
    lin = make.someone()
    source = settled(engine, town, town.attendance(lin, 90))

    engine.reverse(reversal(town, f"{source}:{unit.value}"))

    assert engine.balances(lin, on=DAY)[unit] == Balance()
    assert points(engine, lin).posted == 15


def test_minutes_that_were_taken_meanwhile_are_owed(engine, town):
    lin = make.someone()
    source = settled(engine, town, town.attendance(lin, 90))
    engine.adjust(given(town, lin, -50, unit=Unit.MINUTES))

    engine.reverse(reversal(town, f"{source}:minutes"))

    assert engine.balances(lin, on=DAY)[Unit.MINUTES] == Balance(owed=50)


def test_work_may_go_below_zero(engine, town):
    wang = make.someone()
    first = engine.adjust(given(town, wang, 3, unit=Unit.WORK))
    engine.adjust(given(town, wang, -2, unit=Unit.WORK))

    engine.reverse(reversal(town, first.reference))

    assert engine.balances(wang, on=DAY)[Unit.WORK] == Balance(posted=-2)


def test_what_was_spent_of_an_earning_is_owed(engine, town):
    lin = make.someone()
    first = earned(engine, town, lin, 20)
    earned(engine, town, lin, 10, expires_on=LATE)
    engine.spend(town.spending(lin, 24))
    asked = reversal(town, first.reference)

    undone = engine.reverse(asked)

    assert (undone.amount, undone.debit_balance_after) == (20, 0)
    assert points(engine, lin) == Balance(owed=14)
    back, cover = engine.lines(lin, Unit.POINTS)[:2]
    assert (back.amount, cover.amount) == (-20, 14)
    assert (cover.kind, cover.reference) == (TransferKind.ADJUST, f"{asked.reference}:owed")
    assert cover.reason == "核对后更正（此前已用去，记为待还）"


def test_other_points_stay_and_cannot_be_spent_before_what_is_owed_is_paid(engine, town):
    lin = make.someone()
    first = earned(engine, town, lin, 20, expires_on=SOON)
    engine.spend(town.spending(lin, 20))
    earned(engine, town, lin, 25, expires_on=LATE)

    engine.reverse(reversal(town, first.reference))

    assert points(engine, lin) == Balance(posted=25, owed=20)
    assert points(engine, lin).available == 5
    engine.repay(repayment(town, lin, 20))
    assert points(engine, lin) == Balance(posted=5)


def test_what_had_lapsed_of_an_earning_is_not_owed(engine, town):
    lin = make.someone()
    first = earned(engine, town, lin, 20, expires_on=SOON)
    engine.spend(town.spending(lin, 5))
    later = NOON + 41 * A_DAY
    assert engine.expire(later.date(), now=later).points == 15

    undone = engine.reverse(reversal(town, first.reference, at=later))

    assert points(engine, lin) == Balance(owed=5)
    back, owed, lapsed = engine.lines(lin, Unit.POINTS)[:3]
    assert [line.amount for line in (back, owed, lapsed)] == [-20, 5, 15]
    assert lapsed.reason == "核对后更正（此前已到期，先行转回）"
    assert undone.debit_balance_after == 0


def test_a_reversed_earning_gives_its_caps_back(engine, town):
    policies, lin = capped.daily(20), make.someone()
    first = settled(engine, town, town.attendance(lin, 90), policies)
    settled(engine, town, town.attendance(lin, 60), policies)
    assert points(engine, lin).posted == 20

    engine.reverse(reversal(town, f"{first}:points"))
    settled(engine, town, town.attendance(lin, 300), policies)

    assert points(engine, lin).posted == 20


def test_a_payment_goes_back_to_the_lots_it_came_from(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 10, expires_on=SOON)
    earned(engine, town, lin, 10, expires_on=LATE)
    paid = engine.spend(town.spending(lin, 15))

    engine.reverse(reversal(town, paid.reference))

    assert points(engine, lin) == Balance(posted=20)
    assert points(engine, lin, on=SOON + A_DAY).lapsed == 10
    assert engine.spend(town.spending(lin, 20)).debit_balance_after == 0


def test_what_comes_back_can_be_spent_for_thirty_days_at_least(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 10, expires_on=SOON)
    earned(engine, town, lin, 10, expires_on=LATE)
    paid = engine.spend(town.spending(lin, 15))
    later = NOON + 41 * A_DAY

    engine.reverse(reversal(town, paid.reference, at=later))

    grace_ends = later.date() + 30 * A_DAY
    assert points(engine, lin, on=later.date()) == Balance(posted=20)
    assert points(engine, lin, on=grace_ends).lapsed == 0
    assert points(engine, lin, on=grace_ends + A_DAY).lapsed == 10
    assert [line.expires_on for line in engine.schedule(lin, on=later.date())] == [grace_ends, LATE]


def test_points_that_an_earning_lost_and_a_returned_payment_brought_back_are_still_owed(
    engine, town
):
    lin = make.someone()
    first = earned(engine, town, lin, 20)
    paid = engine.spend(town.spending(lin, 20))
    engine.reverse(reversal(town, first.reference))

    engine.reverse(reversal(town, paid.reference))

    assert points(engine, lin) == Balance(posted=20, owed=20)


def test_a_gift_is_taken_back_from_whoever_has_it_and_owed_by_them(engine, town):
    lin, wang = make.someone(), make.someone()
    earned(engine, town, lin, 20)
    gift = engine.donate(donation(town, lin, 8, to=wang))
    engine.spend(town.spending(wang, 3))

    engine.reverse(reversal(town, gift.reference))

    assert points(engine, lin) == Balance(posted=20)
    assert points(engine, wang) == Balance(owed=3)


def test_a_penalty_and_a_gift_to_the_pool_are_given_back(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 20)
    taken = [
        engine.adjust(given(town, lin, -5, kind=TransferKind.PENALTY)),
        engine.donate(donation(town, lin, 5)),
    ]

    for each in taken:
        engine.reverse(reversal(town, each.reference))

    assert points(engine, lin) == Balance(posted=20)


def test_a_reversal_counts_in_the_quarter_of_its_own_day(engine, town):
    lin = make.someone()
    first = earned(engine, town, lin, 20)

    undone = engine.reverse(reversal(town, first.reference, at=NOON + 100 * A_DAY))

    assert (first.quarter, undone.quarter) == ("2026Q1", "2026Q2")


def test_a_movement_is_reversed_once(engine, town):
    lin = make.someone()
    first = earned(engine, town, lin, 20)
    asked = reversal(town, first.reference)
    undone = engine.reverse(asked)

    assert engine.reverse(replace(asked, booked_at=NOON + A_DAY)) == undone
    with pytest.raises(AlreadyReversed) as refused:
        engine.reverse(reversal(town, first.reference))

    assert (refused.value.reference, refused.value.by) == (first.reference, asked.reference)
    assert points(engine, lin) == Balance()


def test_a_reference_stands_for_one_reversal(engine, town):
    lin = make.someone()
    first, second = earned(engine, town, lin, 20), earned(engine, town, lin, 20)
    asked = reversal(town, first.reference)
    engine.reverse(asked)

    for other in (
        {"of": second.reference},
        {"of": "adjust:never"},
        {"reason": "另一个原因"},
        {"actor_id": make.someone()},
    ):
        with pytest.raises(ReferenceConflict):
            engine.reverse(replace(asked, **other))


def test_what_undoes_or_lapsed_or_never_was_is_not_reversible(engine, town):
    lin = make.someone()
    lapsing, spent = (earned(engine, town, lin, 20, expires_on=day) for day in (DAY, LATE))
    engine.expire(DAY + A_DAY, now=NOON + A_DAY)
    engine.spend(town.spending(lin, 5, at=NOON + A_DAY))
    asked = reversal(town, spent.reference, at=NOON + A_DAY)
    engine.reverse(asked)
    earned(engine, town, lin, 5)
    back = repayment(town, lin, 5)
    engine.repay(back)
    lapsed = f"expire:{lapsing.id}:{DAY + A_DAY}"

    for of in (lapsed, asked.reference, f"{asked.reference}:owed", back.reference, "adjust:never"):
        with pytest.raises(NotReversible) as refused:
            engine.reverse(reversal(town, of))
        assert refused.value.reference == of


def test_a_reversal_says_why(town):
    with pytest.raises(TransferInvalid):
        reversal(town, "adjust:1", reason="")


def line_named(engine, who, word):
    return [line for line in engine.lines(who, Unit.POINTS) if line.reference.endswith(word)]


def test_only_what_lapsed_of_the_same_lot_comes_back(engine, town):
    lin = make.someone()
    first, second = (earned(engine, town, lin, amount, expires_on=DAY) for amount in (10, 7))
    engine.expire(DAY + A_DAY, now=NOON + A_DAY)

    for brought in (first, second):
        engine.reverse(reversal(town, brought.reference, at=NOON + 2 * A_DAY))

    assert [line.amount for line in line_named(engine, lin, ":lapsed1")] == [7, 10]
    assert line_named(engine, lin, ":owed") == []
    assert points(engine, lin, on=DAY + 2 * A_DAY) == Balance()


def test_what_lapsed_to_two_places_comes_back_from_both_the_community_first(engine, town):
    """Six of ten lapse at once; what was held lives for the grace and goes where it was chosen."""
    lin = make.someone()
    brought = earned(engine, town, lin, 10, expires_on=DAY)
    held = engine.hold(town.reservation(lin, 4))
    engine.expire(DAY + A_DAY, now=NOON + A_DAY)
    engine.release_hold(held.reference, at=NOON + 2 * A_DAY, on=DAY + 2 * A_DAY)
    engine.choose_expiry(lin, Destination.LOVE_POOL, chosen_at=NOON + 3 * A_DAY)
    engine.expire(DAY + 60 * A_DAY, now=NOON + 60 * A_DAY)

    engine.reverse(reversal(town, brought.reference, at=NOON + 61 * A_DAY))

    assert [line.amount for line in line_named(engine, lin, ":lapsed1")] == [6]
    assert [line.amount for line in line_named(engine, lin, ":lapsed2")] == [4]
    assert line_named(engine, lin, ":owed") == []


def test_what_lapses_as_a_hold_ends_is_booked_for_the_hold_and_can_be_undone(engine, town, tenant):
    """Nobody had booked out the six that lapsed beside the hold: its end does."""
    lin = make.someone()
    brought = earned(engine, town, lin, 10, expires_on=DAY)
    held = engine.hold(town.reservation(lin, 4))
    engine.release_hold(held.reference, at=NOON + 2 * A_DAY, on=DAY + 2 * A_DAY)

    (lapsed,) = [line for line in engine.lines(lin) if line.kind is TransferKind.EXPIRE]
    engine.reverse(reversal(town, brought.reference, at=NOON + 3 * A_DAY))

    assert (lapsed.amount, lapsed.source) == (-6, held.reference)
    assert lapsed.reference == f"lapse:{held.id}:{brought.id}"
    assert lapsed.transfer_id == transfer_id(tenant, lapsed.reference)
    assert [line.amount for line in line_named(engine, lin, ":lapsed1")] == [6]
    assert line_named(engine, lin, ":owed") == []


def test_what_never_lapses_goes_back_to_where_it_never_lapses(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 10, expires_on=None)
    paid = engine.spend(town.spending(lin, 4))

    engine.reverse(reversal(town, paid.reference))

    (line,) = engine.schedule(lin, on=DAY)
    assert (line.expires_on, line.amount) == (None, 10)


def test_what_lapses_beside_a_payment_goes_where_its_owner_wanted(engine, town):
    lin = make.someone()
    earned(engine, town, lin, 10, expires_on=DAY)
    engine.choose_expiry(lin, Destination.LOVE_POOL, chosen_at=NOON)
    held = engine.hold(town.reservation(lin, 4))
    came = {"occurred_on": DAY + A_DAY, "booked_at": NOON + A_DAY, "actor_id": town.clerk}

    engine.capture(Capture(reference=held.reference, amount=1, reason="来取", **came))

    (lapsed,) = [line for line in engine.lines(lin) if line.kind is TransferKind.EXPIRE]
    assert (lapsed.amount, lapsed.reason) == (-6, "积分到期未使用，按本人选择转入爱心池")
