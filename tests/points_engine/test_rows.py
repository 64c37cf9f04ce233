"""What only the database can show: its own refusals, and rows that a newer program wrote."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from points_engine import InsufficientPoints, Unit, red_account
from points_engine.postgres import PostgresEngine, metadata
from tests.points_engine import make
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON


def test_a_kind_that_only_a_newer_program_knows_is_set_apart(undone, tenant, town):
    engine, lin, wang = PostgresEngine(undone, tenant), make.someone(), make.someone()
    unknown = town.visit(lin)
    engine.report(unknown)
    engine.report(town.visit(wang))
    undone.execute(
        sa.text("UPDATE fact SET kind = 'blood_donation' WHERE tenant_id = :t AND id = :id"),
        {"t": tenant, "id": unknown.id},
    )

    settled = engine.settle(town.community, POLICIES, now=NOON)

    assert (settled.facts, settled.quarantined) == (1, 1)
    assert engine.balances(wang, on=DAY)[Unit.POINTS].posted == 2
    assert engine.waiting(lin) == []
    (set_apart,) = engine.quarantined()
    assert set_apart.error == "ValueError: 'blood_donation' is not a known kind of fact"


def test_a_batch_of_nothing_but_unknown_facts_is_set_apart(undone, tenant, town):
    engine = PostgresEngine(undone, tenant)
    engine.report(town.visit(make.someone()))
    undone.execute(sa.text("UPDATE fact SET kind = 'new' WHERE tenant_id = :t"), {"t": tenant})

    first = engine.settle(town.community, POLICIES, now=NOON)

    assert (first.facts, first.transfers, first.quarantined) == (0, 0, 1)
    assert engine.settle(town.community, POLICIES, now=NOON).claimed == 0


@pytest.mark.parametrize(
    "change",
    ["posted = -1", "posted = NULL", "held = posted + 1", "held = -1", "version = -1"],
)
def test_the_database_refuses_what_the_engine_would_never_write(undone, tenant, town, change):
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    engine.report(town.visit(lin))
    engine.settle(town.community, POLICIES, now=NOON)

    with pytest.raises(sa.exc.IntegrityError):
        undone.execute(
            sa.text(f"UPDATE account SET {change} WHERE tenant_id = :t AND id = :id"),
            {"t": tenant, "id": red_account(lin, Unit.POINTS).id_in(tenant)},
        )


def test_held_points_cannot_be_spent(undone, tenant, town):
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    engine.report(town.attendance(lin, 60))
    engine.settle(town.community, POLICIES, now=NOON)
    undone.execute(
        sa.text("UPDATE account SET held = 4 WHERE tenant_id = :t AND id = :id"),
        {"t": tenant, "id": red_account(lin, Unit.POINTS).id_in(tenant)},
    )

    with pytest.raises(InsufficientPoints) as refused:
        engine.spend(town.spending(lin, 7))

    assert (refused.value.balance, refused.value.needed) == (6, 7)
    assert engine.spend(town.spending(lin, 6)).debit_balance_after == 4


def everything_written(connection, tenant):
    """Every row of the tenant in every table but that of the refusals, as text."""
    return {
        table: connection.scalars(
            sa.text(f"SELECT CAST(t AS text) FROM {table} AS t WHERE tenant_id = :t ORDER BY 1"),
            {"t": tenant},
        ).all()
        for table in metadata.tables
        if table != "refusal"
    }


@pytest.mark.parametrize("held", [0, 4, 20], ids="{} held".format)
@pytest.mark.parametrize("late", [timedelta(), timedelta(days=5)], ids=["", "overdue"])
def test_a_refusal_changes_no_table_but_its_own(undone, tenant, town, held, late):
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    engine.report(town.attendance(lin, 120))
    engine.settle(town.community, POLICIES, now=NOON)
    if held:
        engine.hold(town.reservation(lin, held))
    before = everything_written(undone, tenant)

    for who in (lin, make.someone()):
        for deed in (
            lambda who=who: engine.spend(town.spending(who, 21, at=NOON + late)),
            lambda who=who: engine.hold(town.reservation(who, 21, at=NOON + late)),
        ):
            with pytest.raises(InsufficientPoints):
                deed()

    assert everything_written(undone, tenant) == before
    kept = undone.scalar(
        sa.text("SELECT count(*) FROM refusal WHERE tenant_id = :t"), {"t": tenant}
    )
    assert kept == 4


def test_a_refusal_that_is_rolled_back_was_never_kept(undone, tenant, town):
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    asked = town.spending(lin, 2)
    attempt = undone.begin_nested()
    with pytest.raises(InsufficientPoints):
        engine.spend(asked)
    attempt.rollback()

    engine.report(town.visit(lin))
    engine.settle(town.community, POLICIES, now=NOON)

    assert engine.spend(asked).debit_balance_after == 0


def test_nearly_every_payment_is_one_statement(undone, tenant, town, statements):
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    for _ in range(3):
        engine.report(town.attendance(lin, 120))
    engine.settle(town.community, POLICIES, now=NOON)
    engine.spend(town.spending(lin, 1))  # makes the till

    statements.clear()
    engine.spend(town.spending(lin, 50))

    assert len(statements) == 1


def test_a_tenant_sees_nothing_of_another(undone, tenant, town):
    mine, lin = PostgresEngine(undone, tenant), make.someone()
    fact = town.visit(lin)
    mine.report(fact)
    mine.settle(town.community, POLICIES, now=NOON)
    theirs = PostgresEngine(undone, make.some_tenant())

    assert theirs.report(fact)
    assert theirs.lines(lin) == []
    assert theirs.decisions(fact.source) == []
    theirs.settle(town.community, POLICIES, now=NOON)
    assert theirs.balances(lin, on=DAY) == mine.balances(lin, on=DAY)
