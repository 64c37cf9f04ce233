"""A policy with a rule that fails: what a defect in a rule looks like to the engine."""

from dataclasses import dataclass, replace

from points_engine import FactKind, Policies, Rate, Rule, Unit
from tests.points_engine.make import HOURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken(Rate):
    def of(self, quantity: int) -> int:
        return quantity // 0


_RULES = (
    Rule(
        id="broken",
        kind=FactKind.ATTENDANCE,
        category="poison",
        unit=Unit.POINTS,
        worth=Broken(amount=1),
    ),
    *(rule for rule in HOURS.rules if rule.unit is not Unit.SCORE),
)
POISON = Policies([replace(HOURS, rules=_RULES)])
