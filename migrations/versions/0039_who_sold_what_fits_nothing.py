"""Who sold what fits nothing does not end it, and what was ended is let go of after a year."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

TABLE, SOLD = "offline_stray", "sold_by"
LINK = f"fk_{TABLE}_tenant_id_{SOLD}_person"
LETS_GO_OF = f"SELECT (tenant_id, id, closed_at), DELETE ON {TABLE}"
# What waits still is known by the share that its terminal told of.
BEFORE = """
    UPDATE offline_stray SET sold_by = slice.granted_to
    FROM offline_share AS share JOIN offline_slice AS slice
        ON slice.tenant_id = share.tenant_id AND slice.id = share.slice_id
    WHERE share.tenant_id = offline_stray.tenant_id
        AND share.id::text = lower(offline_stray.told ->> 'share')
        AND slice.shop_id = offline_stray.shop_id
        AND offline_stray.closed_at IS NULL
"""
TOUCHED = (TABLE, "offline_share", "offline_slice")


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(SOLD, sa.Uuid()))
    for table in TOUCHED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(BEFORE)
    for table in TOUCHED:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(op.f(f"ck_{TABLE}_not_by_seller"), TABLE, "closed_by <> sold_by")
    op.create_foreign_key(op.f(LINK), TABLE, "person", ["tenant_id", SOLD], ["tenant_id", "id"])
    op.create_index(
        "ix_offline_stray_closed",
        TABLE,
        ["tenant_id", "closed_at"],
        postgresql_where=sa.text("closed_at IS NOT NULL"),
    )
    op.execute(f"GRANT {LETS_GO_OF} TO worker")


def downgrade() -> None:
    op.execute(f"REVOKE {LETS_GO_OF} FROM worker")
    op.drop_index("ix_offline_stray_closed", TABLE)
    op.drop_constraint(op.f(LINK), TABLE)
    op.drop_constraint(op.f(f"ck_{TABLE}_not_by_seller"), TABLE)
    op.drop_column(TABLE, SOLD)
