"""Trying a policy out on 1,000,000 settled facts, beside a tenth of them."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import sqlalchemy as sa

from benchmarks import town
from benchmarks.clients import Done
from benchmarks.figures import Line, Measured, at_most, in_turns, peaks, rates
from benchmarks.ground import Ground
from points_engine import replay as try_out
from points_engine.postgres import settled_facts

FACTS, FEW = 1_000_000, 100_000
PEOPLE = 10_000  # as many for either: what is remembered of each is not what grows


def run(ground: Ground) -> Iterator[Line]:
    measured = in_turns(
        ground.pairs,
        {"many": lambda: _replay(ground, FACTS), "few": lambda: _replay(ground, FEW)},
    )
    many, few = measured["many"], measured["few"]
    yield rates("replay, against a tenth of the facts", many, few, things="facts")
    yield peaks("replay, memory against a tenth of the facts", many, few, promise=at_most(1.5))


def _replay(ground: Ground, facts: int) -> Measured:
    people = ground.sized(PEOPLE // 2) * 2
    built = town.build(ground, people=people, facts=ground.sized(facts))
    with ground.engine.begin() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        # A replay asks what was decided and not what was booked.
        town.copy_rows(
            connection,
            "decision",
            model="(SELECT * FROM decision)",
            each="settle_queue AS p",
            but={"fact_id": "p.fact_id"},
        )
        connection.exec_driver_sql("DELETE FROM settle_queue")
    return ground.measure(replay, [built.facts])


def replay(connection: sa.Connection, least: int, go: Callable[[], None]) -> Done:
    policies, until = town.policies_in_force(), town.NOW.date()
    go()
    with connection.begin():
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        past = settled_facts(
            connection, town.TENANT, since=until - timedelta(days=366), until=until
        )
        done = try_out(past, policies, None)
    assert done.facts >= least
    return Done(done.facts)
