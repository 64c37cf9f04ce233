"""Books in order pass; each kind of tampering is found, by the name of what it breaks.

Where a CHECK would refuse the tampering at once it is taken away first: the invariants are the
second pair of eyes, and must not depend on the first.
"""

import pytest
import sqlalchemy as sa

from points_engine import Unit, red_account
from points_engine.postgres import INVARIANTS, PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.make import POLICIES
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


@pytest.fixture
def lived(undone, tenant, town):
    """A town with everything in its books: earnings, a refusal, a redemption, a waiting fact."""
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    for minutes in (90, 12, 60):
        engine.report(town.attendance(lin, minutes))
    engine.settle(town.community, POLICIES, now=NOON)
    engine.spend(town.spending(lin, 4))
    engine.report(town.visit(lin))
    points = red_account(lin, Unit.POINTS).id_in(tenant)

    def tamper(*statements):
        for statement in statements:
            undone.execute(
                sa.text(statement), {"tenant": tenant, "points": points, "other": make.someone()}
            )
        return {violation.name for violation in verify(undone, tenant)}

    return tamper


def test_books_that_were_only_written_by_the_engine_are_in_order(lived):
    assert lived() == set()


TENANT = "WHERE tenant_id = :tenant"
MINE = f"{TENANT} AND id = :points"
REDEEMED = f"{TENANT} AND kind = 'redeem'"
EARNED = f"{TENANT} AND kind = 'earn' AND unit = 'points' AND amount = 15"


def loosen(table, check):
    return f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_{check}"


TAMPERING = {
    "points are added by hand": (
        [f"UPDATE account SET posted = posted + 1 {MINE}"],
        {FOLD, ZERO},
    ),
    "a version is skipped": (
        [f"UPDATE account SET version = version + 1 {MINE}"],
        {FOLD},
    ),
    "more is held than there is": (
        [loosen("account", "held_is_there"), f"UPDATE account SET held = posted + 1 {MINE}"],
        {FLOOR},
    ),
    "a redemption is removed": (
        [f"DELETE FROM transfer {REDEEMED}"],
        {FOLD, ZERO},
    ),
    "a redemption is made cheaper": (
        [f"UPDATE transfer SET amount = amount - 1 {REDEEMED}"],
        {FOLD, ZERO, CHAIN},
    ),
    "a redemption turns negative": (
        [loosen("transfer", "amount"), f"UPDATE transfer SET amount = -amount {REDEEMED}"],
        {TWO_ACCOUNTS, FOLD, ZERO, CHAIN},
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
        {OF_ITS_FACT},
    ),
    "a decision disappears": (
        [f"DELETE FROM decision {TENANT} AND reason = 'below_minimum' AND unit = 'score'"],
        {DECIDED},
    ),
    "a decision is changed": (
        [f"UPDATE decision SET granted = 1, raw = 1 {TENANT} AND reason = 'below_minimum'"],
        {BOOKED},
    ),
    "an earning changes its unit": (
        [
            "ALTER TABLE transfer DROP CONSTRAINT fk_transfer_debit_account",
            "ALTER TABLE transfer DROP CONSTRAINT fk_transfer_credit_account",
            f"UPDATE transfer SET unit = 'score' {EARNED}",
        ],
        {TWO_ACCOUNTS, BOOKED, OF_ITS_FACT, ZERO},
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
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_tampering_is_found_by_name(lived, tampering):
    statements, broken = TAMPERING[tampering]

    assert lived(*statements) == broken


def test_every_invariant_is_broken_by_some_tampering():
    broken = set().union(*(names for _, names in TAMPERING.values()))

    assert broken == {invariant.name for invariant in INVARIANTS}
