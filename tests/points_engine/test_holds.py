"""Holds: points that wait for somebody, the same in both implementations."""

from dataclasses import replace
from datetime import timedelta

import pytest

from points_engine import (
    Balance,
    Capture,
    Destination,
    HoldEnded,
    HoldState,
    HoldUnknown,
    InsufficientPoints,
    ReferenceConflict,
    TransferInvalid,
    TransferKind,
    Unit,
)
from tests.points_engine import make
from tests.points_engine.asked import donation, given, reversal
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON

HOUR, DAYS = timedelta(hours=1), timedelta(days=1)
NEW_YEARS_EVE = NOON.replace(year=2027, month=12, day=31)
YEAR_END = NEW_YEARS_EVE.date()  # the last day of what was earned in 2026


@pytest.fixture
def lin(engine, town):
    """Somebody with 20 points."""
    return earning(engine, town, make.someone())


def earning(engine, town, who, *, at=NOON, minutes=120):
    engine.report(town.attendance(who, minutes, at=at))
    engine.settle(town.community, POLICIES, now=at)
    return who


def points(engine, who, on=DAY):
    return engine.balances(who, on=on)[Unit.POINTS]


def coming(hold, at=NOON + HOUR, **other):
    """Somebody comes for what is held."""
    asked = {"actor_id": hold.actor_id, "reason": hold.reason, **other}
    return Capture(reference=hold.reference, booked_at=at, occurred_on=at.date(), **asked)


def test_what_is_held_is_there_but_cannot_be_spent(engine, town, lin):
    held = engine.hold(town.reservation(lin, 15))

    assert (held.state, held.amount, held.captured) == (HoldState.HELD, 15, 0)
    assert engine.holds(lin) == [held]
    assert points(engine, lin) == Balance(posted=20, held=15)
    with pytest.raises(InsufficientPoints) as refused:
        engine.spend(town.spending(lin, 6))
    assert (refused.value.balance, refused.value.needed) == (5, 6)
    assert engine.spend(town.spending(lin, 5)).debit_balance_after == 15


def test_the_same_reservation_again_is_the_same_hold(engine, town, lin):
    asked = town.reservation(lin, 15)
    later = {"held_at": NOON + HOUR, "expires_at": NOON + 5 * DAYS}

    held = engine.hold(asked)

    assert engine.hold(replace(asked, **later)) == held
    assert points(engine, lin).held == 15


