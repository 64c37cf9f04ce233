"""Balances of the past: of any version and any instant, from the books as they are."""

import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial
from itertools import accumulate

import pytest
import sqlalchemy as sa

from points_engine import (
    AsOf,
    FactKind,
    InsufficientPoints,
    Policies,
    Policy,
    Unit,
    household_account,
    red_account,
    till,
)
from points_engine.postgres import PostgresEngine, verify
from points_engine.postgres.as_of import _AT, _VERSION
from tests.points_engine import make
from tests.points_engine.make import POLICIES
from tests.support.hands import NOON

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
THREADS = 8


def settle(engine, town, now):
    return engine.settle(town.community, POLICIES, now=now)


def test_a_balance_is_read_as_of_any_version(engine, town):
    lin = make.someone()
    engine.report(town.attendance(lin, minutes=90))
    engine.report(town.visit(lin, at=NOON + INSTANT))
    settle(engine, town, NOON + HOUR)
    engine.spend(town.spending(lin, 7, at=NOON + 2 * HOUR))

    of_version = [
        engine.balance_as_of(lin, Unit.POINTS, version=version) for version in (0, 1, 2, 3, 4)
    ]

    assert of_version == [
        AsOf(),
        AsOf(balance=15, version=1, booked_at=NOON + HOUR),
        AsOf(balance=17, version=2, booked_at=NOON + HOUR),
        AsOf(balance=10, version=3, booked_at=NOON + 2 * HOUR),
        AsOf(balance=10, version=3, booked_at=NOON + 2 * HOUR),
    ]


def test_a_balance_is_read_as_of_any_instant(engine, town):
    lin = make.someone()
    engine.report(town.attendance(lin, minutes=90))
    settle(engine, town, NOON + HOUR)
    engine.spend(town.spending(lin, 7, at=NOON + 2 * HOUR))

    def at(instant):
        return engine.balance_as_of(lin, Unit.POINTS, at=instant).balance

    assert at(NOON + HOUR - INSTANT) == 0
    assert at(NOON + HOUR) == at(NOON + 2 * HOUR - INSTANT) == 15
    assert at(NOON + 2 * HOUR) == 8
    assert engine.balance_as_of(lin, Unit.POINTS).version == 2


def test_a_back_dated_fact_is_in_every_balance_from_its_booking_on(engine, town):
    """Defect 1: a row with an earlier effective day was in neither half of the sum."""
    lin = make.someone()
    engine.report(town.attendance(lin, minutes=60))
    settle(engine, town, NOON)
    long_ago = NOON - timedelta(days=20)
    engine.report(town.attendance(lin, minutes=60, at=long_ago, received_at=NOON + HOUR))
    settle(engine, town, NOON + HOUR)

    before = engine.balance_as_of(lin, Unit.POINTS, at=NOON + HOUR - INSTANT)
    after = engine.balance_as_of(lin, Unit.POINTS, at=NOON + HOUR)

    assert (before.balance, after.balance) == (10, 20)
    assert engine.balance_as_of(lin, Unit.POINTS, at=long_ago) == AsOf()


def test_a_fact_dated_ahead_is_not_counted_twice(engine, town):
    """Defect 1: a row with a later effective day was in both halves of the sum."""
    lin = make.someone()
    tomorrow = NOON + timedelta(days=1)
    engine.report(town.attendance(lin, minutes=60, at=tomorrow, received_at=NOON))
    settle(engine, town, NOON)
    engine.report(town.visit(lin))
    settle(engine, town, NOON + HOUR)

    balances = [
        engine.balance_as_of(lin, Unit.POINTS, at=instant).balance
        for instant in (NOON, NOON + HOUR, tomorrow, tomorrow + HOUR)
    ]

    assert balances == [10, 12, 12, 12]


def test_a_household_has_a_past_too(engine, town):
    home = make.someone()
    merit = {"kind": "household", "category": "*", "unit": "household", "worth": "flat"}
    merits = Policy.from_document(
        {
            "version": "2026-02",
            "in_force_from": "2026-02-01",
            "rules": [{"id": "merit", "amount": 3, **merit}],
        }
    )
    for hours in (1, 2):
        merit = town.deed(make.someone(), kind=FactKind.HOUSEHOLD, household_id=home)
        engine.report(merit)
        engine.settle(town.community, Policies([merits]), now=NOON + hours * HOUR)

    first = engine.account_as_of(household_account(home), at=NOON + HOUR)
    last = engine.account_as_of(household_account(home))

    assert (first.balance, last.balance, last.version) == (3, 6, 2)


