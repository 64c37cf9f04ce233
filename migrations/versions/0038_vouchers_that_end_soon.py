"""Whoever has a service voucher is told once before it ends, and where it can be used."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

SHOWN = "name, closed_at"


def upgrade() -> None:
    op.add_column("service_voucher", sa.Column("reminded_at", sa.DateTime(timezone=True)))
    op.execute("GRANT UPDATE (reminded_at) ON service_voucher TO app, worker")
    op.execute(f"GRANT SELECT ({SHOWN}) ON merchant TO worker")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT ({SHOWN}) ON merchant FROM worker")
    op.drop_column("service_voucher", "reminded_at")
