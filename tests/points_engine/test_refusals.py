"""Refusals say what they are about, and what is just possible is not refused."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from points_engine import (
    AlreadyReversed,
    Capture,
    FactInvalid,
    FactKind,
    HoldEnded,
    HoldUnknown,
    InsufficientPoints,
    MemoryEngine,
    NothingToProve,
    NotOwed,
    NotReversible,
    PeriodBusy,
    PeriodNotReady,
    PolicyConflict,
    PolicyInvalid,
    ReferenceConflict,
    SourceConflict,
    TransferInvalid,
    TransferKind,
    Unit,
    red_account,
)
from points_engine.lots import Destination, HoldState, Lot, first_last_day
from points_engine.pins import Pin, unpin
from points_engine.redemption import check_same_hold
from tests.points_engine import make
from tests.points_engine.asked import donation, earned, given, repayment, reversal
from tests.points_engine.make import DAY, HOURS, POLICIES
from tests.support.hands import NOON

A_DAY, AN_INSTANT = timedelta(days=1), timedelta(microseconds=1)
LIN, WANG = UUID(int=11), UUID(int=12)
TOWN = make.Town(UUID(int=2), UUID(int=3), UUID(int=4))
NAIVE = NOON.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (PolicyInvalid, {"path": "rules[0].per", "problem": "is missing"}),
        (PolicyConflict, {"version": "2026-01"}),
        (SourceConflict, {"source": "visit:1"}),
        (ReferenceConflict, {"reference": "adjust:1"}),
        (PeriodNotReady, {"quarter": "2026Q1", "problem": "is not over"}),
        (PeriodBusy, {"quarter": "2026Q1"}),
        (NothingToProve, {"quarter": "2026Q1"}),
        (InsufficientPoints, {"balance": 31, "needed": 47}),
        (HoldUnknown, {"reference": "redemption:1"}),
        (HoldEnded, {"reference": "redemption:1", "state": "expired"}),
        (NotReversible, {"reference": "reversal:1"}),
        (AlreadyReversed, {"reference": "adjust:1", "by": "reversal:1"}),
        (NotOwed, {"owed": 31, "repaid": 47}),
    ],
)
def test_a_refusal_names_what_it_is_about_to_programs_and_to_people(refusal, said):
    raised = refusal(**said)

    assert vars(raised) == said
    assert all(str(value) in str(raised) for value in said.values())


FACT = TOWN.attendance(LIN)


@pytest.mark.parametrize(
    ("impossible", "said"),
    [
        ({"quantity": 10**6 + 1}, r"^quantity 1000001 is not between 0 and 1000000$"),
        ({"occurred_at": NAIVE}, r"^occurred_at has no time zone$"),
        ({"received_at": NAIVE}, r"^received_at has no time zone$"),
        ({"occurred_on": date(2026, 3, 4)}, r"^occurred_on is not the day of occurred_at anywhere"),
        ({"source": "attendance"}, r"^source 'attendance' is not of the form"),
        ({"category": "环境"}, r"^category '环境' is not"),
        ({"acting_as": "Steward"}, r"^acting_as 'Steward' is not"),
        ({"evidence": {"photo": "x" * 201}}, r"^evidence is a few short words, not a document$"),
        ({"planned": 0}, r"^planned 0 is not between 1 and 1000000$"),
        ({"circumstances": {"rainy"}}, r"rainy"),
        ({"kind": FactKind.HOUSEHOLD, "quantity": 1}, r"^a merit of a household needs the house"),
    ],
)
def test_a_fact_that_cannot_be_says_what_is_wrong_with_it(impossible, said):
    with pytest.raises(FactInvalid, match=said):
        replace(FACT, **impossible)


@pytest.mark.parametrize(
    "possible",
    [
        {"quantity": 0},
        {"quantity": 10**6},
        {"source": "attendance:" + "7" * 189},
        {"acting_as": "x" * 40},
        {"evidence": {}},
        {"evidence": {"photo": "x" * 200}},
        {"evidence": {str(number): "" for number in range(16)}},
        {"planned": 1},
        {"planned": 10**6},
        {"occurred_on": DAY + A_DAY},
        {"occurred_on": DAY - A_DAY},
    ],
)
def test_what_may_just_be_is_a_fact(possible):
    told = replace(FACT, **possible)

    assert {name: getattr(told, name) for name in possible} == possible


@pytest.mark.parametrize(
    ("asked", "impossible", "said"),
    [
        (TOWN.spending(LIN, 5), {"amount": 0}, "0 cannot be moved"),
        (TOWN.spending(LIN, 5), {"booked_at": NAIVE}, "no time zone"),
        (TOWN.reservation(LIN, 5), {"amount": 0}, "0 cannot be moved"),
        (TOWN.reservation(LIN, 5), {"held_at": NAIVE}, "no time zone"),
        (TOWN.reservation(LIN, 5), {"expires_at": NAIVE}, "no time zone"),
        (TOWN.reservation(LIN, 5), {"expires_at": NOON}, "a hold ends after it began"),
        (given(TOWN, LIN, 5), {"amount": 0}, "0 is no adjust"),
        (given(TOWN, LIN, 5), {"kind": TransferKind.PENALTY}, "5 is no penalty"),
        (given(TOWN, LIN, 5), {"kind": TransferKind.EARN}, "5 is no earn"),
        (given(TOWN, LIN, -5), {"kind": TransferKind.REWARD}, "-5 is no reward"),
        (given(TOWN, LIN, 5), {"unit": Unit.HOUSEHOLD, "expires_on": None}, "no household account"),
        (given(TOWN, LIN, 5), {"reason": " "}, "does not say why"),
        (given(TOWN, LIN, -5), {"expires_on": DAY}, "nobody gets points that could expire"),
        (given(TOWN, LIN, 5, unit=Unit.SCORE), {"expires_on": DAY}, "nobody gets points"),
        (given(TOWN, LIN, 5), {"expires_on": DAY - A_DAY}, "would have expired before"),
        (given(TOWN, LIN, 5), {"amount": 10**12 + 1}, "1000000000001 cannot be moved"),
        (donation(TOWN, LIN, 5), {"expires_on": DAY}, "nobody gets points that could expire"),
        (donation(TOWN, LIN, 5), {"amount": 0}, "0 cannot be moved"),
        (donation(TOWN, LIN, 5), {"reason": ""}, "does not say why"),
        (repayment(TOWN, LIN, 5), {"amount": -1}, "-1 cannot be moved"),
        (repayment(TOWN, LIN, 5), {"reason": ""}, "does not say why"),
        (reversal(TOWN, "adjust:1"), {"reason": ""}, "does not say why"),
    ],
)
def test_what_cannot_be_asked_for_is_refused_under_its_name(asked, impossible, said):
    with pytest.raises(TransferInvalid) as refused:
        replace(asked, **impossible)

    assert str(refused.value).startswith(f"{asked.reference}: ")
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("asked", "possible"),
    [
        (TOWN.spending(LIN, 5), {"amount": 1}),
        (TOWN.spending(LIN, 5), {"amount": 10**12}),
        (TOWN.spending(LIN, 5), {"reference": "redemption:" + "1" * 209}),
        (TOWN.reservation(LIN, 5), {"expires_at": NOON + AN_INSTANT}),
        (given(TOWN, LIN, 5), {"amount": 1, "kind": TransferKind.REWARD}),
        (given(TOWN, LIN, -5), {"amount": -1, "kind": TransferKind.PENALTY}),
        (given(TOWN, LIN, 5), {"expires_on": DAY}),
    ],
)
def test_what_may_just_be_asked_for_is_not_refused(asked, possible):
    allowed = replace(asked, **possible)

    assert {name: getattr(allowed, name) for name in possible} == possible


@pytest.mark.parametrize(
    "reference", ["redemption", "redemption:1 2", "redemption:" + "1" * 210, "visit:1:points"]
)
def test_a_reference_that_cannot_be_one_is_named(reference):
    with pytest.raises(TransferInvalid, match=r"^reference 'redemption|^reference 'visit"):
        TOWN.spending(LIN, 5, reference=reference)


def test_more_than_is_held_cannot_be_taken():
    held = TOWN.reservation(LIN, 5).as_hold(7)
    came = {"occurred_on": DAY, "booked_at": NOON, "actor_id": TOWN.clerk, "reason": "来取"}

    with pytest.raises(TransferInvalid, match=r"^redemption:\S+: 6 cannot be taken of 5$"):
        Capture(reference=held.reference, amount=6, **came).as_spending(held)
    with pytest.raises(TransferInvalid, match=r"^redemption:1: .* has no time zone$"):
        Capture(reference="redemption:1", **came | {"booked_at": NAIVE})


@pytest.mark.parametrize(
    ("state", "at"), [(HoldState.RELEASED, NOON), (HoldState.HELD, NOON + 3 * A_DAY)]
)
def test_a_hold_that_cannot_be_paid_any_more_is_named(state, at):
    held = replace(TOWN.reservation(LIN, 5).as_hold(7), state=state)

    with pytest.raises(HoldEnded) as refused:
        held.check_open(at)

    said = "released" if state is HoldState.RELEASED else "expired"
    assert vars(refused.value) == {"reference": held.reference, "state": said}


def points_of(engine):
    return engine.balances(LIN, on=DAY)[Unit.POINTS].posted


CAME = {"occurred_on": DAY, "booked_at": NOON, "actor_id": TOWN.clerk, "reason": "来取"}


@pytest.mark.parametrize(
    "act",
    [
        lambda engine, name: engine.spend(TOWN.spending(LIN, 3, reference=name)),
        lambda engine, name: engine.hold(TOWN.reservation(LIN, 3, reference=name)),
        lambda engine, name: engine.adjust(given(TOWN, LIN, 3, reference=name)),
        lambda engine, name: engine.donate(donation(TOWN, LIN, 3, reference=name)),
        lambda engine, name: engine.reverse(reversal(TOWN, "adjust:x", reference=name)),
    ],
    ids=["spend", "hold", "adjust", "donate", "reverse"],
)
def test_a_name_that_stands_for_something_else_is_said_and_nothing_moves(engine, act):
    earned(engine, TOWN, LIN, 30, reference="adjust:1")

    with pytest.raises(ReferenceConflict) as refused:
        act(engine, "adjust:1")

    assert refused.value.reference == "adjust:1"
    assert points_of(engine) == 30


def test_a_correction_that_would_live_for_another_time_is_another_one(engine):
    asked = given(TOWN, LIN, 30, reference="adjust:1")
    engine.adjust(asked)

    with pytest.raises(ReferenceConflict) as refused:
        engine.adjust(replace(asked, expires_on=DAY + A_DAY))

    assert refused.value.reference == "adjust:1"


def test_a_reversal_of_something_else_under_the_same_name_is_refused(engine):
    for name in ("adjust:1", "adjust:2"):
        earned(engine, TOWN, LIN, 30, reference=name)
    engine.reverse(reversal(TOWN, "adjust:1", reference="reversal:1"))

    with pytest.raises(ReferenceConflict) as refused:
        engine.reverse(reversal(TOWN, "adjust:2", reference="reversal:1"))

    assert refused.value.reference == "reversal:1"
    assert points_of(engine) == 30


def test_another_reservation_under_the_same_name_is_refused():
    asked = TOWN.reservation(LIN, 5)

    with pytest.raises(ReferenceConflict) as refused:
        check_same_hold(asked.as_hold(7), replace(asked, amount=6))

    assert refused.value.reference == asked.reference


def test_what_was_never_held_is_named(engine):
    with pytest.raises(HoldUnknown) as refused:
        engine.capture(Capture(reference="redemption:1", **CAME))

    assert refused.value.reference == "redemption:1"


def test_a_version_that_means_something_else_is_named(engine):
    with pytest.raises(PolicyConflict) as refused:
        engine.publish(replace(HOURS, name="另一个"), now=NOON)

    assert refused.value.version == HOURS.version


def test_what_is_held_cannot_be_paid_back(engine):
    """What is held when its earning is reversed stays held, and is owed."""
    brought = earned(engine, TOWN, LIN, 10)
    engine.hold(TOWN.reservation(LIN, 10))
    engine.reverse(reversal(TOWN, brought.reference))

    with pytest.raises(InsufficientPoints) as refused:
        engine.repay(repayment(TOWN, LIN, 10))

    assert (refused.value.balance, refused.value.needed) == (0, 10)


def test_what_lapsed_cannot_be_paid_back(engine):
    brought = earned(engine, TOWN, LIN, 10)
    engine.spend(TOWN.spending(LIN, 10))
    engine.reverse(reversal(TOWN, brought.reference))
    earned(engine, TOWN, LIN, 8, expires_on=DAY)
    earned(engine, TOWN, LIN, 7)

    with pytest.raises(InsufficientPoints) as refused:
        engine.repay(repayment(TOWN, LIN, 10, at=NOON + 2 * A_DAY))

    assert (refused.value.balance, refused.value.needed) == (7, 10)


def test_the_last_day_of_what_is_booked_on_it_stays():
    assert first_last_day(DAY, DAY) == DAY
    assert first_last_day(DAY - A_DAY, DAY) == DAY + 30 * A_DAY


def test_a_payment_takes_from_the_pins_that_lapse_first_and_no_more_than_is_paid():
    lots = [
        Lot(id=UUID(int=number), community_id=TOWN.community, earned_on=DAY, expires_on=day,
            original=9, remaining=9, held=4)
        for number, day in ((3, DAY), (2, DAY + A_DAY), (1, DAY + 2 * A_DAY))
    ]  # fmt: skip

    ended = unpin([Pin(lot=lot, amount=4) for lot in reversed(lots)], on=DAY, paid=6)

    assert [(use.lot_id.int, use.amount) for use in ended.taken] == [(3, 4), (2, 2)]
    assert [(lot.remaining, lot.held) for lot in lots] == [(5, 0), (7, 0), (9, 0)]


def test_who_waits_is_told_in_the_order_of_what_they_did(engine):
    late, early = TOWN.visit(LIN, at=NOON), TOWN.attendance(LIN, at=NOON - A_DAY)
    engine.report_many([late, TOWN.visit(WANG), early])

    assert engine.waiting(LIN) == [early, late]


def test_facts_that_could_not_be_judged_are_listed_in_full_the_first_to_fail_first(engine):
    def impossible(at):
        return TOWN.attendance(LIN, at=at, received_at=at, evidence={})

    told = [impossible(NOON + A_DAY), impossible(NOON)]
    engine.report_many(told)
    for at in (NOON, NOON + A_DAY):
        engine.settle(TOWN.community, Broken(), now=at)

    found = engine.quarantined()

    assert [(each.fact_id, each.quarantined_at) for each in found] == [
        (told[1].id, NOON),
        (told[0].id, NOON + A_DAY),
    ]
    assert (found[0].community_id, found[0].beneficiary_id) == (TOWN.community, LIN)
    assert (found[0].source, found[0].attempts) == (told[1].source, 1)
    assert "broken" in found[0].error


class Broken:
    """Policies that cannot judge anything."""

    def in_force_on(self, day):
        raise LookupError("broken")


def test_a_fact_that_fails_again_is_counted_again(engine):
    fact = TOWN.attendance(LIN)
    engine.report(fact)
    for attempts in (1, 2):
        engine.settle(TOWN.community, Broken(), now=NOON)
        (found,) = engine.quarantined()
        assert found.attempts == attempts
        engine.retry(fact.id, not_before=NOON)


def test_a_decision_says_when_it_was_made_about_what(engine):
    fact = TOWN.visit(LIN)
    engine.report(fact)
    engine.settle(TOWN.community, POLICIES, now=NOON + A_DAY)

    for decision in engine.decisions(fact.source):
        assert (decision.fact_id, decision.source) == (fact.id, fact.source)
        assert (decision.occurred_at, decision.occurred_on) == (NOON, DAY)
        assert decision.decided_at == NOON + A_DAY


def test_the_last_choice_before_the_day_ended_counts_to_the_instant(engine):
    engine.choose_expiry(LIN, Destination.LOVE_POOL, chosen_at=NOON)

    assert engine.chosen_expiry(LIN, at=NOON + AN_INSTANT) is Destination.LOVE_POOL
    assert engine.chosen_expiry(LIN, at=NOON) is Destination.COMMUNITY


def test_an_account_is_read_as_of_a_version(engine):
    for amount in (30, -10):
        engine.adjust(given(TOWN, LIN, amount))

    account = red_account(LIN, Unit.POINTS)
    assert engine.account_as_of(account, version=1).balance == 30
    assert engine.account_as_of(account, version=2).balance == 20


def test_a_page_of_decisions_is_no_longer_than_asked_for(engine):
    facts = [TOWN.visit(LIN, at=NOON + number * A_DAY) for number in range(3)]
    engine.report_many(facts)
    engine.settle(TOWN.community, POLICIES, now=NOON + 3 * A_DAY)

    page = engine.decisions_of(LIN, limit=2)

    assert [each.source for each in page[::3]] == [facts[2].source, facts[1].source]
    assert len(page) == 6


def test_the_dictionaries_keep_when_a_quarter_ended_and_when_a_cap_was_used():
    engine = MemoryEngine()
    engine.publicise(TOWN.community, "2025Q4", on=date(2026, 1, 2), at=NOON)

    assert engine._state.periods == {(TOWN.community, "2025Q4"): NOON}


def test_a_name_under_which_something_is_held_is_no_payments(engine):
    earned(engine, TOWN, LIN, 30)
    held = engine.hold(TOWN.reservation(LIN, 5))

    with pytest.raises(ReferenceConflict) as refused:
        engine.spend(TOWN.spending(LIN, 5, reference=held.reference))

    assert refused.value.reference == held.reference
    assert points_of(engine) == 30


@pytest.mark.parametrize(
    ("impossible", "said"),
    [
        ({"credit": red_account(LIN, Unit.SCORE)}, "two accounts of one unit are needed"),
        ({"debit": red_account(LIN, Unit.SCORE)}, "two accounts of one unit are needed"),
        ({"amount": 0}, "0 cannot be moved"),
        ({"booked_at": NAIVE}, f"{NAIVE} has no time zone"),
    ],
)
def test_a_movement_that_cannot_be_is_named(impossible, said):
    movement = TOWN.spending(LIN, 5).as_transfer(7)

    with pytest.raises(TransferInvalid) as refused:
        replace(movement, **impossible)

    assert str(refused.value) == f"{movement.reference}: {said}"


def test_a_balance_is_asked_for_in_one_way(engine):
    earned(engine, TOWN, LIN, 30)
    account = red_account(LIN, Unit.POINTS)

    with pytest.raises(ValueError, match=r"^a balance is of an instant or of a version$"):
        engine.account_as_of(account, at=NOON, version=1)
    with pytest.raises(ValueError, match=r"^at has no time zone$"):
        engine.account_as_of(account, at=NAIVE)
