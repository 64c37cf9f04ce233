"""What the database will not take is one fact's trouble, and never the trouble of its batch."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from points_engine import Unit
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import asked, make
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON

FACTS = 200

_RENAMED = sa.text("""
    UPDATE transfer SET reference = :new WHERE tenant_id = :tenant_id AND reference = :old
""")


@pytest.fixture
def engine(undone, tenant):
    return PostgresEngine(undone, tenant)


@pytest.fixture
def reported(engine, town):
    """Many people, each with a visit that waits."""
    people = [make.someone() for _ in range(FACTS)]
    facts = [town.visit(who, source=f"visit:{n}") for n, who in enumerate(people)]
    engine.report_many(facts)
    return facts


@pytest.fixture
def tampered(engine, undone, tenant, town):
    """Somebody has taken the references under which facts will be booked."""

    def take(*facts):
        for fact in facts:
            given = engine.adjust(asked.given(town, make.someone(), 1))
            names = {"tenant_id": tenant, "old": given.reference, "new": f"{fact.source}:points"}
            undone.execute(_RENAMED, names)

    return take


@pytest.mark.parametrize("places", [(0,), (199,), (17, 18), (3, 150)])
def test_poisoned_facts_are_set_apart_and_all_others_settle(
    engine, undone, tenant, town, reported, tampered, places
):
    poisoned = [reported[place] for place in places]
    tampered(*poisoned)

    done = engine.settle(town.community, POLICIES, now=NOON)

    assert (done.facts, done.quarantined) == (FACTS - len(places), len(places))
    assert {each.fact_id for each in engine.quarantined()} == {fact.id for fact in poisoned}
    for fact in reported:
        points = engine.balances(fact.beneficiary_id, on=DAY)[Unit.POINTS].posted
        assert points == (0 if fact in poisoned else 2)
        assert bool(engine.waiting(fact.beneficiary_id)) == (fact in poisoned)
        assert bool(engine.decisions(fact.source)) == (fact not in poisoned)
    assert verify(undone, tenant) == []


def test_what_is_still_poisoned_is_set_apart_again(engine, town, reported, tampered):
    lin = reported[5]
    tampered(lin)
    engine.settle(town.community, POLICIES, now=NOON)

    engine.retry(lin.id, not_before=NOON)
    again = engine.settle(town.community, POLICIES, now=NOON)

    assert (again.facts, again.quarantined) == (0, 1)
    assert [each.attempts for each in engine.quarantined()] == [2]


def test_a_lock_that_takes_too_long_is_nobodys_poison(books, tenant, town):
    lin = make.someone()
    with books.begin() as connection:
        engine = PostgresEngine(connection, tenant)
        engine.report(town.visit(lin))
        engine.settle(town.community, POLICIES, now=NOON)
        engine.report(town.visit(lin))

    with books.connect() as elsewhere, books.connect() as impatient:
        PostgresEngine(elsewhere, tenant).spend(town.spending(lin, 1))
        impatient.execute(sa.text("SET LOCAL lock_timeout = '50ms'"))
        with pytest.raises(DBAPIError) as problem:
            PostgresEngine(impatient, tenant).settle(town.community, POLICIES, now=NOON)
        elsewhere.rollback()
        impatient.rollback()

    assert problem.value.orig.sqlstate == "55P03"
    with books.begin() as connection:
        engine = PostgresEngine(connection, tenant)
        assert engine.quarantined() == []
        assert engine.settle(town.community, POLICIES, now=NOON).facts == 1
        assert engine.balances(lin, on=DAY)[Unit.POINTS].posted == 4
