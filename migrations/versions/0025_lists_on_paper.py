"""签到表: lists of activities that were printed, and whose each of their lines is."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
TABLES = ("attendance_list", "attendance_list_line")


def upgrade() -> None:
    op.create_table(
        "attendance_list",
        *_key(),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("blank", sa.Integer(), nullable=False),
        sa.Column("printed_by", sa.Uuid(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("code ~ '^[2-9A-HJ-NP-Z]{10}$'", name=op.f("ck_attendance_list_code")),
        sa.CheckConstraint("blank BETWEEN 0 AND 40", name=op.f("ck_attendance_list_blank")),
        *_references("attendance_list", activity_id="activity", printed_by="person"),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_attendance_list_tenant_id_code")),
    )
    op.create_index(
        op.f("ix_attendance_list_tenant_id_activity_id"),
        "attendance_list",
        ["tenant_id", "activity_id"],
    )
    op.create_table(
        "attendance_list_line",
        *_key(),
        sa.Column("list_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("task", sa.String(), server_default="", nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_attendance_list_line_number")),
        *_references("attendance_list_line", list_id="attendance_list", person_id="person"),
        *(
            sa.UniqueConstraint(
                "tenant_id",
                "list_id",
                column,
                name=op.f(f"uq_attendance_list_line_tenant_id_list_id_{column}"),
            )
            for column in ("number", "person_id")
        ),
    )
    op.create_index(
        op.f("ix_attendance_list_line_tenant_id_person_id"),
        "attendance_list_line",
        ["tenant_id", "person_id"],
    )
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
        op.execute(f"GRANT SELECT, INSERT ON {table} TO app")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _key() -> list[sa.Column[object]]:
    return [
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    ]


def _references(table: str, **targets: str) -> list[sa.Constraint]:
    """What a row belongs to, within its tenant; and its key."""
    return [
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id_tenant")
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}_{target}"),
            )
            for column, target in targets.items()
        ),
    ]
