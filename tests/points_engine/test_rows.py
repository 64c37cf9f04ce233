"""What only the database can show: its own refusals, and rows that a newer program wrote."""

import pytest
import sqlalchemy as sa

from points_engine import InsufficientPoints, Unit, red_account
from points_engine.postgres import PostgresEngine
from tests.points_engine import make
from tests.points_engine.make import POLICIES
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
    assert engine.balances(wang)[Unit.POINTS].posted == 2
    assert engine.waiting(lin) == []
    (set_apart,) = engine.quarantined()
    assert set_apart.error == "ValueError: 'blood_donation' is not a valid FactKind"


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
    assert theirs.balances(lin) == mine.balances(lin)
