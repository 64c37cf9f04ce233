"""Books in order pass; each kind of tampering is found, by the name of what it breaks.

Where a CHECK would refuse the tampering at once it is taken away first: the invariants are the
second pair of eyes, and must not depend on the first.
"""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from points_engine import FactKind, Policies, Unit, red_account
from points_engine.postgres import INVARIANTS, PostgresEngine, verify
from tests.points_engine import capped, make
from tests.points_engine.asked import donation, earned, reversal
from tests.points_engine.make import DAY, POLICIES
from tests.points_engine.town_policies import FIRST
from tests.support.hands import NOON

FOLD = "a guarded account is the fold of its transfers"
CHAIN = "the versions of a guarded account have no gap and its balances chain"
ZERO = "all accounts of a unit sum to zero"
FLOOR = "no guarded account was below zero at any version"
DECIDED = "a fact waits, or has one decision for every unit"
BOOKED = "what was granted is what was booked"
OF_ITS_FACT = "an earning is that of its fact: beneficiary, community, source and reference"
TWO_ACCOUNTS = "a transfer moves a positive amount of one unit between two accounts of its tenant"
UNGUARDED = "an unguarded account keeps neither balance nor version"
WAITS = "what waits is a fact, and stands under its own community and person"
SAYS_WHY = "what is quarantined says why"
SEALED = "the transfers of a closed quarter give the root that was published"
HELD = "what an account has held is what its open holds keep"
PINNED = "what a lot has held is what open holds have pinned of it"
OF_ITS_PAYER = "a hold has pinned what it keeps, in lots of its payer"
CAPTURED = "a hold is captured by the one payment of its name, from its payer to its shop"
LEFT = "what is left in the lots of an account is what it has"
LOST = "what a lot has lost is what was taken from it"
BY_LOTS = "what a transfer takes it takes from lots, and what it brings comes in lots"
LAPSED = "nothing is taken from a lot that had lapsed, unless it was held"
ENDS = "what lapses ends in its community, or in the love pool where its owner chose that"
NEGATED = "a reversal is the negated original"
LONGER = "a lot lives longer than it was made for only where a hold had kept it"
CAPS = "what is used of a cap is what was granted under it and not taken back"


@pytest.fixture
def lived(undone, tenant, town):
    """A town with everything in its books: earnings, refusals, payments, holds, a waiting fact.

    And of another person what was undone and what has lapsed.
    """
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    undo_and_lapse(engine, town, make.someone())
    engine.report(town.deed(lin, kind=FactKind.WORK, category="overdue"))
    engine.settle(town.community, Policies([FIRST]), now=NOON)
    for minutes in (90, 12, 60):
        engine.report(town.attendance(lin, minutes))
    engine.settle(town.community, POLICIES, now=NOON)
    engine.spend(town.spending(lin, 4))
    engine.hold(town.reservation(lin, 3))
    engine.report(town.visit(lin))
    points = red_account(lin, Unit.POINTS).id_in(tenant)

    def tamper(*statements):
        for statement in statements:
            undone.execute(
                sa.text(statement), {"tenant": tenant, "points": points, "other": make.someone()}
            )
        return {violation.name for violation in verify(undone, tenant)}

    return tamper


def undo_and_lapse(engine, town, wang):
    services = [town.attendance(wang, 60) for _ in range(2)]
    for service in services:
        engine.report(service)
    engine.settle(town.community, capped.daily(100), now=NOON)
    engine.reverse(reversal(town, f"{services[0].source}:points"))
    earned(engine, town, wang, 20, expires_on=DAY)
    gift = engine.donate(donation(town, wang, 8))
    engine.donate(donation(town, wang, 3))
    engine.reverse(reversal(town, gift.reference))
    engine.expire(DAY + timedelta(days=1), now=NOON + timedelta(days=1))


def test_books_that_were_only_written_by_the_engine_are_in_order(lived):
    assert lived() == set()


TENANT = "WHERE tenant_id = :tenant"
MINE = f"{TENANT} AND id = :points"
REDEEMED = f"{TENANT} AND kind = 'redeem'"
EARNED = f"{TENANT} AND kind = 'earn' AND unit = 'points' AND amount = 15"
LOT = f"{TENANT} AND original = 15"
UNTOUCHED = f"{TENANT} AND account_id = :points AND remaining = original AND held = 0"
USE = f"{TENANT} AND transfer_id IN (SELECT id FROM transfer {REDEEMED})"
EXPIRED = f"{TENANT} AND kind = 'expire'"
RETURNED = f"{TENANT} AND kind = 'reverse' AND amount = 8"
POOL = f"SELECT id FROM account {TENANT} AND code = 'love_pool'"
WANGS = f"SELECT account_id FROM lot {TENANT} AND account_id <> :points LIMIT 1"