@pytest.mark.parametrize(
    "account", [red_account(make.someone(), Unit.MINUTES), household_account(make.someone())]
)
def test_an_account_nobody_has_booked_on_is_empty_at_any_time(engine, account):
    assert engine.account_as_of(account) == AsOf()
    assert engine.account_as_of(account, at=NOON) == AsOf()


def test_what_has_no_answer_is_refused(engine):
    lin = make.someone()

    with pytest.raises(ValueError, match="till keeps no balance"):
        engine.account_as_of(till(lin), at=NOON)
    with pytest.raises(ValueError, match="an instant or of a version"):
        engine.balance_as_of(lin, Unit.POINTS, at=NOON, version=1)
    with pytest.raises(ValueError, match="no time zone"):
        engine.balance_as_of(lin, Unit.POINTS, at=NOON.replace(tzinfo=None))


def test_under_contention_every_version_and_instant_is_the_fold_of_its_bookings(
    books, tenant, town
):
    """Defect 6: instants taken before the lock went back in time from version to version."""
    lin = make.someone()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(partial(_a_busy_hour, books, tenant, town, lin), range(THREADS)))

    with books.begin() as connection:
        engine = PostgresEngine(connection, tenant)
        legs = _legs(connection, tenant, red_account(lin, Unit.POINTS))
        folded = list(accumulate((leg.moved for leg in legs), initial=0))
        assert verify(connection, tenant) == []
        assert len(legs) > THREADS
        for version, balance in enumerate(folded):
            assert engine.balance_as_of(lin, Unit.POINTS, version=version).balance == balance
        around = {leg.booked_at + step for leg in legs for step in (-INSTANT, 0 * INSTANT, INSTANT)}
        for at in around:
            summed = sum(leg.moved for leg in legs if leg.booked_at <= at)
            assert engine.balance_as_of(lin, Unit.POINTS, at=at).balance == summed


def _a_busy_hour(books, tenant, town, who, worker):
    """One of many hands that earn for and spend from one account, each with a clock of its own."""
    chance = random.Random(worker)
    for _ in range(12):
        at = NOON + timedelta(seconds=chance.uniform(-60, 60))
        earns = chance.random() < 0.5
        with suppress(InsufficientPoints), books.begin() as connection:
            engine = PostgresEngine(connection, tenant)
            if earns:
                engine.report(town.attendance(who, 30 + worker, at=at))
                settle(engine, town, at)
            else:
                engine.spend(town.spending(who, chance.randrange(1, 5), at=at))


def _legs(connection, tenant, account):
    return connection.execute(
        sa.text("""
            SELECT CASE WHEN debit_account_id = :mine THEN -amount ELSE amount END AS moved,
                   booked_at,
                   CASE WHEN debit_account_id = :mine THEN debit_version ELSE credit_version END
                   AS version
            FROM transfer
            WHERE tenant_id = :tenant AND :mine IN (debit_account_id, credit_account_id)
            ORDER BY version
        """),
        {"tenant": tenant, "mine": account.id_in(tenant)},
    ).all()


def test_the_past_costs_one_statement_and_two_rows_whatever_the_history(
    undone, tenant, town, statements
):
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    for minutes in range(30, 90):
        engine.report(town.attendance(lin, minutes))
    settle(engine, town, NOON)
    undone.execute(sa.text("ANALYZE transfer"))

    statements.clear()
    engine.balance_as_of(lin, Unit.POINTS, at=NOON)
    engine.balance_as_of(lin, Unit.POINTS, version=7)

    assert len(statements) == 2
    for asked in (_AT, _VERSION):
        plan = undone.execute(
            sa.text(f"EXPLAIN (ANALYZE, FORMAT JSON) {asked}"),
            {
                "tenant_id": tenant,
                "account_id": red_account(lin, Unit.POINTS).id_in(tenant),
                "at": NOON,
                "version": 7,
            },
        ).scalar_one()
        assert _rows_read(plan[0]["Plan"]) <= 2


def _rows_read(node):
    """How many rows the scans of a plan have brought up, those thrown away included."""
    own = (
        node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        if "Scan" in node["Node Type"]
        else 0
    )
    return own + sum(_rows_read(each) for each in node.get("Plans", ()))
