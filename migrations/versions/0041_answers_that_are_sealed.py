"""What was answered under a key is kept sealed: an answer may hold a code that is worth points.

What was kept before is carried over with the vault of the deployment, tenant by tenant. That is
at most three days of answers, and nobody writes any meanwhile: the table is closed.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

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
    _instead(CLEAR, SEALED, lambda row: _vault().seal(bytes(row.kept).decode(), _place(row)))
    op.create_check_constraint(op.f(f"ck_{TABLE}_{SEALED}"), TABLE, f"{SEALED} LIKE 'v1|%'")


def downgrade() -> None:
    op.drop_constraint(op.f(f"ck_{TABLE}_{SEALED}"), TABLE)
    op.add_column(TABLE, sa.Column(CLEAR, sa.LargeBinary(), nullable=True))
    _instead(SEALED, CLEAR, lambda row: _vault().unseal(row.kept, _place(row)).encode())


def _instead(old: str, new: str, say: Callable[[sa.Row[Any]], object]) -> None:
    """Carry one column over to the other, and let it go; an answer is whole with the other."""
    op.drop_constraint(op.f(f"ck_{TABLE}_answered"), TABLE)
    update = sa.text(
        f"UPDATE {TABLE} SET {new} = :new, {old} = NULL WHERE tenant_id = :tenant AND id = :id"
    )
    for tenant_id in _tenants():
        for rows in _some(tenant_id, old):
            said = [{"new": say(row), "tenant": tenant_id, "id": row.id} for row in rows]
            op.get_bind().execute(update, said)
    op.create_check_constraint(
        op.f(f"ck_{TABLE}_answered"), TABLE, f"num_nulls(status, content_type, {new}) IN (0, 3)"
    )
    op.drop_column(TABLE, old)


def _some(tenant_id: int, column: str) -> Iterator[Sequence[sa.Row[Any]]]:
    """What is kept there, a few at a time: nobody knows how much that is."""
    last = UUID(int=0)
    some = sa.text(
        f"SELECT tenant_id, id, {column} AS kept FROM {TABLE} WHERE tenant_id = :tenant"
        f" AND id > :last AND {column} IS NOT NULL ORDER BY id LIMIT {AT_ONCE}"
    )
    while rows := op.get_bind().execute(some, {"tenant": tenant_id, "last": last}).all():
        yield rows
        last = rows[-1].id


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
