"""What a deed's circumstances do to its worth: multipliers, violations, presence.

Factors are whole per cents, and products of them fractions of whole numbers: one half and two
thirds of a point never meet a float.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from points_engine.facts import Circumstance
from points_engine.rules.worth import check_number

WHOLE = 100  # per cent
LARGEST_FACTOR = 10 * WHOLE
MULTIPLYING = (
    Circumstance.LEADER,
    Circumstance.NIGHT,
    Circumstance.EXTREME_WEATHER,
    Circumstance.URGENT,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Factors:
    """What each circumstance multiplies by, all in per cent, and how far they go together."""

    multipliers: Mapping[Circumstance, int] = field(default_factory=dict, hash=False)
    max_combined: int = LARGEST_FACTOR
    half: int = 50  # what a violation leaves of the worth

    def __post_init__(self) -> None:
        for circumstance, factor in self.multipliers.items():
            check_number(circumstance, factor, range(WHOLE, LARGEST_FACTOR + 1))
        check_number("max_combined", self.max_combined, range(WHOLE, LARGEST_FACTOR + 1))
        check_number("half", self.half, range(1, WHOLE))
        object.__setattr__(self, "multipliers", MappingProxyType(dict(self.multipliers)))

    def applying(
        self, wanted: Iterable[Circumstance], circumstances: Collection[str]
    ) -> list[tuple[Circumstance, int]]:
        """The multipliers a rule wants and a deed has."""
        return [(each, self.multipliers[each]) for each in wanted if each in circumstances]

    def combined(self, factors: Iterable[tuple[Circumstance, int]]) -> tuple[int, int]:
        """Their product, bounded, as a numerator and a denominator."""
        numerator, denominator = 1, 1
        for _, factor in factors:
            numerator, denominator = numerator * factor, denominator * WHOLE
        if numerator * WHOLE > self.max_combined * denominator:
            return self.max_combined, WHOLE
        return numerator, denominator


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """How much of a planned service somebody must be there for it to count.

    Who came a little late and left a little early was there: the grace may excuse what the
    share of a short service would not.
    """

    min_ratio: int  # per cent of the planned minutes
    late_grace: int = 0  # minutes
    early_leave_grace: int = 0

    def needed(self, planned: int) -> int:
        """The fewest minutes that are enough."""
        share = -(-planned * self.min_ratio // WHOLE)
        return max(0, min(share, planned - self.late_grace - self.early_leave_grace))
