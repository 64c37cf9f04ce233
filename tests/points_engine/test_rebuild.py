"""Rebuilding: facts and policies make the same journal again, and any other one is found."""

import json
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from uuid import UUID

import pytest
import sqlalchemy as sa

from points_engine import (
    MemoryEngine,
    Policies,
    Policy,
    Published,
    Transfer,
    TransferKind,
    Unit,
    issuance,
    red_account,
)
from points_engine.caps import Cap, Window
from points_engine.ledger import transfer_id
from points_engine.postgres import PostgresEngine, rebuild
from points_engine.postgres.accounts import lock_accounts
from points_engine.postgres.post import post
from tests.points_engine import make
from tests.points_engine.make import HOURS, Town
from tests.support.hands import NOON

HOUR = timedelta(hours=1)
DAYS = 6


def with_caps(policy, **limits):
    """The same rules, and of points for attendance at most so many in each kind of window."""
    caps = tuple(
        Cap(id=f"points_{window}", limit=limit, window=Window(window))
        for window, limit in limits.items()
    )
    rules = [replace(rule, caps=caps if rule.unit is Unit.POINTS else ()) for rule in policy.rules]
    return replace(policy, rules=tuple(rules))


FIRST = with_caps(HOURS, day=30)
# Published on the third day, for the second day and after: who was settled before keeps what was.
SECOND = with_caps(
    replace(HOURS, version="2026-03", in_force_from=date(2026, 3, 3), rules=HOURS.rules[1:]),
    day=25,
    activity=60,
)
PUBLISHED = [Published(NOON, FIRST), Published(NOON + timedelta(days=2), SECOND)]


