"""Who did what to whom, when, and by which right: written once, chained, and never changed."""

from app.core.audit.invariants import INVARIANTS
from app.core.audit.records import DONE, OPERATOR, SYSTEM, Actor, record

__all__ = ["DONE", "INVARIANTS", "OPERATOR", "SYSTEM", "Actor", "record"]
