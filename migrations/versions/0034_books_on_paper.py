"""The book of paper somebody carries: which lines are printed in it, and where."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0032"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
RIGHTS = {
    "passbook_book": "SELECT, INSERT, UPDATE (number, page, line)",
    "passbook_print": "SELECT, INSERT",
}


def upgrade() -> None:
    whole, moment = sa.Integer(), sa.DateTime(timezone=True)
    _create(
        "passbook_book",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("number", whole, nullable=False),
        sa.Column("page", whole, nullable=False),
        sa.Column("line", whole, nullable=False),
        _check("passbook_book", "number", "number BETWEEN 1 AND 999"),
        _check("passbook_book", "page", "page BETWEEN 1 AND 99"),
        _check("passbook_book", "line", "line BETWEEN 0 AND 20"),
        _unique("passbook_book", "person_id"),
        _of_person("passbook_book", "person_id"),
    )
    _create(
        "passbook_print",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("booked_at", moment, nullable=False),
        sa.Column("number", whole, nullable=False),
        sa.Column("page", whole, nullable=False),
        sa.Column("line", whole, nullable=False),
        sa.Column("printed_at", moment, nullable=False),
        sa.Column("printed_by", sa.Uuid(), nullable=False),
        _check("passbook_print", "page", "number >= 1 AND page >= 1"),
        _check("passbook_print", "line", "line BETWEEN 1 AND 20"),
        _unique("passbook_print", "person_id", "version"),
        _unique("passbook_print", "person_id", "number", "page", "line"),
        _of_person("passbook_print", "person_id"),
        _of_person("passbook_print", "printed_by"),
    )


def downgrade() -> None:
    for table in reversed(RIGHTS):
        op.drop_table(table)


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    name = "_".join((f"uq_{table}_tenant_id", *columns))
    return sa.UniqueConstraint("tenant_id", *columns, name=op.f(name))


def _of_person(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        ["person.tenant_id", "person.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}_person"),
    )


def _create(table: str, *rest: sa.schema.SchemaItem) -> None:
    """A table of the tenants', behind its wall."""
    op.create_table(
        table,
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *rest,
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
    op.execute(f"GRANT {RIGHTS[table]} ON {table} TO app")
