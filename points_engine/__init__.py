"""Points as double-entry bookkeeping: facts come in, transfers and their reasons come out.

This is the front door: import from here. Nothing behind it knows HTTP, SQL, Redis or the clock.
The same engine on PostgreSQL has a door of its own, `points_engine.postgres`.
"""

from points_engine.accounts import Account, OwnerKind, Unit, issuance, red_account, till
from points_engine.engine import Engine, Quarantined, Settled
from points_engine.errors import (
    FactInvalid,
    InsufficientPoints,
    PointsError,
    PolicyConflict,
    PolicyInvalid,
    ReferenceConflict,
    SourceConflict,
    TransferInvalid,
)
from points_engine.facts import Fact, FactKind
from points_engine.ledger import Transfer, TransferKind
from points_engine.memory import MemoryEngine
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.periods import quarter_of
from points_engine.policy import Policies, Policy, Rule
from points_engine.redemption import Spending
from points_engine.rules.rate import Rate
from points_engine.rules.verdict import Reason, Verdict
from points_engine.settlement import Judgement, judge

__all__ = [
    "Account",
    "Balance",
    "Decision",
    "Engine",
    "Fact",
    "FactCursor",
    "FactInvalid",
    "FactKind",
    "InsufficientPoints",
    "Judgement",
    "Line",
    "LineCursor",
    "MemoryEngine",
    "OwnerKind",
    "PointsError",
    "Policies",
    "Policy",
    "PolicyConflict",
    "PolicyInvalid",
    "Quarantined",
    "Rate",
    "Reason",
    "ReferenceConflict",
    "Rule",
    "Settled",
    "SourceConflict",
    "Spending",
    "Transfer",
    "TransferInvalid",
    "TransferKind",
    "Unit",
    "Verdict",
    "issuance",
    "judge",
    "quarter_of",
    "red_account",
    "till",
]
