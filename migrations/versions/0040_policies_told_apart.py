"""A published policy keeps what tells it from any other, so that nobody reads it to find out."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Of every tenant: who changes tables sees no rows, so the database fills the column itself.
    op.execute(
        "ALTER TABLE policy ADD COLUMN digest text NOT NULL"
        " GENERATED ALWAYS AS (md5(document::text)) STORED"
    )
    op.execute("ALTER TABLE policy ALTER COLUMN digest DROP EXPRESSION")
    op.create_check_constraint(op.f("ck_policy_digest"), "policy", "digest = md5(document::text)")


def downgrade() -> None:
    op.drop_column("policy", "digest")
