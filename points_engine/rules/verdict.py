"""What a rule answers: how much, and why not more."""

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """Why the number is what it is. A refusal is an answer, not an exception."""

    GRANTED = "granted"
    CAPPED = "capped"  # the rule would have given more
    HALVED = "halved"  # granted, but cut for a violation
    BELOW_MINIMUM = "below_minimum"  # too little to count
    NOT_PRESENT_ENOUGH = "not_present_enough"  # away for too much of what was planned
    NO_EVIDENCE = "no_evidence"  # nothing shows what the rule wants shown
    NOT_YET = "not_yet"  # not accepted, or not adopted
    NOT_URGENT = "not_urgent"  # counts only while an emergency is declared
    NOT_ENTITLED = "not_entitled"  # not for those who act in this capacity
    PAID_DUTY = "paid_duty"  # somebody was paid to do it
    VOIDED = "voided"  # struck out for a violation
    NO_RULE = "no_rule"  # the policy of the day says nothing about it


@dataclass(slots=True, kw_only=True)
class Verdict:
    """`raw` is what the rule gives before its limits, `granted` what is left of it.

    Not frozen, because one is made for every fact in every unit: freezing triples its price.
    """

    raw: int
    granted: int
    reason: Reason
