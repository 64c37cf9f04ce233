"""Goods wait for people, come back for a defect, and points are given away."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

SET_TENANT = "nullif(current_setting('app.tenant', true), '')"
OWN = f"tenant_id = {SET_TENANT}::bigint"
APPEND = "SELECT, INSERT"

RIGHTS = {
    "reservation": "SELECT, INSERT, UPDATE (state, reminded_at, ended_at, ended_by)",
    "reservation_line": APPEND,
    "reservation_part": APPEND,
    "redemption_return": APPEND,
    "return_line": APPEND,
    "points_donation": APPEND,
}
# By night the worker lets go of what nobody came for, says so, and compares.
WORKER = {
    "reservation": "SELECT, UPDATE (state, reminded_at, ended_at)",
    "reservation_line": "SELECT",
    "reservation_part": "SELECT",
    "redemption_return": "SELECT",
    "return_line": "SELECT",
    "points_donation": "SELECT",
    "stock": "UPDATE (held)",
}
SAID = r"reason ~ '\S' AND char_length(reason) <= 200"
BATCH = {"batch_id": "id", "item_id": "item_id", "last_day": "last_day"}

REDEMPTION_VIEW = """
    CREATE OR REPLACE VIEW auditor.redemption WITH (security_invoker = true) AS
    SELECT redemption.id AS redemption_id, redemption.tenant_id, line.item_id,
        line.quantity AS qty, coalesce(line.points, redemption.cost) AS cost,
        redemption.person_id AS member_id, redemption.manager_id, {state} AS state,
        redemption.transfer_id AS txn_id, {refund} AS refund_txn_id,
        {code} AS code_jti
    FROM redemption
    LEFT JOIN redemption_line AS line
        ON line.tenant_id = redemption.tenant_id AND line.redemption_id = redemption.id
"""
STATE = """
    CASE redemption.cost
        WHEN (SELECT sum(back.points) FROM redemption_return AS back
            WHERE back.tenant_id = redemption.tenant_id AND back.redemption_id = redemption.id)
        THEN 'refunded' ELSE redemption.state END
"""
REFUND = """
    (SELECT back.reversal_id FROM redemption_return AS back
        WHERE back.tenant_id = redemption.tenant_id AND back.redemption_id = redemption.id
            AND back.place = 1)
