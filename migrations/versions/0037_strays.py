"""Sales without a network that fit nothing the service knows are kept as they were told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
TABLE = "offline_stray"
RIGHTS = "SELECT, INSERT, UPDATE (closed_at, closed_by, reason)"
CHECKS = {
    "closed": "num_nulls(closed_at, closed_by, reason) IN (0, 3)",
    "second": "closed_by <> put_by",
    "reason": r"reason ~ '\S' AND char_length(reason) <= 200",
}
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("nonce", sa.Uuid(), nullable=False),
        sa.Column("told", JSONB(), nullable=False),
        sa.Column("problem", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("put_at", MOMENT, nullable=False),
        sa.Column("put_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", MOMENT),
        sa.Column("closed_by", sa.Uuid()),
        sa.Column("reason", sa.String()),
        *(
            sa.CheckConstraint(said, name=op.f(f"ck_{TABLE}_{name}"))
            for name, said in CHECKS.items()
        ),
        sa.UniqueConstraint(
            "tenant_id", "shop_id", "nonce", name=op.f(f"uq_{TABLE}_tenant_id_shop_id_nonce")
        ),
        *_belongs(shop_id="shop", put_by="person", closed_by="person"),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f(f"fk_{TABLE}_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(
        "ix_offline_stray_open",
        TABLE,
        ["tenant_id", "shop_id"],
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {TABLE} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON {TABLE} USING ({OWN}) WITH CHECK ({OWN})")
    op.execute(f"GRANT {RIGHTS} ON {TABLE} TO app")


def downgrade() -> None:
    op.drop_table(TABLE)


def _belongs(**targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=op.f(f"fk_{TABLE}_tenant_id_{column}_{target}"),
        )
        for column, target in targets.items()
    ]
