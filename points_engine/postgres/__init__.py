"""The engine on PostgreSQL: the same meaning, in sets and rows.

The second door of the engine: `PostgresEngine` keeps the `Engine` protocol, `metadata` and
`GRANTS` say what a database must look like, `verify` says whether the books add up, and `rebuild`
whether they follow from their facts. `direct` is how it asks what is asked most, with the lists
that `array_of` has written.
"""

from points_engine.postgres import books, functions, parcels, tables
from points_engine.postgres.arrays import array_of
from points_engine.postgres.columns import metadata
from points_engine.postgres.driver import Tuples, direct
from points_engine.postgres.engine import PostgresEngine
from points_engine.postgres.grants import APPEND_ONLY, GRANTS
from points_engine.postgres.invariants import INVARIANTS, verify
from points_engine.postgres.journal import rebuild
from points_engine.postgres.promises import Invariant, Violation
from points_engine.postgres.replay import count_settled_facts, settled_facts

# Reading the modules is what puts their tables and functions into the metadata.
assert {books.transfer, parcels.lot, tables.fact} <= set(metadata.tables.values())
assert functions.SPEND

__all__ = [
    "APPEND_ONLY",
    "GRANTS",
    "INVARIANTS",
    "Invariant",
    "PostgresEngine",
    "Tuples",
    "Violation",
    "array_of",
    "count_settled_facts",
    "direct",
    "metadata",
    "rebuild",
    "settled_facts",
    "verify",
]
