"""Small words for big values: the people, places and deeds the engine's tests speak of."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID, uuid4

from points_engine import Fact, FactKind, Policies, Policy, Reservation, Spending, judge
from tests.support.hands import NOON

DAY = date(2026, 3, 2)

HOURS = Policy.from_document(
    {
        "version": "2026-01",
        "in_force_from": "2026-01-01",
        "rules": [
            {"id": "visit", "kind": "station_visit", "category": "*", "unit": "points",
             "amount": 2, "per": 1},
            {"id": "time", "kind": "attendance", "category": "*", "unit": "minutes",
             "amount": 1, "per": 1, "minimum": 5},
            {"id": "score", "kind": "attendance", "category": "*", "unit": "score",
             "amount": 5, "per": 30},
            {"id": "points", "kind": "attendance", "category": "*", "unit": "points",
             "amount": 5, "per": 30, "cap": 40},
            {"id": "health", "kind": "attendance", "category": "health", "unit": "points",
             "amount": 15, "per": 60, "cap": 60},
        ],
    }
)  # fmt: skip
POLICIES = Policies([HOURS])


def someone() -> UUID:
    """The identifier of a person, a place, a fact: whatever needs one of its own."""
    return uuid4()


def some_tenant() -> int:
    """A tenant nobody else uses, so that no test has to clean up after itself."""
    return secrets.randbits(62)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A fact as a database gives it: plain words, and lists where the engine has sets."""

    quantity: int
    evidence: dict[str, str]
    circumstances: Collection[str] = ()
    planned: int | None = None
    acting_as: str = ""


@dataclass(frozen=True)
class Town:
    """A community with a shop and a clerk, and what its people do."""

    community: UUID
    shop: UUID
    clerk: UUID

    def attendance(self, who, minutes=90, *, at=NOON, category="environment", **other) -> Fact:
        return self._fact(
            FactKind.ATTENDANCE, "attendance", who, at=at, category=category,
            **{"quantity": minutes, **other},
        )  # fmt: skip

    def visit(self, who, *, at=NOON, **other) -> Fact:
        return self._fact(FactKind.STATION_VISIT, "visit", who, at=at, **{"quantity": 1, **other})

    def deed(self, who, *, kind=FactKind.DEED, at=NOON, **other) -> Fact:
        told = {"quantity": 1, "evidence": {}, **other}
        return self._fact(kind, kind.value, who, at=at, **told)

    def _fact(self, kind, prefix, who, *, at, **other) -> Fact:
        told = {
            "id": someone(),
            "source": f"{prefix}:{someone()}",
            "actor_id": who,
            "community_id": self.community,
            "occurred_at": at,
            "occurred_on": at.date(),
            "received_at": at,
            "evidence": {"code": "station"},
            **other,
        }
        return Fact(kind=kind, beneficiary_id=who, **told)

    def spending(self, who, amount, *, at=NOON, **other) -> Spending:
        asked = {
            "reference": f"redemption:{someone()}",
            "occurred_on": at.date(),
            "booked_at": at,
            "actor_id": self.clerk,
            "reason": "兑换 大米 1 袋",
            **other,
        }
        return Spending(
            payer_id=who,
            shop_id=self.shop,
            community_id=self.community,
            amount=amount,
            **asked,
        )

    def reservation(self, who, amount, *, at=NOON, **other) -> Reservation:
        asked = {
            "reference": f"redemption:{someone()}",
            "payer_id": who,
            "shop_id": self.shop,
            "community_id": self.community,
            "held_at": at,
            "expires_at": at + timedelta(days=3),
            "occurred_on": at.date(),
            "actor_id": self.clerk,
            "reason": "预约 大米 1 袋",
            **other,
        }
        return Reservation(amount=amount, **asked)


def policy_of(*rules, **sections) -> Policy:
    """A policy of these rules and nothing else."""
    return replace(HOURS, rules=rules, **sections)


def explained(fact, rule, policy=HOURS) -> str:
    """How what the rule makes of the fact is said."""
    policy = replace(policy, rules=(rule,))
    judged = judge(fact, Policies([policy]))
    return next(each.explanation for each in judged if each.rule_id)


def a_town() -> Town:
    return Town(someone(), someone(), someone())


def told_again(fact: Fact) -> Fact:
    """The same fact as a client repeats it that never got the answer."""
    return replace(fact, id=someone(), received_at=fact.received_at + timedelta(minutes=1))
