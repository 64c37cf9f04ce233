"""Who did it for whom: the errands of delegates, with both who did it and for whom."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
DEEDS = "'register', 'enrol', 'check_in', 'check_out'"
BELONGS = {"mandate_id": "delegation", "person_id": "person", "delegate_id": "person"}


def upgrade() -> None:
    op.create_table(
        "errand",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("mandate_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column("deed", sa.String(), nullable=False),
        sa.Column("about_id", sa.Uuid(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("person_id <> delegate_id", name=op.f("ck_errand_another")),
        sa.CheckConstraint(f"deed IN ({DEEDS})", name=op.f("ck_errand_deed")),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "deed",
            "about_id",
            name=op.f("uq_errand_tenant_id_person_id_deed_about_id"),
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_errand_tenant_id_{column}_{target}"),
            )
            for column, target in BELONGS.items()
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_errand_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_errand")),
    )
    op.create_index(
        op.f("ix_errand_tenant_id_delegate_id_on_day"),
        "errand",
        ["tenant_id", "delegate_id", "on_day"],
    )
    op.execute("ALTER TABLE errand ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE errand FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON errand USING ({OWN}) WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, INSERT ON errand TO app")


def downgrade() -> None:
    op.drop_table("errand")
