"""Defects and mistakes of other ledgers, each of which is tried here and must not happen.

Tried elsewhere: balances as of an instant (blnk, pgledger; test_as_of), a cut tail of a chain and
hash inputs that can be read in two ways (blnk, Formance; test_verify, test_seals).
These cannot happen here, because what went wrong is not there:

- blnk's trigger that was not safe for NULL, Formance's trigger that searched a table, hordak's
  slow trigger: there are no triggers; what may not be changed is not granted.
- hordak's leg check with an INT: a transfer is one row with both its sides, and no sum of legs.
- hordak's checkpoint keyed by the largest leg: there are no checkpoints, a balance is a row.
- blnk's lost Redis task: the queue is a table, and a bell that is not heard is swept after.
- double_entry's map of locks by thread: locks are the database's own.
- double_entry's demand for the outermost transaction: the engine begins and ends none.
- AI-Horde's one-sided mint: every transfer has two accounts, by a CHECK.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa

from points_engine import InsufficientPoints, Unit
from points_engine.accounts import red_account
from points_engine.postgres import PostgresEngine, metadata, verify
from tests.points_engine import make
from tests.points_engine.asked import donation, earned
from tests.points_engine.conftest import WORKERS
from tests.points_engine.make import DAY, POLICIES
from tests.points_engine.poison import POISON
from tests.support.hands import NOON


@pytest.fixture
def at_once(books, tenant):
    """Do every deed, each in a transaction of its own, on four threads at once."""

    def do(deed):
        try:
            with books.begin() as connection:
                return deed(PostgresEngine(connection, tenant))
        except InsufficientPoints as refusal:
            return refusal.code

    def do_all(*deeds):
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(do, deeds))

    return do_all


def points(engine, who):
    return engine.balances(who, on=DAY)[Unit.POINTS].posted


def test_blnk_a_fact_told_at_once_and_again_is_one_fact(at_once, town):
    """Idempotency was looked up before it was written, on an index that was not unique."""
    fact = town.visit(make.someone())

    taken = at_once(*[lambda engine: engine.report(make.told_again(fact))] * 16)

    assert taken.count(True) == 1


def test_blnk_one_bad_sibling_does_not_end_the_batch(undone, tenant, town, statements):
    """One row that could not be booked made the whole batch fall back to one at a time."""
    engine, good = PostgresEngine(undone, tenant), make.someone()
    engine.report_many([town.attendance(good, 60 + n) for n in range(50)])
    engine.settle(town.community, POISON, now=NOON, limit=25)
    statements.clear()
    engine.settle(town.community, POISON, now=NOON, limit=10)
    without = len(statements)

    engine.report(town.attendance(make.someone(), category="poison"))
    statements.clear()
    settled = engine.settle(town.community, POISON, now=NOON)

    assert (settled.facts, settled.quarantined) == (15, 1)
    assert len(statements) <= without + 3  # who is set apart, and an account that is new


def test_double_entry_no_key_of_an_account_can_be_missing():
    """UNIQUE over a column that may be NULL let one account be made twice."""
    for table in metadata.tables.values():
        for constraint in table.constraints:
            if isinstance(constraint, sa.UniqueConstraint):
                nullable = [column.name for column in constraint.columns if column.nullable]
                assert nullable == [], table.name


def test_double_entry_accounts_without_balances_are_made_once_by_many(at_once, town):
    who = make.someone()

    at_once(*[lambda engine: earned(engine, town, who, 5) for _ in range(16)])

    assert at_once(lambda engine: points(engine, who)) == [80]


def test_blnk_whoever_receives_is_locked_too(at_once, town):
    """The destination was not locked, and credits were lost: 650 became 550."""
    donors, lin = [make.someone() for _ in range(8)], make.someone()
    at_once(*[lambda engine, who=who: earned(engine, town, who, 50) for who in donors])

    at_once(
        *[
            lambda engine, who=who: engine.donate(donation(town, who, 5, to=lin))
            for who in donors * 5
        ]
    )

    assert at_once(lambda engine: points(engine, lin)) == [200]


def test_cala_the_order_in_which_facts_are_told_is_not_the_order_of_the_locks(at_once, town):
    """Locks were taken in the order of the heap, and two writers waited for each other."""
    towns, people = [town, make.a_town()], [make.someone() for _ in range(40)]
    facts = [towns[0].visit(who) for who in people] + [towns[1].visit(who) for who in people[::-1]]
    at_once(lambda engine: engine.report_many(facts))

    at_once(
        *[
            lambda engine, each=each: engine.settle(each.community, POLICIES, now=NOON, limit=9)
            for each in towns * 6
        ]
    )

    assert at_once(*[lambda engine, who=who: points(engine, who) for who in people]) == [4] * 40


def test_blnk_a_booking_changes_of_an_account_what_moved_and_nothing_else(undone, tenant, town):
    """The update of a balance wrote every column, and took what others had written meanwhile."""
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    earned(engine, town, lin, 20)
    engine.hold(town.reservation(lin, 4))

    engine.report(town.visit(lin))
    engine.settle(town.community, POLICIES, now=NOON)

    query = "SELECT posted, held FROM account WHERE tenant_id = :t AND id = :id"
    account = red_account(lin, Unit.POINTS).id_in(tenant)
    assert undone.execute(sa.text(query), {"t": tenant, "id": account}).one() == (22, 4)


@pytest.mark.parametrize("column", ["posted = posted + 5", "held = 1", "version = version + 1"])
def test_ai_horde_a_balance_that_was_repaired_by_hand_is_found(undone, tenant, town, column):
    """Repair by editing balances or flags hides what went wrong."""
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    earned(engine, town, lin, 20)

    account = {"t": tenant, "id": red_account(lin, Unit.POINTS).id_in(tenant)}
    undone.execute(
        sa.text(f"UPDATE account SET {column} WHERE tenant_id = :t AND id = :id"), account
    )

    assert verify(undone, tenant) != []


def test_erpnext_points_that_were_taken_home_cannot_be_taken_again(engine, town):
    """What had been redeemed was not counted, and the same points paid for ever."""
    lin = make.someone()
    earned(engine, town, lin, 20)
    engine.spend(town.spending(lin, 20))

    for asked in (town.spending(lin, 1), replace(town.spending(lin, 1), shop_id=make.someone())):
        with pytest.raises(InsufficientPoints):
            engine.spend(asked)


def test_medusa_one_purse_is_not_emptied_twice_at_once(at_once, town):
    """Two redemptions of one gift card at once were both paid."""
    lin = make.someone()
    at_once(lambda engine: earned(engine, town, lin, 20))

    paid = at_once(*[lambda engine: engine.spend(town.spending(lin, 20)) for _ in range(16)])

    assert paid.count("insufficient_points") == 15
