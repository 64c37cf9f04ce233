"""How much a manager may do, and what a sale is asked about: as data."""

from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parents[2] / "config" / "counter.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Most:
    """So many sales, and so many points, within a while."""

    sales: int
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """From how many points on the member's phone is asked, how long, and what a manager may do."""

    confirm_points: int
    confirm_within: timedelta
    hour: Most
    day: Most
    papers: int
    paper_points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Offline:
    """For how many people a terminal may hold points, which, and how long after its day."""

    people: int
    lately: timedelta
    kept: timedelta


@cache
def offline() -> Offline:
    said = _document()["offline"]
    return Offline(
        people=said["people"],
        lately=timedelta(days=said["days"]),
        kept=timedelta(hours=said["kept_hours"]),
    )


@cache
def rules() -> Rules:
    document = _document()
    confirm, manager, paper = document["confirm"], document["manager"], document["paper"]
    return Rules(
        confirm_points=confirm["points"],
        confirm_within=timedelta(minutes=confirm["minutes"]),
        hour=Most(**manager["hour"]),
        day=Most(**manager["day"]),
        papers=paper["day"],
        paper_points=paper["points"],
    )


def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(RULES.read_text(encoding="utf-8"))
    return document