@pytest.mark.parametrize(
    "other",
    [
        {"amount": 1},
        {"shop_id": make.someone()},
        {"payer_id": make.someone()},
        {"community_id": make.someone()},
        {"actor_id": make.someone()},
        {"reason": "预约 食用油 1 瓶"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_a_reference_stands_for_one_hold(engine, town, lin, other):
    asked = town.reservation(lin, 15)
    engine.hold(asked)

    with pytest.raises(ReferenceConflict) as refused:
        engine.hold(replace(asked, **other))

    assert refused.value.reference == asked.reference


def test_a_reference_names_a_hold_or_a_payment_and_not_both(engine, town, lin):
    held, paid = town.reservation(lin, 3), town.spending(lin, 3)
    engine.hold(held)
    engine.spend(paid)

    with pytest.raises(ReferenceConflict):
        engine.spend(town.spending(lin, 3, reference=held.reference))
    with pytest.raises(ReferenceConflict):
        engine.hold(town.reservation(lin, 3, reference=paid.reference))


def test_a_reservation_that_was_refused_stays_refused(engine, town, lin):
    asked = town.reservation(lin, 21)
    with pytest.raises(InsufficientPoints):
        engine.hold(asked)
    earning(engine, town, lin, at=NOON + HOUR)

    with pytest.raises(InsufficientPoints) as refused:
        engine.hold(asked)

    assert (refused.value.balance, refused.value.needed) == (20, 21)
    assert engine.holds(lin) == []
    with pytest.raises(ReferenceConflict):
        engine.hold(replace(asked, amount=1))
    with pytest.raises(ReferenceConflict):
        engine.spend(town.spending(lin, 21, reference=asked.reference, reason=asked.reason))


def test_whoever_comes_for_it_pays_with_it(engine, town, lin):
    held = engine.hold(town.reservation(lin, 15))

    paid = engine.capture(coming(held))

    assert (paid.kind, paid.reference, paid.amount) == (TransferKind.REDEEM, held.reference, 15)
    assert (paid.debit_version, paid.debit_balance_after) == (2, 5)
    assert paid.credit.owner_id == town.shop
    assert points(engine, lin) == Balance(posted=5)
    assert engine.holds(lin) == []


def test_what_is_not_taken_of_a_hold_is_free_again(engine, town, lin):
    held = engine.hold(town.reservation(lin, 15))

    engine.capture(coming(held, amount=4))

    assert points(engine, lin) == Balance(posted=16)
    assert engine.spend(town.spending(lin, 16)).debit_balance_after == 0


def test_a_hold_is_paid_once(engine, town, lin):
    held = engine.hold(town.reservation(lin, 15))
    first = engine.capture(coming(held, amount=4))

    assert engine.capture(coming(held, amount=4, at=NOON + 5 * DAYS)) == first
    for other in (None, 5):
        with pytest.raises(ReferenceConflict):
            engine.capture(coming(held, amount=other))
    with pytest.raises(HoldEnded):
        engine.release_hold(held.reference, at=NOON + HOUR, on=DAY)
    assert points(engine, lin) == Balance(posted=16)


def test_nobody_takes_more_than_is_held_or_nothing(engine, town, lin):
    held = engine.hold(town.reservation(lin, 15))

    for amount in (16, 0):
        with pytest.raises(TransferInvalid):
            engine.capture(coming(held, amount=amount))
    with pytest.raises(HoldUnknown):
        engine.capture(replace(coming(held), reference="redemption:never"))


def test_what_is_given_up_is_free_again(engine, town, lin):
    held = engine.hold(town.reservation(lin, 15))

    released = engine.release_hold(held.reference, at=NOON + HOUR, on=DAY)

    assert released == replace(held, state=HoldState.RELEASED, ended_at=NOON + HOUR)
    assert engine.release_hold(held.reference, at=NOON + 2 * HOUR, on=DAY) == released
    assert points(engine, lin) == Balance(posted=20)
    with pytest.raises(HoldEnded) as refused:
        engine.capture(coming(held))
    assert (refused.value.code, refused.value.state) == ("hold_ended", "released")


def test_a_hold_can_be_paid_until_its_end_and_not_at_it(engine, town, lin):
    first, second = (engine.hold(town.reservation(lin, 2)) for _ in range(2))
    end = first.expires_at

    engine.capture(coming(first, at=end - timedelta(microseconds=1)))
    with pytest.raises(HoldEnded) as refused:
        engine.capture(coming(second, at=end))

    assert refused.value.state == "expired"


def test_holds_for_which_nobody_came_end_in_their_order(engine, town, lin):
    ends = [NOON + n * HOUR for n in (3, 1, 2, 5)]
    holds = [engine.hold(town.reservation(lin, 2, expires_at=end)) for end in ends]
    assert engine.holds(lin) == [holds[1], holds[2], holds[0], holds[3]]

    now = NOON + 3 * HOUR
    counts = [engine.lapse_holds(now, on=DAY, limit=2) for _ in range(3)]

    assert counts == [2, 1, 0]
    assert engine.holds(lin) == [holds[3]]
    assert points(engine, lin) == Balance(posted=20, held=2)


def test_a_hold_past_its_end_keeps_nobody_from_spending(engine, town, lin):
    held = engine.hold(town.reservation(lin, 15))
    late = held.expires_at

    with pytest.raises(InsufficientPoints):
        engine.spend(town.spending(lin, 6, at=late - timedelta(microseconds=1)))
    with pytest.raises(InsufficientPoints) as refused:
        engine.spend(town.spending(lin, 21, at=late))
    assert (refused.value.balance, engine.holds(lin)) == (20, [held])
    engine.spend(town.spending(lin, 6, at=late))

    assert engine.holds(lin) == []
    assert points(engine, lin) == Balance(posted=14)


def test_a_hold_past_its_end_keeps_nobody_from_giving(engine, town, lin):
    held = engine.hold(town.reservation(lin, 15))
    late = held.expires_at

    with pytest.raises(InsufficientPoints):
        engine.donate(donation(town, lin, 6, at=late - timedelta(microseconds=1)))
    with pytest.raises(InsufficientPoints) as refused:
        engine.adjust(given(town, lin, -21, at=late))
    assert (refused.value.balance, engine.holds(lin)) == (20, [held])
    engine.donate(donation(town, lin, 6, at=late))

    assert engine.holds(lin) == []
    assert points(engine, lin) == Balance(posted=14)


def test_what_nobody_came_for_is_taken_back_and_not_owed(engine, town):
    lin = make.someone()
    gift = engine.adjust(given(town, lin, 20))
    held = engine.hold(town.reservation(lin, 15))

    engine.reverse(reversal(town, gift.reference, at=held.expires_at))

    assert engine.holds(lin) == []
    assert points(engine, lin) == Balance()


def test_a_gift_asked_for_again_is_the_same_though_a_hold_gave_it_a_grace(engine, town):
    lin = make.someone()
    asked = given(town, lin, 20, expires_on=YEAR_END)
    gift = engine.adjust(asked)
    held = engine.hold(town.reservation(lin, 20, at=NEW_YEARS_EVE))
    engine.release_hold(held.reference, at=NEW_YEARS_EVE + DAYS, on=YEAR_END + DAYS)
    assert points(engine, lin, on=YEAR_END + 2 * DAYS) == Balance(posted=20)

    assert engine.adjust(asked) == gift


def test_a_hold_past_its_end_makes_room_for_another(engine, town, lin):
    first = engine.hold(town.reservation(lin, 15))

    second = engine.hold(town.reservation(lin, 20, at=first.expires_at))

    assert engine.holds(lin) == [second]


def test_a_hold_takes_what_expires_first(engine, town):
    lin = earning(engine, town, make.someone(), at=NEW_YEARS_EVE - 200 * DAYS)
    earning(engine, town, lin, at=NOON, minutes=60)

    engine.hold(town.reservation(lin, 12, at=NEW_YEARS_EVE))

    # All 10 of the year before are held, and 2 of this year's.
    assert points(engine, lin, on=YEAR_END + DAYS) == Balance(posted=30, held=12)


def test_what_lapsed_while_it_was_held_still_pays(engine, town):
    lin = earning(engine, town, make.someone())
    held = engine.hold(town.reservation(lin, 15, at=NEW_YEARS_EVE))

    paid = engine.capture(coming(held, at=NEW_YEARS_EVE + DAYS))

    assert paid.debit_balance_after == 5
    assert points(engine, lin, on=YEAR_END + DAYS) == Balance(posted=5, lapsed=5)


def test_what_lapsed_while_it_was_held_comes_back_for_the_grace(engine, town):
    lin = earning(engine, town, make.someone())
    held = engine.hold(town.reservation(lin, 15, at=NEW_YEARS_EVE))
    day = YEAR_END + DAYS

    engine.release_hold(held.reference, at=NEW_YEARS_EVE + DAYS, on=day)

    # The 5 that nobody held lapsed, and must not come back with the others.
    assert points(engine, lin, on=day) == Balance(posted=15)
    assert points(engine, lin, on=day + 30 * DAYS) == Balance(posted=15)
    assert points(engine, lin, on=day + 31 * DAYS) == Balance(posted=15, lapsed=15)
    line = engine.lines(lin, Unit.POINTS)[0]
    assert (line.kind, line.amount, line.balance_after) == (TransferKind.EXPIRE, -5, 15)
    assert (line.occurred_on, line.reason) == (day, "积分到期未使用")


@pytest.mark.parametrize("wanted", Destination)
def test_what_lapses_as_a_hold_ends_goes_where_its_owner_wanted_by_its_last_day(
    engine, town, wanted
):
    lin = earning(engine, town, make.someone())
    held = engine.hold(town.reservation(lin, 15, at=NEW_YEARS_EVE))
    midnight = NEW_YEARS_EVE.replace(hour=16, minute=0)  # in China
    (other,) = set(Destination) - {wanted}
    for goes_to, at in [
        (other, NOON),
        (wanted, midnight - timedelta(seconds=1)),
        (other, midnight),
    ]:
        engine.choose_expiry(lin, goes_to, chosen_at=at)

    engine.release_hold(held.reference, at=midnight + 9 * DAYS, on=YEAR_END + 9 * DAYS)

    line = engine.lines(lin, Unit.POINTS)[0]
    assert (line.amount, line.occurred_on) == (-5, YEAR_END + DAYS)
    assert ("爱心池" in line.reason) == (wanted is Destination.LOVE_POOL)


def test_two_holds_of_one_lapsed_lot_come_back_each_for_its_own_grace(engine, town):
    lin = earning(engine, town, make.someone())
    first, second = (engine.hold(town.reservation(lin, 7, at=NEW_YEARS_EVE)) for _ in range(2))
    day, later = YEAR_END + DAYS, YEAR_END + 40 * DAYS

    engine.release_hold(first.reference, at=NEW_YEARS_EVE + DAYS, on=day)
    assert points(engine, lin, on=day) == Balance(posted=14, held=7)
    engine.release_hold(second.reference, at=NEW_YEARS_EVE + 2 * DAYS, on=later)

    assert points(engine, lin, on=later) == Balance(posted=7)
    assert [line.amount for line in engine.lines(lin, Unit.POINTS)[:2]] == [-7, -6]


def test_a_part_paid_of_what_lapsed_gives_back_the_rest_for_the_grace(engine, town):
    lin = earning(engine, town, make.someone())
    held = engine.hold(town.reservation(lin, 15, at=NEW_YEARS_EVE))

    paid = engine.capture(coming(held, at=NEW_YEARS_EVE + DAYS, amount=4))

    assert paid.debit_balance_after == 16
    assert points(engine, lin, on=YEAR_END + DAYS) == Balance(posted=11)
    lapsed, payment, _ = engine.lines(lin, Unit.POINTS)
    assert (lapsed.amount, lapsed.version, lapsed.booked_at) == (-5, 3, payment.booked_at)


@pytest.mark.parametrize(
    "wrong",
    [
        {"expires_at": NOON},
        {"amount": 0},
        {"reference": "no"},
        {"held_at": NOON.replace(tzinfo=None)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_reservation_that_means_nothing_is_refused_at_once(town, wrong):
    with pytest.raises(TransferInvalid):
        town.reservation(make.someone(), **{"amount": 1, **wrong})


def test_holds_for_which_nobody_came_end_with_the_next_payment(engine, town):
    lin = make.someone()
    engine.adjust(given(town, lin, 10))
    late = [
        engine.hold(town.reservation(lin, 5, expires_at=NOON + hours * timedelta(hours=1)))
        for hours in (2, 1)
    ]

    engine.spend(town.spending(lin, 9, at=NOON + timedelta(hours=3)))

    for held in late:
        kept = engine.release_hold(held.reference, at=NOON + timedelta(hours=4), on=make.DAY)
        assert kept.state is HoldState.EXPIRED
        assert kept.ended_at == NOON + timedelta(hours=3)
