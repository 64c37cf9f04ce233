"""Lots, caps and quarters: what points are made of, what limits them, and when they are sealed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
EVERY_TENANT = "nullif(current_setting('app.tenant', true), '') IS NULL"
APPEND, CHANGE, READ = "SELECT, INSERT", "SELECT, INSERT, UPDATE", "SELECT"

UNITS = "unit IN ('minutes', 'score', 'points', 'household', 'work')"
SIDE = (
    "({side}_version IS NULL) = ({side}_balance_after IS NULL) AND {side}_version >= 1"
    " AND ({side}_balance_after >= 0 OR unit = 'work' OR kind = 'adjust')"
)
# By table: the rules that are told anew.
CHECKS = {
    "account": {
        "owner_kind": "owner_kind IN ('person', 'household', 'community', 'shop')",
        "unit": UNITS,
        "posted_not_below_zero": "posted >= 0 OR may_owe",
        "held_is_there": "held = 0 OR held BETWEEN 0 AND coalesce(posted, 0)",
    },
    "decision": {
        "unit": UNITS,
        "granted": "granted BETWEEN 0 AND raw OR (unit = 'work' AND raw < 0 AND granted = raw)",
    },
    "transfer": {
        "reverses": "(kind = 'reverse') = (reverses IS NOT NULL)",
        "debit_side": SIDE.format(side="debit"),
        "credit_side": SIDE.format(side="credit"),
    },
}
FORMER = {
    "account": {
        "owner_kind": "owner_kind IN ('person', 'community', 'shop')",
        "unit": "unit IN ('minutes', 'score', 'points')",
        "posted_not_below_zero": "posted >= 0",
        "held_is_there": "held BETWEEN 0 AND coalesce(posted, 0)",
    },
    "decision": {
        "unit": "unit IN ('minutes', 'score', 'points')",
        "granted": "granted BETWEEN 0 AND raw",
    },
    "transfer": {
        "reverses": "kind <> 'reverse' OR reverses IS NOT NULL",
        "debit_side": "(debit_version IS NULL) = (debit_balance_after IS NULL)"
        " AND debit_version >= 1 AND debit_balance_after >= 0",
        "credit_side": "(credit_version IS NULL) = (credit_balance_after IS NULL)"
        " AND credit_version >= 1 AND credit_balance_after >= 0",
    },
}
NEW_CHECKS = {
    "fact": {"planned": "planned BETWEEN 0 AND 1000000"},
    "account": {"who_may_owe": "NOT may_owe OR unit = 'work' OR code = 'receivable'"},
}
# Rights to the new tables, of the service and of its worker.
RIGHTS = {
    "cap_usage": (CHANGE, CHANGE),
    "lot": (CHANGE, CHANGE),
    "lot_use": (APPEND, APPEND),
    "hold": (CHANGE, CHANGE),
    "hold_lot": (APPEND, READ),
    "refusal": (APPEND, READ),
    "expiry_choice": (APPEND, READ),
    "period": (APPEND, APPEND),
    "seal": (APPEND, APPEND),
    "nightly_run": (READ, CHANGE),
    "funding": (APPEND, APPEND),
}
# What is filled in here is every tenant's, and row security would hide it from the owner.
FILLED = ("fact", "transfer", "settle_queue", "account", "lot", "lot_use")

# What was earned before there were lots expires at the end of the next year, and was spent in
# the order in which it was earned: the two running totals say which payment took from what.
EARNED = """
    SELECT tenant_id, id, credit_account_id AS account_id, community_id, occurred_on, amount,
        sum(amount) OVER (
            PARTITION BY tenant_id, credit_account_id ORDER BY credit_version
        ) AS upto
    FROM transfer WHERE unit = 'points' AND credit_version IS NOT NULL
"""
PAID = """
    SELECT tenant_id, id, debit_account_id AS account_id, amount,
        sum(amount) OVER (
            PARTITION BY tenant_id, debit_account_id ORDER BY debit_version
        ) AS upto
    FROM transfer WHERE unit = 'points' AND debit_version IS NOT NULL
