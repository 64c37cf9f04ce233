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
    """Numbers of different things, never added up. A fact is judged in their order."""

    MINUTES = "minutes"  # verified service time: never expires, is never spent
    SCORE = "score"  # contribution, for the yearly feedback
    POINTS = "points"  # what the love market takes
    HOUSEHOLD = "household"  # a household's merit, never spent
    WORK = "work"  # how a grid worker does a paid duty: never spent, may go below zero


# A fact always has a decision in these; in the others only where a rule speaks of it.
ALWAYS_JUDGED = (Unit.MINUTES, Unit.SCORE, Unit.POINTS)
PERSONAL = (*ALWAYS_JUDGED, Unit.WORK)  # what a person has a number of


class OwnerKind(StrEnum):
    """Who an account belongs to."""

    PERSON = "person"
    HOUSEHOLD = "household"
    COMMUNITY = "community"
    SHOP = "shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One number of one owner. Only what `may_owe` can be guarded and below zero."""

    owner_kind: OwnerKind
    owner_id: UUID
    unit: Unit
    code: str
    guarded: bool
    may_owe: bool = False

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
        may_owe=unit is Unit.WORK,  # what is overdue may cost more than was gathered
    )


def household_account(household_id: UUID) -> Account:
    """What a household has gathered."""
    return Account(
        owner_kind=OwnerKind.HOUSEHOLD,
        owner_id=household_id,
        unit=Unit.HOUSEHOLD,
        code="red_account",
        guarded=True,
    )


def receivable(person_id: UUID, unit: Unit) -> Account:
    """What a person owes since an earning was reversed that they had spent: below zero."""
    return Account(
        owner_kind=OwnerKind.PERSON,
        owner_id=person_id,
        unit=unit,
        code="receivable",
        guarded=True,
        may_owe=True,
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


def expired(community_id: UUID) -> Account:
    """Where a community's points go that nobody spent in time."""
    return _of_community(community_id, "expired")


def love_pool(community_id: UUID) -> Account:
    """Where points are given to, for families in need."""
    return _of_community(community_id, "love_pool")


def till(shop_id: UUID) -> Account:
    """Where a shop takes points."""
    return Account(
        owner_kind=OwnerKind.SHOP,
        owner_id=shop_id,
        unit=Unit.POINTS,
        code="till",
        guarded=False,
    )


def _of_community(community_id: UUID, code: str) -> Account:
    return Account(
        owner_kind=OwnerKind.COMMUNITY,
        owner_id=community_id,
        unit=Unit.POINTS,
        code=code,
        guarded=False,
    )
