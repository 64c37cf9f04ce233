"""What a rule answers: how much, and why not more."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why the number is what it is. A refusal is an answer, not an exception."""

    GRANTED = "granted"
    CAPPED = "capped"  # the rule would have given more
    BELOW_MINIMUM = "below_minimum"  # too little to count
    NO_RULE = "no_rule"  # the policy of the day says nothing about it


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`raw` is what the rule gives before its limits, `granted` what is left of it."""

    raw: int
    granted: int
    reason: Reason
