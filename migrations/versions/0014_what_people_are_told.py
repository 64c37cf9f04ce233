"""What people are told: notices, their way to WeChat, and the call list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
APPEND, CHANGE, READ = "SELECT, INSERT", "SELECT, INSERT, UPDATE", "SELECT"

# Rights of the service and of its worker, which tells people what happened at night.
RIGHTS = {
    "notice": (CHANGE, APPEND),
    "notice_sending": (CHANGE, CHANGE),
    "call_line": (CHANGE, CHANGE),
    "call_try": (APPEND, ""),
}
SEND_STATES = "'waiting', 'sending', 'sent', 'unknown', 'called', 'left'"
STEPS = "'phone', 'visit'"


def upgrade() -> None:
    _create(
        "notice",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("path", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint(
            "tenant_id", "person_id", "about", name=op.f("uq_notice_tenant_id_person_id_about")
        ),
        *_belongs("notice", person_id="person", community_id="org_unit"),
    )
    op.create_index(
        op.f("ix_notice_tenant_id_person_id_id"), "notice", ["tenant_id", "person_id", "id"]
    )
    _create(
        "notice_sending",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"state IN ({SEND_STATES})", name=op.f("ck_notice_sending_state")),
        sa.CheckConstraint("tries >= 0", name=op.f("ck_notice_sending_tries")),
        sa.UniqueConstraint(
            "tenant_id", "notice_id", name=op.f("uq_notice_sending_tenant_id_notice_id")
        ),
        *_belongs("notice_sending", notice_id="notice"),
    )
    op.create_index(
        "ix_notice_sending_due",
        "notice_sending",
        ["tenant_id", "due_at", "id"],
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    _create_call_list()
    # To whom a notice goes, and where they belong: not who they are.
    op.execute("GRANT SELECT ON super_app_identity TO worker")
    # Whoever is forgotten allows nothing any more, and nothing was told of them.
    op.execute("GRANT DELETE ON wechat_event, wechat_right TO app")
    op.execute("GRANT SELECT (tenant_id, id, community_id) ON person TO worker")


def downgrade() -> None:
    op.execute("REVOKE SELECT (tenant_id, id, community_id) ON person FROM worker")
    op.execute("REVOKE DELETE ON wechat_event, wechat_right FROM app")
    op.execute("REVOKE SELECT ON super_app_identity FROM worker")
    for table in reversed(RIGHTS):
        op.drop_table(table)


def _create_call_list() -> None:
    _create(
        "call_line",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("missed", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "missed IN ('no_account', 'no_right', 'refused', 'failed')",
            name=op.f("ck_call_line_missed"),
        ),
        sa.CheckConstraint(f"step IN ({STEPS})", name=op.f("ck_call_line_step")),
        sa.CheckConstraint("state IN ('open', 'reached', 'read')", name=op.f("ck_call_line_state")),
        sa.CheckConstraint(
            "(state = 'open') = (closed_at IS NULL)", name=op.f("ck_call_line_closed_at")
        ),
        sa.UniqueConstraint(
            "tenant_id", "notice_id", name=op.f("uq_call_line_tenant_id_notice_id")
        ),
        *_belongs("call_line", notice_id="notice", person_id="person", community_id="org_unit"),
    )
    for columns in (("community_id", "state", "id"), ("person_id", "state")):
        name = "_".join(("ix_call_line_tenant_id", *columns))
        op.create_index(op.f(name), "call_line", ["tenant_id", *columns])
    _create(
        "call_try",
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("tried_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"step IN ({STEPS})", name=op.f("ck_call_try_step")),
        sa.CheckConstraint("outcome IN ('reached', 'missed')", name=op.f("ck_call_try_outcome")),
        *_belongs("call_try", line_id="call_line", tried_by="person"),
    )
    op.create_index(op.f("ix_call_try_tenant_id_line_id"), "call_try", ["tenant_id", "line_id"])


def _belongs(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=op.f(f"fk_{table}_tenant_id_{column}_{target}"),
        )
        for column, target in targets.items()
    ]


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
    for role, rights in zip(("app", "worker"), RIGHTS[table], strict=True):
        if rights:
            op.execute(f"GRANT {rights} ON {table} TO {role}")
