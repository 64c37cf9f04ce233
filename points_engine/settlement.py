"""What a fact is worth, in every unit, by the policy of its day, and the words for it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from points_engine.accounts import Unit
from points_engine.awards import Award, weigh_one
from points_engine.explanations import explain
from points_engine.facts import Fact
from points_engine.policy import Policies
from points_engine.rules.verdict import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What one fact is worth in one unit, by which rule, and one sentence that says why.

    `bound` is the key of the shared cap that left less than the rule gave, if one did.
    """

    unit: Unit
    rule_id: str = ""
    policy_version: str = ""
    raw: int = 0
    granted: int = 0
    reason: Reason = Reason.NO_RULE
    explanation: str = ""
    bound: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What was told about a fact, as far as the sentence that explains it needs it."""

    kind: str
    category: str
    quantity: int
    planned: int | None
    circumstances: Collection[str]
    evidence: Mapping[str, str]
    acting_as: str
    occurred_on: date


def judge(fact: Fact, policies: Policies) -> tuple[Judgement, ...]:
    """One judgement per unit, in the order of the units, as if nothing else had been earned.

    The answer depends on nothing but its arguments, so "what would this earn" asks here too.
    What other facts have used of a cap is known only where the books are.
    """
    awards = weigh_one(0, fact, policies)
    return tuple(judgement(fact, award, policies) for award in in_order(awards))


def judgement(fact: Fact | Told, award: Award, policies: Policies) -> Judgement:
    """An award with the sentence that explains it, by the policy it was judged by."""
    policy = policies.of_version(award.policy_version)
    return Judgement(
        unit=award.unit,
        rule_id=award.rule_id,
        policy_version=award.policy_version,
        raw=award.raw,
        granted=award.granted,
        reason=award.reason,
        bound=award.bound,
        explanation=explain(fact, award, policy),
    )


def in_order(awards: Collection[Award]) -> list[Award]:
    """The awards of one fact in the order of the units."""
    return sorted(awards, key=lambda award: _PLACE[award.unit])


_PLACE = {unit: place for place, unit in enumerate(Unit)}
