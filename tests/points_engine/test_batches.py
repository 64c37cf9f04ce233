"""A batch equals the same facts one at a time, whatever its size and the number of workers."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from points_engine import MemoryEngine
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON

FACTS = 60
LATER = NOON + timedelta(hours=1)


def a_busy_morning(town, people):
    """Visits and services of a few people, some of them too short to count."""
    chance = random.Random(2026)
    for number in range(FACTS):
        who, at = chance.choice(people), NOON + timedelta(seconds=chance.randrange(600))
        if chance.random() < 0.3:
            yield town.visit(who, at=at, source=f"visit:{number}")
        else:
            minutes = chance.randrange(400)
            yield town.attendance(who, minutes, at=at, source=f"attendance:{number}")


def drain(engine, town, limit):
    """Settle until nothing is left to take, as a worker does."""
    while engine.settle(town.community, POLICIES, now=LATER, limit=limit).claimed:
        pass


def granted(engine, people):
    """What everybody has, and what was granted under which reference."""
    balances = [engine.balances(who, on=DAY) for who in people]
    lines = {
        (line.reference, line.amount) for who in people for line in engine.lines(who, limit=1000)
    }
    return balances, lines


@pytest.mark.parametrize("workers", [1, 4])
@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_batches_and_workers_change_nothing(books, tenant, town, limit, workers):
    people = [make.someone() for _ in range(5)]
    morning = list(a_busy_morning(town, people))
    by_hand = MemoryEngine(tenant)
    for fact in morning:
        by_hand.report(fact)
        drain(by_hand, town, limit=1)
    with books.begin() as connection:
        for fact in morning:
            PostgresEngine(connection, tenant).report(fact)

    def work(_):
        settled = True
        while settled:
            with books.begin() as connection:
                engine = PostgresEngine(connection, tenant)
                settled = engine.settle(town.community, POLICIES, now=LATER, limit=limit).claimed

    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))

    with books.begin() as connection:
        assert verify(connection, tenant) == []
        assert granted(PostgresEngine(connection, tenant), people) == granted(by_hand, people)


def test_the_number_of_statements_does_not_grow_with_the_batch(undone, tenant, town, statements):
    def settling(facts):
        engine = PostgresEngine(undone, tenant)
        for _ in range(facts):
            engine.report(town.attendance(make.someone()))
        statements.clear()
        return engine.settle(town.community, POLICIES, now=NOON).facts, len(statements)

    assert settling(1) == (1, 11)
    assert settling(200) == (200, 11)


def test_the_cost_of_a_page_does_not_grow_with_its_depth(undone, tenant, town, statements):
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    for minutes in range(30, 60):
        engine.report(town.attendance(lin, minutes))
    engine.settle(town.community, POLICIES, now=NOON)
    deep = engine.lines(lin, limit=80)[-1].cursor

    statements.clear()
    page = engine.lines(lin, before=deep, limit=5)

    assert len(page) == 5
    assert len(statements) == 2  # the page, and the policies that explain it
