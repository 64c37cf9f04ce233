"""Caps that bind in the middle of a batch: whatever its size, everybody gets the same.

Services, visits, deeds, merits and overdue duties of a few people in two homes; some facts come
when later ones are settled already, and both communities grant under the same caps.
"""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from points_engine import FactKind, MemoryEngine, Policies, Unit, household_account
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.make import DAY
from tests.points_engine.town_policies import FIRST
from tests.support.hands import NOON

FACTS = 90
LATER = NOON + timedelta(hours=1)
POLICIES = Policies([FIRST])
PEOPLE = [make.someone() for _ in range(5)]
HOMES = [make.someone(), make.someone()]
LIVES_IN = dict(zip(PEOPLE, [HOMES[0], HOMES[0], HOMES[1], HOMES[1], None], strict=True))


@pytest.fixture
def towns():
    return [make.a_town(), make.a_town()]


def a_busy_week(towns, word):
    chance = random.Random(2026)
    for number in range(FACTS):
        town, who = chance.choice(towns), chance.choice(PEOPLE)
        told = {
            "at": NOON - timedelta(days=chance.randrange(3), seconds=chance.randrange(600)),
            "household_id": LIVES_IN[who],
            "source": f"{word}:{number}",
            "received_at": NOON,
        }
        yield chance.choice([served, visited, did, was_late, merited])(town, who, chance, told)


def served(town, who, chance, told):
    return town.attendance(who, chance.randrange(400), **told)


def visited(town, who, _, told):
    return town.visit(who, **told)


def did(town, who, _, told):
    return town.deed(who, **told)


def was_late(town, who, chance, told):
    category = chance.choice(["overdue", ""])
    return town.deed(who, kind=FactKind.WORK, category=category, **told)


def merited(town, who, _, told):
    told |= {"household_id": told["household_id"] or HOMES[1]}
    return town.deed(who, kind=FactKind.HOUSEHOLD, **told)


def drain(engine, town, limit):
    """Settle until nothing is left to take, as a worker does."""
    while engine.settle(town.community, POLICIES, now=LATER, limit=limit).claimed:
        pass


def one_by_one(tenant, towns, waves):
    engine = MemoryEngine(tenant)
    engine.publish(FIRST, now=NOON)
    for wave in waves:
        engine.report_many(wave)
        for town in towns:
            drain(engine, town, limit=1)
    return engine


def in_batches(books, tenant, waves, work):
    """Report each wave, and let the workers do their work before the next one comes."""
    with books.begin() as connection:
        PostgresEngine(connection, tenant).publish(FIRST, now=NOON)
    for wave in waves:
        with books.begin() as connection:
            PostgresEngine(connection, tenant).report_many(wave)
        with ThreadPoolExecutor(len(work)) as pool:
            for done in [pool.submit(each) for each in work]:
                done.result()


def worker(books, tenant, towns, limit):
    def work():
        for town in towns:
            claimed = True
            while claimed:
                with books.begin() as connection:
                    engine = PostgresEngine(connection, tenant)
                    claimed = engine.settle(
                        town.community, POLICIES, now=LATER, limit=limit
                    ).claimed  # fmt: skip

    return work


def everything_granted(engine):
    """What everybody has, what was decided and why, and in which lots it lies."""
    lines = {
        (line.reference, line.amount) for who in PEOPLE for line in engine.lines(who, limit=999)
    }
    judged = {
        (each.source, each.judgement)
        for who in PEOPLE
        for each in engine.decisions_of(who, limit=999)
    }
    balances = [engine.balances(who, on=DAY) for who in PEOPLE]
    lots = [engine.schedule(who, on=DAY) for who in PEOPLE]
    homes = [engine.account_as_of(household_account(home)).balance for home in HOMES]
    return lines, judged, balances, lots, homes


def used(connection, tenant):
    caps = sa.text("SELECT key, used, allowed FROM cap_usage WHERE tenant_id = :tenant_id")
    rows = connection.execute(caps, {"tenant_id": tenant})
    return {row.key: (row.used, row.allowed) for row in rows}


def remembered(engine):
    return {key: (cap.used, cap.allowed) for key, cap in engine._state.caps.items()}


@pytest.mark.parametrize(
    ("limit", "workers"), [(1, 1), (7, 1), (1000, 1), (1, 4), (7, 4), (1000, 4)]
)
def test_a_batch_is_the_same_as_one_after_the_other(books, tenant, towns, limit, workers):
    # Of several workers each takes what comes next in the one community there is.
    towns = towns[:1] if workers > 1 else towns
    waves = [list(a_busy_week(towns, word)) for word in ("first", "late")]
    by_hand = one_by_one(tenant, towns, waves)

    in_batches(books, tenant, waves, [worker(books, tenant, towns, limit)] * workers)

    with books.begin() as connection:
        assert verify(connection, tenant) == []
        assert used(connection, tenant) == remembered(by_hand)
        assert everything_granted(PostgresEngine(connection, tenant)) == everything_granted(by_hand)
    assert any(judged.bound for _, judged in everything_granted(by_hand)[1])


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_two_communities_at_once_grant_nobody_more_than_the_caps(books, tenant, towns, limit):
    waves = [list(a_busy_week(towns, word)) for word in ("first", "late")]
    ways = [towns, towns[::-1]] * 2

    in_batches(books, tenant, waves, [worker(books, tenant, each, limit) for each in ways])

    with books.begin() as connection:
        engine = PostgresEngine(connection, tenant)
        assert verify(connection, tenant) == []
        assert engine.communities_waiting(LATER) == []
        caps = used(connection, tenant)
        assert all(amount <= allowed for amount, allowed in caps.values())
        assert all(
            caps[f"points.quarter/2026Q1/{who}"][0] <= 90
            and engine.balances(who, on=DAY)[Unit.POINTS].posted
            <= 90 + 3 * 4  # visits count under a cap of their own
            for who in PEOPLE
        )
