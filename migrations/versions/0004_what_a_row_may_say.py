"""What a row may say: the rules the code keeps are kept by the database as well."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

PLACE_NAME = r"char_length(name) <= 60 AND name ~ '\S'"

# By table, by name. The first is the table every writer takes first, so that nobody who waits for
# another of them holds it.
CHECKS = {
    "idempotency": {"answered": "num_nulls(status, content_type, answer) IN (0, 3)"},
    "station": {"name": PLACE_NAME},
    "shop": {"name": PLACE_NAME},
    "station_visit": {"state": "state IN ('accepted')"},
    "attendance": {
        "state": "state IN ('checked_in', 'checked_out')",
        "location_in": "location_in IN ('given', 'none')",
        "out_with_minutes": "(checked_out_at IS NULL) = (minutes IS NULL)",
    },
    "stock_move": {"direction": "(kind = 'stock_in') = (delta > 0)"},
    "redemption": {
        "costs_points": "state = 'refused' OR cost > 0",
        "says_what_is_left": "(state = 'completed') = (balance_after IS NOT NULL)",
        "balance_after": "balance_after >= 0",
    },
}
REFERRING = ("redemption", "transfer")


def upgrade() -> None:
    for table, checks in CHECKS.items():
        if table == "attendance":
            op.add_column(
                table, sa.Column("location_in", sa.String(), server_default="none", nullable=False)
            )
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.create_unique_constraint(
        op.f("uq_redemption_tenant_id_transfer_id"), "redemption", ["tenant_id", "transfer_id"]
    )
    # The check of what is there already is a query like any other: row security would hide the
    # rows of every tenant from the owner, and call an orphan in order.
    for table in REFERRING:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.create_foreign_key(
        op.f("fk_redemption_tenant_id_transfer_id_transfer"),
        "redemption",
        "transfer",
        ["tenant_id", "transfer_id"],
        ["tenant_id", "id"],
    )
    for table in REFERRING:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.create_index(
        op.f("ix_activity_tenant_id_ends_at"), "activity", ["tenant_id", "ends_at"], unique=False
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_activity_tenant_id_ends_at"), table_name="activity")
    op.drop_constraint(op.f("fk_redemption_tenant_id_transfer_id_transfer"), "redemption")
    op.drop_constraint(op.f("uq_redemption_tenant_id_transfer_id"), "redemption")
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.drop_column("attendance", "location_in")