"""
LOTS = f"""
    INSERT INTO lot (tenant_id, id, account_id, community_id, earned_on, expires_on, original,
        remaining, is_open)
    SELECT tenant_id, id, account_id, community_id, occurred_on,
        make_date(extract(year FROM occurred_on)::int + 1, 12, 31), amount, remaining,
        remaining > 0
    FROM (
        SELECT earned.*, greatest(0, least(amount, upto - coalesce(paid.total, 0))) AS remaining
        FROM ({EARNED}) AS earned
        LEFT JOIN (
            SELECT tenant_id, account_id, sum(amount) AS total FROM ({PAID}) AS paid
            GROUP BY tenant_id, account_id
        ) AS paid USING (tenant_id, account_id)
    ) AS parcel
"""
USES = f"""
    INSERT INTO lot_use (tenant_id, transfer_id, lot_id, amount)
    SELECT earned.tenant_id, paid.id, earned.id,
        least(earned.upto, paid.upto)
        - greatest(earned.upto - earned.amount, paid.upto - paid.amount)
    FROM ({EARNED}) AS earned
    JOIN ({PAID}) AS paid ON paid.tenant_id = earned.tenant_id
        AND paid.account_id = earned.account_id
        AND paid.upto - paid.amount < earned.upto AND earned.upto - earned.amount < paid.upto
