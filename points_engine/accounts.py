"""The chart of accounts: every place a number can be in.

Nothing is created or destroyed, only moved. A *guarded* account may not go below zero: whoever
takes from it holds its lock, and it keeps a balance. The others belong to the system and may
owe: nobody locks them, their balance is a sum, and so every writer can use them at once.
"""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from points_engine.identifiers import derived_id


class Unit(StrEnum):
    """Three numbers, never one. The order is the order in which a fact is judged."""

    MINUTES = "minutes"  # verified service time: never expires, is never spent
    SCORE = "score"  # contribution, for the yearly feedback
    POINTS = "points"  # what the love market takes


class OwnerKind(StrEnum):
    """Who an account belongs to."""

    PERSON = "person"
    COMMUNITY = "community"
    SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One number of one owner."""

    owner_kind: OwnerKind
    owner_id: UUID
    unit: Unit
    code: str
    guarded: bool

    def id_in(self, tenant_id: int) -> UUID:
        """The account's identifier: it follows from the owner, the unit and the code."""
        owner = (self.owner_kind.value, str(self.owner_id))
        return derived_id(tenant_id, "account", *owner, self.unit.value, self.code)


def red_account(person_id: UUID, unit: Unit) -> Account:
    """What one person has gathered of one unit."""
    return Account(
        owner_kind=OwnerKind.PERSON,
        owner_id=person_id,
        unit=unit,
        code="red_account",
        guarded=True,
    )


def issuance(community_id: UUID, unit: Unit) -> Account:
    """Where a community grants from. Its debt is what the community has in circulation."""
    return Account(
        owner_kind=OwnerKind.COMMUNITY,
        owner_id=community_id,
        unit=unit,
        code="issuance",
        guarded=False,
    )


def till(shop_id: UUID) -> Account:
    """Where a shop takes points."""
    return Account(
        owner_kind=OwnerKind.SHOP,
        owner_id=shop_id,
        unit=Unit.POINTS,
        code="till",
        guarded=False,
    )
