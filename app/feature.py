"""What a feature brings to the service."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from sqlalchemy.orm import Session

from app.core.http import ApiBlueprint
from app.core.keeping import Keeping
from app.core.metrics import Figure
from app.core.occupied import Occupied
from app.core.scans import Resolver
from app.core.vault import Sealed
from app.identity.roles import Duty
from points_engine.postgres import Invariant

Figures = Callable[[Session, datetime], Iterable[Figure]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """What a feature brings: operations of the API, pages, and its part in what all share."""

    pages: Blueprint | None = None
    operations: ApiBlueprint | None = None
    scan: Resolver | None = None  # what a scanned code of its own opens
    duties: tuple[Duty, ...] = ()  # what staff do on its pages
    invariants: tuple[Invariant, ...] = ()  # what must always be true of its rows
    keeps: tuple[Keeping, ...] = ()  # what it keeps about people
    occupied: Occupied | None = None  # what of it keeps a unit from being closed
    sealed: tuple[Sealed, ...] = ()  # its columns that only the vault can read
    tidy: Callable[[Iterable[int]], None] | None = None  # lets go of old rows
    figures: Figures | None = None  # what stands in the database, for whoever watches
    sweep: Callable[[], object] | None = None  # what the worker does when rung, bell or no bell
