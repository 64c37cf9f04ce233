"""Closing while others book: real transactions, none of which slips into a quarter unseen.

And closed books in the tables: whatever a hand does to them is found.
"""

from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from points_engine import PeriodBusy, SealBroken, Unit, red_account, till
from points_engine.postgres import PostgresEngine, periods, verify
from points_engine.postgres.accounts import lock_accounts
from points_engine.postgres.standing import ended_quarters
from tests.points_engine import make
from tests.points_engine.conftest import Committing
from tests.points_engine.make import POLICIES
from tests.support.hands import NOON

APRIL = date(2026, 4, 1)
SPRING = NOON + timedelta(days=60)
SECRET = bytes(range(32))
ROOT = "the transfers of a closed quarter give the root that was published"
QUARTER = "2026Q1"


@pytest.fixture
def engine(books, tenant):
    """Each call is a transaction of its own."""
    engine = Committing(books, tenant)
    engine.publish(make.HOURS, now=NOON)
    return engine


@pytest.fixture
def lin(engine, town):
    """Somebody with twenty points in the quarter."""
    lin = make.someone()
    engine.report(town.attendance(lin, 120))
    engine.settle(town.community, POLICIES, now=NOON)
    return lin


@pytest.fixture
def impatient(monkeypatch):
    """Who closes looks twice and not for a second."""
    monkeypatch.setattr(periods, "_LOOKS", 1)


@pytest.fixture
def meanwhile(books, tenant):
    """An engine in a transaction that goes on until the test ends it."""

    @contextmanager
    def meanwhile():
        with books.connect() as connection, connection.begin():
            yield PostgresEngine(connection, tenant), connection

    return meanwhile


def publicise(engine, town):
    return engine.publicise(town.community, QUARTER, on=APRIL, at=SPRING)


def close(engine, town, secret=SECRET):
    return engine.close(town.community, QUARTER, at=SPRING, secret=secret)


def test_who_has_locked_but_not_yet_read_sees_that_the_quarter_has_ended(
    engine, meanwhile, tenant, town, lin
):
    with meanwhile() as (late, connection):
        lock_accounts(connection, tenant, [red_account(lin, Unit.POINTS)])
        publicise(engine, town)
        # The lock does not stand in the way of closing: what is booked under it counts later.
        seal = close(engine, town)
        paid = late.spend(town.spending(lin, 4))

    assert (paid.quarter, seal.leaf_count) == ("2026Q2", 3)


@pytest.mark.usefixtures("impatient")
def test_who_read_that_it_is_open_is_waited_for_and_included(engine, meanwhile, town, lin):
    with meanwhile() as (early, _connection):
        paid = early.spend(town.spending(lin, 4))
        publicise(engine, town)
        with pytest.raises(PeriodBusy) as busy:
            close(engine, town)

    assert busy.value.quarter == paid.quarter == QUARTER
    seal = close(engine, town)
    assert (seal.leaf_count, seal.last_transfer) == (4, paid.id)


@pytest.mark.usefixtures("impatient")
def test_who_is_younger_than_the_publicising_and_read_before_it_was_committed_is_included_too(
    engine, meanwhile, town, lin
):
    with meanwhile() as (young, _connection):
        with meanwhile() as (ending, _connection):
            publicise(ending, town)
            paid = young.spend(town.spending(lin, 4))
        with pytest.raises(PeriodBusy):
            close(engine, town)

    assert paid.quarter == QUARTER
    assert close(engine, town).last_transfer == paid.id


@pytest.mark.usefixtures("impatient")
def test_a_settler_is_waited_for_as_well(engine, meanwhile, town, lin):
    engine.report(town.visit(lin))
    with meanwhile() as (settler, _connection):
        settler.settle(town.community, POLICIES, now=NOON)
        publicise(engine, town)
        with pytest.raises(PeriodBusy):
            close(engine, town)

    assert close(engine, town).leaf_count == 4


@pytest.mark.usefixtures("impatient")
def test_who_has_read_and_written_nothing_yet_is_waited_for(engine, meanwhile, tenant, town, lin):
    """An adjustment between accounts that nobody guards, say: there was no row to lock."""
    engine.spend(town.spending(lin, 4))
    with meanwhile() as (_early, connection):
        lock_accounts(connection, tenant, [till(town.shop)])
        ended_quarters(connection, tenant, town.community)
        publicise(engine, town)
        with pytest.raises(PeriodBusy):
            close(engine, town)

    assert close(engine, town).leaf_count == 4


@pytest.mark.usefixtures("impatient")
def test_who_books_nothing_is_not_waited_for(engine, meanwhile, town, lin):
    publicise(engine, town)
    with meanwhile() as (reader, connection):
        reader.lines(lin)
        verify(connection, make.some_tenant())
        connection.execute(sa.text("SELECT count(*) FROM period"))

        assert close(engine, town).leaf_count == 3


@pytest.mark.usefixtures("impatient")
def test_who_counts_the_rows_is_not_waited_for(engine, books, town, lin):
    publicise(engine, town)
    with books.connect() as connection, connection.begin():
        connection.execute(sa.text("ANALYZE period"))

        assert close(engine, town).leaf_count == 3


def test_a_payment_that_was_taken_back_is_not_in_the_seal(engine, meanwhile, town, lin):
    with meanwhile() as (early, connection):
        early.spend(town.spending(lin, 4))
        publicise(engine, town)
        connection.get_transaction().rollback()

        assert close(engine, town).leaf_count == 3


def test_nothing_is_closed_in_the_transaction_that_publicises(meanwhile, town, lin):
    with meanwhile() as (engine, _connection):
        publicise(engine, town)

        with pytest.raises(PeriodBusy):
            close(engine, town)


