"""What clerks and donors ask for: corrections, gifts, repayments and reversals."""

from datetime import date

from points_engine import Adjustment, Donation, Repayment, Reversal, Unit
from tests.points_engine.make import someone
from tests.support.hands import NOON

NEXT_YEAR = date(2027, 12, 31)


def _said(town, word, at, other):
    return {
        "reference": f"{word}:{someone()}",
        "occurred_on": at.date(),
        "booked_at": at,
        "actor_id": town.clerk,
        "reason": "核对后更正",
        **other,
    }


def given(town, who, amount, *, unit=Unit.POINTS, at=NOON, **other) -> Adjustment:
    """A community gives by hand, or takes when the amount is below zero."""
    last_day = {"expires_on": NEXT_YEAR} if unit is Unit.POINTS and amount > 0 else {}
    said = {"community_id": town.community, **_said(town, "adjust", at, last_day | other)}
    return Adjustment(person_id=who, unit=unit, amount=amount, **said)


def donation(town, who, amount, *, to=None, at=NOON, **other) -> Donation:
    said = {"community_id": town.community, **_said(town, "donation", at, other)}
    return Donation(donor_id=who, amount=amount, recipient_id=to, **said)


def repayment(town, who, amount, *, at=NOON, **other) -> Repayment:
    said = {"community_id": town.community, **_said(town, "repayment", at, other)}
    return Repayment(person_id=who, amount=amount, **said)


def reversal(town, of, *, at=NOON, **other) -> Reversal:
    return Reversal(of=of, **_said(town, "reversal", at, other))


def earned(engine, town, who, points, **other):
    """Points from the community, and the movement that brought them."""
    return engine.adjust(given(town, who, points, **other))
