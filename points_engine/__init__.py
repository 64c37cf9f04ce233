"""Points as double-entry bookkeeping: facts come in, transfers and their reasons come out.

This is the front door: import from here. Nothing behind it knows HTTP, SQL, Redis or the clock.
`docs/points-engine.md` teaches it with one example from beginning to end.
The same engine on PostgreSQL has a door of its own, `points_engine.postgres`.
"""

from points_engine.accounts import (
    ALWAYS_JUDGED,
    PERSONAL,
    Account,
    OwnerKind,
    Unit,
    household_account,
    issuance,
    red_account,
    till,
)
from points_engine.as_of import AsOf
from points_engine.budget import Guard, Level, budget_guard
from points_engine.canonical import digest as canonical_digest
from points_engine.caps import Cap, Holder, Window
from points_engine.conventions import Checkin, Redeeming, Stars
from points_engine.corrections import Adjustment, Donation, Repayment
from points_engine.engine import Engine, Quarantined, Settled
from points_engine.errors import (
    AlreadyReversed,
    FactInvalid,
    HoldEnded,
    HoldUnknown,
    InsufficientPoints,
    NothingToProve,
    NotOwed,
    NotReversible,
    PeriodBusy,
    PeriodNotReady,
    PointsError,
    PolicyConflict,
    PolicyInvalid,
    ReferenceConflict,
    SealBroken,
    SourceConflict,
    TransferInvalid,
)
from points_engine.expiring import CHINA, Expired
from points_engine.explanations import explain
from points_engine.facts import Circumstance, Fact, FactKind
from points_engine.journal import Published
from points_engine.leaves import Leaf, leaf_of, row_of
from points_engine.ledger import Transfer, TransferKind, earn_reference
from points_engine.lots import Destination, Expiring, Hold, HoldState
from points_engine.memory import MemoryEngine
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.periods import quarter_of
from points_engine.policy import Policies, Policy
from points_engine.proofs import Period, Seal, proof_code, proof_document
from points_engine.rebuild import Difference
from points_engine.redemption import Capture, Reservation, Spending
from points_engine.replaying import Change, Past, Replayed, Spread, replay
from points_engine.reversal import Reversal
from points_engine.rules.factors import Factors, Presence
from points_engine.rules.flat import Flat
from points_engine.rules.rate import Rate
from points_engine.rules.rule import Earners, Rule
from points_engine.rules.value import Value
from points_engine.rules.verdict import Reason, Verdict
from points_engine.rules.worth import Rounding
from points_engine.settlement import Judgement, judge
from points_engine.validity import Expiry, ExpiryKind

__all__ = [
    "ALWAYS_JUDGED",
    "CHINA",
    "PERSONAL",
    "Account",
    "Adjustment",
    "AlreadyReversed",
    "AsOf",
    "Balance",
    "Cap",
    "Capture",
    "Change",
    "Checkin",
    "Circumstance",
    "Decision",
    "Destination",
    "Difference",
    "Donation",
    "Earners",
    "Engine",
    "Expired",
    "Expiring",
    "Expiry",
    "ExpiryKind",
    "Fact",
    "FactCursor",
    "FactInvalid",
    "FactKind",
    "Factors",
    "Flat",
    "Guard",
    "Hold",
    "HoldEnded",
    "HoldState",
    "HoldUnknown",
    "Holder",
    "InsufficientPoints",
    "Judgement",
    "Leaf",
    "Level",
    "Line",
    "LineCursor",
    "MemoryEngine",
    "NotOwed",
    "NotReversible",
    "NothingToProve",
    "OwnerKind",
    "Past",
    "Period",
    "PeriodBusy",
    "PeriodNotReady",
    "PointsError",
    "Policies",
    "Policy",
    "PolicyConflict",
    "PolicyInvalid",
    "Presence",
    "Published",
    "Quarantined",
    "Rate",
    "Reason",
    "Redeeming",
    "ReferenceConflict",
    "Repayment",
    "Replayed",
    "Reservation",
    "Reversal",
    "Rounding",
    "Rule",
    "Seal",
    "SealBroken",
    "Settled",
    "SourceConflict",
    "Spending",
    "Spread",
    "Stars",
    "Transfer",
    "TransferInvalid",
    "TransferKind",
    "Unit",
    "Value",
    "Verdict",
    "Window",
    "budget_guard",
    "canonical_digest",
    "earn_reference",
    "explain",
    "household_account",
    "issuance",
    "judge",
    "leaf_of",
    "proof_code",
    "proof_document",
    "quarter_of",
    "red_account",
    "replay",
    "row_of",
    "till",
]
