"""So much for a deed, however long it took."""

from dataclasses import dataclass

from points_engine.rules.worth import LARGEST_AMOUNT, check_number


@dataclass(frozen=True, slots=True, kw_only=True)
class Flat:
    """`amount` for one deed. Below zero it is taken: a duty that was not done in time."""

    amount: int

    def __post_init__(self) -> None:
        # Zero is no worth: a deed that gives nothing needs no rule.
        check_number("amount", abs(self.amount), range(1, LARGEST_AMOUNT + 1))

    @property
    def threshold(self) -> int:
        return 1

    def of(self, quantity: int) -> int:
        del quantity  # one deed is one deed; an attendance of three hours is one, too
        return self.amount
