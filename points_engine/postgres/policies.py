"""Published policies as rows: added, never changed."""

import json
from datetime import datetime

import sqlalchemy as sa

from points_engine.errors import PolicyConflict
from points_engine.policy import Policies, Policy
from points_engine.postgres.database import Database, all_rows
from points_engine.postgres.tables import policy as policies

_PUBLISH = sa.text("""
    INSERT INTO policy (tenant_id, version, in_force_from, document, published_at)
    VALUES (:tenant_id, :version, :in_force_from, CAST(:document AS jsonb), :now)
    ON CONFLICT DO NOTHING
    RETURNING version
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
    statement = sa.select(policies.c.document).where(policies.c.tenant_id == tenant_id)
    return Policies(Policy.from_document(row.document) for row in all_rows(database, statement))
