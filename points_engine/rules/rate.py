"""So much for every so many units of time, from a minimum on."""

from dataclasses import dataclass, field

from points_engine.rules.worth import Rounding, check_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`amount` for each `per` of the quantity, from `minimum` on.

    Only whole steps count unless `rounding` says otherwise: twenty-nine minutes at "5 per 30"
    give nothing.
    """

    amount: int
    per: int = 1
    minimum: int = 0
    rounding: Rounding = Rounding.FLOOR
    threshold: int = field(init=False, repr=False, compare=False)
    _lift: int = field(init=False, repr=False, compare=False)  # what rounding adds to a quantity

    def __post_init__(self) -> None:
        check_step(self.amount, self.per, self.minimum)
        lifts = {Rounding.FLOOR: 0, Rounding.NEAREST: self.per // 2, Rounding.UP: self.per - 1}
        lift = lifts[self.rounding]
        object.__setattr__(self, "_lift", lift)
        object.__setattr__(self, "threshold", max(self.minimum, self.per - lift))

    def of(self, quantity: int) -> int:
        return (quantity + self._lift) // self.per * self.amount

    def counted(self, quantity: int) -> int:
        """The part of the quantity that was multiplied: whole steps."""
        return (quantity + self._lift) // self.per * self.per