"""


# What is published of a closed quarter. The secret behind its proofs is not for auditors.
PUBLISHED = (
    "tenant_id, community_id, quarter, closed_at, root, leaf_count,"
    " first_transfer_id, last_transfer_id, previous_root"
)


def upgrade() -> None:
    # Taken first by every writer: whoever holds another of the tables does not wait for us.
    op.execute("LOCK TABLE idempotency IN ACCESS EXCLUSIVE MODE")
    for column in (
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("planned", sa.Integer(), nullable=True),
        sa.Column(
            "circumstances", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
        sa.Column("acting_as", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("fact", column)
    op.add_column(
        "account", sa.Column("may_owe", sa.Boolean(), server_default="false", nullable=False)
    )
    op.add_column("decision", sa.Column("bound", sa.Text(), server_default="", nullable=False))
    op.add_column(
        "decision",
        sa.Column("caps", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.drop_column("decision", "explanation")
    op.add_column("settle_queue", sa.Column("occurred_at", sa.DateTime(timezone=True)))
    _tell_anew(CHECKS)
    for table, checks in NEW_CHECKS.items():
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    _create_tables()
    _wall_in()
    for table in FILLED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        UPDATE settle_queue SET occurred_at = fact.occurred_at FROM fact
        WHERE fact.tenant_id = settle_queue.tenant_id AND fact.id = settle_queue.fact_id
    """)
    op.execute(LOTS)
    op.execute(USES)
    for table in {*FILLED, *RIGHTS}:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.alter_column("settle_queue", "occurred_at", nullable=False)
    op.execute(
        f"CREATE POLICY every_tenant ON seal FOR SELECT TO auditor_ro USING ({EVERY_TENANT})"
    )
    op.execute(f"GRANT SELECT ({PUBLISHED}) ON seal TO auditor_ro")
    op.execute(
        f"CREATE VIEW auditor.seal WITH (security_invoker = true) AS SELECT {PUBLISHED} FROM seal"
    )
    op.execute("GRANT SELECT ON auditor.seal TO auditor_ro")
    op.drop_index("ix_settle_queue_due", table_name="settle_queue")
    op.create_index(
        "ix_settle_queue_in_order",
        "settle_queue",
        ["tenant_id", "community_id", "occurred_at", "fact_id"],
        postgresql_where=sa.text("quarantined_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("DROP VIEW auditor.seal")
    op.create_index(
        "ix_settle_queue_due",
        "settle_queue",
        ["tenant_id", "community_id", "not_before", "fact_id"],
        postgresql_where=sa.text("quarantined_at IS NULL"),
    )
    op.drop_index("ix_settle_queue_in_order", table_name="settle_queue")
    op.drop_column("settle_queue", "occurred_at")
    for table in ("hold_lot", "hold", "lot_use", "lot", "cap_usage", "refusal"):
        op.drop_table(table)
    op.drop_table("expiry_choice")
    op.drop_table("seal")
    op.drop_table("period")
    op.drop_table("nightly_run")
    op.drop_table("funding")
    for table, checks in NEW_CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    _tell_anew(FORMER)
    op.add_column(
        "decision", sa.Column("explanation", sa.Text(), server_default="", nullable=False)
    )
    op.alter_column("decision", "explanation", server_default=None)
    for column in ("caps", "bound"):
        op.drop_column("decision", column)
    op.drop_column("account", "may_owe")
    for column in ("acting_as", "circumstances", "planned", "activity_id"):
        op.drop_column("fact", column)


def _tell_anew(rules: dict[str, dict[str, str]]) -> None:
    for table, checks in rules.items():
        for name, condition in checks.items():
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)


def _wall_in() -> None:
    for table, (app, worker) in RIGHTS.items():
        op.execute(f"GRANT {app} ON {table} TO app")
        op.execute(f"GRANT {worker} ON {table} TO worker")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")


def _create_tables() -> None:
    op.create_table(
        "cap_usage",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(collation="C"), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("allowed", sa.BigInteger(), nullable=False),
        sa.Column("last_booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("used BETWEEN 0 AND allowed", name=op.f("ck_cap_usage_used")),
        sa.PrimaryKeyConstraint("tenant_id", "key", name=op.f("pk_cap_usage")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "lot",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("earned_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("original", sa.BigInteger(), nullable=False),
        sa.Column("remaining", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("is_open", sa.Boolean(), server_default="true", nullable=False),
        sa.CheckConstraint(
            "0 <= held AND held <= remaining AND remaining <= original AND original > 0",
            name=op.f("ck_lot_remaining"),
        ),
        sa.CheckConstraint("expires_on >= earned_on", name=op.f("ck_lot_expires_on")),
        sa.CheckConstraint("is_open = (remaining > 0)", name=op.f("ck_lot_is_open")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_lot_tenant_id_account_id_account"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["transfer.tenant_id", "transfer.id"],
            name=op.f("fk_lot_tenant_id_id_transfer"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_lot")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "ix_lot_expiring",
        "lot",
        ["tenant_id", "expires_on", "account_id", "id"],
        unique=False,
        postgresql_where=sa.text("is_open AND expires_on IS NOT NULL"),
    )
    op.create_index(
        "ix_lot_first_expiring",
        "lot",
        ["tenant_id", "account_id", "expires_on", "id"],
        unique=False,
        postgresql_where=sa.text("is_open"),
    )
    op.create_table(
        "lot_use",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("transfer_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_lot_use_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.id"],
            name=op.f("fk_lot_use_tenant_id_lot_id_lot"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "transfer_id"],
            ["transfer.tenant_id", "transfer.id"],
            name=op.f("fk_lot_use_tenant_id_transfer_id_transfer"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "transfer_id", "lot_id", name=op.f("pk_lot_use")),
    )
    op.create_index(
        op.f("ix_lot_use_tenant_id_lot_id"), "lot_use", ["tenant_id", "lot_id"], unique=False
    )
    op.create_table(
        "hold",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("payer_id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(state = 'captured') = (captured > 0)", name=op.f("ck_hold_captured_says_so")
        ),
        sa.CheckConstraint("(state = 'held') = (ended_at IS NULL)", name=op.f("ck_hold_ended")),
        sa.CheckConstraint(
            "state IN ('held', 'captured', 'released', 'expired')", name=op.f("ck_hold_state")
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_amount")),
        sa.CheckConstraint("captured BETWEEN 0 AND amount", name=op.f("ck_hold_captured")),
        sa.CheckConstraint("expires_at > held_at", name=op.f("ck_hold_expires_at")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "account_id"],
            ["account.tenant_id", "account.id"],
            name=op.f("fk_hold_tenant_id_account_id_account"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_hold")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_hold_tenant_id_reference")),
        postgresql_with={"fillfactor": 70},
    )
    op.create_index(
        "ix_hold_lapsing",
        "hold",
        ["tenant_id", "expires_at", "id"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_index(
        "ix_hold_of_account",
        "hold",
        ["tenant_id", "account_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("state = 'held'"),
    )
    op.create_table(
        "hold_lot",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hold_id", sa.Uuid(), nullable=False),
        sa.Column("lot_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_hold_lot_amount")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "hold_id"],
            ["hold.tenant_id", "hold.id"],
            name=op.f("fk_hold_lot_tenant_id_hold_id_hold"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "lot_id"],
            ["lot.tenant_id", "lot.id"],
            name=op.f("fk_hold_lot_tenant_id_lot_id_lot"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "hold_id", "lot_id", name=op.f("pk_hold_lot")),
    )
    op.create_table(
        "refusal",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=False),
        sa.Column("content_hash", sa.LargeBinary(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("needed", sa.BigInteger(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("0 <= balance AND balance < needed", name=op.f("ck_refusal_needed")),
        sa.CheckConstraint("octet_length(content_hash) = 32", name=op.f("ck_refusal_content_hash")),
        sa.PrimaryKeyConstraint("tenant_id", "reference", name=op.f("pk_refusal")),
    )
    op.create_table(
        "expiry_choice",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("goes_to", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "goes_to IN ('community', 'love_pool')", name=op.f("ck_expiry_choice_goes_to")
        ),
        sa.PrimaryKeyConstraint(
            "tenant_id", "person_id", "chosen_at", name=op.f("pk_expiry_choice")
        ),
    )
    op.create_table(
        "period",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("publicised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_by", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quarter ~ '^[0-9]{4}Q[1-4]$'", name=op.f("ck_period_quarter")),
        sa.PrimaryKeyConstraint("tenant_id", "community_id", "quarter", name=op.f("pk_period")),
    )
    op.create_table(
        "seal",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("leaf_count", sa.BigInteger(), nullable=False),
        sa.Column("first_transfer_id", sa.Uuid(), nullable=True),
        sa.Column("last_transfer_id", sa.Uuid(), nullable=True),
        sa.Column("previous_root", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint(
            "octet_length(secret) = 32 AND octet_length(root) = 32"
            " AND octet_length(previous_root) = 32",
            name=op.f("ck_seal_secret_and_roots"),
        ),
        sa.CheckConstraint(
            "leaf_count >= 0 AND (leaf_count = 0) = (first_transfer_id IS NULL)"
            " AND (leaf_count = 0) = (last_transfer_id IS NULL)",
            name=op.f("ck_seal_its_ends"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "community_id", "quarter"],
            ["period.tenant_id", "period.community_id", "period.quarter"],
            name=op.f("fk_seal_tenant_id_community_id_quarter_period"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "first_transfer_id"],
            ["transfer.tenant_id", "transfer.id"],
            name="fk_seal_first_transfer",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "last_transfer_id"],
            ["transfer.tenant_id", "transfer.id"],
            name="fk_seal_last_transfer",
        ),
        sa.PrimaryKeyConstraint("tenant_id", "community_id", "quarter", name=op.f("pk_seal")),
    )
    op.create_table(
        "nightly_run",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "finished_at >= started_at", name=op.f("ck_nightly_run_finished_after_start")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_nightly_run_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_nightly_run")),
        sa.UniqueConstraint("tenant_id", "day", name=op.f("uq_nightly_run_tenant_id_day")),
    )
    op.create_table(
        "funding",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("voucher", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("funded_on", sa.Date(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount_fen <> 0", name=op.f("ck_funding_amount_fen")),
        sa.CheckConstraint(
            "source IN ('fiscal', 'party_dues', 'social')", name=op.f("ck_funding_source")
        ),
        sa.CheckConstraint("voucher <> ''", name=op.f("ck_funding_voucher")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_funding_tenant_id_tenant")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "community_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_funding_tenant_id_community_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "recorded_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_funding_tenant_id_recorded_by_person"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_funding")),
        sa.UniqueConstraint(
            "tenant_id",
            "community_id",
            "voucher",
            name=op.f("uq_funding_tenant_id_community_id_voucher"),
        ),
    )
