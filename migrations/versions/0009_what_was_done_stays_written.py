"""What was done stays written: the audit log, chained, and where its end is."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SET_TENANT = "nullif(current_setting('app.tenant', true), '')"
OWN = f"tenant_id = {SET_TENANT}::bigint"
TABLES = ("audit_entry", "audit_head")
VIEW = """
    SELECT id AS entry_id, tenant_id, seq, at, actor_id, on_behalf_of, role, session_id, scope_id,
        action, subject_kind, subject_id, changed, reason, request_id, result, prev_hash, hash
    FROM audit_entry
"""


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("scope_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("changed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("prev_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_audit_entry_seq")),
        sa.CheckConstraint(
            "octet_length(prev_hash) = 32 AND octet_length(hash) = 32",
            name=op.f("ck_audit_entry_hashes"),
        ),
        sa.CheckConstraint(
            "action <> '' AND subject_kind <> '' AND result <> ''",
            name=op.f("ck_audit_entry_says_what"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_audit_entry_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_entry")),
        sa.UniqueConstraint("tenant_id", "seq", name=op.f("uq_audit_entry_tenant_id_seq")),
    )
    for person in ("subject_id", "actor_id"):
        op.create_index(
            op.f(f"ix_audit_entry_tenant_id_{person}_seq"),
            "audit_entry",
            ["tenant_id", person, "seq"],
        )
    op.create_table(
        "audit_head",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint(
            "id = '00000000-0000-0000-0000-000000000000'", name=op.f("ck_audit_head_only_one")
        ),
        sa.CheckConstraint(
            "seq >= 0 AND octet_length(hash) = 32", name=op.f("ck_audit_head_place")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_audit_head_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_head")),
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
        op.execute(
            f"CREATE POLICY every_tenant ON {table} FOR SELECT TO auditor_ro"
            f" USING ({SET_TENANT} IS NULL)"
        )
        op.execute(f"GRANT SELECT, INSERT ON {table} TO app, worker")
        op.execute(f"GRANT SELECT ON {table} TO auditor_ro")
    # The head moves with each entry. Moved back, it no longer fits the entries, which stay.
    op.execute("GRANT UPDATE (seq, hash) ON audit_head TO app, worker")
    op.execute(f"CREATE VIEW auditor.audit_entry WITH (security_invoker = true) AS {VIEW}")
    op.execute("GRANT SELECT ON auditor.audit_entry TO auditor_ro")


def downgrade() -> None:
    op.execute("DROP VIEW auditor.audit_entry")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_entry_tenant_id_actor_id_seq"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_tenant_id_subject_id_seq"), table_name="audit_entry")
    op.drop_table("audit_entry")
