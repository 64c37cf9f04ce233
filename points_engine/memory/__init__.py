"""The engine in dictionaries: what it means, without anything that makes it fast.

Facts are booked one by one, in the plainest way that is right. The tests hold every other
implementation against this one, and use it where no database is needed.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from uuid import UUID

from points_engine.accounts import PERSONAL, Account, Unit, red_account
from points_engine.as_of import AsOf
from points_engine.corrections import Adjustment, Donation, Repayment
from points_engine.engine import Quarantined, Settled
from points_engine.errors import PolicyConflict, SourceConflict
from points_engine.expiring import CHINA, Expired
from points_engine.facts import Fact
from points_engine.ledger import Transfer
from points_engine.lots import Destination, Expiring, Hold
from points_engine.memory import corrections, expiry, holds, passbook, periods, settle, spend
from points_engine.memory import reversal as reversals
from points_engine.memory.as_of import as_of
from points_engine.memory.state import State, Waiting
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.policy import Policies, Policy
from points_engine.proofs import Document, Seal
from points_engine.redemption import Capture, Reservation, Spending
from points_engine.reversal import Reversal


class MemoryEngine:
    """An `Engine` for one tenant and one thread."""

    def __init__(self, tenant_id: int = 1) -> None:
        self._state = State(tenant_id)

    def report(self, fact: Fact) -> bool:
        state = self._state
        known = state.sources.get(fact.source)
        if known is not None or fact.id in state.facts:
            if known is None or state.facts[known].payload_hash != fact.payload_hash:
                raise SourceConflict(fact.source)
            return False
        state.facts[fact.id] = fact
        state.sources[fact.source] = fact.id
        state.queue[fact.id] = Waiting(not_before=fact.received_at)
        return True

    def report_many(self, told: Sequence[Fact]) -> int:
        return sum(self.report(fact) for fact in told)

    def waiting(self, beneficiary_id: UUID) -> list[Fact]:
        facts = (self._state.facts[fact_id] for fact_id in self._state.queue)
        mine = (fact for fact in facts if fact.beneficiary_id == beneficiary_id)
        return sorted(mine, key=lambda fact: fact.order)

    def facts(self, sources: Iterable[str]) -> dict[str, Fact]:
        state = self._state
        known = [source for source in sources if source in state.sources]
        return {source: state.facts[state.sources[source]] for source in known}

    def communities_waiting(self, now: datetime) -> list[UUID]:
        return sorted({fact.community_id for fact in settle.due(self._state, now)})

    def settle(
        self, community_id: UUID, policies: Policies, *, now: datetime, limit: int = 1000
    ) -> Settled:
        return settle.settle(self._state, community_id, policies, now=now, limit=limit)

    def quarantined(self, *, limit: int = 100) -> list[Quarantined]:
        found = [
            settle.quarantined(self._state.facts[fact_id], waiting, waiting.quarantined_at)
            for fact_id, waiting in self._state.queue.items()
            if waiting.quarantined_at is not None
        ]
        return sorted(found, key=lambda each: (each.quarantined_at, each.fact_id))[:limit]

    def retry(self, fact_id: UUID, *, not_before: datetime) -> bool:
        waiting = self._state.queue.get(fact_id)
        if waiting is None or waiting.quarantined_at is None:
            return False
        waiting.not_before, waiting.quarantined_at = not_before, None
        return True

    def spend(self, spending: Spending) -> Transfer:
        return spend.spend(self._state, spending)

    def hold(self, reservation: Reservation) -> Hold:
        return holds.hold(self._state, reservation)

    def capture(self, capture: Capture) -> Transfer:
        return holds.capture(self._state, capture)

    def release_hold(self, reference: str, *, at: datetime, on: date) -> Hold:
        return holds.release(self._state, reference, at=at, on=on)

    def lapse_holds(self, now: datetime, *, on: date, limit: int = 100) -> int:
        return holds.lapse(self._state, now=now, on=on, limit=limit)

    def holds(self, payer_id: UUID) -> list[Hold]:
        return holds.open_holds(self._state, payer_id)

    def reverse(self, reversal: Reversal) -> Transfer:
        return reversals.reverse(self._state, reversal)

    def adjust(self, adjustment: Adjustment) -> Transfer:
        return corrections.correct(self._state, adjustment)

    def donate(self, donation: Donation) -> Transfer:
        return corrections.correct(self._state, donation)

    def repay(self, repayment: Repayment) -> Transfer:
        return corrections.correct(self._state, repayment)

    def expire(
        self, on: date, *, now: datetime, limit: int = 1000, zone: tzinfo = CHINA
    ) -> Expired:
        return expiry.expire(self._state, on, now=now, limit=limit, zone=zone)

    def choose_expiry(self, person_id: UUID, goes_to: Destination, *, chosen_at: datetime) -> None:
        expiry.choose_expiry(self._state, person_id, goes_to, chosen_at=chosen_at)

    def chosen_expiry(self, person_id: UUID, *, at: datetime) -> Destination:
        return expiry.chosen_expiry(self._state, person_id, at=at)

    def schedule(self, person_id: UUID, *, on: date, until: date | None = None) -> list[Expiring]:
        return expiry.schedule(self._state, person_id, on=on, until=until)

    def ending(self, last_day: date) -> dict[UUID, int]:
        return expiry.ending(self._state, last_day)

    def earned(self, since: datetime, until: datetime) -> dict[UUID, dict[Unit, int]]:
        return passbook.earned(self._state, since, until)

    def outstanding(self, community_id: UUID) -> int:
        return expiry.outstanding(self._state, community_id)

    def balances(self, person_id: UUID, *, on: date) -> dict[Unit, Balance]:
        return {
            unit: spend.balance(self._state, red_account(person_id, unit), on) for unit in PERSONAL
        }

    def balance_as_of(
        self, person_id: UUID, unit: Unit, *, at: datetime | None = None, version: int | None = None
    ) -> AsOf:
        return as_of(self._state, red_account(person_id, unit), at=at, version=version)

    def account_as_of(
        self, account: Account, *, at: datetime | None = None, version: int | None = None
    ) -> AsOf:
        return as_of(self._state, account, at=at, version=version)

    def lines(
        self,
        person_id: UUID,
        unit: Unit | None = None,
        *,
        before: LineCursor | None = None,
        limit: int = 50,
    ) -> list[Line]:
        units = PERSONAL if unit is None else (unit,)
        accounts = [red_account(person_id, each) for each in units]
        return passbook.lines(self._state, accounts, before=before, limit=limit)

    def decisions(self, source: str) -> list[Decision]:
        fact_id = self._state.sources.get(source)
        if fact_id is None or fact_id not in self._state.decided:
            return []
        return passbook.decisions(self._state, self._state.facts[fact_id])

    def decisions_of(
        self, person_id: UUID, *, before: FactCursor | None = None, limit: int = 50
    ) -> list[Decision]:
        return passbook.decisions_of(self._state, person_id, before=before, limit=limit)

    def publicise(self, community_id: UUID, quarter: str, *, on: date, at: datetime) -> bool:
        return periods.publicise(self._state, community_id, quarter, on=on, at=at)

    def close(self, community_id: UUID, quarter: str, *, at: datetime, secret: bytes) -> Seal:
        return periods.close(self._state, community_id, quarter, at=at, secret=secret)

    def seals(self, community_id: UUID) -> list[Seal]:
        return periods.seals(self._state, community_id)

    def prove(self, community_id: UUID, quarter: str, *, person_id: UUID) -> Document:
        return periods.prove(self._state, community_id, quarter, person_id=person_id)

    def publish(self, policy: Policy, *, now: datetime) -> bool:
        del now  # kept only where there is somebody to read it
        for known in self._state.policies.values():
            if known == policy:
                return False
            if known.version == policy.version or known.in_force_from == policy.in_force_from:
                raise PolicyConflict(policy.version)
        self._state.policies[policy.version] = policy
        return True

    def policies(self) -> Policies:
        return Policies(self._state.policies.values())
