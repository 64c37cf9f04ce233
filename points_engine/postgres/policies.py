"""Published policies as rows: added, never changed."""

import json
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa

from points_engine.errors import PolicyConflict
from points_engine.journal import Published
from points_engine.policy import Policies, Policy
from points_engine.postgres.database import Database, all_rows

_PUBLISH = sa.text("""
    INSERT INTO policy (tenant_id, version, in_force_from, document, published_at, digest)
    SELECT :tenant_id, :version, :in_force_from, document, :now, md5(CAST(document AS text))
    FROM (SELECT CAST(:document AS jsonb) AS document) AS said
    ON CONFLICT DO NOTHING
    RETURNING version
""")


_PUBLISHED = sa.text("""
    SELECT CAST(document AS text) AS document FROM policy WHERE tenant_id = :tenant_id
""")

_SINCE = sa.text("""
    SELECT published_at, CAST(document AS text) AS document FROM policy
    WHERE tenant_id = :tenant_id
""")


def publish(database: Database, tenant_id: int, policy: Policy, *, now: datetime) -> bool:
    published = all_rows(
        database,
        _PUBLISH,
        tenant_id=tenant_id,
        version=policy.version,
        in_force_from=policy.in_force_from,
        document=json.dumps(policy.to_document(), ensure_ascii=False),
        now=now,
    )
    if not published and policy not in read_policies(database, tenant_id):
        raise PolicyConflict(policy.version)
    return bool(published)


def read_policies(database: Database, tenant_id: int) -> Policies:
    """Every published policy. Each is read and checked once: it never changes."""
    rows = all_rows(database, _PUBLISHED, tenant_id=tenant_id)
    return Policies(_read(row.document) for row in rows)


def read_published(database: Database, tenant_id: int) -> list[Published]:
    """Every policy with the instant since which settlements know it."""
    rows = all_rows(database, _SINCE, tenant_id=tenant_id)
    return [Published(row.published_at, _read(row.document)) for row in rows]


@lru_cache(maxsize=64)
def _read(document: str) -> Policy:
    return Policy.from_document(json.loads(document))