def loosen(table, check):
    return f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{check}"


TAMPERING = {
    "points are added by hand": (
        [f"UPDATE account SET posted = posted + 1 {MINE}"],
        {FOLD, ZERO, LEFT},
    ),
    "a version is skipped": (
        [f"UPDATE account SET version = version + 1 {MINE}"],
        {FOLD},
    ),
    "more is held than there is": (
        [loosen("account", "held_is_there"), f"UPDATE account SET held = posted + 1 {MINE}"],
        {FLOOR, HELD},
    ),
    "what is held is let go by hand": (
        [f"UPDATE account SET held = 0 {MINE}"],
        {HELD},
    ),
    "a lot is let go by hand": (
        [f"UPDATE lot SET held = 0 {TENANT}"],
        {PINNED},
    ),
    "a hold ends in its own row only": (
        [f"UPDATE hold SET state = 'released', ended_at = held_at {TENANT}"],
        {HELD, PINNED},
    ),
    "a hold keeps more than it has pinned": (
        [
            f"UPDATE hold SET amount = amount + 1 {TENANT}",
            f"UPDATE account SET held = held + 1 {MINE}",
        ],
        {OF_ITS_PAYER},
    ),
    "a hold is given to somebody else": (
        [f"UPDATE hold SET payer_id = :other {TENANT}"],
        {OF_ITS_PAYER},
    ),
    "a hold was captured and nobody paid": (
        [
            f"UPDATE hold SET state = 'captured', captured = amount, ended_at = held_at {TENANT}",
            f"UPDATE account SET held = 0 {MINE}",
            f"UPDATE lot SET held = 0 {TENANT}",
        ],
        {CAPTURED},
    ),
    "a redemption is removed": (
        [f"DELETE FROM lot_use {USE}", f"DELETE FROM transfer {REDEEMED}"],
        {FOLD, ZERO, LOST},
    ),
    "a redemption is made cheaper": (
        [f"UPDATE transfer SET amount = amount - 1 {REDEEMED}"],
        {FOLD, ZERO, CHAIN, BY_LOTS},
    ),
    "a redemption turns negative": (
        [loosen("transfer", "amount"), f"UPDATE transfer SET amount = -amount {REDEEMED}"],
        {TWO_ACCOUNTS, FOLD, ZERO, CHAIN, BY_LOTS},
    ),
    "a balance in the passbook is embellished": (
        [f"UPDATE transfer SET debit_balance_after = debit_balance_after + 1 {REDEEMED}"],
        {CHAIN},
    ),
    "a balance in the passbook was below zero": (
        [
            loosen("transfer", "debit_side"),
            f"UPDATE transfer SET debit_balance_after = -1 {REDEEMED}",
        ],
        {CHAIN, FLOOR},
    ),
    "a booking is dated back": (
        [f"UPDATE transfer SET booked_at = booked_at - interval '1 day' {REDEEMED}"],
        {CHAIN},
    ),
    "the till gets a version": (
        [
            f"UPDATE transfer SET credit_version = 1, credit_balance_after = 4 {REDEEMED}",
        ],
        {UNGUARDED},
    ),
    "an earning is credited to somebody else": (
        [f"UPDATE account SET owner_id = :other {MINE}"],
        {OF_ITS_FACT, OF_ITS_PAYER},
    ),
    "a decision disappears": (
        [f"DELETE FROM decision {TENANT} AND reason = 'below_minimum' AND unit = 'score'"],
        {DECIDED},
    ),
    "a decision is changed": (
        [f"UPDATE decision SET granted = 1, raw = 1 {TENANT} AND reason = 'below_minimum'"],
        {BOOKED},
    ),
    "a penalty is made lighter": (
        [f"UPDATE decision SET granted = -1, raw = -1 {TENANT} AND granted < 0"],
        {BOOKED},
    ),
    "a penalty is put upon somebody else": (
        [f"UPDATE account SET owner_id = :other {TENANT} AND unit = 'work' AND guarded"],
        {OF_ITS_FACT},
    ),
    "an earning changes its unit": (
        [
            "ALTER TABLE transfer DROP CONSTRAINT fk_transfer_debit_account",
            "ALTER TABLE transfer DROP CONSTRAINT fk_transfer_credit_account",
            f"UPDATE transfer SET unit = 'score' {EARNED}",
        ],
        {TWO_ACCOUNTS, BOOKED, OF_ITS_FACT, ZERO, BY_LOTS},
    ),
    "an earning takes another source": (
        [f"UPDATE transfer SET source = 'attendance:other' {EARNED}"],
        {OF_ITS_FACT},
    ),
    "a waiting fact is forgotten": (
        [f"DELETE FROM settle_queue {TENANT}"],
        {DECIDED},
    ),
    "a waiting fact is put under somebody else": (
        [f"UPDATE settle_queue SET beneficiary_id = :other {TENANT}"],
        {WAITS},
    ),
    "a fact is quarantined without a word": (
        [f"UPDATE settle_queue SET quarantined_at = not_before, last_error = '' {TENANT}"],
        {SAYS_WHY},
    ),
    "a quarter is said to have been closed over nothing": (
        [
            """
            INSERT INTO period (tenant_id, community_id, quarter, publicised_at, stopped_by)
            SELECT DISTINCT tenant_id, community_id, quarter, booked_at, 1 FROM transfer
            WHERE tenant_id = :tenant AND kind = 'redeem'
            """,
            f"""
            INSERT INTO seal (
                tenant_id, community_id, quarter, closed_at, secret, root, leaf_count
            )
            SELECT tenant_id, community_id, quarter, publicised_at, sha256('secret'), sha256(''), 0
            FROM period {TENANT}
            """,
        ],
        {SEALED},
    ),
    "a lot shrinks": (
        [f"UPDATE lot SET remaining = remaining - 1 {LOT}"],
        {LEFT, LOST},
    ),
    "a payment takes from nowhere": (
        [f"DELETE FROM lot_use {USE}"],
        {LOST, BY_LOTS},
    ),
    "a lot comes from nowhere": (
        [f"UPDATE lot SET original = original + 1, remaining = remaining + 1 {LOT}"],
        {LEFT, BY_LOTS},
    ),
    "a lot goes to somebody else": (
        [
            f"UPDATE lot SET account_id = ({WANGS}) {UNTOUCHED}",
        ],
        {LEFT, BY_LOTS},
    ),
    "a lot that was spent had lapsed before": (
        [
            loosen("lot", "expires_on"),
            f"UPDATE lot SET expires_on = date '2026-03-01' {TENANT} AND account_id = :points",
        ],
        {LAPSED},
    ),
    "what lapsed ends with another community": (
        [
            f"UPDATE account SET owner_id = :other {TENANT} AND code = 'expired'",
        ],
        {ENDS},
    ),
    "what lapsed is given away unasked": (
        [
            f"UPDATE transfer SET credit_account_id = ({POOL}) {EXPIRED}",
        ],
        {ENDS},
    ),
    "what lapsed was to be given away": (
        [
            f"""
            INSERT INTO expiry_choice (tenant_id, person_id, chosen_at, goes_to)
            SELECT tenant_id, owner_id, date '2026-02-01', 'love_pool' FROM account
            {TENANT} AND unit = 'points' AND code = 'red_account'
            """,
        ],
        {ENDS},
    ),
    "a lot is given a longer life by hand": (
        [f"UPDATE lot SET first_expires_on = earned_on, expires_on = date '2029-01-01' {LOT}"],
        {LONGER},
    ),
    "a reversal undoes something else": (
        [
            "ALTER TABLE transfer DISABLE TRIGGER ALL",
            f"UPDATE transfer SET reverses = (SELECT id FROM transfer {REDEEMED}) {RETURNED}",
        ],
        {NEGATED},
    ),
    "a cap is opened by hand": (
        [f"UPDATE cap_usage SET used = used - 1 {TENANT}"],
        {CAPS},
    ),
    "more is used of a cap than is allowed": (
        [
            loosen("cap_usage", "used"),
            f"UPDATE cap_usage SET allowed = 0 {TENANT}",
        ],
        {CAPS},
    ),
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_tampering_is_found_by_name(lived, tampering):
    statements, broken = TAMPERING[tampering]

    assert lived(*statements) == broken


def test_every_invariant_is_broken_by_some_tampering():
    broken = set().union(*(names for _, names in TAMPERING.values()))

    assert broken == {invariant.name for invariant in INVARIANTS}
