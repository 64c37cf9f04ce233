"""What was answered under a key is kept sealed: an answer may hold a code that is worth points.

What was kept before is carried over with the vault of the deployment, tenant by tenant.
"""

from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from app.core.vault import KeysMissing, Place, Vault

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLE, CLEAR, SEALED = "idempotency", "answer", "answer_sealed"
AT_ONCE = 1000


def upgrade() -> None:
    op.add_column(TABLE, sa.Column(SEALED, sa.String(), nullable=True))
    _carry_over(CLEAR, SEALED, lambda row: _vault().seal(bytes(row.kept).decode(), _place(row)))
    _instead(CLEAR, SEALED)
    op.create_check_constraint(op.f(f"ck_{TABLE}_{SEALED}"), TABLE, f"{SEALED} LIKE 'v1|%'")


def downgrade() -> None:
    op.add_column(TABLE, sa.Column(CLEAR, sa.LargeBinary(), nullable=True))
    _carry_over(SEALED, CLEAR, lambda row: _vault().unseal(row.kept, _place(row)).encode())
    op.drop_constraint(op.f(f"ck_{TABLE}_{SEALED}"), TABLE)
    _instead(SEALED, CLEAR)


def _instead(old: str, new: str) -> None:
    """Let the one column go; an answer is whole with the other."""
    op.drop_constraint(op.f(f"ck_{TABLE}_answered"), TABLE)
    op.create_check_constraint(
        op.f(f"ck_{TABLE}_answered"), TABLE, f"num_nulls(status, content_type, {new}) IN (0, 3)"
    )
    op.drop_column(TABLE, old)


def _carry_over(old: str, new: str, say: Callable[[sa.Row[Any]], object]) -> None:
    bind = op.get_bind()
    query = sa.text(f"SELECT tenant_id, id, {old} AS kept FROM {TABLE} WHERE {old} IS NOT NULL")
    update = sa.text(f"UPDATE {TABLE} SET {new} = :new WHERE tenant_id = :tenant AND id = :id")
    for _tenant_id in _tenants():
        for rows in bind.execute(query).partitions(AT_ONCE):
            said = [{"new": say(row), "tenant": row.tenant_id, "id": row.id} for row in rows]
            bind.execute(update, said)


def _tenants() -> Iterator[int]:
    """Each tenant in turn, whose rows are seen meanwhile: the owner stands before their walls too."""
    bind = op.get_bind()
    for tenant_id in bind.scalars(sa.text("SELECT id FROM tenant ORDER BY id")).all():
        setting = "SELECT set_config('app.tenant', :tenant, true)"
        bind.execute(sa.text(setting), {"tenant": str(tenant_id)})
        yield tenant_id
    bind.execute(sa.text("SELECT set_config('app.tenant', '', true)"))


def _place(row: sa.Row[Any]) -> Place:
    return Place(tenant_id=row.tenant_id, table=TABLE, field=CLEAR, row_id=row.id)


def _vault() -> Vault:
    """The vault whoever migrates has brought: without it no answer could be carried over."""
    vault: Vault | None = context.config.attributes.get("vault")
    if vault is None:
        raise KeysMissing("Answers are carried over with DATA_KEYS: set them, and migrate again.")
    return vault
