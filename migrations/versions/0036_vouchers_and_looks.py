"""Service vouchers with their merchants, and photos of goods that the platform looks at."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
RIGHTS = {
    "merchant": "SELECT, INSERT, UPDATE (closed_at)",
    "service_voucher": "SELECT, INSERT, UPDATE (state, ended_at, merchant_id, ended_by)",
}
WORKERS = {"service_voucher": "SELECT, UPDATE (state, ended_at)"}
ASKED = "asked_at, trace_id, verdict"
ABOUT = f"tenant_id, id, item_id, digest, uploaded_by, {ASKED}"
KINDS, SITES = "tenant_id, id, kind", "tenant_id, id, category, community_id"
CHECKED = {
    "verdict": "verdict IN ('pass', 'review', 'risky')",
    "asked": "asked_at IS NOT NULL OR num_nonnulls(trace_id, verdict) = 0",
}


def upgrade() -> None:
    _look_at_photos()
    text, moment = sa.String(), sa.DateTime(timezone=True)
    _create(
        "merchant",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("category", text, nullable=False),
        sa.Column("clerk_id", sa.Uuid(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("closed_at", moment),
        _check("merchant", "name", r"char_length(name) <= 60 AND name ~ '\S'"),
        _check("merchant", "category", r"category ~ '\S'"),
        _points_at("merchant", "community_id", "org_unit"),
        _points_at("merchant", "clerk_id", "person"),
    )
    op.create_index(
        op.f("ix_merchant_tenant_id_community_id"), "merchant", ["tenant_id", "community_id"]
    )
    op.create_index(op.f("ix_merchant_tenant_id_clerk_id"), "merchant", ["tenant_id", "clerk_id"])
    _create(
        "service_voucher",
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", text, nullable=False),
        sa.Column("category", text, nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("state", text, nullable=False),
        sa.Column("ended_at", moment),
        sa.Column("merchant_id", sa.Uuid()),
        sa.Column("ended_by", sa.Uuid()),
        _check("service_voucher", "state", "state IN ('live', 'used', 'returned', 'expired')"),
        _check("service_voucher", "points", "points > 0"),
        _check("service_voucher", "expires_at", "expires_at > issued_at"),
        _check("service_voucher", "ended_at", "(state = 'live') = (ended_at IS NULL)"),
        _check("service_voucher", "used", "(state = 'used') = (merchant_id IS NOT NULL)"),
        _check(
            "service_voucher",
            "ended_by",
            "(state IN ('used', 'returned')) = (ended_by IS NOT NULL)",
        ),
        _check("service_voucher", "never_for_oneself", "state <> 'used' OR ended_by <> person_id"),
        sa.UniqueConstraint(
            "tenant_id", "code_hash", name=op.f("uq_service_voucher_tenant_id_code_hash")
        ),
        _points_at("service_voucher", "redemption_id", "redemption"),
        _points_at("service_voucher", "item_id", "item"),
        _points_at("service_voucher", "person_id", "person"),
        _points_at("service_voucher", "community_id", "org_unit"),
        _points_at("service_voucher", "merchant_id", "merchant"),
        _points_at("service_voucher", "ended_by", "person"),
    )
    _index_vouchers()
    op.execute(f"GRANT SELECT ({KINDS}) ON item TO worker")  # the night checks their sums
    op.execute(f"GRANT SELECT ({SITES}) ON merchant TO worker")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT ({KINDS}) ON item FROM worker")
    for table in reversed(RIGHTS):
        op.drop_table(table)
    op.execute(f"REVOKE SELECT ({ABOUT}), UPDATE ({ASKED}) ON item_photo FROM worker")
    for name in CHECKED:
        op.drop_constraint(op.f(f"ck_item_photo_{name}"), "item_photo", type_="check")
    for column in ("verdict", "trace_id", "asked_at"):
        op.drop_column("item_photo", column)


def _look_at_photos() -> None:
    op.add_column("item_photo", sa.Column("asked_at", sa.DateTime(timezone=True)))
    op.add_column("item_photo", sa.Column("trace_id", sa.String()))
    op.add_column("item_photo", sa.Column("verdict", sa.String()))
    for name, condition in CHECKED.items():
        op.create_check_constraint(op.f(f"ck_item_photo_{name}"), "item_photo", condition)
    op.execute(f"GRANT SELECT ({ABOUT}), UPDATE ({ASKED}) ON item_photo TO worker")


def _index_vouchers() -> None:
    table = "service_voucher"
    op.create_index(
        op.f(f"ix_{table}_tenant_id_redemption_id"), table, ["tenant_id", "redemption_id"]
    )
    op.create_index(
        op.f(f"ix_{table}_tenant_id_person_id_issued_at"),
        table,
        ["tenant_id", "person_id", "issued_at"],
    )
    op.create_index(
        "ix_service_voucher_live",
        table,
        ["tenant_id", "expires_at"],
        postgresql_where=sa.text("state = 'live'"),
    )
    op.create_index(
        "ix_service_voucher_used",
        table,
        ["tenant_id", "merchant_id", "ended_at"],
        postgresql_where=sa.text("merchant_id IS NOT NULL"),
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _points_at(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        [f"{other}.tenant_id", f"{other}.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}_{other}"),
    )


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
    op.execute(f"GRANT {RIGHTS[table]} ON {table} TO app")
    if table in WORKERS:
        op.execute(f"GRANT {WORKERS[table]} ON {table} TO worker")
