"""Whether every fact has its visit or attendance, and they theirs, is the worker's to check."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Of these tables the worker reads what it must compare with facts, and neither place nor hour.
COMPARED = {
    "station_visit": "tenant_id, id, person_id, day",
    "attendance": "tenant_id, id, person_id, minutes",
}


def upgrade() -> None:
    for table, columns in COMPARED.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO worker")


def downgrade() -> None:
    for table, columns in COMPARED.items():
        op.execute(f"REVOKE SELECT ({columns}) ON {table} FROM worker")
