"""A shop may sell without a network: what is held for its terminal, and what that brings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
RIGHTS = {
    "offline_slice": "SELECT, INSERT, UPDATE (ended_at, ended_by)",
    "offline_share": "SELECT, INSERT, UPDATE (state, ended_at)",
    "offline_sale": (
        "SELECT, INSERT, UPDATE (state, problem, said, decided_at, decided_by, reason)"
    ),
}
# The worker lets go of what nobody gave back in time.
WORKER = {
    "offline_slice": "SELECT",
    "offline_share": "SELECT, UPDATE (state, ended_at)",
    "offline_sale": "SELECT",
}
SAID = r"reason ~ '\S' AND char_length(reason) <= 200"
DECIDED = (
    "(state = 'waiting') = (decided_at IS NULL) AND (decided_at IS NULL) = (decided_by IS NULL)"
)
BEFORE = {
    "way": "way IN ('code', 'card_pin', 'paper', 'errand', 'pickup')",
    "one_proof": (
        "(way = 'code') = (code_id IS NOT NULL) AND (way = 'pickup') = (reservation_id IS NOT NULL)"
    ),
}
AFTER = {
    "way": "way IN ('code', 'card_pin', 'paper', 'errand', 'pickup', 'offline')",
    "one_proof": (BEFORE["one_proof"] + " AND (way = 'offline') = (offline_sale_id IS NOT NULL)"),
}
WHOLE, MOMENT = sa.Integer(), sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("shop", sa.Column("offline_points", WHOLE, nullable=False, server_default="0"))
    op.create_check_constraint(
        op.f("ck_shop_offline_points"), "shop", "offline_points BETWEEN 0 AND 200"
    )
    op.execute("GRANT UPDATE (offline_points) ON shop TO app")
    _create_slices()
    _create_shares()
    _create_sales()
    op.add_column("redemption", sa.Column("offline_sale_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        op.f("fk_redemption_tenant_id_offline_sale_id_offline_sale"),
        "redemption",
        "offline_sale",
        ["tenant_id", "offline_sale_id"],
        ["tenant_id", "id"],
    )
    op.create_index(
        "uq_redemption_of_offline_sale",
        "redemption",
        ["tenant_id", "offline_sale_id"],
        unique=True,
        postgresql_where=sa.text("state = 'completed' AND offline_sale_id IS NOT NULL"),
    )
    _say_anew(AFTER)


def downgrade() -> None:
    """What was sold without a network has no other proof: with such rows there is no way back."""
    _say_anew(BEFORE)
    op.drop_index("uq_redemption_of_offline_sale", "redemption")
    op.drop_constraint(op.f("fk_redemption_tenant_id_offline_sale_id_offline_sale"), "redemption")
    op.drop_column("redemption", "offline_sale_id")
    for table in reversed(RIGHTS):
        op.drop_table(table)
    op.execute("REVOKE UPDATE (offline_points) ON shop FROM app")
    op.drop_constraint(op.f("ck_shop_offline_points"), "shop")
    op.drop_column("shop", "offline_points")


def _say_anew(conditions: dict[str, str]) -> None:
    for name, condition in conditions.items():
        op.drop_constraint(op.f(f"ck_redemption_{name}"), "redemption")
        op.create_check_constraint(op.f(f"ck_redemption_{name}"), "redemption", condition)


def _create_slices() -> None:
    _create(
        "offline_slice",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("granted_to", sa.Uuid(), nullable=False),
        sa.Column("terminal", sa.Uuid(), nullable=False),
        sa.Column("granted_at", MOMENT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ends_at", MOMENT, nullable=False),
        sa.Column("kept_until", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        _check("offline_slice", "ends_at", "ends_at > granted_at"),
        _check("offline_slice", "kept_until", "kept_until > ends_at"),
        _check("offline_slice", "ended_by", "ended_by IS NULL OR ended_at IS NOT NULL"),
        *_belongs("offline_slice", shop_id="shop", granted_to="person", ended_by="person"),
    )
    op.create_index(
        "uq_offline_slice_open",
        "offline_slice",
        ["tenant_id", "shop_id", "day"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _create_shares() -> None:
    _create(
        "offline_share",
        sa.Column("slice_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("points", WHOLE, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        _check("offline_share", "points", "points > 0"),
        _check("offline_share", "state", "state IN ('open', 'sold', 'released')"),
        _check("offline_share", "ended_at", "(state = 'open') = (ended_at IS NULL)"),
        sa.UniqueConstraint(
            "tenant_id",
            "slice_id",
            "person_id",
            name=op.f("uq_offline_share_tenant_id_slice_id_person_id"),
        ),
        *_belongs("offline_share", slice_id="offline_slice", person_id="person"),
    )
    op.create_index(
        "uq_offline_share_of_day",
        "offline_share",
        ["tenant_id", "person_id", "day"],
        unique=True,
        postgresql_where=sa.text("state <> 'released'"),
    )


def _create_sales() -> None:
    _create(
        "offline_sale",
        sa.Column("slice_id", sa.Uuid(), nullable=False),
        sa.Column("share_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.Column("place", WHOLE, nullable=False),
        sa.Column("sold_at", MOMENT, nullable=False),
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("total", WHOLE, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("brought_at", MOMENT, nullable=False),
        sa.Column("brought_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        _check("offline_sale", "place", "place > 0"),
        _check("offline_sale", "total", "total > 0"),
        _check("offline_sale", "state", "state IN ('waiting', 'booked', 'closed')"),
        _check("offline_sale", "decided", DECIDED),
        _check("offline_sale", "closed", "(state = 'closed') = (reason IS NOT NULL)"),
        _check("offline_sale", "reason", f"reason IS NULL OR ({SAID})"),
        sa.UniqueConstraint("tenant_id", "nonce", name=op.f("uq_offline_sale_tenant_id_nonce")),
        *_belongs(
            "offline_sale",
            slice_id="offline_slice",
            share_id="offline_share",
            brought_by="person",
            decided_by="person",
        ),
    )
    _index_sales()


def _index_sales() -> None:
    op.create_index(
        "uq_offline_sale_of_share",
        "offline_sale",
        ["tenant_id", "share_id"],
        unique=True,
        postgresql_where=sa.text("state = 'booked'"),
    )
    op.create_index(
        op.f("ix_offline_sale_tenant_id_slice_id_place"),
        "offline_sale",
        ["tenant_id", "slice_id", "place"],
    )
    op.create_index(
        "ix_offline_sale_waiting",
        "offline_sale",
        ["tenant_id", "share_id"],
        postgresql_where=sa.text("state = 'waiting'"),
    )


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


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
    op.execute(f"GRANT {RIGHTS[table]} ON {table} TO app")
    op.execute(f"GRANT {WORKER[table]} ON {table} TO worker")
