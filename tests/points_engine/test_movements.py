"""Every movement, to its last field: who moved what, from where to where, when, and why."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from points_engine import (
    Capture,
    FactInvalid,
    FactKind,
    MemoryEngine,
    Transfer,
    TransferKind,
    Unit,
    household_account,
    issuance,
    judge,
    red_account,
    till,
)
from points_engine.accounts import OwnerKind, expired, love_pool, receivable
from points_engine.awards import weigh_one
from points_engine.bookings import beneficiary_account, booking
from points_engine.expiring import CHINA, expiry
from points_engine.identifiers import derived_id
from points_engine.ledger import transfer_id
from points_engine.lots import Destination, Hold, HoldState, Lot
from points_engine.reversal import Left, give_back, take_back
from points_engine.rules.verdict import Reason
from points_engine.settlement import Judgement
from tests.points_engine import make
from tests.points_engine.asked import donation, earned, given, repayment, reversal
from tests.points_engine.make import DAY, HOURS, POLICIES
from tests.support.hands import NOON

A_DAY = timedelta(days=1)
TENANT = 7
LIN, WANG, HOME = UUID(int=11), UUID(int=12), UUID(int=13)
TOWN = make.Town(UUID(int=2), UUID(int=3), UUID(int=4))


def movement(reference, **other) -> Transfer:
    """What the clerk asks for at noon."""
    said = {
        "id": transfer_id(TENANT, reference),
        "reference": reference,
        "source": reference,
        "community_id": TOWN.community,
        "occurred_on": DAY,
        "booked_at": NOON,
        "actor_id": TOWN.clerk,
        "reason": "核对后更正",
        **other,
    }
    return Transfer(**said)


@pytest.mark.parametrize(
    ("made", "owner_kind", "unit", "code", "rights"),
    [
        (lambda: red_account(LIN, Unit.POINTS), "person", "points", "red_account", (True, False)),
        (lambda: red_account(LIN, Unit.WORK), "person", "work", "red_account", (True, True)),
        (lambda: household_account(LIN), "household", "household", "red_account", (True, False)),
        (lambda: receivable(LIN, Unit.SCORE), "person", "score", "receivable", (True, True)),
        (lambda: issuance(LIN, Unit.SCORE), "community", "score", "issuance", (False, False)),
        (lambda: expired(LIN), "community", "points", "expired", (False, False)),
        (lambda: love_pool(LIN), "community", "points", "love_pool", (False, False)),
        (lambda: till(LIN), "shop", "points", "till", (False, False)),
    ],
    ids=["points", "work", "household", "owed", "issuance", "expired", "pool", "till"],
)
def test_the_chart_of_accounts_never_changes(made, owner_kind, unit, code, rights):
    account = made()

    assert (account.owner_kind, account.owner_id) == (OwnerKind(owner_kind), LIN)
    assert (account.unit, account.code) == (Unit(unit), code)
    assert (account.guarded, account.may_owe) == rights


def test_an_earning_in_full():
    fact = TOWN.attendance(LIN, 90, actor_id=WANG)
    *_, points = weigh_one(0, fact, POLICIES)

    assert booking(fact, points, tenant_id=TENANT, now=NOON) == movement(
        f"{fact.source}:points",
        kind=TransferKind.EARN,
        source=fact.source,
        debit=issuance(TOWN.community, Unit.POINTS),
        credit=red_account(LIN, Unit.POINTS),
        amount=15,
        actor_id=WANG,
        reason="",
        policy_version="2026-01",
        fact_id=fact.id,
    )


@pytest.mark.parametrize("granted", [1, -1])
def test_what_is_earned_comes_from_the_community_and_what_work_costs_goes_back(granted):
    duty = TOWN.deed(LIN, kind=FactKind.WORK)
    award = replace(weigh_one(0, duty, POLICIES)[0], unit=Unit.WORK, granted=granted)
    ours, theirs = issuance(TOWN.community, Unit.WORK), red_account(LIN, Unit.WORK)

    booked = booking(duty, award, tenant_id=TENANT, now=NOON)

    kind = TransferKind.EARN if granted > 0 else TransferKind.PENALTY
    sides = (ours, theirs) if granted > 0 else (theirs, ours)
    assert (booked.kind, booked.amount, booked.debit, booked.credit) == (kind, 1, *sides)


def test_a_household_is_given_what_it_did_and_nobody_what_no_household_did():
    merit = TOWN.deed(LIN, kind=FactKind.HOUSEHOLD, household_id=HOME)
    attended = TOWN.attendance(LIN)

    assert beneficiary_account(merit, Unit.HOUSEHOLD) == household_account(HOME)
    assert beneficiary_account(merit, Unit.POINTS) == red_account(LIN, Unit.POINTS)
    with pytest.raises(FactInvalid, match=r"^a fact without a household gives it nothing$"):
        beneficiary_account(attended, Unit.HOUSEHOLD)


@pytest.mark.parametrize("amount", [1, -1])
def test_a_correction_by_hand_in_full(amount):
    asked = given(TOWN, LIN, amount, unit=Unit.SCORE)
    ours, theirs = issuance(TOWN.community, Unit.SCORE), red_account(LIN, Unit.SCORE)

    assert asked.as_transfer(TENANT) == movement(
        asked.reference,
        kind=TransferKind.ADJUST,
        amount=1,
        debit=ours if amount > 0 else theirs,
        credit=theirs if amount > 0 else ours,
    )


@pytest.mark.parametrize(
    ("to", "credit"), [(None, love_pool(TOWN.community)), (WANG, red_account(WANG, Unit.POINTS))]
)
def test_a_gift_in_full(to, credit):
    asked = donation(TOWN, LIN, 5, to=to)

    assert asked.as_transfer(TENANT) == movement(
        asked.reference,
        kind=TransferKind.DONATE,
        debit=red_account(LIN, Unit.POINTS),
        credit=credit,
        amount=5,
    )


def test_a_repayment_in_full():
    asked = repayment(TOWN, LIN, 5, unit=Unit.SCORE)

    assert asked.as_transfer(TENANT) == movement(
        asked.reference,
        kind=TransferKind.ADJUST,
        debit=red_account(LIN, Unit.SCORE),
        credit=receivable(LIN, Unit.SCORE),
        amount=5,
    )


def test_a_payment_in_full():
    asked = TOWN.spending(LIN, 5)
    booked = {"quarter": "2026Q2", "debit_version": 3, "debit_balance_after": 40}
    fields = {
        "kind": TransferKind.REDEEM,
        "debit": red_account(LIN, Unit.POINTS),
        "credit": till(TOWN.shop),
        "amount": 5,
        "reason": "兑换 大米 1 袋",
    }

    later = asked.as_transfer(TENANT, booked_at=NOON + A_DAY, **booked)

    assert asked.as_transfer(TENANT) == movement(asked.reference, **fields)
    assert later == movement(asked.reference, **fields, **booked | {"booked_at": NOON + A_DAY})


def test_a_reservation_in_full():
    asked = TOWN.reservation(LIN, 5)

    held = asked.as_hold(TENANT)

    assert held == Hold(
        id=derived_id(TENANT, "hold", asked.reference),
        reference=asked.reference,
        payer_id=LIN,
        shop_id=TOWN.shop,
        community_id=TOWN.community,
        amount=5,
        held_at=NOON,
        expires_at=NOON + 3 * A_DAY,
        actor_id=TOWN.clerk,
        reason="预约 大米 1 袋",
    )


def test_identifiers_of_holds_never_change():
    held = TOWN.reservation(LIN, 5, reference="redemption:1").as_hold(TENANT)

    assert str(held.id) == "55088497-c9f1-5739-ae7d-f8c570021581"


@pytest.mark.parametrize(("amount", "taken"), [(None, 5), (2, 2)])
def test_what_is_held_is_paid_as_it_was_reserved(amount, taken):
    held = TOWN.reservation(LIN, 5).as_hold(TENANT)
    came = Capture(
        reference=held.reference,
        amount=amount,
        occurred_on=DAY + A_DAY,
        booked_at=NOON + A_DAY,
        actor_id=WANG,
        reason="来取",
    )

    asked = TOWN.spending(
        LIN, taken, at=NOON + A_DAY, reference=held.reference, actor_id=WANG, reason="来取"
    )
    assert came.as_spending(held) == asked


LOT = Lot(
    id=UUID(int=20), community_id=HOME, earned_on=DAY, expires_on=DAY, original=9, remaining=8,
    held=3,
)  # fmt: skip


@pytest.mark.parametrize(
    ("to", "credit", "words"),
    [
        (Destination.COMMUNITY, expired(HOME), "积分到期未使用"),
        (Destination.LOVE_POOL, love_pool(HOME), "积分到期未使用，按本人选择转入爱心池"),
    ],
)
def test_an_expiry_in_full(to, credit, words):
    """It is booked as if at the end of its last day, by nobody, where the lot was earned."""
    owner = red_account(LIN, Unit.POINTS)

    assert expiry(LOT, owner, to, named=(TENANT, "expire:1")) == movement(
        "expire:1",
        kind=TransferKind.EXPIRE,
        debit=owner,
        credit=credit,
        amount=5,
        community_id=HOME,
        occurred_on=DAY + A_DAY,
        booked_at=(NOON.astimezone(CHINA) + A_DAY).replace(hour=0),
        actor_id=UUID(int=0),
        reason=words,
    )


def undone(**other):
    """An earning of ten points, and its reversal."""
    earning = replace(given(TOWN, LIN, 10).as_transfer(TENANT), policy_version="2026-01", **other)
    wanted = reversal(TOWN, earning.reference, at=NOON + A_DAY).as_transfer(TENANT, earning)
    return earning, wanted


def test_a_reversal_in_full():
    earning, wanted = undone(source="attendance:1")

    assert wanted == movement(
        wanted.reference,
        kind=TransferKind.REVERSE,
        source="attendance:1",
        debit=earning.credit,
        credit=earning.debit,
        amount=10,
        policy_version="2026-01",
        reverses=earning.id,
        occurred_on=DAY + A_DAY,
        booked_at=NOON + A_DAY,
    )


def test_what_is_missing_when_an_earning_is_taken_back_comes_first_in_full():
    """Of ten points two lapsed to the pool and one to the community, three are free: four owed."""
    _, wanted = undone(source="attendance:1")
    lapsed = [(love_pool(HOME), 2), (expired(HOME), 1)]
    owner = red_account(LIN, Unit.POINTS)

    undoing = take_back(wanted, Left(free=3, lapsed=lapsed), tenant_id=TENANT)

    def cover(word, source, amount, why):
        return movement(
            f"{wanted.reference}:{word}",
            kind=TransferKind.ADJUST,
            source="attendance:1",
            debit=source,
            credit=owner,
            amount=amount,
            occurred_on=wanted.occurred_on,
            booked_at=wanted.booked_at,
            reason=f"核对后更正（{why}）",
        )

    covers = [
        cover("lapsed1", love_pool(HOME), 2, "此前已到期，先行转回"),
        cover("lapsed2", expired(HOME), 1, "此前已到期，先行转回"),
        cover("owed", receivable(LIN, Unit.POINTS), 4, "此前已用去，记为待还"),
    ]
    assert undoing.transfers == [*covers, wanted]
    assert [(use.lot_id, use.amount) for use in undoing.used] == [
        *((each.id, each.amount) for each in covers),
        (wanted.reverses, 3),
    ]
    assert undoing.made == [
        (
            owner,
            Lot(
                id=each.id,
                community_id=TOWN.community,
                earned_on=wanted.occurred_on,
                expires_on=None,
                original=each.amount,
                remaining=each.amount,
            ),
        )
        for each in covers
    ]


def test_what_goes_back_for_the_grace_lapses_where_most_lately_it_could_have():
    """The lot that would have lapsed last says in which community the new one lapses."""
    spent = TOWN.spending(LIN, 5).as_transfer(TENANT)
    wanted = reversal(TOWN, spent.reference).as_transfer(TENANT, spent)
    lots = [
        replace(LOT, id=UUID(int=number), community_id=UUID(int=100 + number), expires_on=day)
        for number, day in ((1, DAY - A_DAY), (2, DAY + A_DAY), (3, DAY + 90 * A_DAY))
    ]
    undoing = take_back(wanted, Left(free=wanted.amount), tenant_id=TENANT)
    undoing.used.clear()

    give_back(undoing, [(lot, 1) for lot in lots])

    ((account, grace),) = undoing.made
    assert [(use.lot_id, use.amount) for use in undoing.used] == [(lots[2].id, -1)]
    assert (account, grace.original, grace.remaining) == (red_account(LIN, Unit.POINTS), 2, 2)
    assert (grace.community_id, grace.expires_on) == (UUID(int=102), DAY + 30 * A_DAY)


def test_what_is_booked_is_named_for_its_tenant(engine, town, tenant):
    """A name that two tenants use is that of two movements."""
    lin = make.someone()
    moved = [earned(engine, town, lin, 30), engine.donate(donation(town, lin, 5))]
    moved.append(engine.spend(town.spending(lin, 5)))
    held = engine.hold(town.reservation(lin, 5))
    came = {"occurred_on": DAY, "booked_at": NOON, "actor_id": town.clerk, "reason": "来取"}
    moved.append(engine.capture(Capture(reference=held.reference, **came)))
    moved.append(engine.reverse(reversal(town, moved[1].reference)))
    engine.report(town.visit(lin))
    engine.settle(town.community, POLICIES, now=NOON)
    line = engine.lines(lin, Unit.POINTS)[0]

    assert [each.id for each in moved] == [transfer_id(tenant, each.reference) for each in moved]
    assert held.id == derived_id(tenant, "hold", held.reference)
    assert line.transfer_id == transfer_id(tenant, line.reference)


def test_what_had_to_cover_a_reversal_is_named_for_its_tenant(engine, town, tenant):
    lin = make.someone()
    brought = earned(engine, town, lin, 10)
    engine.spend(town.spending(lin, 4))

    engine.reverse(reversal(town, brought.reference))

    covered = next(line for line in engine.lines(lin) if line.reference.endswith(":owed"))
    assert covered.transfer_id == transfer_id(tenant, covered.reference)


def test_what_is_judged_without_a_rule_says_nothing_but_that():
    minutes, *_ = judge(TOWN.visit(LIN), POLICIES)

    assert replace(minutes, explanation="") == Judgement(
        unit=Unit.MINUTES, policy_version=HOURS.version, reason=Reason.NO_RULE
    )


def test_the_dictionaries_are_of_the_first_tenant_unless_told_otherwise():
    assert MemoryEngine()._state.tenant_id == 1


def test_a_hold_that_ended_is_kept_with_how_and_when_it_ended():
    engine, ends = MemoryEngine(TENANT), {}
    earned(engine, TOWN, LIN, 60)
    for state in (HoldState.CAPTURED, HoldState.RELEASED, HoldState.EXPIRED):
        ends[state] = engine.hold(TOWN.reservation(LIN, 5)).reference
    came = {"occurred_on": DAY, "booked_at": NOON + A_DAY, "actor_id": TOWN.clerk, "reason": "取"}

    engine.capture(Capture(reference=ends[HoldState.CAPTURED], amount=3, **came))
    engine.release_hold(ends[HoldState.RELEASED], at=NOON + A_DAY, on=DAY)
    engine.lapse_holds(NOON + 4 * A_DAY, on=DAY + 4 * A_DAY)

    kept = engine._state.holds
    assert {state: (kept[name].state, kept[name].captured) for state, name in ends.items()} == {
        HoldState.CAPTURED: (HoldState.CAPTURED, 3),
        HoldState.RELEASED: (HoldState.RELEASED, 0),
        HoldState.EXPIRED: (HoldState.EXPIRED, 0),
    }
    ended_at = [kept[name].ended_at for name in ends.values()]
    assert ended_at == [NOON + A_DAY, NOON + A_DAY, NOON + 4 * A_DAY]
