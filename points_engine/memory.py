"""The engine in dictionaries: what it means, without anything that makes it fast.

Facts are booked one by one, in the plainest way that is right. The tests hold every other
implementation against this one, and use it where no database is needed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from uuid import UUID

from points_engine.accounts import Account, Unit, red_account
from points_engine.engine import Quarantined, Settled
from points_engine.errors import PolicyConflict, SourceConflict
from points_engine.facts import Fact
from points_engine.ledger import Transfer
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.policy import Policies, Policy
from points_engine.redemption import Spending, check_affordable, check_same
from points_engine.settlement import Judged, Judgement, earnings, judge_each

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True)
class _Waiting:
    not_before: datetime
    attempts: int = 0
    error: str = ""
    quarantined_at: datetime | None = None


@dataclass(slots=True)
class _Kept:
    """The state of a guarded account."""

    posted: int = 0
    version: int = 0
    last_booked_at: datetime = _NEVER


class MemoryEngine:
    """An `Engine` for one tenant and one thread."""

    def __init__(self, tenant_id: int = 1) -> None:
        self._tenant_id = tenant_id
        self._facts: dict[UUID, Fact] = {}
        self._sources: dict[str, UUID] = {}
        self._queue: dict[UUID, _Waiting] = {}
        self._accounts: defaultdict[Account, _Kept] = defaultdict(_Kept)
        self._transfers: dict[str, Transfer] = {}
        self._lines: defaultdict[Account, list[Line]] = defaultdict(list)
        self._decisions: dict[UUID, list[Decision]] = {}
        self._policies: dict[str, Policy] = {}

    def report(self, fact: Fact) -> bool:
        known = self._sources.get(fact.source)
        if known is not None or fact.id in self._facts:
            if known is None or self._facts[known].payload_hash != fact.payload_hash:
                raise SourceConflict(fact.source)
            return False
        self._facts[fact.id] = fact
        self._sources[fact.source] = fact.id
        self._queue[fact.id] = _Waiting(not_before=fact.received_at)
        return True

    def waiting(self, beneficiary_id: UUID) -> list[Fact]:
        facts = (self._facts[fact_id] for fact_id in self._queue)
        mine = (fact for fact in facts if fact.beneficiary_id == beneficiary_id)
        return sorted(mine, key=lambda fact: fact.order)

    def facts(self, sources: Iterable[str]) -> dict[str, Fact]:
        known = [source for source in sources if source in self._sources]
        return {source: self._facts[self._sources[source]] for source in known}

    def communities_waiting(self, now: datetime) -> list[UUID]:
        return sorted({self._facts[fact_id].community_id for fact_id in self._due(now)})

    def settle(
        self, community_id: UUID, policies: Policies, *, now: datetime, limit: int = 1000
    ) -> Settled:
        due = (self._facts[fact_id] for fact_id in self._due(now))
        claimed = [fact for fact in due if fact.community_id == community_id][:limit]
        judged = judge_each(claimed, policies)
        transfers = list(earnings(judged, tenant_id=self._tenant_id, now=now))
        touched = {red_account(fact.beneficiary_id, unit) for fact in claimed for unit in Unit}
        self._post(transfers, booked_at=self._booking_instant(touched, now))
        self._conclude(judged, now)
        return Settled(
            facts=len(judged.decided), transfers=len(transfers), quarantined=len(judged.failed)
        )

    def quarantined(self, *, limit: int = 100) -> list[Quarantined]:
        found = [
            _quarantined(self._facts[fact_id], state, state.quarantined_at)
            for fact_id, state in self._queue.items()
            if state.quarantined_at is not None
        ]
        return sorted(found, key=lambda each: (each.quarantined_at, each.fact_id))[:limit]

    def release(self, fact_id: UUID, *, not_before: datetime) -> bool:
        state = self._queue.get(fact_id)
        if state is None or state.quarantined_at is None:
            return False
        state.not_before, state.quarantined_at = not_before, None
        return True

    def spend(self, spending: Spending) -> Transfer:
        wanted = spending.as_transfer(self._tenant_id)
        first = self._transfers.get(wanted.reference)
        if first is not None:
            check_same(first, wanted)
            return first
        check_affordable(wanted.amount, self.balances(spending.payer_id)[wanted.unit])
        self._post([wanted], self._booking_instant({wanted.debit}, wanted.booked_at))
        return self._transfers[wanted.reference]

    def balances(self, person_id: UUID) -> dict[Unit, Balance]:
        return {
            unit: Balance(posted=self._accounts[red_account(person_id, unit)].posted)
            for unit in Unit
        }

    def lines(
        self,
        person_id: UUID,
        unit: Unit | None = None,
        *,
        before: LineCursor | None = None,
        limit: int = 50,
    ) -> list[Line]:
        units = Unit if unit is None else (unit,)
        lines = [line for each in units for line in self._lines[red_account(person_id, each)]]
        page = [line for line in lines if before is None or line.cursor < before]
        return sorted(page, key=lambda line: line.cursor, reverse=True)[:limit]

    def decisions(self, source: str) -> list[Decision]:
        fact_id = self._sources.get(source)
        return list(self._decisions.get(fact_id, [])) if fact_id else []

    def decisions_of(
        self, person_id: UUID, *, before: FactCursor | None = None, limit: int = 50
    ) -> list[Decision]:
        decided = (self._facts[fact_id] for fact_id in self._decisions)
        mine = [
            fact
            for fact in decided
            if fact.beneficiary_id == person_id
            and (before is None or fact.order < (before.occurred_at, before.fact_id))
        ]
        latest = sorted(mine, key=lambda fact: fact.order, reverse=True)[:limit]
        return [decision for fact in latest for decision in self._decisions[fact.id]]

    def publish(self, policy: Policy, *, now: datetime) -> bool:
        del now  # kept only where there is somebody to read it
        for known in self._policies.values():
            if known == policy:
                return False
            if known.version == policy.version or known.in_force_from == policy.in_force_from:
                raise PolicyConflict(policy.version)
        self._policies[policy.version] = policy
        return True

    def policies(self) -> Policies:
        return Policies(self._policies.values())

    def _due(self, now: datetime) -> list[UUID]:
        """The facts that may be settled, in the order in which they are claimed."""
        ready = [
            (state.not_before, fact_id)
            for fact_id, state in self._queue.items()
            if state.quarantined_at is None and state.not_before <= now
        ]
        return [fact_id for _, fact_id in sorted(ready)]

    def _booking_instant(self, touched: Iterable[Account], now: datetime) -> datetime:
        """Not before anything that was booked on the accounts already."""
        return max([now, *(self._accounts[account].last_booked_at for account in touched)])

    def _post(self, transfers: Iterable[Transfer], booked_at: datetime) -> None:
        for transfer in transfers:
            booked = replace(transfer, booked_at=booked_at)
            if booked.debit.guarded:
                version, balance = self._move(booked.debit, -booked.amount, booked_at)
                booked = replace(booked, debit_version=version, debit_balance_after=balance)
            if booked.credit.guarded:
                version, balance = self._move(booked.credit, booked.amount, booked_at)
                booked = replace(booked, credit_version=version, credit_balance_after=balance)
            self._transfers[booked.reference] = booked
            self._write_lines(booked)

    def _move(self, account: Account, amount: int, booked_at: datetime) -> tuple[int, int]:
        kept = self._accounts[account]
        kept.posted += amount
        kept.version += 1
        kept.last_booked_at = booked_at
        return kept.version, kept.posted

    def _write_lines(self, booked: Transfer) -> None:
        if booked.debit_version is not None and booked.debit_balance_after is not None:
            line = _line(booked, -booked.amount, booked.debit_version, booked.debit_balance_after)
            self._lines[booked.debit].append(line)
        if booked.credit_version is not None and booked.credit_balance_after is not None:
            line = _line(booked, booked.amount, booked.credit_version, booked.credit_balance_after)
            self._lines[booked.credit].append(line)

    def _conclude(self, judged: Judged, now: datetime) -> None:
        for fact, judgements in judged.decided:
            self._decisions[fact.id] = [_decision(fact, each, now) for each in judgements]
            del self._queue[fact.id]
        for fact_id, error in judged.failed.items():
            state = self._queue[fact_id]
            state.attempts += 1
            state.error, state.quarantined_at = error, now


def _decision(fact: Fact, judgement: Judgement, now: datetime) -> Decision:
    return Decision(
        fact_id=fact.id,
        source=fact.source,
        occurred_at=fact.occurred_at,
        occurred_on=fact.occurred_on,
        decided_at=now,
        judgement=judgement,
    )


def _quarantined(fact: Fact, state: _Waiting, since: datetime) -> Quarantined:
    return Quarantined(
        fact_id=fact.id,
        source=fact.source,
        community_id=fact.community_id,
        beneficiary_id=fact.beneficiary_id,
        attempts=state.attempts,
        error=state.error,
        quarantined_at=since,
    )


def _line(booked: Transfer, amount: int, version: int, balance_after: int) -> Line:  # noqa: PLR0917  # four numbers of one row, in the order of the row
    return Line(
        transfer_id=booked.id,
        unit=booked.unit,
        amount=amount,
        balance_after=balance_after,
        version=version,
        kind=booked.kind,
        reason=booked.reason,
        source=booked.source,
        reference=booked.reference,
        policy_version=booked.policy_version,
        occurred_on=booked.occurred_on,
        booked_at=booked.booked_at,
        actor_id=booked.actor_id,
        community_id=booked.community_id,
    )
