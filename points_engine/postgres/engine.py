"""`PostgresEngine`: the engine as a whole, one tenant in the caller's transaction."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, tzinfo
from uuid import UUID

from points_engine.accounts import Account, Unit, red_account
from points_engine.as_of import AsOf
from points_engine.corrections import Adjustment, Donation, Repayment
from points_engine.engine import Quarantined, Settled
from points_engine.expiring import CHINA, Expired
from points_engine.facts import Fact
from points_engine.ledger import Transfer
from points_engine.lots import Destination, Expiring, Hold
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.policy import Policies, Policy
from points_engine.postgres import (
    check,
    corrections,
    expiry,
    facts,
    holds,
    lots,
    passbook,
    periods,
    policies,
    settle,
    spend,
)
from points_engine.postgres import reversal as reversals
from points_engine.postgres.as_of import as_of
from points_engine.postgres.database import Database
from points_engine.postgres.promises import Violation
from points_engine.proofs import Document, Seal
from points_engine.redemption import Capture, Reservation, Spending
from points_engine.reversal import Reversal


class PostgresEngine:
    """An `Engine`. It neither begins nor ends a transaction, which must be READ COMMITTED."""

    def __init__(self, database: Database, tenant_id: int) -> None:
        self._database = database
        self._tenant_id = tenant_id

    def report(self, fact: Fact) -> bool:
        return facts.report(self._database, self._tenant_id, fact)

    def report_many(self, told: Sequence[Fact]) -> int:
        return facts.report_many(self._database, self._tenant_id, told)

    def waiting(self, beneficiary_id: UUID) -> list[Fact]:
        return facts.waiting(self._database, self._tenant_id, beneficiary_id)

    def facts(self, sources: Iterable[str]) -> dict[str, Fact]:
        return facts.of_sources(self._database, self._tenant_id, sources)

    def communities_waiting(self, now: datetime) -> list[UUID]:
        return facts.communities_waiting(self._database, self._tenant_id, now)

    def settle(
        self, community_id: UUID, policies: Policies, *, now: datetime, limit: int = 1000
    ) -> Settled:
        return settle.settle(
            self._database,
            self._tenant_id,
            community_id,
            policies=policies,
            now=now,
            limit=limit,
        )

    def quarantined(self, *, limit: int = 100) -> list[Quarantined]:
        return facts.quarantined(self._database, self._tenant_id, limit)

    def retry(self, fact_id: UUID, *, not_before: datetime) -> bool:
        return facts.retry(self._database, self._tenant_id, fact_id, not_before=not_before)

    def spend(self, spending: Spending) -> Transfer:
        return spend.spend(self._database, self._tenant_id, spending)

    def hold(self, reservation: Reservation) -> Hold:
        return holds.hold(self._database, self._tenant_id, reservation)

    def capture(self, capture: Capture) -> Transfer:
        return holds.capture(self._database, self._tenant_id, capture)

    def release_hold(self, reference: str, *, at: datetime, on: date) -> Hold:
        return holds.release(self._database, self._tenant_id, reference, at=at, on=on)

    def lapse_holds(self, now: datetime, *, on: date, limit: int = 100) -> int:
        return holds.lapse(self._database, self._tenant_id, now=now, on=on, limit=limit)

    def holds(self, payer_id: UUID) -> list[Hold]:
        return holds.open_holds(self._database, self._tenant_id, payer_id)

    def reverse(self, reversal: Reversal) -> Transfer:
        return reversals.reverse(self._database, self._tenant_id, reversal)

    def adjust(self, adjustment: Adjustment) -> Transfer:
        return corrections.correct(self._database, self._tenant_id, adjustment)

    def donate(self, donation: Donation) -> Transfer:
        return corrections.correct(self._database, self._tenant_id, donation)

    def repay(self, repayment: Repayment) -> Transfer:
        return corrections.correct(self._database, self._tenant_id, repayment)

    def expire(
        self, on: date, *, now: datetime, limit: int = 1000, zone: tzinfo = CHINA
    ) -> Expired:
        return expiry.expire(self._database, self._tenant_id, on, now=now, limit=limit, zone=zone)

    def choose_expiry(self, person_id: UUID, goes_to: Destination, *, chosen_at: datetime) -> None:
        expiry.choose_expiry(
            self._database, self._tenant_id, person_id, goes_to=goes_to, chosen_at=chosen_at
        )

    def chosen_expiry(self, person_id: UUID, *, at: datetime) -> Destination:
        return expiry.chosen_expiry(self._database, self._tenant_id, person_id, at=at)

    def schedule(self, person_id: UUID, *, on: date, until: date | None = None) -> list[Expiring]:
        return expiry.schedule(self._database, self._tenant_id, person_id, on=on, until=until)

    def ending(self, last_day: date) -> dict[UUID, int]:
        return lots.ending(self._database, self._tenant_id, last_day)

    def earned(self, since: datetime, until: datetime) -> dict[UUID, dict[Unit, int]]:
        return passbook.earned(self._database, self._tenant_id, since=since, until=until)

    def outstanding(self, community_id: UUID) -> int:
        return lots.outstanding(self._database, self._tenant_id, community_id)

    def balances(self, person_id: UUID, *, on: date) -> dict[Unit, Balance]:
        return passbook.balances(self._database, self._tenant_id, person_id, on=on)

    def balance_as_of(
        self, person_id: UUID, unit: Unit, *, at: datetime | None = None, version: int | None = None
    ) -> AsOf:
        return self.account_as_of(red_account(person_id, unit), at=at, version=version)

    def account_as_of(
        self, account: Account, *, at: datetime | None = None, version: int | None = None
    ) -> AsOf:
        return as_of(self._database, self._tenant_id, account, at=at, version=version)

    def check_account(self, person_id: UUID, unit: Unit) -> list[Violation]:
        """Verify one account, however long its past. `verify` is for the books as a whole."""
        return check.check_account(self._database, self._tenant_id, person_id, unit=unit)

    def lines(
        self,
        person_id: UUID,
        unit: Unit | None = None,
        *,
        before: LineCursor | None = None,
        limit: int = 50,
    ) -> list[Line]:
        return passbook.lines(
            self._database, self._tenant_id, person_id, unit=unit, before=before, limit=limit
        )

    def decisions(self, source: str) -> list[Decision]:
        return passbook.decisions(self._database, self._tenant_id, source)

    def decisions_of(
        self, person_id: UUID, *, before: FactCursor | None = None, limit: int = 50
    ) -> list[Decision]:
        return passbook.decisions_of(
            self._database, self._tenant_id, person_id, before=before, limit=limit
        )

    def publicise(self, community_id: UUID, quarter: str, *, on: date, at: datetime) -> bool:
        return periods.publicise(
            self._database, self._tenant_id, community_id, quarter=quarter, on=on, at=at
        )

    def close(self, community_id: UUID, quarter: str, *, at: datetime, secret: bytes) -> Seal:
        return periods.close(
            self._database, self._tenant_id, community_id, quarter=quarter, at=at, secret=secret
        )

    def seals(self, community_id: UUID) -> list[Seal]:
        return periods.seals(self._database, self._tenant_id, community_id)

    def prove(self, community_id: UUID, quarter: str, *, person_id: UUID) -> Document:
        return periods.prove(
            self._database, self._tenant_id, community_id, quarter=quarter, person_id=person_id
        )

    def publish(self, policy: Policy, *, now: datetime) -> bool:
        return policies.publish(self._database, self._tenant_id, policy, now=now)

    def policies(self) -> Policies:
        return policies.read_policies(self._database, self._tenant_id)
