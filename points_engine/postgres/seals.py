"""Sealed quarters: their seals, their transfers in order, and whether these still belong together.

Transfers are read along a cursor of the server, a page at a time: a million of them take no more
memory here than a thousand. They have no index in that order. It would have to be kept at every
booking, and a quarter is closed once: PostgreSQL reads past the others and sorts.
"""

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from points_engine.leaves import FIELDS
from points_engine.postgres.database import Database, all_rows
from points_engine.proofs import Seal, Sealed

_PAGE = 2000

# Identifiers come as text: they are hashed as text, and most of the time would go into parsing.
_IDENTIFIERS = frozenset({name for name in FIELDS if name.endswith("_id")} - {"tenant_id"})
_FIELDS = ", ".join(
    f"CAST(transfer.{name} AS text) AS {name}"
    if name in {"id", "reverses", *_IDENTIFIERS}
    else f"transfer.{name}"
    for name in FIELDS
)

_OF_QUARTER = sa.text(f"""
    SELECT {_FIELDS} FROM transfer
    WHERE tenant_id = :tenant_id AND community_id = :community_id AND quarter = :quarter
    ORDER BY transfer.booked_at, transfer.id
""")  # noqa: S608  # put together from the constant above

# All of a tenant's in one pass.
_OF_SEALED = sa.text(f"""
    SELECT {_FIELDS} FROM transfer
    JOIN seal USING (tenant_id, community_id, quarter)
    WHERE tenant_id = :tenant_id
    ORDER BY transfer.community_id, transfer.quarter, transfer.booked_at, transfer.id
""")  # noqa: S608  # put together from the constant above

_SEALED = sa.text("""
    SELECT community_id, quarter, closed_at, secret, root, leaf_count, first_transfer_id,
           last_transfer_id, previous_root
    FROM seal
    WHERE tenant_id = :tenant_id
      AND (CAST(:community_id AS uuid) IS NULL OR community_id = :community_id)
    ORDER BY community_id, quarter
""")


def sealed(
    database: Database, tenant_id: int, community_id: UUID | None = None
) -> dict[tuple[UUID, str], Sealed]:
    """What is kept of the closed quarters, of all communities or of one, in their order."""
    rows = all_rows(database, _SEALED, tenant_id=tenant_id, community_id=community_id)
    return {(row.community_id, row.quarter): _sealed(tenant_id, row) for row in rows}


def transfers(
    database: Database, tenant_id: int, community_id: UUID, *, quarter: str
) -> AbstractContextManager[Iterable[sa.Row[Any]]]:
    """The transfers of a quarter in the order in which they are sealed, while it is open."""
    of_quarter = {"tenant_id": tenant_id, "community_id": community_id, "quarter": quarter}
    return _streamed(database, _OF_QUARTER, of_quarter)


def find_broken(database: Database, tenant_id: int) -> Iterator[dict[str, object]]:
    """The closed quarters whose transfers do not give the seal that was published."""
    kept: dict[tuple[UUID, str], Sealed] = {}
    for row in all_rows(database, _SEALED, tenant_id=tenant_id, community_id=None):
        try:
            kept[row.community_id, row.quarter] = _sealed(tenant_id, row)
        except ValueError as problem:  # no seal that anybody could have made
            yield _shown(row.community_id, row.quarter, row.root, found=str(problem))
    before: dict[UUID, bytes] = {}
    for (community_id, quarter), found in _found(database, tenant_id, kept):
        seal = kept[community_id, quarter].seal
        if found != seal or seal.previous_root != before.get(community_id):
            yield _shown(community_id, quarter, seal.root, found=found.root.hex())
        before[community_id] = seal.root


def _found(
    database: Database, tenant_id: int, kept: dict[tuple[UUID, str], Sealed]
) -> Iterator[tuple[tuple[UUID, str], Seal]]:
    """Each closed quarter in its order with the seal of what is there, also where nothing is."""
    waiting = dict(kept)
    with _streamed(database, _OF_SEALED, {"tenant_id": tenant_id}) as rows:
        for (community, quarter), found in groupby(rows, attrgetter("community_id", "quarter")):
            here = (UUID(community), quarter)
            if here not in waiting:
                continue
            while (first := next(iter(waiting))) != here:
                yield first, waiting.pop(first).again(())
            yield here, waiting.pop(here).again(found)
    for last, empty in waiting.items():
        yield last, empty.again(())


def _shown(community_id: UUID, quarter: str, root: bytes, *, found: str) -> dict[str, object]:
    return {
        "community_id": community_id,
        "quarter": quarter,
        "sealed": root.hex(),
        "found": found,
    }


def _streamed(
    database: Database, statement: sa.Executable, values: dict[str, object]
) -> AbstractContextManager[Iterable[sa.Row[Any]]]:
    return database.execute(statement, values, execution_options={"yield_per": _PAGE})


def _sealed(tenant_id: int, row: sa.Row[Any]) -> Sealed:
    seal = Seal(
        tenant_id=tenant_id,
        community_id=row.community_id,
        quarter=row.quarter,
        root=row.root,
        leaf_count=row.leaf_count,
        first_transfer=row.first_transfer_id,
        last_transfer=row.last_transfer_id,
        previous_root=row.previous_root,
        sealed_at=row.closed_at,
    )
    return Sealed(seal=seal, secret=row.secret)
