"""`PostgresEngine`: the engine as a whole, one tenant in the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from points_engine.accounts import Unit
from points_engine.engine import Quarantined, Settled
from points_engine.facts import Fact
from points_engine.ledger import Transfer
from points_engine.passbook import Balance, Decision, FactCursor, Line, LineCursor
from points_engine.policy import Policies, Policy
from points_engine.postgres import facts, passbook, policies, settle, spend
from points_engine.postgres.database import Database
from points_engine.redemption import Spending


class PostgresEngine:
    """An `Engine`. It neither begins nor ends a transaction, which must be READ COMMITTED."""

    def __init__(self, database: Database, tenant_id: int) -> None:
        self._database = database
        self._tenant_id = tenant_id

    def report(self, fact: Fact) -> bool:
        return facts.report(self._database, self._tenant_id, fact)

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

    def release(self, fact_id: UUID, *, not_before: datetime) -> bool:
        return facts.release(self._database, self._tenant_id, fact_id, not_before=not_before)

    def spend(self, spending: Spending) -> Transfer:
        return spend.spend(self._database, self._tenant_id, spending)

    def balances(self, person_id: UUID) -> dict[Unit, Balance]:
        return passbook.balances(self._database, self._tenant_id, person_id)

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

    def publish(self, policy: Policy, *, now: datetime) -> bool:
        return policies.publish(self._database, self._tenant_id, policy, now=now)

    def policies(self) -> Policies:
        return policies.read_policies(self._database, self._tenant_id)
