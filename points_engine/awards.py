"""Awards: what a batch of facts is granted once the caps that facts share have had their say.

Weighing looks at one fact at a time and at nothing that changes; granting looks at what is used
of the caps, fact after fact in their order. Between the two whoever keeps the books locks the
caps. Both keep to plain values: a settlement of thousands passes through here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from points_engine.accounts import ALWAYS_JUDGED, Unit
from points_engine.caps import CountedUnder, Holder, Holding, apply, counted_under
from points_engine.errors import PointsError
from points_engine.facts import FactKind
from points_engine.policy import Policies, Policy
from points_engine.rules.rule import Deed as RuleDeed
from points_engine.rules.rule import Rule
from points_engine.rules.verdict import Reason

# What a rule may raise on a fact it was not made for. Anything else is not about that fact.
UNJUDGEABLE = (PointsError, ArithmeticError, LookupError, TypeError, ValueError)

_KINDS = frozenset(kind.value for kind in FactKind)


class Deed(RuleDeed, Holding, Protocol):
    """A fact as it is judged: a `Fact`, or a row that says the same in plain words."""

    @property
    def kind(self) -> str: ...
    @property
    def category(self) -> str: ...


@dataclass(slots=True)
class Award:
    """What one fact is granted in one unit, by which rule, and under which caps it counted.

    `place` is that of the fact in its batch. `granted` is below zero where work costs something.
    """

    place: int
    unit: Unit
    rule_id: str = ""
    policy_version: str = ""
    raw: int = 0
    granted: int = 0
    reason: Reason = Reason.NO_RULE
    bound: str = ""
    caps: CountedUnder = ()
    expires_on: date | None = None

    @property
    def cap_keys(self) -> tuple[str, ...]:
        return tuple([key for _, key in self.caps])


@dataclass(slots=True)
class Weighed:
    """A batch before the caps: the awards of the facts that can be judged, and who cannot be."""

    awards: list[Award] = field(default_factory=list)
    failed: dict[int, str] = field(default_factory=dict)

    def limits(self) -> dict[str, int]:
        """By key, the widest limit that any award of the batch has under that cap."""
        widest: dict[str, int] = {}
        for award in self.awards:
            for cap, key in award.caps:
                if cap.limit > widest.get(key, 0):
                    widest[key] = cap.limit
        return widest

    def shared(self) -> list[str]:
        """The keys of caps that several people share, so that no one account guards them."""
        return list(
            dict.fromkeys(
                key
                for award in self.awards
                for cap, key in award.caps
                if cap.holder is Holder.HOUSEHOLD
            )
        )


def weigh(deeds: Iterable[Deed], policies: Policies) -> Weighed:
    """Judge each fact by the policy of its day; one that cannot be judged is set apart."""
    weighed, scales = Weighed(), _Scales(policies)
    for place, deed in enumerate(deeds):
        try:
            weighed.awards += scales.weigh(place, deed)
        except UNJUDGEABLE as problem:
            weighed.failed[place] = describe(problem)
    return weighed


def weigh_one(place: int, deed: Deed, policies: Policies) -> list[Award]:
    """An award for each of the three numbers, and for a further unit where a rule speaks of it."""
    return _Scales(policies).weigh(place, deed)


def grant(weighed: Weighed, used: dict[str, int]) -> None:
    """Give each award what its caps still allow, in order, and count it in `used`."""
    for award in weighed.awards:
        if award.caps:
            granted, bound = apply(award.granted, award.caps, used)
            if bound:
                award.granted, award.bound, award.reason = granted, bound, Reason.CAPPED


def describe(problem: Exception) -> str:
    """How a failure is kept beside the fact it concerns."""
    return f"{type(problem).__name__}: {problem}"


@dataclass(slots=True)
class _Weight:
    """What one rule makes of facts that are told alike. `rule` is None where none speaks."""

    unit: Unit
    rule: Rule | None
    rule_id: str
    policy_version: str
    raw: int
    granted: int
    reason: Reason
    expires_on: date | None = None


class _Scales:
    """Weighs facts, and those that are told alike only once: in a batch most of them are."""

    def __init__(self, policies: Policies) -> None:
        self._policies = policies
        self._known: dict[tuple[object, ...], list[_Weight]] = {}

    def weigh(self, place: int, deed: Deed) -> list[Award]:
        return [
            Award(
                place,
                weight.unit,
                weight.rule_id,
                weight.policy_version,
                weight.raw,
                weight.granted,
                weight.reason,
                "",
                counted_under(weight.rule.caps, deed)
                if weight.rule is not None and weight.rule.caps and weight.granted > 0
                else (),
                weight.expires_on,
            )
            for weight in self._weights(deed)
        ]

    def _weights(self, deed: Deed) -> list[_Weight]:
        told = (
            deed.kind,
            deed.category,
            deed.quantity,
            deed.occurred_on,
            deed.planned,
            deed.acting_as,
            deed.household_id is None,
            *deed.circumstances,
            None,
            *deed.evidence,
        )
        found = self._known.get(told)
        if found is None:
            found = self._known[told] = _weights(deed, self._policies)
        return found


def _weights(deed: Deed, policies: Policies) -> list[_Weight]:
    if deed.kind not in _KINDS:
        raise ValueError(f"{deed.kind!r} is not a known kind of fact")
    policy = policies.in_force_on(deed.occurred_on)
    if policy is None:
        return [_silence(unit, "") for unit in ALWAYS_JUDGED]
    rules = policy.rules_for(deed.kind, deed.category)
    spoken = {rule.unit for rule in rules}
    return [_weight(deed, rule, policy) for rule in rules] + [
        _silence(unit, policy.version) for unit in ALWAYS_JUDGED if unit not in spoken
    ]


def _weight(deed: Deed, rule: Rule, policy: Policy) -> _Weight:
    verdict = rule.judge(deed, policy)
    weight = _Weight(
        rule.unit, rule, rule.id, policy.version, verdict.raw, verdict.granted, verdict.reason
    )
    if rule.unit is Unit.POINTS:
        weight.expires_on = policy.expiry.last_day(deed.occurred_on)
    elif rule.unit is Unit.HOUSEHOLD and deed.household_id is None:
        weight.granted, weight.reason = 0, Reason.NOT_ENTITLED
    return weight


def _silence(unit: Unit, version: str) -> _Weight:
    """No rule speaks of what was done in that unit."""
    return _Weight(unit, None, "", version, 0, 0, Reason.NO_RULE)
