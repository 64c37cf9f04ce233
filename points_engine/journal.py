"""The journal as it came about: what was settled, what was ordered, and what they changed.

This is how whoever rebuilds the books reads them, one event after the other.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, TypeAlias

from points_engine.awards import Deed
from points_engine.policy import Policy

# What is known of one fact in one unit: what was decided, what was booked, and the lot it made.
# Identifiers that follow from names are 32 digits; all others are texts.
DECIDED = (
    "rule_id", "policy_version", "raw", "granted", "reason", "bound", "caps", "decided_at",
)  # fmt: skip
BOOKED = (
    "transfer_id", "kind", "reference", "source", "debit_account_id", "credit_account_id",
    "amount", "booked_policy_version", "community_id", "quarter", "occurred_on", "booked_at",
    "actor_id", "words", "debit_version", "debit_balance_after", "credit_version",
    "credit_balance_after",
)  # fmt: skip
PARCELLED = ("lot_account_id", "lot_community_id", "earned_on", "expires_on", "original")
FIELDS = (*DECIDED, *BOOKED, *PARCELLED)

Entry: TypeAlias = Sequence[object]  # in the order of FIELDS


class Told(Deed, Protocol):
    """A settled fact, with what its bookings take from it; identifiers are texts."""

    @property
    def source(self) -> str: ...
    @property
    def beneficiary_id(self) -> str: ...
    @property
    def actor_id(self) -> str: ...
    @property
    def community_id(self) -> str: ...


class Published(NamedTuple):
    """A policy, and since when settlements have known it."""

    published_at: datetime
    policy: Policy


class Ended(NamedTuple):
    """A quarter of a community, and since when nothing is booked into it any more."""

    ended_at: datetime
    community_id: str
    quarter: str


class Settled(NamedTuple):
    """What was decided about a fact and booked for it, by unit."""

    at: datetime
    told: Told
    found: Sequence[tuple[str, Entry]]


class Moved(NamedTuple):
    """A command as it was booked on one account: `amount` is below zero where it took."""

    at: datetime
    account_id: str
    reference: str
    amount: int
    version: int
    balance_after: int


class GivenBack(NamedTuple):
    """An earning was reversed: what it had used of its caps can be granted again."""

    at: datetime
    caps: Sequence[str]
    amount: int


class LastUse(NamedTuple):
    """The last time that a cap was used: from here on it is what it is in the books."""

    at: datetime
    key: str
    used: int


Event: TypeAlias = Settled | Moved | GivenBack | LastUse


class Standing(NamedTuple):
    """What an account has in the end."""

    account_id: str
    version: int
    balance: int