@dataclass
class Life:
    """Six days of a town: services, visits, late facts, payments, and a quarter that ends."""

    connection: sa.Connection
    tenant: int
    town: Town

    def __post_init__(self):
        self.chance = random.Random(2026)
        self.people = [UUID(int=self.chance.getrandbits(128), version=4) for _ in range(5)]
        self.engine = PostgresEngine(self.connection, self.tenant)
        self.activities = [make.someone() for _ in range(2)]

    def live(self):
        for day in range(DAYS):
            now = NOON + timedelta(days=day)
            for _ in range(12):
                self._do_something(now)
            self._settle(now + HOUR)
            self._pay(now + 2 * HOUR)
        return self

    def _do_something(self, now):
        who, late = (
            self.chance.choice(self.people),
            timedelta(days=self.chance.choice([0, 0, 1, 3])),
        )
        told = {"at": now - late - HOUR * self.chance.random(), "received_at": now}
        if self.chance.random() < 0.2:
            self.engine.report(self.town.visit(who, **told))
        else:
            activity = self.chance.choice([None, *self.activities])
            minutes = self.chance.randrange(5, 200)
            self.engine.report(self.town.attendance(who, minutes, activity_id=activity, **told))

    def _settle(self, now):
        """In batches of odd sizes, by whatever is published by then."""
        policies = known_at(now)
        while self.engine.settle(
            self.town.community, policies, now=now, limit=self.chance.choice([1, 3, 7])
        ).claimed:
            now += timedelta(seconds=self.chance.choice([0, 1]))

    def _pay(self, now):
        for who in self.people:
            left = self.engine.balances(who, on=now.date())[Unit.POINTS].available
            if left > 3:
                self.engine.spend(self.town.spending(who, left // 3, at=now))

    def do(self, statement, **values):
        named = {"tenant": self.tenant, "community": self.town.community, **values}
        return self.connection.execute(sa.text(statement), named)

    def rebuilt(self, published=PUBLISHED):
        return list(rebuild(self.connection, self.tenant, published=published))


def known_at(instant):
    return Policies(each.policy for each in PUBLISHED if each.published_at <= instant)


@pytest.fixture
def life(undone, tenant, town):
    return Life(undone, tenant, town).live()


def test_a_lived_town_follows_from_its_facts_to_the_last_bit(life):
    bound, versions, late = life.do("""
        SELECT count(*) FILTER (WHERE bound <> ''), count(DISTINCT policy_version),
               count(*) FILTER (WHERE decided_at > occurred_at + interval '1 day')
        FROM decision JOIN fact ON fact.tenant_id = decision.tenant_id AND fact.id = fact_id
        WHERE decision.tenant_id = :tenant
    """).one()
    assert min(bound, late) > 5
    assert versions == 2

    assert life.rebuilt() == []


def test_a_quarter_that_has_ended_is_not_expected_to_take_anything(life):
    life.do("""
        INSERT INTO period (tenant_id, community_id, quarter, publicised_at, stopped_by)
        VALUES (:tenant, :community, '2026Q1', '2026-03-09T04:00Z', 1)
    """)
    life.engine.report(life.town.attendance(life.people[0], 60))
    life._settle(NOON + timedelta(days=8))

    assert life.rebuilt() == []
    quarters = life.do("SELECT DISTINCT quarter FROM transfer WHERE tenant_id = :tenant").scalars()
    assert set(quarters) == {"2026Q1", "2026Q2"}


def test_what_a_reversal_gave_back_of_a_cap_can_be_granted_again(undone, tenant, town):
    life, lin = Life(undone, tenant, town), make.someone()
    mistake = town.attendance(lin, 240)
    life.engine.report(mistake)
    life._settle(NOON)
    reverse_by_hand(life, mistake, lin, at=NOON + HOUR)
    life.engine.report(town.attendance(lin, 120, at=NOON + HOUR))
    life._settle(NOON + 2 * HOUR)

    balance = life.engine.balance_as_of(lin, Unit.POINTS)

    assert (balance.balance, balance.version) == (20, 3)
    assert life.rebuilt() == []


def reverse_by_hand(life, fact, who, *, at):
    """Take points back and give their cap back, as a reversal does."""
    earned = f"{fact.source}:points"
    amount = life.engine.balance_as_of(who, Unit.POINTS).balance
    reversal = Transfer(
        id=transfer_id(life.tenant, "reversal:1"),
        kind=TransferKind.REVERSE,
        reference="reversal:1",
        source=fact.source,
        debit=red_account(who, Unit.POINTS),
        credit=issuance(fact.community_id, Unit.POINTS),
        amount=amount,
        community_id=fact.community_id,
        occurred_on=fact.occurred_on,
        booked_at=at,
        actor_id=life.town.clerk,
        reason="记错了人",
        reverses=transfer_id(life.tenant, earned),
    )
    lock_accounts(life.connection, life.tenant, [reversal.debit, reversal.credit])
    post(life.connection, life.tenant, [reversal], booked_at=at)
    life.do(
        """UPDATE cap_usage SET used = used - :amount, last_booked_at = :at
        WHERE tenant_id = :tenant""",
        amount=amount,
        at=at,
    )
    life.do("UPDATE lot SET remaining = 0, is_open = false WHERE tenant_id = :tenant")


def test_the_facts_settled_anew_by_hand_make_the_same_journal(life):
    """I17: the same transfers, balances and lots, so the same root, from an empty ledger."""
    by_hand = MemoryEngine(life.tenant)
    for policy in (FIRST, SECOND):
        by_hand.publish(policy, now=NOON)

    for at, act in what_happened(life):
        act(by_hand, at)

    for who in life.people:
        assert by_hand.lines(who, limit=1000) == [
            replace(line, reason=again.reason)
            for line, again in zip(
                life.engine.lines(who, limit=1000), by_hand.lines(who, limit=1000), strict=True
            )
        ]
        assert by_hand.balances(who, on=make.DAY) == life.engine.balances(who, on=make.DAY)


def what_happened(life):
    """Batches and payments in the order of their bookings, each as something to do again."""
    decided = life.do("""
        SELECT DISTINCT decided_at, source FROM decision
        JOIN fact ON fact.tenant_id = decision.tenant_id AND fact.id = decision.fact_id
        WHERE decision.tenant_id = :tenant ORDER BY decided_at
    """).all()
    paid = life.do("""
        SELECT * FROM transfer WHERE tenant_id = :tenant AND kind = 'redeem'
    """).all()
    payer = {red_account(who, Unit.POINTS).id_in(life.tenant): who for who in life.people}
    happened = [
        (at, settling(life, [row.source for row in rows]))
        for at, rows in groupby(decided, key=lambda row: row.decided_at)
    ]
    happened += [(row.booked_at, paying(life, row, payer[row.debit_account_id])) for row in paid]
    return sorted(happened, key=lambda each: each[0])


def settling(life, sources):
    def settle(engine, at):
        for fact in life.engine.facts(sources).values():
            engine.report(fact)
        engine.settle(life.town.community, known_at(at), now=at)

    return settle


def paying(life, row, who):
    def pay(engine, at):
        again = {"reference": row.reference, "at": at, "occurred_on": row.occurred_on}
        engine.spend(life.town.spending(who, row.amount, **again))

    return pay


MINE = "WHERE tenant_id = :tenant"
ONE = "AND id = (SELECT max(CAST(id AS text)) FROM transfer WHERE tenant_id = :tenant AND {})::uuid"
EARNED = f"UPDATE transfer SET {{}} {MINE} {ONE.format('''kind = 'earn' AND unit = 'points' ''')}"
PAID = f"UPDATE transfer SET {{}} {MINE} {ONE.format('''kind = 'redeem' ''')}"
OF_A_FACT = """AND fact_id = (
    SELECT max(CAST(fact_id AS text)) FROM decision
    WHERE tenant_id = :tenant AND unit = 'points' AND granted > 1
)::uuid AND unit = 'points'"""
DECIDED = f"UPDATE decision SET {{}} {MINE} {OF_A_FACT}"
LOT = f"UPDATE lot SET {{}} {MINE} AND id = (SELECT id FROM lot {MINE} AND is_open LIMIT 1)"
ACCOUNT = f"UPDATE account SET {{}} {MINE} AND unit = 'points' AND posted > 0"

TAMPERING = {
    "a settled amount": (EARNED.format("amount = amount + 1"), "amount"),
    "a policy version of a booking": (
        EARNED.format("policy_version = '2025'"),
        "booked_policy_version",
    ),
    "a quarter": (EARNED.format("quarter = '2026Q2'"), "quarter"),
    "a day": (EARNED.format("occurred_on = occurred_on - 1"), "occurred_on"),
    "an actor": (EARNED.format("actor_id = :community"), "actor_id"),
    "a reference": (EARNED.format("reference = 'attendance:other:points'"), "reference"),
    "an instant": (EARNED.format("booked_at = booked_at + interval '1 day'"), "booked_at"),
    "a version": (EARNED.format("credit_version = credit_version + 900"), "credit_version"),
    "a balance after": (
        EARNED.format("credit_balance_after = credit_balance_after + 1"),
        "credit_balance_after",
    ),
    "words where there are none": (EARNED.format("reason = '补发'"), "words"),
    "a granted number": (DECIDED.format("granted = granted - 1"), "granted"),
    "a raw number": (DECIDED.format("raw = raw + 1"), "raw"),
    "a policy version of a decision": (DECIDED.format("policy_version = '2025'"), "policy_version"),
    "a rule": (DECIDED.format("rule_id = 'other'"), "rule_id"),
    "a reason": (DECIDED.format("reason = 'no_rule'"), "reason"),
    "a bound": (DECIDED.format("bound = 'other'"), "bound"),
    "a cap": (DECIDED.format("caps = '{other}'"), "caps"),
    "a decision": (f"DELETE FROM decision {MINE} {OF_A_FACT}", "decided_at"),
    "a last day": (LOT.format("expires_on = expires_on + 1"), "expires_on"),
    "a lot": (LOT.format("original = original + 1"), "original"),
    "an owner of a lot": (LOT.format("community_id = account_id"), "lot_community_id"),
    "what is used of a cap": (f"UPDATE cap_usage SET used = used - 1 {MINE} AND used > 0", "used"),
    "a paid amount": (PAID.format("amount = amount + 1"), "balance_after"),
    "a version of a payment": (PAID.format("debit_version = debit_version + 900"), "version"),
    "a balance": (ACCOUNT.format("posted = posted + 1"), "balance"),
    "what happened": (
        f"UPDATE fact SET quantity = quantity + 60 {MINE} AND kind = 'attendance'",
        "raw",
    ),
    "who did it": (
        f"UPDATE fact SET beneficiary_id = :community {MINE} AND kind = 'attendance'",
        "credit_account_id",
    ),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_each_tampering_is_found_and_named(life, what):
    statement, field = TAMPERING[what]

    changed = life.do(statement)

    assert changed.rowcount > 0
    assert field in {name for each in life.rebuilt() for name in each.expected}


def test_a_difference_says_what_should_be_there_and_what_is(life):
    life.do(EARNED.format("amount = amount + 1"))

    (difference,) = life.rebuilt()

    assert difference.reference.endswith(":points")
    assert difference.found["amount"] == difference.expected["amount"] + 1
    assert list(difference.found) == ["amount"]


def test_an_earning_that_no_fact_explains_is_found(life):
    life.do(
        """
        INSERT INTO transfer
        SELECT forged.* FROM (
            SELECT transfer FROM transfer WHERE tenant_id = :tenant AND kind = 'earn' LIMIT 1
        ) AS real
        CROSS JOIN LATERAL jsonb_populate_record(real.transfer, CAST(:other AS jsonb)) AS forged
        """,
        other=json.dumps({"id": str(make.someone()), "reference": "a:b", "credit_version": 900}),
    )

    assert "a:b" in {difference.found.get("reference") for difference in life.rebuilt()}


def test_a_published_policy_that_was_rewritten_is_found(undone, tenant, town):
    engine, lin = PostgresEngine(undone, tenant), make.someone()
    engine.publish(HOURS, now=NOON)
    engine.report(town.attendance(lin, 90))
    engine.settle(town.community, engine.policies(), now=NOON)
    assert list(rebuild(undone, tenant)) == []

    shorter = Policy.from_document(
        HOURS.to_document() | {"rules": HOURS.to_document()["rules"][:3]}
    )
    undone.execute(
        sa.text("""
            UPDATE policy
            SET document = CAST(:document AS jsonb),
                digest = md5(CAST(CAST(:document AS jsonb) AS text))
            WHERE tenant_id = :tenant
        """),
        {"document": json.dumps(shorter.to_document()), "tenant": tenant},
    )

    found = {difference.reference.rpartition(":")[2] for difference in rebuild(undone, tenant)}
    assert "points" in found


def test_a_tenant_without_books_has_no_differences(undone, tenant):
    assert list(rebuild(undone, tenant)) == []
