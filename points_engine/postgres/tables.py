"""The engine's tables.

Every one begins with its tenant: in the primary key, in each unique constraint and in each
foreign key. Identifiers are made outside the database. There are no triggers: what a row must
be is a CHECK, and what may not be changed is not granted.
"""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from points_engine.accounts import OwnerKind, Unit
from points_engine.facts import LARGEST_QUANTITY
from points_engine.ledger import TransferKind

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _tenant() -> sa.Column[int]:
    return sa.Column("tenant_id", sa.BigInteger, primary_key=True, autoincrement=False)


def _id(name: str = "id") -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid, primary_key=True)


def _needs(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def _one_of(name: str, choices: type[Unit | OwnerKind | TransferKind]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{choice.value}'" for choice in choices)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=name)


_UUID = sa.Uuid()
_TEXT = sa.Text()
_AMOUNT = sa.BigInteger()
_INSTANT = sa.DateTime(timezone=True)
# Compared byte by byte, so that every server and Python sort it alike.
_NAME = sa.Text(collation="C")

fact = sa.Table(
    "fact",
    metadata,
    _tenant(),
    _id(),
    _needs("kind", _TEXT),
    _needs("source", _NAME),
    _needs("category", _TEXT),
    _needs("beneficiary_id", _UUID),
    _needs("actor_id", _UUID),
    sa.Column("household_id", _UUID),
    _needs("community_id", _UUID),
    _needs("quantity", sa.Integer()),
    _needs("occurred_at", _INSTANT),
    _needs("occurred_on", sa.Date()),
    _needs("received_at", _INSTANT),
    _needs("evidence", JSONB()),
    _needs("payload_hash", sa.LargeBinary()),
    sa.UniqueConstraint("tenant_id", "source"),
    sa.CheckConstraint(f"quantity BETWEEN 0 AND {LARGEST_QUANTITY}", name="quantity"),
    sa.CheckConstraint("octet_length(payload_hash) = 32", name="payload_hash"),
    sa.Index(None, "tenant_id", "beneficiary_id", "occurred_at", "id"),
)

settle_queue = sa.Table(
    "settle_queue",
    metadata,
    _tenant(),
    _id("fact_id"),
    _needs("community_id", _UUID),
    _needs("beneficiary_id", _UUID),
    _needs("not_before", _INSTANT),
    sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
    sa.Column("last_error", _TEXT),
    sa.Column("quarantined_at", _INSTANT),
    sa.ForeignKeyConstraint(["tenant_id", "fact_id"], ["fact.tenant_id", "fact.id"]),
    sa.CheckConstraint("attempts >= 0", name="attempts"),
    sa.CheckConstraint(
        "quarantined_at IS NULL OR last_error IS NOT NULL", name="quarantined_for_a_reason"
    ),
    sa.Index(None, "tenant_id", "beneficiary_id"),
    sa.Index(
        "ix_settle_queue_due",
        "tenant_id",
        "community_id",
        "not_before",
        "fact_id",
        postgresql_where=sa.text("quarantined_at IS NULL"),
    ),
)

# Balances change in place: room on the page and no index on them keep updates cheap.
account = sa.Table(
    "account",
    metadata,
    _tenant(),
    _id(),
    _needs("owner_kind", _TEXT),
    _needs("owner_id", _UUID),
    _needs("unit", _TEXT),
    _needs("code", _TEXT),
    _needs("guarded", sa.Boolean()),
    sa.Column("posted", _AMOUNT),
    sa.Column("held", _AMOUNT, nullable=False, server_default="0"),
    sa.Column("version", _AMOUNT, nullable=False, server_default="0"),
    sa.Column("last_booked_at", _INSTANT),
    sa.UniqueConstraint("tenant_id", "owner_kind", "owner_id", "unit", "code"),
    # What a transfer refers to, so that both its sides have its unit.
    sa.UniqueConstraint("tenant_id", "id", "unit"),
    _one_of("owner_kind", OwnerKind),
    _one_of("unit", Unit),
    sa.CheckConstraint("guarded = (posted IS NOT NULL)", name="guarded_keeps_a_balance"),
    sa.CheckConstraint("posted >= 0", name="posted_not_below_zero"),
    sa.CheckConstraint("held BETWEEN 0 AND coalesce(posted, 0)", name="held_is_there"),
    sa.CheckConstraint("version >= 0 AND (guarded OR version = 0)", name="version"),
    postgresql_with={"fillfactor": 70},
)

transfer = sa.Table(
    "transfer",
    metadata,
    _tenant(),
    _id(),
    _needs("kind", _TEXT),
    _needs("reference", _NAME),
    _needs("source", _NAME),
    _needs("unit", _TEXT),
    _needs("debit_account_id", _UUID),
    _needs("credit_account_id", _UUID),
    _needs("amount", _AMOUNT),
    sa.Column("fact_id", _UUID),
    sa.Column("reverses", _UUID),
    _needs("policy_version", _TEXT),
    _needs("community_id", _UUID),
    _needs("quarter", _TEXT),
    _needs("occurred_on", sa.Date()),
    _needs("booked_at", _INSTANT),
    _needs("actor_id", _UUID),
    _needs("reason", _TEXT),
    sa.Column("debit_version", _AMOUNT),
    sa.Column("debit_balance_after", _AMOUNT),
    sa.Column("credit_version", _AMOUNT),
    sa.Column("credit_balance_after", _AMOUNT),
    sa.UniqueConstraint("tenant_id", "reference"),
    sa.ForeignKeyConstraint(
        ["tenant_id", "debit_account_id", "unit"],
        ["account.tenant_id", "account.id", "account.unit"],
        name="fk_transfer_debit_account",
    ),
    sa.ForeignKeyConstraint(
        ["tenant_id", "credit_account_id", "unit"],
        ["account.tenant_id", "account.id", "account.unit"],
        name="fk_transfer_credit_account",
    ),
    sa.ForeignKeyConstraint(["tenant_id", "fact_id"], ["fact.tenant_id", "fact.id"]),
    sa.ForeignKeyConstraint(["tenant_id", "reverses"], ["transfer.tenant_id", "transfer.id"]),
    _one_of("kind", TransferKind),
    sa.CheckConstraint("amount > 0", name="amount"),
    sa.CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
    sa.CheckConstraint("quarter ~ '^[0-9]{4}Q[1-4]$'", name="quarter"),
    sa.CheckConstraint("kind <> 'earn' OR fact_id IS NOT NULL", name="earned_by_a_fact"),
    sa.CheckConstraint("kind <> 'reverse' OR reverses IS NOT NULL", name="reverses"),
    sa.CheckConstraint(
        "(debit_version IS NULL) = (debit_balance_after IS NULL)"
        " AND debit_version >= 1 AND debit_balance_after >= 0",
        name="debit_side",
    ),
    sa.CheckConstraint(
        "(credit_version IS NULL) = (credit_balance_after IS NULL)"
        " AND credit_version >= 1 AND credit_balance_after >= 0",
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

decision = sa.Table(
    "decision",
    metadata,
    _tenant(),
    _id("fact_id"),
    sa.Column("unit", _TEXT, primary_key=True),
    _needs("rule_id", _TEXT),
    _needs("policy_version", _TEXT),
    _needs("raw", _AMOUNT),
    _needs("granted", _AMOUNT),
    _needs("reason", _TEXT),
    _needs("explanation", _TEXT),
    _needs("decided_at", _INSTANT),
    sa.ForeignKeyConstraint(["tenant_id", "fact_id"], ["fact.tenant_id", "fact.id"]),
    _one_of("unit", Unit),
    sa.CheckConstraint("granted BETWEEN 0 AND raw", name="granted"),
)

policy = sa.Table(
    "policy",
    metadata,
    _tenant(),
    sa.Column("version", _TEXT, primary_key=True),
    _needs("in_force_from", sa.Date()),
    _needs("document", JSONB()),
    _needs("published_at", _INSTANT),
    sa.UniqueConstraint("tenant_id", "in_force_from"),
)
