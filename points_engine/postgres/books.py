"""The engine's tables: accounts, what moves between them, and what it is made of."""

import sqlalchemy as sa

from points_engine.accounts import OwnerKind, Unit
from points_engine.ledger import TransferKind
from points_engine.postgres.columns import (
    AMOUNT,
    DAY,
    INSTANT,
    NAME,
    TEXT,
    UUID_,
    begins,
    key,
    metadata,
    needs,
    one_of,
    refers,
    tenant,
)

# Balances change in place: room on the page and no index on them keep updates cheap.
account = sa.Table(
    "account",
    metadata,
    tenant(),
    key(),
    needs("owner_kind", TEXT),
    needs("owner_id", UUID_),
    needs("unit", TEXT),
    needs("code", TEXT),
    needs("guarded", sa.Boolean()),
    begins("may_owe", sa.Boolean(), "false"),
    sa.Column("posted", AMOUNT),
    begins("held", AMOUNT, "0"),
    begins("version", AMOUNT, "0"),
    sa.Column("last_booked_at", INSTANT),
    sa.UniqueConstraint("tenant_id", "owner_kind", "owner_id", "unit", "code"),
    # What a transfer refers to, so that both its sides have its unit.
    sa.UniqueConstraint("tenant_id", "id", "unit"),
    one_of("owner_kind", OwnerKind),
    one_of("unit", Unit),
    sa.CheckConstraint("guarded = (posted IS NOT NULL)", name="guarded_keeps_a_balance"),
    sa.CheckConstraint("posted >= 0 OR may_owe", name="posted_not_below_zero"),
    sa.CheckConstraint("held = 0 OR held BETWEEN 0 AND coalesce(posted, 0)", name="held_is_there"),
    sa.CheckConstraint("version >= 0 AND (guarded OR version = 0)", name="version"),
    sa.CheckConstraint("NOT may_owe OR unit = 'work' OR code = 'receivable'", name="who_may_owe"),
    postgresql_with={"fillfactor": 70},
)

transfer = sa.Table(
    "transfer",
    metadata,
    tenant(),
    key(),
    needs("kind", TEXT),
    needs("reference", NAME),
    needs("source", NAME),
    needs("unit", TEXT),
    needs("debit_account_id", UUID_),
    needs("credit_account_id", UUID_),
    needs("amount", AMOUNT),
    sa.Column("fact_id", UUID_),
    sa.Column("reverses", UUID_),
    needs("policy_version", TEXT),
    needs("community_id", UUID_),
    needs("quarter", TEXT),
    needs("occurred_on", DAY),
    needs("booked_at", INSTANT),
    needs("actor_id", UUID_),
    needs("reason", TEXT),
    sa.Column("debit_version", AMOUNT),
    sa.Column("debit_balance_after", AMOUNT),
    sa.Column("credit_version", AMOUNT),
    sa.Column("credit_balance_after", AMOUNT),
    sa.UniqueConstraint("tenant_id", "reference"),
    refers(
        "account", "debit_account_id", "unit", to=("id", "unit"), name="fk_transfer_debit_account"
    ),
    refers(
        "account", "credit_account_id", "unit", to=("id", "unit"), name="fk_transfer_credit_account"
    ),
    refers("fact", "fact_id"),
    refers("transfer", "reverses"),
    one_of("kind", TransferKind),
    sa.CheckConstraint("amount > 0", name="amount"),
    sa.CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
    sa.CheckConstraint("quarter ~ '^[0-9]{4}Q[1-4]$'", name="quarter"),
    sa.CheckConstraint("kind <> 'earn' OR fact_id IS NOT NULL", name="earned_by_a_fact"),
    sa.CheckConstraint("(kind = 'reverse') = (reverses IS NOT NULL)", name="reverses"),
    sa.CheckConstraint(
        "(debit_version IS NULL) = (debit_balance_after IS NULL)"
        " AND debit_version >= 1"
        " AND (debit_balance_after >= 0 OR unit = 'work' OR kind = 'adjust')",
        name="debit_side",
    ),
    sa.CheckConstraint(
        "(credit_version IS NULL) = (credit_balance_after IS NULL)"
        " AND credit_version >= 1"
        " AND (credit_balance_after >= 0 OR unit = 'work' OR kind = 'adjust')",
        name="credit_side",
    ),
    # One version of an account is one movement: a lost lock would be refused here.
    sa.Index(
        "uq_transfer_debit_version",
        "tenant_id",
        "debit_account_id",
        "debit_version",
        unique=True,
        postgresql_where=sa.text("debit_version IS NOT NULL"),
    ),
    sa.Index(
        "uq_transfer_credit_version",
        "tenant_id",
        "credit_account_id",
        "credit_version",
        unique=True,
        postgresql_where=sa.text("credit_version IS NOT NULL"),
    ),
    # The passbook is read from the newest line back. Unguarded accounts have no passbook.
    sa.Index(
        "ix_transfer_debit_lines",
        "tenant_id",
        "debit_account_id",
        "booked_at",
        "debit_version",
        postgresql_where=sa.text("debit_version IS NOT NULL"),
    ),
    sa.Index(
        "ix_transfer_credit_lines",
        "tenant_id",
        "credit_account_id",
        "booked_at",
        "credit_version",
        postgresql_where=sa.text("credit_version IS NOT NULL"),
    ),
    sa.Index(
        "uq_transfer_tenant_id_reverses",
        "tenant_id",
        "reverses",
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
    ),
)
