"""What every kind of worth answers, and how parts of a step are rounded."""

from enum import StrEnum
from typing import Protocol

from points_engine.facts import LARGEST_QUANTITY

LARGEST_AMOUNT = 10**6  # times the largest quantity, and summed over a lifetime, fits in a bigint


class Rounding(StrEnum):
    """What a part of a step counts as."""

    FLOOR = "floor"  # nothing: whole steps only
    NEAREST = "nearest"  # a whole step from one half on
    UP = "up"  # a whole step


class Worth(Protocol):
    """What a quantity is worth, before any limit. Whole numbers in, whole numbers out."""

    @property
    def threshold(self) -> int:
        """The smallest quantity that gives anything."""
        ...

    def of(self, quantity: int) -> int:
        """The amount for a quantity of at least `threshold`."""
        ...


def check_number(name: str, value: int, allowed: range) -> None:
    """`ValueError` unless the number is one of those allowed."""
    if value not in allowed:
        raise ValueError(f"{name} must be a whole number from {allowed[0]} to {allowed[-1]}")


def check_step(amount: int, per: int, minimum: int) -> None:
    """What a rate and a value have in common: so much for so much, from so much on."""
    check_number("amount", amount, range(1, LARGEST_AMOUNT + 1))
    check_number("per", per, range(1, LARGEST_QUANTITY + 1))
    check_number("minimum", minimum, range(LARGEST_QUANTITY + 1))


def rounded(amount: int, divisor: int, rounding: Rounding) -> int:
    """The whole number for `amount / divisor`, without a fraction in between."""
    if rounding is Rounding.UP:
        return -(-amount // divisor)
    if rounding is Rounding.NEAREST:
        return (2 * amount + divisor) // (2 * divisor)
    return amount // divisor
