"""The passbook as it is read on a page and on paper."""

from datetime import date
from itertools import groupby
from typing import Any

from app.ledger import labels, reminders, services
from points_engine import Unit


def line(line: dict[str, Any]) -> dict[str, Any]:
    """A line of the passbook as it is read on a page and on paper."""
    return {
        "on": line["occurred_on"].isoformat(),
        "title": line["title"],
        "reason": line["reason"],
        "by": line["by"],
        "counts_in": labels.counts_in(line["occurred_on"], line["quarter"], line["reason"]),
        "amount_text": labels.amount_text(line["amount"], line["unit"]),
        "balance_after": line["balance_after"],
        "unit_label": labels.UNITS[line["unit"]],
        "policy_version": line["policy_version"],
        "kind_label": labels.kind(line["kind"], line["source"]),
    }


def expiring(schedule: list[services.Lapsing]) -> list[dict[str, Any]]:
    """What lapses when."""
    return [{"on": one.on.isoformat(), "amount": one.amount} for one in schedule]


def calendar(schedule: list[services.Lapsing], *, today: date) -> list[dict[str, Any]]:
    """Year by year what lapses on which day; what is near stands out."""
    return [
        {
            "year": year,
            "amount": sum(one.amount for one in days),
            "days": [
                {
                    "on": f"{one.on:%m-%d}",
                    "amount": one.amount,
                    "soon": one.on <= today + reminders.AHEAD,
                }
                for one in days
            ],
        }
        for year, group in groupby(schedule, key=lambda one: one.on.year)
        if (days := list(group))
    ]


def waiting(fact: services.Waiting, unit: Unit | None) -> list[dict[str, str]]:
    """What settlement will write of a fact, of one unit or of all."""
    return [
        {
            "title": fact.title,
            "reason": one.reason,
            "amount_text": labels.amount_text(one.amount, one.unit),
            "unit_label": labels.UNITS[one.unit],
        }
        for one in fact.expected
        if unit in {None, one.unit}
    ]
