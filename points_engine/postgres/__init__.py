"""The engine on PostgreSQL: the same meaning, in sets and rows.

The second door of the engine: `PostgresEngine` keeps the `Engine` protocol, `metadata` and
`GRANTS` say what a database must look like, `verify` says whether it adds up.
"""

from points_engine.postgres.engine import PostgresEngine
from points_engine.postgres.grants import APPEND_ONLY, GRANTS
from points_engine.postgres.invariants import INVARIANTS, Invariant, Violation, verify
from points_engine.postgres.tables import metadata

__all__ = [
    "APPEND_ONLY",
    "GRANTS",
    "INVARIANTS",
    "Invariant",
    "PostgresEngine",
    "Violation",
    "metadata",
    "verify",
]