def test_of_two_who_close_at_once_the_first_gives_the_seal(engine, meanwhile, town, lin):
    publicise(engine, town)
    with meanwhile() as (first, _connection):
        assert first.seals(town.community) == []
        seal = close(engine, town)

        assert close(first, town, secret=bytes(32)) == seal


@pytest.fixture
def sealed(books, engine, tenant, town, lin):
    """A closed quarter with four transfers, and what is found wrong after a statement."""
    engine.spend(town.spending(lin, 4))
    publicise(engine, town)
    close(engine, town)
    with books.connect() as connection:
        connection.begin()

        def sealed(*statements):
            for statement in statements:
                connection.execute(sa.text(statement), {"tenant": tenant, "other": make.someone()})
            return PostgresEngine(connection, tenant)

        yield sealed
        connection.rollback()


def test_what_was_closed_is_in_order(sealed, tenant):
    assert verify(sealed()._database, tenant) == []


MINE = "WHERE tenant_id = :tenant"
PAID = f"{MINE} AND kind = 'redeem'"
FIRST = f"{MINE} AND id = (SELECT first_transfer_id FROM seal {MINE})"
COPIED = """
    INSERT INTO transfer (tenant_id, id, kind, reference, source, unit, debit_account_id,
        credit_account_id, amount, policy_version, community_id, quarter, occurred_on, booked_at,
        actor_id, reason, debit_version, debit_balance_after)
    SELECT tenant_id, :other, kind, reference || 'again', source, unit, debit_account_id,
        credit_account_id, amount, policy_version, community_id, quarter, occurred_on,
        booked_at + {later}, actor_id, reason, debit_version + 1, debit_balance_after - amount
    FROM transfer WHERE tenant_id = :tenant AND kind = 'redeem'
"""
FREE = [
    "ALTER TABLE seal DROP CONSTRAINT fk_seal_first_transfer",
    "ALTER TABLE seal DROP CONSTRAINT fk_seal_last_transfer",
    f"DELETE FROM lot_use {MINE}",
]
TAMPERING = {
    "an amount is changed": [f"UPDATE transfer SET amount = amount - 1 {PAID}"],
    "a word is changed": [f"UPDATE transfer SET reason = reason || '.' {PAID}"],
    "another person did it": [f"UPDATE transfer SET actor_id = :other {PAID}"],
    "defect 2: the tail is cut off": [*FREE, f"DELETE FROM transfer {PAID}"],
    "defect 2: the tail is cut off, and the count with it": [
        *FREE,
        f"DELETE FROM transfer {PAID}",
        f"UPDATE seal SET leaf_count = 3 {MINE}",
    ],
    "all of it is gone": [
        *FREE,
        f"DELETE FROM lot {MINE}",
        f"DELETE FROM transfer {MINE}",
    ],
    "a transfer is there twice": [COPIED.format(later="interval '0'")],
    "a transfer slipped in later": [COPIED.format(later="interval '1 day'")],
    "a transfer went to another quarter": [f"UPDATE transfer SET quarter = '2026Q2' {PAID}"],
    "the order is another": [
        f"UPDATE transfer SET booked_at = booked_at - interval '1 day' {PAID}"
    ],
    "two were swapped": [
        f"UPDATE transfer SET booked_at = booked_at + interval '2 days' {FIRST}",
    ],
    "another root is kept": [f"UPDATE seal SET root = sha256(root) {MINE}"],
    "a root is kept that no transfer has": [f"UPDATE seal SET root = sha256('') {MINE}"],
    "another beginning is kept": [f"UPDATE seal SET previous_root = sha256(root) {MINE}"],
    "another secret is kept": [f"UPDATE seal SET secret = sha256(secret) {MINE}"],
}


@pytest.mark.parametrize("tampering", TAMPERING)
def test_a_hand_in_a_closed_quarter_is_found(sealed, tenant, tampering):
    engine = sealed(*TAMPERING[tampering])

    assert ROOT in {violation.name for violation in verify(engine._database, tenant)}


@pytest.mark.parametrize(
    "tampering", ["an amount is changed", "a transfer is there twice", "the order is another"]
)
def test_nothing_is_proved_from_books_that_were_changed(sealed, town, lin, tampering):
    engine = sealed(*TAMPERING[tampering])

    with pytest.raises(SealBroken, match="not those that were sealed"):
        engine.prove(town.community, QUARTER, person_id=lin)


def test_an_earlier_quarter_that_is_sealed_anew_breaks_the_chain(books, tenant, town, sealed):
    engine = Committing(books, tenant)
    engine.publicise(town.community, "2026Q2", on=date(2026, 7, 1), at=SPRING)
    engine.close(town.community, "2026Q2", at=SPRING, secret=SECRET)
    tampered = sealed(
        f"UPDATE transfer SET reason = 'x' {PAID}",
        f"DELETE FROM seal {MINE} AND quarter = '{QUARTER}'",
    )._database
    PostgresEngine(tampered, tenant).close(town.community, QUARTER, at=SPRING, secret=SECRET)

    (found,) = verify(tampered, tenant)

    assert (found.name, found.rows[0]["quarter"]) == (ROOT, "2026Q2")


def test_a_long_quarter_is_read_by_the_page(engine, town, lin, statements):
    for _ in range(40):
        engine.report(town.attendance(lin, 60))
    engine.settle(town.community, POLICIES, now=NOON)
    publicise(engine, town)
    statements.clear()

    assert close(engine, town).leaf_count == 123
    assert len(statements) < 12
