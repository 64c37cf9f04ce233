"""The engine's tables: what was told, what was decided about it, and by which rules.

Every table begins with its tenant: in the primary key, in each unique constraint and in each
foreign key. Identifiers are made outside the database. There are no triggers: what a row must
be is a CHECK, and what may not be changed is not granted.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from points_engine.accounts import Unit
from points_engine.facts import LARGEST_QUANTITY
from points_engine.postgres.columns import (
    AMOUNT,
    DAY,
    INSTANT,
    NAME,
    TEXT,
    UUID_,
    begins,
    key,
    metadata,
    needs,
    one_of,
    refers,
    tenant,
    words,
)

fact = sa.Table(
    "fact",
    metadata,
    tenant(),
    key(),
    needs("kind", TEXT),
    needs("source", NAME),
    needs("category", TEXT),
    needs("beneficiary_id", UUID_),
    needs("actor_id", UUID_),
    sa.Column("household_id", UUID_),
    needs("community_id", UUID_),
    needs("quantity", sa.Integer()),
    needs("occurred_at", INSTANT),
    needs("occurred_on", DAY),
    needs("received_at", INSTANT),
    needs("evidence", JSONB()),
    needs("payload_hash", sa.LargeBinary()),
    sa.Column("activity_id", UUID_),
    sa.Column("planned", sa.Integer()),
    words("circumstances"),
    begins("acting_as", TEXT, ""),
    sa.UniqueConstraint("tenant_id", "source"),
    sa.CheckConstraint(f"quantity BETWEEN 0 AND {LARGEST_QUANTITY}", name="quantity"),
    sa.CheckConstraint(f"planned BETWEEN 0 AND {LARGEST_QUANTITY}", name="planned"),
    sa.CheckConstraint("octet_length(payload_hash) = 32", name="payload_hash"),
    sa.Index(None, "tenant_id", "beneficiary_id", "occurred_at", "id"),
)

settle_queue = sa.Table(
    "settle_queue",
    metadata,
    tenant(),
    key("fact_id"),
    needs("community_id", UUID_),
    needs("beneficiary_id", UUID_),
    needs("occurred_at", INSTANT),
    needs("not_before", INSTANT),
    begins("attempts", sa.Integer(), "0"),
    sa.Column("last_error", TEXT),
    sa.Column("quarantined_at", INSTANT),
    refers("fact", "fact_id"),
    sa.CheckConstraint("attempts >= 0", name="attempts"),
    sa.CheckConstraint(
        "quarantined_at IS NULL OR last_error IS NOT NULL", name="quarantined_for_a_reason"
    ),
    sa.Index(None, "tenant_id", "beneficiary_id"),
    # The order in which facts are judged: it decides who gets the last points under a cap.
    sa.Index(
        "ix_settle_queue_in_order",
        "tenant_id",
        "community_id",
        "occurred_at",
        "fact_id",
        postgresql_where=sa.text("quarantined_at IS NULL"),
    ),
)

decision = sa.Table(
    "decision",
    metadata,
    tenant(),
    key("fact_id"),
    sa.Column("unit", TEXT, primary_key=True),
    needs("rule_id", TEXT),
    needs("policy_version", TEXT),
    needs("raw", AMOUNT),
    needs("granted", AMOUNT),
    needs("reason", TEXT),
    begins("bound", TEXT, ""),
    words("caps"),
    needs("decided_at", INSTANT),
    refers("fact", "fact_id"),
    one_of("unit", Unit),
    # Work may also cost; nothing else does.
    sa.CheckConstraint(
        "granted BETWEEN 0 AND raw OR (unit = 'work' AND raw < 0 AND granted = raw)",
        name="granted",
    ),
)

cap_usage = sa.Table(
    "cap_usage",
    metadata,
    tenant(),
    sa.Column("key", NAME, primary_key=True),
    needs("used", AMOUNT),
    needs("allowed", AMOUNT),
    needs("last_booked_at", INSTANT),
    sa.CheckConstraint("used BETWEEN 0 AND allowed", name="used"),
    postgresql_with={"fillfactor": 70},
)

policy = sa.Table(
    "policy",
    metadata,
    tenant(),
    sa.Column("version", TEXT, primary_key=True),
    needs("in_force_from", DAY),
    needs("document", JSONB()),
    needs("published_at", INSTANT),
    # What tells it from any other, for who asks often whether another was published.
    needs("digest", TEXT),
    sa.CheckConstraint("digest = md5(document::text)", name="digest"),
    sa.UniqueConstraint("tenant_id", "in_force_from"),
)
