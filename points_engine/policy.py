"""Policies: which rules are in force from which day on, as data with a version."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from points_engine.accounts import Unit
from points_engine.errors import PolicyInvalid
from points_engine.facts import LARGEST_QUANTITY, FactKind
from points_engine.reading import Reader
from points_engine.rules.rate import LARGEST_AMOUNT, Rate

EVERY_CATEGORY = "*"

_Key = tuple[FactKind, str, Unit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one kind of fact, of one category or of every, gives in one unit."""

    id: str
    kind: FactKind
    category: str = EVERY_CATEGORY
    unit: Unit
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One version of the rules. Two rules never compete: that is refused at construction."""

    version: str
    in_force_from: date
    rules: tuple[Rule, ...]
    _rule_for: Mapping[_Key, Rule] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        _refuse_twice([rule.id for rule in self.rules], "id")
        keys = [(rule.kind, rule.category, rule.unit) for rule in self.rules]
        _refuse_twice(keys, "category")
        for place, rule in enumerate(self.rules):
            if rule.kind is FactKind.STATION_VISIT and rule.rate.threshold > 1:
                raise PolicyInvalid(f"rules[{place}].per", "one visit could never reach it")
        object.__setattr__(self, "_rule_for", dict(zip(keys, self.rules, strict=True)))

    @classmethod
    def from_document(cls, document: Mapping[str, object]) -> "Policy":
        """Read a policy from data. `PolicyInvalid` names the place of the first mistake.

        Nothing is guessed: an unknown key, a wrong type or a rule said twice is refused.
        """
        reader = Reader("", document)
        reader.only("version", "in_force_from", "rules")
        return cls(
            version=reader.text("version"),
            in_force_from=reader.day("in_force_from"),
            rules=tuple(_rule(each) for each in reader.sections("rules")),
        )

    def to_document(self) -> dict[str, object]:
        """The same policy as plain data: `from_document` reads it back equal."""
        return {
            "version": self.version,
            "in_force_from": self.in_force_from.isoformat(),
            "rules": [_plain(rule) for rule in self.rules],
        }

    def rule_for(self, kind: FactKind, category: str, unit: Unit) -> Rule | None:
        """The rule of that very category, else the one for every category, else None."""
        exact = self._rule_for.get((kind, category, unit))
        return exact or self._rule_for.get((kind, EVERY_CATEGORY, unit))


class Policies:
    """Every version, by the day from which it is in force. No day begins two of them."""

    def __init__(self, policies: Iterable[Policy] = ()) -> None:
        self._by_day = sorted(policies, key=lambda policy: policy.in_force_from)
        self._days = [policy.in_force_from for policy in self._by_day]
        for name in ("in_force_from", "version"):
            if len({getattr(policy, name) for policy in self._by_day}) < len(self._by_day):
                raise PolicyInvalid(name, "is shared by two policies")

    def __iter__(self) -> Iterator[Policy]:
        return iter(self._by_day)

    def in_force_on(self, day: date) -> Policy | None:
        """The policy by which that day's facts are judged, or None before the first."""
        place = bisect_right(self._days, day)
        return self._by_day[place - 1] if place else None


def _rule(reader: Reader) -> Rule:
    reader.only("id", "kind", "category", "unit", "amount", "per", "minimum", "cap")
    return Rule(
        id=reader.text("id"),
        kind=reader.choice("kind", FactKind),
        category=reader.text("category"),
        unit=reader.choice("unit", Unit),
        rate=Rate(
            amount=reader.number("amount", least=1, most=LARGEST_AMOUNT),
            per=reader.number("per", least=1, most=LARGEST_QUANTITY),
            minimum=reader.number("minimum", least=0, most=LARGEST_QUANTITY, default=0),
            cap=reader.limit("cap", most=LARGEST_AMOUNT),
        ),
    )


def _plain(rule: Rule) -> dict[str, object]:
    return {
        "id": rule.id,
        "kind": rule.kind.value,
        "category": rule.category,
        "unit": rule.unit.value,
        "amount": rule.rate.amount,
        "per": rule.rate.per,
        "minimum": rule.rate.minimum,
        "cap": rule.rate.cap,
    }


def _refuse_twice(keys: list[str] | list[_Key], name: str) -> None:
    for place, key in enumerate(keys):
        if key in keys[:place]:
            raise PolicyInvalid(f"rules[{place}].{name}", "an earlier rule says it already")
