"""What can be read back: balances, lines, and the decisions that explain them."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from points_engine.accounts import Unit
from points_engine.ledger import TransferKind
from points_engine.periods import quarter_of
from points_engine.settlement import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """`posted` is what the account has, `held` the part of it that is reserved.

    `lapsed` is past its last day and only not booked out yet; `owed` is what was spent of an
    earning that was taken back. Neither can be spent.
    """

    posted: int = 0
    held: int = 0
    lapsed: int = 0
    owed: int = 0

    @property
    def available(self) -> int:
        """What can be spent now."""
        return max(0, self.posted - self.held - self.lapsed - self.owed)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class LineCursor:
    """The place of a line in a person's passbook. Later lines are greater."""

    booked_at: datetime
    version: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a passbook: what moved, why, by whom, by which policy, and what was left.

    `amount` is signed: negative when it left the account. `balance_after` is the balance of the
    line's own unit, and the lines of one unit chain.
    """

    transfer_id: UUID
    unit: Unit
    amount: int
    balance_after: int
    version: int
    kind: TransferKind
    reason: str
    source: str
    reference: str
    policy_version: str
    occurred_on: date
    booked_at: datetime
    actor_id: UUID
    community_id: UUID
    quarter: str

    @property
    def cursor(self) -> LineCursor:
        """Pass it as `before` to read on from here."""
        return LineCursor(booked_at=self.booked_at, version=self.version, reference=self.reference)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FactCursor:
    """The place of a fact in a person's history. Later facts are greater."""

    occurred_at: datetime
    fact_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided about one fact in one unit: kept for ever, also when it gave nothing."""

    fact_id: UUID
    source: str
    occurred_at: datetime
    occurred_on: date
    decided_at: datetime
    judgement: Judgement

    @property
    def cursor(self) -> FactCursor:
        """Pass it as `before` to read on from the fact before this one."""
        return FactCursor(occurred_at=self.occurred_at, fact_id=self.fact_id)


def explained(sentence: str, occurred_on: date, quarter: str) -> str:
    """The sentence, and that it counts in another quarter where it came too late for its own."""
    own = quarter_of(occurred_on)
    return sentence if quarter == own else f"{sentence}（{own} 已结账，计入 {quarter}）"
