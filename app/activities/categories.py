"""The categories of activities, 10 + N: their names are data, and the policy says which hold."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from points_engine import FactKind, Policy

NAMES = Path(__file__).parents[2] / "config" / "categories.yaml"
COUNTED = frozenset({FactKind.ATTENDANCE, FactKind.DEED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What an activity may be; `fixed` for one of the ten that are the same everywhere."""

    code: str
    name: str
    fixed: bool


def offered(policy: Policy | None) -> list[Category]:
    """The categories that the policy in force has a rule for: the ten first, then the local ones.

    Without a policy nothing is counted, and nothing is offered.
    """
    rules = policy.rules if policy else ()
    held = {rule.category for rule in rules if rule.kind in COUNTED}
    return [category for code, category in known().items() if code in held]


@cache
def known() -> Mapping[str, Category]:
    """Every category that has a name, in order."""
    document = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    return {
        code: Category(code=code, name=name, fixed=group == "fixed")
        for group, names in document.items()
        for code, name in names.items()
    }


def name_of(code: str) -> str:
    """What it is called; one that was never named is called by its code."""
    category = known().get(code)
    return category.name if category else code
