"""What is personal is sealed, and somebody who wants to be forgotten can be."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

SET_TENANT = "nullif(current_setting('app.tenant', true), '')"
OWN = f"tenant_id = {SET_TENANT}::bigint"


def upgrade() -> None:
    op.add_column("person", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "personal_datum",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("blind", sa.LargeBinary(), nullable=True),
        sa.Column("tail", sa.LargeBinary(), nullable=True),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "field IN ('name', 'phone', 'id_number', 'birth_date', 'party', 'location')",
            name=op.f("ck_personal_datum_field"),
        ),
        sa.CheckConstraint("sealed LIKE 'v1|%'", name=op.f("ck_personal_datum_sealed")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_personal_datum_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_personal_datum_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_personal_datum")),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "field",
            name=op.f("uq_personal_datum_tenant_id_person_id_field"),
        ),
    )
    for column in ("blind", "tail"):
        op.create_index(
            op.f(f"ix_personal_datum_tenant_id_field_{column}"),
            "personal_datum",
            ["tenant_id", "field", column],
        )
    op.create_index(
        "uq_personal_datum_id_number",
        "personal_datum",
        ["tenant_id", "blind"],
        unique=True,
        postgresql_where=sa.text("field = 'id_number'"),
    )
    op.execute("ALTER TABLE personal_datum ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE personal_datum FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON personal_datum USING ({OWN}) WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON personal_datum TO app")
    op.execute("GRANT DELETE ON super_app_identity TO app")  # an account is personal as well


def downgrade() -> None:
    op.execute("REVOKE DELETE ON super_app_identity FROM app")
    op.drop_index("uq_personal_datum_id_number", table_name="personal_datum")
    op.drop_index(op.f("ix_personal_datum_tenant_id_field_tail"), table_name="personal_datum")
    op.drop_index(op.f("ix_personal_datum_tenant_id_field_blind"), table_name="personal_datum")
    op.drop_table("personal_datum")
    op.drop_column("person", "erased_at")
