"""Reading in dictionaries: lines and decisions, each with the words that explain it."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from points_engine.accounts import Account, OwnerKind, Unit
from points_engine.awards import Award
from points_engine.facts import Fact
from points_engine.ledger import EARNING, Transfer
from points_engine.memory.state import State
from points_engine.passbook import Decision, FactCursor, Line, LineCursor, explained
from points_engine.policy import Policies
from points_engine.settlement import in_order, judgement


def lines(
    state: State, accounts: Iterable[Account], *, before: LineCursor | None, limit: int
) -> list[Line]:
    found = [
        _line(state, state.transfers[reference], account)
        for account in accounts
        for reference in state.by_account.get(account, ())
    ]
    page = [line for line in found if before is None or line.cursor < before]
    return sorted(page, key=lambda line: line.cursor, reverse=True)[:limit]


def decisions(state: State, fact: Fact) -> list[Decision]:
    decided = state.decided[fact.id]
    policies = Policies(state.policies.values())
    return [
        Decision(
            fact_id=fact.id,
            source=fact.source,
            occurred_at=fact.occurred_at,
            occurred_on=fact.occurred_on,
            decided_at=decided.decided_at,
            judgement=judgement(fact, award, policies),
        )
        for award in in_order(decided.awards)
    ]


def decisions_of(
    state: State, person_id: object, *, before: FactCursor | None, limit: int
) -> list[Decision]:
    mine = [
        fact
        for fact in (state.facts[fact_id] for fact_id in state.decided)
        if fact.beneficiary_id == person_id
        and (before is None or fact.order < (before.occurred_at, before.fact_id))
    ]
    latest = sorted(mine, key=lambda fact: fact.order, reverse=True)[:limit]
    return [decision for fact in latest for decision in decisions(state, fact)]


def earned(state: State, since: datetime, until: datetime) -> dict[UUID, dict[Unit, int]]:
    found: dict[UUID, dict[Unit, int]] = {}
    for account in sorted(state.by_account, key=lambda account: (account.owner_id, account.unit)):
        if account.owner_kind is not OwnerKind.PERSON:
            continue
        amount = sum(
            one.amount
            for one in (state.transfers[reference] for reference in state.by_account[account])
            if one.credit == account and one.kind in EARNING and since <= one.booked_at < until
        )
        if amount:
            found.setdefault(account.owner_id, {})[account.unit] = amount
    return found


def _line(state: State, booked: Transfer, account: Account) -> Line:
    credited = booked.credit == account
    version = booked.credit_version if credited else booked.debit_version
    after = booked.credit_balance_after if credited else booked.debit_balance_after
    assert version is not None
    assert after is not None
    return Line(
        transfer_id=booked.id,
        unit=booked.unit,
        amount=booked.amount if credited else -booked.amount,
        balance_after=after,
        version=version,
        kind=booked.kind,
        reason=_words(state, booked),
        source=booked.source,
        reference=booked.reference,
        policy_version=booked.policy_version,
        occurred_on=booked.occurred_on,
        booked_at=booked.booked_at,
        actor_id=booked.actor_id,
        community_id=booked.community_id,
        quarter=booked.quarter,
    )


def _words(state: State, booked: Transfer) -> str:
    if booked.fact_id is None:
        return booked.reason
    award = _award(state, booked)
    words = judgement(state.facts[booked.fact_id], award, Policies(state.policies.values()))
    return explained(words.explanation, booked.occurred_on, booked.quarter)


def _award(state: State, booked: Transfer) -> Award:
    assert booked.fact_id is not None
    awards = state.decided[booked.fact_id].awards
    return next(award for award in awards if award.unit is booked.unit)
