"""A city of one's own for each test: say only what the test is about.

Every test has its own tenant, so its commits are real and disturb nobody.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from app.commands import violations_of
from app.core.db import acting_as, transaction
from app.core.tenancy import CONTROL_TABLES, REFERENCE_TABLES, Tenant, get_tenant
from app.schema import METADATA
from tests.support.families import Families
from tests.support.goods import Goods
from tests.support.people import People
from tests.support.places import Places
from tests.support.tellings import Tellings


def tenant_tables() -> list[str]:
    """The tables that hold rows of tenants, as the models say."""
    tables = {table.name: table for metadata in METADATA for table in metadata.tables.values()}
    shared = REFERENCE_TABLES | CONTROL_TABLES
    return sorted(tables.keys() - shared)


class World(People, Families, Places, Goods, Tellings):
    """One city, ways to add to it, and what its tables hold."""

    @contextmanager
    def as_worker(self) -> Iterator[None]:
        """What the worker and the sweeper do, with the rights they have."""
        url = self.app.config["SETTINGS"].worker_database_url
        with self.app.app_context(), acting_as("worker", url):
            yield

    @property
    def tenant(self) -> Tenant:
        """The city as operators see it: what they do to all, a test does to its own."""
        with self.app.app_context(), transaction(None) as session:
            tenant = get_tenant(session, self.tenant_id)
        assert tenant is not None  # this world stands on it
        return tenant

    def violations(self) -> list[Any]:
        """Every invariant that does not hold."""
        with self.app.app_context():
            return violations_of(self.tenant_id)

    def holds_text(self, text: str) -> bool:
        """Whether any row of any table of this tenant has the text in it."""
        parts = [
            f"SELECT 1 FROM {table} AS row WHERE tenant_id = :t AND strpos(row::text, :text) > 0"
            for table in tenant_tables()
        ]
        with self.own() as session:
            query = sa.text(" UNION ALL ".join(parts))
            found = session.execute(query, {"t": self.tenant_id, "text": text}).first()
        return found is not None

    def row_counts(self) -> dict[str, int]:
        """How many rows each table has for this tenant."""
        return {table: len(rows) for table, rows in self._rows().items()}

    @contextmanager
    def changes(self) -> Iterator[dict[str, int]]:
        """What happens inside, as tables and how many of their rows are new, changed or gone.

        Sessions are left aside: every request may note when its own was last seen.
        """
        changed: dict[str, int] = {}
        before = self._rows()
        yield changed
        after = self._rows()
        for table in sorted(before.keys() - {"session"}):
            new, gone = after[table] - before[table], before[table] - after[table]
            if new or gone:
                changed[table] = max(len(new), len(gone))

    def _rows(self) -> dict[str, set[str]]:
        """Every row of this tenant, as a digest, by table."""
        parts = [
            f"SELECT '{table}', md5(row::text) FROM {table} AS row WHERE tenant_id = :tenant_id"
            for table in tenant_tables()
        ]
        found: dict[str, set[str]] = {table: set() for table in tenant_tables()}
        with self.own() as session:
            query = sa.text(" UNION ALL ".join(parts))
            for table, digest in session.execute(query, {"tenant_id": self.tenant_id}):
                found[table].add(digest)
        return found
