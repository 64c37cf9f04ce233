"""What is over is let go of: sessions, misses, notices, sheets; a night says what was broken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# What the worker reads to know what is over. Of people it reads nothing.
READS = {
    "session": "tenant_id, id, revoked_at, absolute_until",
    "miss": "tenant_id, id, at",
    "call_try": "tenant_id, id, line_id",
    "import_batch": "tenant_id, id, state, created_at",
    "import_chunk": "tenant_id, id, batch_id",
}
LETS_GO_OF = (
    "session",
    "miss",
    "notice",
    "notice_sending",
    "call_line",
    "call_try",
    "import_chunk",
)
OVER_AT = "LEAST(revoked_at, absolute_until)"


def upgrade() -> None:
    for table, columns in READS.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO worker")
    op.execute("GRANT UPDATE (state) ON import_batch TO worker")
    for table in LETS_GO_OF:
        op.execute(f"GRANT DELETE ON {table} TO worker")
    op.add_column(
        "nightly_run",
        sa.Column(
            "broken", postgresql.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")
        ),
    )
    op.create_index("ix_session_over", "session", ["tenant_id", sa.text(OVER_AT)])
    op.create_index("ix_miss_tenant_id_at", "miss", ["tenant_id", "at"])
    op.create_index("ix_notice_tenant_id_at", "notice", ["tenant_id", "at"])
    op.create_index(
        "ix_import_batch_waiting",
        "import_batch",
        ["tenant_id", "created_at"],
        postgresql_where=sa.text("state = 'checked'"),
    )


def downgrade() -> None:
    op.drop_index("ix_import_batch_waiting", "import_batch")
    op.drop_column("nightly_run", "broken")
    op.drop_index("ix_notice_tenant_id_at", "notice")
    op.drop_index("ix_miss_tenant_id_at", "miss")
    op.drop_index("ix_session_over", "session")
    for table in LETS_GO_OF:
        op.execute(f"REVOKE DELETE ON {table} FROM worker")
    op.execute("REVOKE UPDATE (state) ON import_batch FROM worker")
    for table, columns in READS.items():
        op.execute(f"REVOKE SELECT ({columns}) ON {table} FROM worker")
