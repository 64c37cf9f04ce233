"""One account is verified without reading its past: what is wrong with its ends is found."""

import pytest
import sqlalchemy as sa

from points_engine import Unit, red_account
from points_engine.postgres import PostgresEngine
from points_engine.postgres.check import OF_ONE_ACCOUNT, PAGE
from tests.points_engine import make
from tests.points_engine.asked import earned

STANDS, FOLLOWS, LEFT, HELD = (invariant.name for invariant in OF_ONE_ACCOUNT)
MINE = "WHERE tenant_id = :tenant AND id = :points"
LOTS = "WHERE tenant_id = :tenant AND account_id = :points"
HOLD = "WHERE tenant_id = :tenant"


def line(version):
    return (
        f"WHERE tenant_id = :tenant AND credit_account_id = :points AND credit_version = {version}"
    )


@pytest.fixture
def checked(undone, tenant, town):
    """More than a page of lines and a hold, and what is wrong after a hand in the tables."""
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    for _ in range(PAGE + 5):
        earned(engine, town, lin, 2)
    engine.hold(town.reservation(lin, 3))
    points = red_account(lin, Unit.POINTS).id_in(tenant)

    def check(*statements):
        for statement in statements:
            undone.execute(sa.text(statement), {"tenant": tenant, "points": points})
        return {violation.name for violation in engine.check_account(lin, Unit.POINTS)}

    return check


def test_an_account_that_only_the_engine_has_written_is_in_order(checked):
    assert checked() == set()


def test_somebody_without_an_account_has_nothing_wrong_with_it(undone, tenant):
    assert PostgresEngine(undone, tenant).check_account(make.someone(), Unit.POINTS) == []


TAMPERING = {
    "points are added by hand": (
        [f"UPDATE account SET posted = posted + 1 {MINE}"],
        {STANDS, LEFT},
    ),
    "a version is skipped": ([f"UPDATE account SET version = version + 1 {MINE}"], {STANDS}),
    "the account knows nothing of its last booking": (
        [f"UPDATE account SET last_booked_at = NULL {MINE}"],
        {STANDS},
    ),
    "the newest line is embellished": (
        [f"UPDATE transfer SET credit_balance_after = credit_balance_after + 1 {line(PAGE + 5)}"],
        {STANDS, FOLLOWS},
    ),
    "a line of the page is removed": (
        [
            "ALTER TABLE transfer DISABLE TRIGGER ALL",
            f"DELETE FROM transfer {line(PAGE)}",
        ],
        {FOLLOWS},
    ),
    "an amount is changed": ([f"UPDATE transfer SET amount = amount + 1 {line(PAGE)}"], {FOLLOWS}),
    "the oldest line of the page is dated back": (
        [f"UPDATE transfer SET booked_at = booked_at - interval '1 day' {line(6)}"],
        {FOLLOWS},
    ),
    "a lot shrinks": (
        [f"UPDATE lot SET remaining = remaining - 1 {LOTS} AND held = 0"],
        {LEFT},
    ),
    "what is held is let go by hand": ([f"UPDATE account SET held = 0 {MINE}"], {HELD}),
    "a lot is let go by hand": ([f"UPDATE lot SET held = 0 {LOTS}"], {HELD}),
    "a hold ends in its own row only": (
        [f"UPDATE hold SET state = 'released', ended_at = held_at {HOLD}"],
        {HELD},
    ),
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_a_hand_in_an_account_is_found(checked, tampering):
    statements, broken = TAMPERING[tampering]

    assert checked(*statements) == broken


def test_what_is_older_than_a_page_is_left_to_the_books_as_a_whole(checked):
    assert checked(f"UPDATE transfer SET amount = amount + 1 {line(2)}") == set()
