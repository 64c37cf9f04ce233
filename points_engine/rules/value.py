"""So much for every so much of value given, as with goods for the love market."""

from dataclasses import dataclass

from points_engine.rules.worth import check_step


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """`amount` for each whole `per` fen of value: "1 per 1000" is a tenth of a point a yuan."""

    amount: int
    per: int
    minimum: int = 0

    def __post_init__(self) -> None:
        check_step(self.amount, self.per, self.minimum)

    @property
    def threshold(self) -> int:
        return max(self.minimum, self.per)

    def of(self, quantity: int) -> int:
        return quantity // self.per * self.amount

    def counted(self, quantity: int) -> int:
        """The part of the value that was multiplied: whole steps."""
        return quantity // self.per * self.per
