"""What WeChat tells and gives: a token, events, rights to send, and drawn codes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
APPEND, CHANGE = "SELECT, INSERT", "SELECT, INSERT, UPDATE"

# Rights of the service and of its worker. A token is for whoever calls WeChat, and for no auditor.
RIGHTS = {
    "wechat_event": (APPEND, "SELECT, UPDATE, DELETE"),
    "wechat_right": (CHANGE, CHANGE),
    "wechat_code": (APPEND, "SELECT"),
}


def upgrade() -> None:
    op.create_table(
        "wechat_token",
        sa.Column("appid", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("appid", name=op.f("pk_wechat_token")),
    )
    op.execute(f"GRANT {CHANGE} ON wechat_token TO app, worker")
    _create(
        "wechat_event",
        sa.Column("event_key", sa.LargeBinary(), nullable=False),
        sa.Column("appid", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("processed_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint(
            "tenant_id", "event_key", name=op.f("uq_wechat_event_tenant_id_event_key")
        ),
    )
    op.create_index(
        op.f("ix_wechat_event_tenant_id_received_at"), "wechat_event", ["tenant_id", "received_at"]
    )
    op.create_index(
        "ix_wechat_event_waiting",
        "wechat_event",
        ["tenant_id", "happened_at", "id"],
        postgresql_where=sa.text("processed_at IS NULL"),
    )
    _create(
        "wechat_right",
        sa.Column("appid", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("template_id", sa.String(), nullable=False),
        sa.Column("left_over", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("left_over >= 0", name=op.f("ck_wechat_right_left_over")),
        sa.UniqueConstraint(
            "tenant_id",
            "appid",
            "subject",
            "template_id",
            name=op.f("uq_wechat_right_tenant_id_appid_subject_template_id"),
        ),
    )
    _create(
        "wechat_code",
        sa.Column("content_key", sa.LargeBinary(), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "tenant_id", "content_key", name=op.f("uq_wechat_code_tenant_id_content_key")
        ),
    )


def downgrade() -> None:
    for table in (*RIGHTS, "wechat_token"):
        op.drop_table(table)


def _create(table: str, *rest: sa.schema.SchemaItem) -> None:
    """A table of the tenants', behind its wall."""
    op.create_table(
        table,
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *rest,
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
    app, worker = RIGHTS[table]
    op.execute(f"GRANT {app} ON {table} TO app")
    op.execute(f"GRANT {worker} ON {table} TO worker")