"""


def upgrade() -> None:
    _create_reservations()
    _create_returns()
    _create_donations()
    op.alter_column("redemption", "code_id", nullable=True)
    op.add_column("redemption", sa.Column("reservation_id", sa.Uuid(), nullable=True))
    for name, condition in {
        "against": "(code_id IS NULL) = (reservation_id IS NOT NULL)",
        "of_its_reservation": "reservation_id = id",
    }.items():
        op.create_check_constraint(op.f(f"ck_redemption_{name}"), "redemption", condition)
    op.create_foreign_key(
        op.f("fk_redemption_tenant_id_reservation_id_reservation"),
        "redemption",
        "reservation",
        ["tenant_id", "reservation_id"],
        ["tenant_id", "id"],
    )
    for table, rights in WORKER.items():
        op.execute(f"GRANT {rights} ON {table} TO worker")
    op.execute(
        "CREATE POLICY every_tenant ON redemption_return FOR SELECT TO auditor_ro"
        f" USING ({SET_TENANT} IS NULL)"
    )
    op.execute("GRANT SELECT ON redemption_return TO auditor_ro")
    code = "coalesce(redemption.code_id, redemption.reservation_id)"
    op.execute(REDEMPTION_VIEW.format(state=STATE, refund=REFUND, code=code))


def downgrade() -> None:
    """What was picked up has no code to go back to: with such rows there is no way back."""
    before = {"state": "redemption.state", "code": "redemption.code_id"}
    op.execute(REDEMPTION_VIEW.format(refund="NULL::uuid", **before))
    op.execute("REVOKE UPDATE (held) ON stock FROM worker")
    op.drop_constraint(op.f("fk_redemption_tenant_id_reservation_id_reservation"), "redemption")
    for name in ("against", "of_its_reservation"):
        op.drop_constraint(op.f(f"ck_redemption_{name}"), "redemption")
    op.drop_column("redemption", "reservation_id")
    op.alter_column("redemption", "code_id", nullable=False)
    for table in (
        "points_donation", "return_line", "redemption_return", "reservation_part",
        "reservation_line", "reservation",
    ):  # fmt: skip
        op.drop_table(table)


def _create_reservations() -> None:
    moment = sa.DateTime(timezone=True)
    _create(
        "reservation",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reserved_by", sa.Uuid(), nullable=False),
        sa.Column("delegation_id", sa.Uuid(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("reserved_at", moment, nullable=False),
        sa.Column("expires_at", moment, nullable=False),
        sa.Column("reminded_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        _check("reservation", "state", "state IN ('open', 'picked_up', 'cancelled', 'lapsed')"),
        _check("reservation", "cost", "cost > 0"),
        _check("reservation", "expires_at", "expires_at > reserved_at"),
        _check("reservation", "ended_at", "(state = 'open') = (ended_at IS NULL)"),
        _check(
            "reservation",
            "ended_by",
            "(state IN ('picked_up', 'cancelled')) = (ended_by IS NOT NULL)",
        ),
        _check(
            "reservation",
            "never_for_oneself",
            "state <> 'picked_up' OR (ended_by <> person_id AND ended_by <> reserved_by)",
        ),
        _check(
            "reservation", "by_a_delegate", "(delegation_id IS NULL) = (reserved_by = person_id)"
        ),
        _unique("reservation", "code_hash"),
        *_belongs(
            "reservation",
            shop_id="shop",
            person_id="person",
            reserved_by="person",
            ended_by="person",
            delegation_id="delegation",
        ),
    )
    _index("reservation", "person_id", "reserved_at")
    _index("reservation", "shop_id", "reserved_at")
    for name, column, condition in (
        ("ix_reservation_open", "expires_at", "state = 'open'"),
        ("ix_reservation_delegation", "delegation_id", "delegation_id IS NOT NULL"),
    ):
        op.create_index(
            name, "reservation", ["tenant_id", column], postgresql_where=sa.text(condition)
        )
    _create(
        "reservation_line",
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        _check("reservation_line", "quantity", "quantity > 0"),
        _check("reservation_line", "points", "points > 0"),
        _unique("reservation_line", "reservation_id", "item_id"),
        *_belongs("reservation_line", reservation_id="reservation", item_id="item"),
    )
    _create(
        "reservation_part",
        sa.Column("reservation_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        _check("reservation_part", "quantity", "quantity > 0"),
        _unique("reservation_part", "reservation_id", "batch_id"),
        *_belongs("reservation_part", reservation_id="reservation"),
        _refers("reservation_part", "batch", BATCH),
    )


def _create_returns() -> None:
    _create(
        "redemption_return",
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("reversal_id", sa.Uuid(), nullable=False),
        sa.Column("paid_id", sa.Uuid(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _check("redemption_return", "place", "place > 0"),
        _check("redemption_return", "points", "points > 0"),
        _check("redemption_return", "reason", SAID),
        _check("redemption_return", "fate", "fate IN ('shelf', 'written_off')"),
        _unique("redemption_return", "reversal_id"),
        _unique("redemption_return", "paid_id"),
        _unique("redemption_return", "redemption_id", "place"),
        *_belongs(
            "redemption_return",
            redemption_id="redemption",
            entered_by="person",
            reversal_id="transfer",
            paid_id="transfer",
        ),
    )
    _create(
        "return_line",
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        _check("return_line", "quantity", "quantity > 0"),
        _unique("return_line", "return_id", "item_id"),
        *_belongs("return_line", return_id="redemption_return", item_id="item"),
    )


def _create_donations() -> None:
    _create(
        "points_donation",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("goal", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("quarter", sa.String(), nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _check("points_donation", "points", "points > 0"),
        _check("points_donation", "goal", "goal IN ('pool', 'family')"),
        _unique("points_donation", "transfer_id"),
        *_belongs(
            "points_donation", person_id="person", community_id="org_unit", transfer_id="transfer"
        ),
    )
    _index("points_donation", "community_id", "quarter")
    _index("points_donation", "person_id", "at")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    name = "_".join((f"uq_{table}_tenant_id", *columns))
    return sa.UniqueConstraint("tenant_id", *columns, name=op.f(name))


def _index(table: str, *columns: str) -> None:
    name = "_".join((f"ix_{table}_tenant_id", *columns))
    op.create_index(op.f(name), table, ["tenant_id", *columns])


def _belongs(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [_refers(table, target, {column: "id"}) for column, target in targets.items()]


def _refers(table: str, target: str, columns: dict[str, str]) -> sa.ForeignKeyConstraint:
    """A reference within the tenant: ours by what theirs are called."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", *columns],
        [f"{target}.{column}" for column in ("tenant_id", *columns.values())],
        name=op.f("_".join((f"fk_{table}_tenant_id", *columns, target))),
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
