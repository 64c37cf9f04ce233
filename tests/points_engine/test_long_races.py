"""A minute of everything at once on accounts that everybody shares, and caps nobody gets over."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count
from threading import Lock
from time import monotonic
from uuid import UUID

import pytest
import sqlalchemy as sa

from points_engine import (
    Cap,
    Capture,
    Holder,
    InsufficientPoints,
    PointsError,
    Policies,
    Transfer,
    Unit,
    Window,
)
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make
from tests.points_engine.asked import donation, given, repayment, reversal
from tests.points_engine.capped import daily
from tests.points_engine.conftest import WORKERS
from tests.points_engine.make import DAY, HOURS
from tests.support.hands import NOON

pytestmark = pytest.mark.slow

THREADS = 8
PEOPLE = 6
LAST_DAY = DAY + timedelta(days=40)
LATER = NOON + timedelta(days=41)
ON = LATER.date()
CAPPED = daily(400)

# What a deed may be told when somebody else was faster, or nobody is left to take from.
REFUSALS = {
    "already_reversed",
    "hold_ended",
    "hold_unknown",
    "insufficient_points",
    "not_owed",
    "not_reversible",
}

TWICE = {("capture", "reference_conflict")}  # two came for one hold, and wanted different amounts


@dataclass
class Day:
    """What eight pairs of hands do to a town, and what each of them was told."""

    books: sa.Engine
    tenant: int
    town: make.Town
    people: list[UUID] = field(default_factory=lambda: [make.someone() for _ in range(PEOPLE)])
    told: list[tuple[str, object]] = field(default_factory=list)
    references: list[str] = field(default_factory=lambda: ["redemption:none"])
    orders: list[str] = field(default_factory=lambda: ["order:none"])
    numbers: count = field(default_factory=count)
    lock: Lock = field(default_factory=Lock)

    def live(self, seed, until):
        """Do one thing after the other, each in a transaction of its own."""
        chance = random.Random(seed)
        deeds = [getattr(self, name) for name in DEEDS]
        while monotonic() < until:
            self._do(chance.choice(deeds), chance)

    def _do(self, deed, chance):
        try:
            with self.books.begin() as connection:
                engine = PostgresEngine(connection, self.tenant)
                try:
                    answer = deed(engine, chance)
                except InsufficientPoints as refusal:  # which is kept, as the app keeps it
                    answer = refusal.code
        except PointsError as refusal:
            answer = refusal.code
        with self.lock:
            self.told.append((deed.__name__, answer))

    def all(self, *names):
        """What was acknowledged."""
        return [
            answer for name, answer in self.told if name in names and not isinstance(answer, str)
        ]

    def _named(self, word, names=None):
        reference = f"{word}:{next(self.numbers)}"
        (self.references if names is None else names).append(reference)
        return reference

    def report(self, engine, chance):
        who = chance.choice(self.people)
        fact = self.town.attendance(who, chance.randrange(200), at=LATER)
        self.references.append(f"{fact.source}:points")
        return engine.report(fact)

    def settle(self, engine, chance):
        limit = chance.choice([1, 3, 50])
        return engine.settle(self.town.community, CAPPED, now=LATER, limit=limit)

    def spend(self, engine, chance):
        asked = {"at": LATER, "reference": self._named("redemption")}
        return engine.spend(self.town.spending(chance.choice(self.people), 3, **asked))

    def hold(self, engine, chance):
        asked = {"at": LATER, "reference": self._named("order", self.orders)}
        return engine.hold(self.town.reservation(chance.choice(self.people), 4, **asked))

    def capture(self, engine, chance):
        reference = chance.choice(self.orders[-40:])
        return engine.capture(
            Capture(
                reference=reference,
                amount=chance.choice([None, 1]),
                occurred_on=ON,
                booked_at=LATER,
                actor_id=self.town.clerk,
                reason="兑换 大米 1 袋",
            )
        )

    def release(self, engine, chance):
        return engine.release_hold(chance.choice(self.orders[-40:]), at=LATER, on=ON)

    def lapse(self, engine, _chance):
        return engine.lapse_holds(LATER + timedelta(days=3), on=ON, limit=3)

    def give(self, engine, chance):
        asked = {"reference": self._named("adjust"), "expires_on": LAST_DAY}
        return engine.adjust(given(self.town, chance.choice(self.people), 9, **asked))

    def donate(self, engine, chance):
        who, other = chance.sample(self.people, 2)
        asked = {"reference": self._named("donation"), "at": LATER}
        return engine.donate(donation(self.town, who, 2, to=other, **asked))

    def expire(self, engine, chance):
        return engine.expire(ON, now=LATER, limit=chance.choice([1, 5]))

    def reverse(self, engine, chance):
        of = chance.choice(self.references[-60:])
        return engine.reverse(reversal(self.town, of, at=LATER))

    def repay(self, engine, chance):
        return engine.repay(repayment(self.town, chance.choice(self.people), 1, at=LATER))


DEEDS = (
    "report", "report", "report", "settle", "settle", "spend", "spend", "spend", "hold", "hold",
    "capture", "release", "lapse", "give", "give", "donate", "expire", "reverse", "reverse",
    "repay",
)  # fmt: skip


def test_a_minute_of_everything_at_once_loses_nothing(books, tenant, town, request):
    day = Day(books, tenant, town)
    until = monotonic() + request.config.option.race_seconds

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda seed: day.live(seed, until), range(THREADS)))
    day.told.append(("settle", settled_to_the_end(books, tenant, town)))

    refused = {(name, answer) for name, answer in day.told if isinstance(answer, str)}
    assert {each for each in refused if each[1] not in REFUSALS} <= TWICE
    assert {name for name in DEEDS if not day.all(name)} == set()
    with books.begin() as connection:
        assert verify(connection, tenant) == []
        told, booked = acknowledged(day), in_the_books(connection, tenant)
    print(f"{len(day.told)} deeds, {len(day.all(*DEEDS))} done")  # noqa: T201 - a figure
    assert booked == told


def settled_to_the_end(books, tenant, town):
    with books.begin() as connection:
        return PostgresEngine(connection, tenant).settle(
            town.community, CAPPED, now=LATER, limit=100_000
        )


def acknowledged(day):
    """What the town was told: facts and earnings by number, movements by name, points by sum."""
    movements = [each for each in day.all(*DEEDS) if isinstance(each, Transfer)]
    return {
        "facts": len(day.all("report")),
        "settled": sum(batch.facts for batch in day.all("settle")),
        "earned": sum(batch.transfers for batch in day.all("settle")),
        "lapsed": sum(batch.points for batch in day.all("expire")),
        "held": {hold.id for hold in day.all("hold")},
        "moved": {(each.id, each.amount) for each in movements},
    }


def in_the_books(connection, tenant):
    """The same as the tables have it. Corrections that a reversal made itself name it."""

    def rows(query):
        return connection.execute(sa.text(query), {"t": tenant}).all()

    of_kind = "SELECT count(*), sum(amount) FROM transfer WHERE tenant_id = :t AND kind = "
    moved = rows("""
        SELECT id, amount FROM transfer
        WHERE tenant_id = :t AND kind NOT IN ('earn', 'expire')
          AND NOT (kind = 'adjust' AND reference LIKE 'reversal:%')
    """)
    return {
        "facts": rows("SELECT count(*) FROM fact WHERE tenant_id = :t")[0][0],
        "settled": rows("SELECT count(DISTINCT fact_id) FROM decision WHERE tenant_id = :t")[0][0],
        "earned": rows(of_kind + "'earn'")[0][0],
        "lapsed": rows(of_kind + "'expire'")[0][1],
        "held": {row.id for row in rows("SELECT id FROM hold WHERE tenant_id = :t")},
        "moved": {(row.id, row.amount) for row in moved},
    }


def limited(cap) -> Policies:
    rules = [replace(rule, caps=(cap,)) for rule in HOURS.rules if rule.unit is Unit.POINTS]
    return Policies([replace(HOURS, rules=tuple(rules))])


@pytest.mark.parametrize("holder", Holder)
def test_nobody_is_over_a_cap_however_many_settle(books, tenant, holder):
    """Two hundred holders, each with more than the cap allows, told in two communities."""
    policies = limited(Cap(id="daily", limit=100, window=Window.DAY, holder=holder))
    towns, homes = [make.a_town(), make.a_town()], [make.someone() for _ in range(200)]
    chance = random.Random(2026)
    facts = []
    for home in homes:
        members = [make.someone() for _ in range(3 if holder is Holder.HOUSEHOLD else 1)]
        for number in range(6):
            told = {"household_id": home, "at": NOON + timedelta(seconds=chance.randrange(600))}
            who, town = members[number % len(members)], towns[number % 2]
            facts.append(town.attendance(who, 150 + number, **told))
    with books.begin() as connection:
        PostgresEngine(connection, tenant).report_many(facts)

    def work(number):
        settled = True
        while settled:
            with books.begin() as connection:
                engine = PostgresEngine(connection, tenant)
                town = towns[number % 2]
                later = NOON + timedelta(hours=1)
                settled = engine.settle(town.community, policies, now=later, limit=37).claimed

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))

    with books.begin() as connection:
        assert verify(connection, tenant) == []
        holders = "household_id" if holder is Holder.HOUSEHOLD else "beneficiary_id"
        query = f"""
            SELECT {holders}, sum(granted) AS granted, sum(raw) AS raw
            FROM decision JOIN fact ON fact.tenant_id = :t AND fact.id = decision.fact_id
            WHERE decision.tenant_id = :t AND unit = 'points' GROUP BY 1
        """
        rows = connection.execute(sa.text(query), {"t": tenant}).all()
    assert len(rows) == 200
    assert {(row.granted, row.raw > 100) for row in rows} == {(100, True)}
