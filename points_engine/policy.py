"""Policies: which rules are in force from which day on, as data with a version."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from points_engine.accounts import Unit
from points_engine.caps import Cap
from points_engine.conventions import Checkin, Redeeming, Stars
from points_engine.documents import check_rule, plain_rule, read_rule
from points_engine.errors import PolicyInvalid
from points_engine.facts import FactKind
from points_engine.reading import Reader
from points_engine.rules.factors import Factors, Presence
from points_engine.rules.rule import EVERY_CATEGORY, Rule
from points_engine.sections import (
    plain_checkin,
    plain_expiry,
    plain_factors,
    plain_presence,
    plain_redemption,
    plain_stars,
    read_checkin,
    read_expiry,
    read_factors,
    read_presence,
    read_redemption,
    read_stars,
)
from points_engine.validity import Expiry

DEAREST_FEN = 10**6  # for ten points

_Key = tuple[FactKind, str, Unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the rules. Two rules never compete: that is refused at construction.

    `value_fen_per_10_points` is for planning what goods to buy, never shown as money.
    `redeemable_by` are the capacities in which somebody may spend points; empty is everybody.
    """

    version: str
    in_force_from: date
    rules: tuple[Rule, ...]
    name: str = ""
    factors: Factors = field(default_factory=Factors)
    presence: Presence | None = None
    expiry: Expiry = field(default_factory=Expiry)
    value_fen_per_10_points: int = 0
    redeemable_by: tuple[str, ...] = ()
    checkin: Checkin = field(default_factory=Checkin)
    redemption: Redeeming = field(default_factory=Redeeming)
    stars: Stars = field(default_factory=Stars)
    _by_key: Mapping[_Key, Rule] = field(init=False, repr=False, compare=False)
    _by_id: Mapping[str, Rule] = field(init=False, repr=False, compare=False)
    _found: dict[tuple[str, str], tuple[Rule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _refuse_twice([rule.id for rule in self.rules], "id")
        keys = [(rule.kind, rule.category, rule.unit) for rule in self.rules]
        _refuse_twice(keys, "category")
        for place, rule in enumerate(self.rules):
            check_rule(rule, f"rules[{place}]")
            self._check_terms(rule, f"rules[{place}]")
        _check_shared_caps(self.rules)
        object.__setattr__(self, "_by_key", dict(zip(keys, self.rules, strict=True)))
        object.__setattr__(self, "_by_id", {rule.id: rule for rule in self.rules})
        object.__setattr__(self, "_found", {})

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "Policy":
        """Read a policy from data. `PolicyInvalid` names the place of the first mistake.

        Nothing is guessed: an unknown key, a wrong type or a rule said twice is refused.
        """
        reader = Reader("", document)
        reader.only("version", "in_force_from", "rules", *_SECTIONS)
        return cls(
            version=reader.text("version"),
            in_force_from=reader.day("in_force_from"),
            rules=tuple(read_rule(each) for each in reader.sections("rules")),
            name=reader.text("name", ""),
            factors=read_factors(reader),
            presence=read_presence(reader),
            expiry=read_expiry(reader),
            value_fen_per_10_points=reader.number(
                "value_fen_per_10_points", least=0, most=DEAREST_FEN, default=0
            ),
            redeemable_by=reader.words("redeemable_by"),
            checkin=read_checkin(reader),
            redemption=read_redemption(reader),
            stars=read_stars(reader),
        )

    def to_document(self) -> dict[str, object]:
        """The same policy as plain data: `from_document` reads it back equal."""
        return {
            "version": self.version,
            "in_force_from": self.in_force_from.isoformat(),
            **_named(self),
            "rules": [plain_rule(rule) for rule in self.rules],
        }

    def rule_for(self, kind: FactKind, category: str, unit: Unit) -> Rule | None:
        """The rule of that very category, else the one for every category, else None."""
        exact = self._by_key.get((kind, category, unit))
        return exact or self._by_key.get((kind, EVERY_CATEGORY, unit))

    def rules_for(self, kind: str, category: str) -> tuple[Rule, ...]:
        """The rules by which such a fact is judged: one for each unit that has one, in order."""
        found = self._found.get((kind, category))
        if found is None:
            each = (self.rule_for(FactKind(kind), category, unit) for unit in Unit)
            found = self._found[kind, category] = tuple(rule for rule in each if rule)
        return found

    def rule(self, rule_id: str) -> Rule | None:
        """The rule of that id."""
        return self._by_id.get(rule_id)

    def _check_terms(self, rule: Rule, path: str) -> None:
        """What a rule asks of the policy must be in it."""
        if rule.presence and self.presence is None:
            raise PolicyInvalid(f"{path}.presence", "the policy has no section presence")
        for place, each in enumerate(rule.multipliers):
            if each not in self.factors.multipliers:
                raise PolicyInvalid(f"{path}.multipliers[{place}]", "the policy gives it no factor")


class Policies:
    """Every version, by the day from which it is in force. No day begins two of them."""

    def __init__(self, policies: Iterable[Policy] = ()) -> None:
        self._by_day = sorted(policies, key=lambda policy: policy.in_force_from)
        self._days = [policy.in_force_from for policy in self._by_day]
        self._by_version = {policy.version: policy for policy in self._by_day}
        for name in ("in_force_from", "version"):
            if len({getattr(policy, name) for policy in self._by_day}) < len(self._by_day):
                raise PolicyInvalid(name, "is shared by two policies")

    def __iter__(self) -> Iterator[Policy]:
        return iter(self._by_day)

    def in_force_on(self, day: date) -> Policy | None:
        """The policy by which that day's facts are judged, or None before the first."""
        place = bisect_right(self._days, day)
        return self._by_day[place - 1] if place else None

    def of_version(self, version: str) -> Policy | None:
        """The policy of that name: by it a decision that was kept is explained."""
        return self._by_version.get(version)


_SECTIONS = (
    "name",
    "multipliers",
    "violation_factor",
    "presence",
    "expiry",
    "value_fen_per_10_points",
    "redeemable_by",
    "checkin",
    "redemption",
    "stars",
)


def _named(policy: Policy) -> dict[str, object]:
    """The sections that differ from what a document need not say."""
    said: dict[str, object] = {
        "name": policy.name,
        **plain_factors(policy.factors),
        "presence": policy.presence and plain_presence(policy.presence),
        "expiry": policy.expiry != Expiry() and plain_expiry(policy.expiry),
        "value_fen_per_10_points": policy.value_fen_per_10_points,
        "redeemable_by": list(policy.redeemable_by),
        "checkin": policy.checkin != Checkin() and plain_checkin(policy.checkin),
        "redemption": plain_redemption(policy.redemption),
        "stars": policy.stars != Stars() and plain_stars(policy.stars),
    }
    return {name: value for name, value in said.items() if value}


def _refuse_twice(keys: list[str] | list[_Key], name: str) -> None:
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise PolicyInvalid(f"rules[{place}].{name}", "an earlier rule says it already")


def _check_shared_caps(rules: Iterable[Rule]) -> None:
    """Rules that share a cap mean the same by it, and count the same unit under it."""
    known: dict[str, tuple[Cap, Unit]] = {}
    for place, rule in enumerate(rules):
        for number, cap in enumerate(rule.caps):
            if known.setdefault(cap.id, (cap, rule.unit)) != (cap, rule.unit):
                path = f"rules[{place}].caps[{number}].id"
                raise PolicyInvalid(path, "an earlier rule means another cap by it")
