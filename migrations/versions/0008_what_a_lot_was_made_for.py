"""What a lot was made for: its first last day is kept where a hold gave it a later one."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lot", sa.Column("first_expires_on", sa.Date()))
    op.create_check_constraint(
        op.f("ck_lot_first_expires_on"),
        "lot",
        "first_expires_on IS NULL OR first_expires_on < expires_on",
    )


def downgrade() -> None:
    op.drop_column("lot", "first_expires_on")
