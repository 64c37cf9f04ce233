"""A policy under which one day gives nobody more than so many points."""

from dataclasses import replace

from points_engine import Policies, Unit
from points_engine.caps import Cap, Window
from tests.points_engine.make import HOURS


def daily(limit: int) -> Policies:
    cap = Cap(id="daily", limit=limit, window=Window.DAY)
    rules = [
        replace(rule, caps=(cap,)) if rule.unit is Unit.POINTS else rule for rule in HOURS.rules
    ]
    return Policies([replace(HOURS, rules=tuple(rules))])
