"""Settlement: what a fact is worth, in every unit, by the policy of its day."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from points_engine.accounts import Unit, issuance, red_account
from points_engine.errors import PointsError
from points_engine.facts import Fact
from points_engine.ledger import Transfer, TransferKind, earn_reference, transfer_id
from points_engine.policy import Policies, Policy
from points_engine.rules.verdict import Reason

# What a rule may raise on a fact it was not made for. Anything else is not about that fact.
UNJUDGEABLE = (PointsError, ArithmeticError, LookupError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one fact is worth in one unit, by which rule, and one sentence that says why."""

    unit: Unit
    rule_id: str = ""
    policy_version: str = ""
    raw: int = 0
    granted: int = 0
    reason: Reason = Reason.NO_RULE
    explanation: str


@dataclass(slots=True)
class Judged:
    """A batch after judging: most facts have their judgements, a broken one has its error."""

    decided: list[tuple[Fact, tuple[Judgement, ...]]] = field(default_factory=list)
    failed: dict[UUID, str] = field(default_factory=dict)


def judge(fact: Fact, policies: Policies) -> tuple[Judgement, ...]:
    """One judgement per unit, in the order of the units.

    The answer depends on nothing but its arguments, so "what would this earn" asks here too.
    """
    policy = policies.in_force_on(fact.occurred_on)
    return tuple(_judge_in(unit, fact, policy) for unit in Unit)


def judge_each(facts: Iterable[Fact], policies: Policies) -> Judged:
    """Judge a batch in the order of its facts. One that cannot be judged is set apart."""
    judged = Judged()
    for fact in sorted(facts, key=lambda fact: fact.order):
        try:
            judged.decided.append((fact, judge(fact, policies)))
        except UNJUDGEABLE as problem:
            judged.failed[fact.id] = describe(problem)
    return judged


def describe(problem: Exception) -> str:
    """How a failure is kept beside the fact it concerns."""
    return f"{type(problem).__name__}: {problem}"


def earnings(judged: Judged, *, tenant_id: int, now: datetime) -> Iterator[Transfer]:
    """The transfers of a batch: one for each unit in which a fact was granted anything."""
    for fact, judgements in judged.decided:
        for judgement in judgements:
            if judgement.granted:
                yield _earning(fact, judgement, tenant_id=tenant_id, now=now)


def _judge_in(unit: Unit, fact: Fact, policy: Policy | None) -> Judgement:
    if policy is None:
        return Judgement(unit=unit, explanation="这一天还没有生效的积分办法，不计分")
    rule = policy.rule_for(fact.kind, fact.category, unit)
    if rule is None:
        sentence = f"按 {policy.version} 版积分办法，这一项不计{_NAMES[unit]}"
        return Judgement(unit=unit, policy_version=policy.version, explanation=sentence)
    verdict = rule.rate.judge(fact.quantity)
    return Judgement(
        unit=unit,
        rule_id=rule.id,
        policy_version=policy.version,
        raw=verdict.raw,
        granted=verdict.granted,
        reason=verdict.reason,
        explanation=rule.rate.explain(fact.quantity, kind=fact.kind, unit=unit),
    )


def _earning(fact: Fact, judgement: Judgement, *, tenant_id: int, now: datetime) -> Transfer:
    reference = earn_reference(fact.source, judgement.unit)
    return Transfer(
        id=transfer_id(tenant_id, reference),
        kind=TransferKind.EARN,
        reference=reference,
        source=fact.source,
        debit=issuance(fact.community_id, judgement.unit),
        credit=red_account(fact.beneficiary_id, judgement.unit),
        amount=judgement.granted,
        community_id=fact.community_id,
        occurred_on=fact.occurred_on,
        booked_at=now,
        actor_id=fact.actor_id,
        reason=judgement.explanation,
        policy_version=judgement.policy_version,
        fact_id=fact.id,
    )


_NAMES = {Unit.MINUTES: "服务时长", Unit.SCORE: "贡献分", Unit.POINTS: "可兑换积分"}
