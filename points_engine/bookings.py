"""Bookings: the movement that an award becomes."""

from datetime import datetime

from points_engine.accounts import (
    Account,
    Unit,
    household_account,
    issuance,
    red_account,
)
from points_engine.awards import Award
from points_engine.errors import FactInvalid
from points_engine.facts import Fact
from points_engine.ledger import Transfer, TransferKind, earn_reference, transfer_id


def beneficiary_account(fact: Fact, unit: Unit) -> Account:
    """Whose number of that unit a fact moves: its beneficiary's, or their household's."""
    if unit is not Unit.HOUSEHOLD:
        return red_account(fact.beneficiary_id, unit)
    if fact.household_id is None:
        raise FactInvalid("a fact without a household gives it nothing")
    return household_account(fact.household_id)


def booking(fact: Fact, award: Award, *, tenant_id: int, now: datetime) -> Transfer:
    """From where the community grants to whoever did it; the other way where work costs.

    It carries no words of its own: what a line says about it is read from the decision.
    """
    reference = earn_reference(fact.source, award.unit)
    ours = issuance(fact.community_id, award.unit)
    theirs = beneficiary_account(fact, award.unit)
    earned = award.granted > 0
    return Transfer(
        id=transfer_id(tenant_id, reference),
        kind=TransferKind.EARN if earned else TransferKind.PENALTY,
        reference=reference,
        source=fact.source,
        debit=ours if earned else theirs,
        credit=theirs if earned else ours,
        amount=abs(award.granted),
        community_id=fact.community_id,
        occurred_on=fact.occurred_on,
        booked_at=now,
        actor_id=fact.actor_id,
        reason="",
        policy_version=award.policy_version,
        fact_id=fact.id,
    )
