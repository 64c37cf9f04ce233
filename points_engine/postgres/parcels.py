"""The engine's tables: lots, what takes from them and what pins them, and sealed quarters."""

import sqlalchemy as sa

from points_engine.lots import Destination, HoldState
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

# A lot has the identifier of the transfer that credited it. `is_open` stands in the indexes and
# not `remaining`: it changes once in a lot's life, and every other update stays cheap.
# `first_expires_on` is there where a hold that ended too late gave the lot a grace.
lot = sa.Table(
    "lot",
    metadata,
    tenant(),
    key(),
    needs("account_id", UUID_),
    needs("community_id", UUID_),
    needs("earned_on", DAY),
    sa.Column("expires_on", DAY),
    needs("original", AMOUNT),
    needs("remaining", AMOUNT),
    begins("held", AMOUNT, "0"),
    begins("is_open", sa.Boolean(), "true"),
    sa.Column("first_expires_on", DAY),
    refers("transfer", "id"),
    refers("account", "account_id"),
    sa.CheckConstraint(
        "0 <= held AND held <= remaining AND remaining <= original AND original > 0",
        name="remaining",
    ),
    sa.CheckConstraint("is_open = (remaining > 0)", name="is_open"),
    sa.CheckConstraint("expires_on >= earned_on", name="expires_on"),
    sa.CheckConstraint(
        "first_expires_on IS NULL OR first_expires_on < expires_on", name="first_expires_on"
    ),
    sa.Index(
        "ix_lot_first_expiring",
        "tenant_id",
        "account_id",
        "expires_on",
        "id",
        postgresql_where=sa.text("is_open"),
    ),
    sa.Index(
        "ix_lot_expiring",
        "tenant_id",
        "expires_on",
        "account_id",
        "id",
        postgresql_where=sa.text("is_open AND expires_on IS NOT NULL"),
    ),
    postgresql_with={"fillfactor": 70},
)

# What a transfer took from a lot; below zero what a reversal gave back to it.
lot_use = sa.Table(
    "lot_use",
    metadata,
    tenant(),
    key("transfer_id"),
    key("lot_id"),
    needs("amount", AMOUNT),
    refers("transfer", "transfer_id"),
    refers("lot", "lot_id"),
    sa.CheckConstraint("amount <> 0", name="amount"),
    sa.Index(None, "tenant_id", "lot_id"),
)

hold = sa.Table(
    "hold",
    metadata,
    tenant(),
    key(),
    needs("reference", NAME),
    needs("account_id", UUID_),
    needs("payer_id", UUID_),
    needs("shop_id", UUID_),
    needs("community_id", UUID_),
    needs("amount", AMOUNT),
    begins("captured", AMOUNT, "0"),
    needs("state", TEXT),
    needs("held_at", INSTANT),
    needs("expires_at", INSTANT),
    sa.Column("ended_at", INSTANT),
    needs("actor_id", UUID_),
    needs("reason", TEXT),
    sa.UniqueConstraint("tenant_id", "reference"),
    refers("account", "account_id"),
    one_of("state", HoldState),
    sa.CheckConstraint("amount > 0", name="amount"),
    sa.CheckConstraint("captured BETWEEN 0 AND amount", name="captured"),
    sa.CheckConstraint("(state = 'captured') = (captured > 0)", name="captured_says_so"),
    sa.CheckConstraint("(state = 'held') = (ended_at IS NULL)", name="ended"),
    sa.CheckConstraint("expires_at > held_at", name="expires_at"),
    sa.Index(
        "ix_hold_of_account",
        "tenant_id",
        "account_id",
        "expires_at",
        postgresql_where=sa.text("state = 'held'"),
    ),
    sa.Index(
        "ix_hold_lapsing",
        "tenant_id",
        "expires_at",
        "id",
        postgresql_where=sa.text("state = 'held'"),
    ),
    postgresql_with={"fillfactor": 70},
)

hold_lot = sa.Table(
    "hold_lot",
    metadata,
    tenant(),
    key("hold_id"),
    key("lot_id"),
    needs("amount", AMOUNT),
    refers("hold", "hold_id"),
    refers("lot", "lot_id"),
    sa.CheckConstraint("amount > 0", name="amount"),
)

# Whoever was refused stays refused under that reference, also once there would be enough.
refusal = sa.Table(
    "refusal",
    metadata,
    tenant(),
    sa.Column("reference", NAME, primary_key=True),
    needs("content_hash", sa.LargeBinary()),
    needs("balance", AMOUNT),
    needs("needed", AMOUNT),
    needs("refused_at", INSTANT),
    sa.CheckConstraint("octet_length(content_hash) = 32", name="content_hash"),
    sa.CheckConstraint("0 <= balance AND balance < needed", name="needed"),
)

# Added, never changed: the latest choice before a lot expires is the one that counts.
expiry_choice = sa.Table(
    "expiry_choice",
    metadata,
    tenant(),
    key("person_id"),
    sa.Column("chosen_at", INSTANT, primary_key=True),
    needs("goes_to", TEXT),
    one_of("goes_to", Destination),
)

# A quarter that has ended, and in whose transaction. Both tables are only added to: what is
# closed has nothing that could be changed, and what is not publicised has no row.
period = sa.Table(
    "period",
    metadata,
    tenant(),
    key("community_id"),
    sa.Column("quarter", TEXT, primary_key=True),
    needs("publicised_at", INSTANT),
    needs("stopped_by", AMOUNT),
    sa.CheckConstraint("quarter ~ '^[0-9]{4}Q[1-4]$'", name="quarter"),
)

seal = sa.Table(
    "seal",
    metadata,
    tenant(),
    key("community_id"),
    sa.Column("quarter", TEXT, primary_key=True),
    needs("closed_at", INSTANT),
    needs("secret", sa.LargeBinary()),
    needs("root", sa.LargeBinary()),
    needs("leaf_count", AMOUNT),
    sa.Column("first_transfer_id", UUID_),
    sa.Column("last_transfer_id", UUID_),
    sa.Column("previous_root", sa.LargeBinary()),
    refers("period", "community_id", "quarter", to=("community_id", "quarter")),
    refers("transfer", "first_transfer_id", name="fk_seal_first_transfer"),
    refers("transfer", "last_transfer_id", name="fk_seal_last_transfer"),
    sa.CheckConstraint(
        "octet_length(secret) = 32 AND octet_length(root) = 32"
        " AND octet_length(previous_root) = 32",
        name="secret_and_roots",
    ),
    sa.CheckConstraint(
        "leaf_count >= 0 AND (leaf_count = 0) = (first_transfer_id IS NULL)"
        " AND (leaf_count = 0) = (last_transfer_id IS NULL)",
        name="its_ends",
    ),
)
