"""An account with 1,000,000 transfers beside one with 100: the same questions, interleaved.

Both have earned and spent in turn, and both end with the same fifty earnings unspent: they
differ in their past alone.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from statistics import median
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from benchmarks import past, town
from benchmarks.clients import Done
from benchmarks.figures import Line, Measured, at_most
from benchmarks.ground import Ground
from points_engine import Unit
from points_engine.postgres import PostgresEngine

LONG, SHORT = 1_000_000, 100
REPETITIONS = 200
PROMISE = at_most(1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One question, put to both in turn so many times."""

    question: str
    long: UUID
    short: UUID
    shop_id: UUID
    community_id: UUID
    count: int


def run(ground: Ground) -> Iterator[Line]:
    built = town.build(ground, people=2, communities=1)
    long, short = built.people
    for person_id, count in ((long, ground.sized(LONG // 2, least=SHORT) * 2), (short, SHORT)):
        past.load(ground, person_id, count, community_id=built.communities[0])
    for question in QUESTIONS:
        name = f"history, {question}"
        asking = Asking(
            question=question,
            long=long,
            short=short,
            shop_id=new_id(),
            community_id=built.communities[0],
            count=min(REPETITIONS, ground.sized(REPETITIONS, least=10)),
        )
        turns = [ground.measure(ask, [asking]) for _ in range(ground.pairs)]
        yield _line(name, turns)


def _line(name: str, turns: list[Measured]) -> Line:
    """The long account's latencies come first, then the short one's."""
    halves = [(turn.latencies[: turn.count], turn.latencies[turn.count :]) for turn in turns]
    return Line(
        name=name,
        unit="ms, median",
        product=1000 * median(median(long) for long, _ in halves),
        floor=1000 * median(median(short) for _, short in halves),
        promise=PROMISE,
        more={"turns": [len(turns), len(turns)]},
    )


def ask(connection: sa.Connection, job: Asking, go: Callable[[], None]) -> Done:
    books = PostgresEngine(connection, town.TENANT)
    question = QUESTIONS[job.question]
    latencies: dict[UUID, list[float]] = {job.long: [], job.short: []}
    for person_id in latencies:  # plans are made, and pages read, before anybody looks at a clock
        for _ in range(10):
            with connection.begin():
                question(books, person_id, job)
    go()
    for _ in range(job.count):
        for person_id, taken in latencies.items():
            began = time.perf_counter()
            with connection.begin():
                question(books, person_id, job)
            taken.append(time.perf_counter() - began)
    return Done(job.count, (*latencies[job.long], *latencies[job.short]))


def _page(books: PostgresEngine, person_id: UUID, _job: Asking) -> None:
    assert len(books.lines(person_id, Unit.POINTS, limit=50)) == 50


def _balance(books: PostgresEngine, person_id: UUID, _job: Asking) -> None:
    books.balances(person_id, on=town.NOW.date())


def _spend(books: PostgresEngine, person_id: UUID, job: Asking) -> None:
    books.spend(town.payment(person_id, job.shop_id, job.community_id))


def _check(books: PostgresEngine, person_id: UUID, _job: Asking) -> None:
    assert books.check_account(person_id, Unit.POINTS) == []


QUESTIONS: Mapping[str, Callable[[PostgresEngine, UUID, Asking], None]] = {
    "page": _page,
    "balance": _balance,
    "check": _check,
    "spend": _spend,  # last: it changes what the others read
}
