"""What super-apps call people is sealed, and found by its blind; it stands nowhere in clear.

The rows there are carried over with the vault of the deployment, tenant by tenant.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import context, op

from app.core.vault import KeysMissing, Place, Vault

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BLINDLY = {
    "super_app_identity": ("tenant_id", "platform", "appid", "{}"),
    "wechat_right": ("tenant_id", "appid", "{}", "template_id"),
    "wechat_event": (),
}
IDENTITY = "super_app_identity"


def upgrade() -> None:
    op.add_column(IDENTITY, sa.Column("subject_sealed", sa.String(), nullable=True))
    for table in BLINDLY:
        op.add_column(table, sa.Column("subject_blind", sa.LargeBinary(), nullable=True))
        for row in _rows(table, "subject"):
            _write(table, row, **_carried_over(table, row))
    op.alter_column(IDENTITY, "subject_sealed", nullable=False)
    for table, key in BLINDLY.items():
        op.alter_column(table, "subject_blind", nullable=False)
        op.drop_column(table, "subject")  # and with it the key it was in
        _key(table, key, "subject_blind")
    op.create_check_constraint(
        op.f("ck_super_app_identity_subject_sealed"), IDENTITY, "subject_sealed LIKE 'v1|%'"
    )
    # To seal it anew, and to let it be of a person who was known before by their number.
    op.execute(f"GRANT UPDATE (subject_sealed, person_id) ON {IDENTITY} TO app")


def downgrade() -> None:
    """Accounts are read from their seals; rights and events of anybody else are let go of."""
    op.execute(f"REVOKE UPDATE (subject_sealed, person_id) ON {IDENTITY} FROM app")
    for table in BLINDLY:
        op.add_column(table, sa.Column("subject", sa.String(), nullable=True))
    for row in _rows(IDENTITY, "subject_sealed"):
        _write(IDENTITY, row, subject=_vault().unseal(row.subject_sealed, _place(row)))
    for table in ("wechat_right", "wechat_event"):
        for row in _rows(table, "subject_blind"):
            _write(table, row, subject=_called(row))
        _in_each_tenant(f"DELETE FROM {table} WHERE subject IS NULL")
    op.drop_constraint(op.f("ck_super_app_identity_subject_sealed"), IDENTITY)
    op.drop_column(IDENTITY, "subject_sealed")
    for table, key in BLINDLY.items():
        op.alter_column(table, "subject", nullable=False)
        op.drop_column(table, "subject_blind")
        _key(table, key, "subject")


def _key(table: str, key: tuple[str, ...], column: str) -> None:
    columns = [part.format(column) for part in key]
    if columns:
        op.create_unique_constraint(op.f("_".join(("uq", table, *columns))), table, columns)


def _vault() -> Vault:
    """The vault whoever migrates has brought: without it no account could be carried over."""
    vault: Vault | None = context.config.attributes.get("vault")
    if vault is None:
        raise KeysMissing("Accounts are carried over with DATA_KEYS: set them, and migrate again.")
    return vault


def _carried_over(table: str, row: sa.Row[Any]) -> dict[str, object]:
    found: dict[str, object] = {"subject_blind": _blind(row, row.subject)}
    if table == IDENTITY:
        found["subject_sealed"] = _vault().seal(row.subject, _place(row))
    return found


def _blind(row: sa.Row[Any], subject: str) -> bytes:
    return _vault().blind(f"{row.appid}|{subject}", tenant_id=row.tenant_id, use="openid")


def _place(row: sa.Row[Any]) -> Place:
    return Place(tenant_id=row.tenant_id, table=IDENTITY, field="subject", row_id=row.id)


def _called(row: sa.Row[Any]) -> str | None:
    query = sa.text(f"SELECT subject FROM {IDENTITY} WHERE subject_blind = :blind")
    found: str | None = op.get_bind().scalar(query, {"blind": row.subject_blind})
    return found


def _tenants() -> Iterator[int]:
    """Each tenant in turn, whose rows are seen meanwhile: the owner stands before their walls too."""
    bind = op.get_bind()
    for tenant_id in bind.scalars(sa.text("SELECT id FROM tenant ORDER BY id")).all():
        setting = "SELECT set_config('app.tenant', :tenant, true)"
        bind.execute(sa.text(setting), {"tenant": str(tenant_id)})
        yield tenant_id
    bind.execute(sa.text("SELECT set_config('app.tenant', '', true)"))


def _rows(table: str, column: str) -> Iterator[sa.Row[Any]]:
    for _tenant_id in _tenants():
        query = f"SELECT tenant_id, id, appid, {column} FROM {table}"
        yield from op.get_bind().execute(sa.text(query)).all()


def _write(table: str, row: sa.Row[Any], **values: object) -> None:
    new = ", ".join(f"{column} = :{column}" for column in values)
    update = f"UPDATE {table} SET {new} WHERE tenant_id = :t AND id = :id"
    ids: dict[str, int | UUID] = {"t": row.tenant_id, "id": row.id}
    op.get_bind().execute(sa.text(update), {**values, **ids})


def _in_each_tenant(statement: str) -> None:
    for _tenant_id in _tenants():
        op.get_bind().execute(sa.text(statement))
