"""The counter: by code, by card and PIN or on paper; questions to a phone, and shifts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

SET_TENANT = "nullif(current_setting('app.tenant', true), '')"
OWN = f"tenant_id = {SET_TENANT}::bigint"

RIGHTS = {
    "card_pin": "SELECT, INSERT, UPDATE, DELETE",
    "sale_question": "SELECT, INSERT, UPDATE (state, decided_at)",
    "handover": "SELECT, INSERT",
}
WAYS = "'code', 'card_pin', 'paper', 'errand', 'pickup'"
SAID = r"reason ~ '\S' AND char_length(reason) <= 200"
PROOF = {
    "way": f"way IN ({WAYS})",
    "one_proof": (
        "(way = 'code') = (code_id IS NOT NULL) AND (way = 'pickup') = (reservation_id IS NOT NULL)"
    ),
    "reason": (
        rf"(way IN ('paper', 'errand')) = (reason IS NOT NULL) AND (reason IS NULL OR ({SAID}))"
    ),
    "fetched": (
        "(way <> 'errand' OR delegation_id IS NOT NULL)"
        " AND (way IN ('code', 'errand') OR delegation_id IS NULL)"
    ),
}
AGAINST = "(code_id IS NULL) = (reservation_id IS NOT NULL)"
# Until now everybody showed a code, their own or that of whom they fetched for, or picked up what
# they had reserved.
BEFORE = """
    UPDATE redemption SET
        way = CASE WHEN reservation_id IS NULL THEN 'code' ELSE 'pickup' END,
        delegation_id = (
            SELECT code.delegation_id FROM redeem_code AS code
            WHERE code.tenant_id = redemption.tenant_id AND code.id = redemption.code_id
        )
"""
TOUCHED = ("redemption", "redeem_code")


def upgrade() -> None:
    op.add_column("redemption", sa.Column("way", sa.String(), nullable=True))
    op.add_column("redemption", sa.Column("reason", sa.String(), nullable=True))
    op.add_column("redemption", sa.Column("delegation_id", sa.Uuid(), nullable=True))
    _among_all_tenants(BEFORE)
    op.alter_column("redemption", "way", nullable=False)
    op.drop_constraint(op.f("ck_redemption_against"), "redemption")
    for name, condition in PROOF.items():
        op.create_check_constraint(op.f(f"ck_redemption_{name}"), "redemption", condition)
    op.create_foreign_key(
        op.f("fk_redemption_tenant_id_delegation_id_delegation"),
        "redemption",
        "delegation",
        ["tenant_id", "delegation_id"],
        ["tenant_id", "id"],
    )
    op.create_index(
        "ix_redemption_delegation",
        "redemption",
        ["tenant_id", "delegation_id", "at"],
        postgresql_where=sa.text("delegation_id IS NOT NULL"),
    )
    _index("redemption", "manager_id", "at")
    _index("redemption", "person_id", "at")
    _create_pins()
    _create_questions()
    _create_handovers()


def downgrade() -> None:
    """What was sold to a card has no code to go back to: with such rows there is no way back."""
    for table in ("handover", "sale_question", "card_pin"):
        op.drop_table(table)
    op.drop_index(op.f("ix_redemption_tenant_id_person_id_at"), "redemption")
    op.drop_index(op.f("ix_redemption_tenant_id_manager_id_at"), "redemption")
    op.drop_index("ix_redemption_delegation", "redemption")
    op.drop_constraint(op.f("fk_redemption_tenant_id_delegation_id_delegation"), "redemption")
    for name in PROOF:
        op.drop_constraint(op.f(f"ck_redemption_{name}"), "redemption")
    op.create_check_constraint(op.f("ck_redemption_against"), "redemption", AGAINST)
    for column in ("delegation_id", "reason", "way"):
        op.drop_column("redemption", column)


def _create_pins() -> None:
    moment = sa.DateTime(timezone=True)
    _create(
        "card_pin",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("misses", sa.Integer(), nullable=False),
        sa.Column("locked_at", moment, nullable=True),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", moment, nullable=False),
        _check("card_pin", "digest", "digest LIKE '$argon2id$%'"),
        _check("card_pin", "misses", "misses BETWEEN 0 AND 5"),
        _check("card_pin", "locked", "(misses = 5) = (locked_at IS NOT NULL)"),
        _check("card_pin", "set_by_another", "set_by <> person_id"),
        _unique("card_pin", "person_id"),
        *_belongs("card_pin", person_id="person", set_by="person"),
    )


def _create_questions() -> None:
    moment = sa.DateTime(timezone=True)
    _create(
        "sale_question",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("lines", JSONB(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("ends_at", moment, nullable=False),
        sa.Column("decided_at", moment, nullable=True),
        _check("sale_question", "state", "state IN ('waiting', 'yes', 'no')"),
        _check("sale_question", "cost", "cost > 0"),
        _check("sale_question", "never_for_oneself", "manager_id <> person_id"),
        _check("sale_question", "ends", "ends_at > asked_at"),
        _check("sale_question", "decided", "(state = 'waiting') = (decided_at IS NULL)"),
        _check("sale_question", "in_time", "state <> 'yes' OR decided_at < ends_at"),
        _unique("sale_question", "code_id"),
        *_belongs(
            "sale_question",
            shop_id="shop",
            person_id="person",
            manager_id="person",
            code_id="redeem_code",
        ),
    )
    _index("sale_question", "person_id", "ends_at")


def _create_handovers() -> None:
    _create(
        "handover",
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sales", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("without_code", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _check("handover", "two_people", "from_id <> to_id"),
        _check(
            "handover",
            "figures",
            "sales >= 0 AND points >= 0 AND refused >= 0 AND without_code BETWEEN 0 AND sales",
        ),
        *_belongs("handover", shop_id="shop", from_id="person", to_id="person"),
    )
    _index("handover", "shop_id", "day")


def _among_all_tenants(statements: str) -> None:
    """What the owner of the tables does to the rows of every tenant."""
    for table in TOUCHED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statements)
    for table in TOUCHED:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    name = "_".join((f"uq_{table}_tenant_id", *columns))
    return sa.UniqueConstraint("tenant_id", *columns, name=op.f(name))


def _index(table: str, *columns: str) -> None:
    name = "_".join((f"ix_{table}_tenant_id", *columns))
    op.create_index(op.f(name), table, ["tenant_id", *columns])


def _belongs(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=op.f(f"fk_{table}_tenant_id_{column}_{target}"),
        )
        for column, target in targets.items()
    ]


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
