"""The auditors' door: views with stable names over the tables as they are."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A guarded account keeps its balance; that of a system account is the sum of its transfers.
VIEWS = {
    "account": """
        SELECT account.id AS account_id, account.tenant_id,
            account.owner_kind || ':' || account.code AS kind, account.owner_id,
            account.unit AS asset, coalesce(account.posted, moved.balance, 0) AS balance,
            NOT account.guarded AS allow_negative
        FROM account
        LEFT JOIN (
            SELECT side.tenant_id, side.account_id, sum(side.amount)::bigint AS balance
            FROM (
                SELECT tenant_id, credit_account_id AS account_id, amount FROM transfer
                WHERE credit_version IS NULL
                UNION ALL
                SELECT tenant_id, debit_account_id, -amount FROM transfer
                WHERE debit_version IS NULL
            ) AS side
            GROUP BY side.tenant_id, side.account_id
        ) AS moved
            ON moved.tenant_id = account.tenant_id AND moved.account_id = account.id
    """,
    "txn": """
        SELECT id AS txn_id, tenant_id, kind, split_part(source, ':', 1) AS source_type,
            substr(source, strpos(source, ':') + 1) AS source_id, reverses AS reverses_txn_id
        FROM transfer
    """,
    "entry": """
        SELECT id || ':debit' AS entry_id, id AS txn_id, tenant_id,
            debit_account_id AS account_id, unit AS asset, -amount AS amount,
            debit_version AS account_seq, debit_balance_after AS balance_after
        FROM transfer
        UNION ALL
        SELECT id || ':credit', id, tenant_id, credit_account_id, unit, amount,
            credit_version, credit_balance_after
        FROM transfer
    """,
    "earn_event": """
        SELECT fact.id AS event_id, fact.tenant_id, fact.beneficiary_id AS user_id,
            decision.unit AS asset, decision.granted AS points,
            CASE
                WHEN queue.quarantined_at IS NOT NULL THEN 'quarantined'
                WHEN decision.fact_id IS NULL THEN 'pending'
                WHEN decision.granted = 0 THEN 'refused'
                ELSE 'settled'
            END AS state,
            transfer.id AS txn_id
        FROM fact
        LEFT JOIN settle_queue AS queue
            ON queue.tenant_id = fact.tenant_id AND queue.fact_id = fact.id
        LEFT JOIN decision
            ON decision.tenant_id = fact.tenant_id AND decision.fact_id = fact.id
        LEFT JOIN transfer
            ON transfer.tenant_id = decision.tenant_id AND transfer.fact_id = decision.fact_id
            AND transfer.unit = decision.unit AND transfer.kind = 'earn'
    """,
    "stock": "SELECT id AS item_id, tenant_id, on_hand FROM stock",
    "stock_move": """
        SELECT id AS move_id, item_id, tenant_id, delta, redemption_id FROM stock_move
    """,
    "redemption": """
        SELECT redemption.id AS redemption_id, redemption.tenant_id, line.item_id,
            line.quantity AS qty, coalesce(line.points, redemption.cost) AS cost,
            redemption.person_id AS member_id, redemption.manager_id, redemption.state,
            redemption.transfer_id AS txn_id, NULL::uuid AS refund_txn_id,
            redemption.code_id AS code_jti
        FROM redemption
        LEFT JOIN redemption_line AS line
            ON line.tenant_id = redemption.tenant_id AND line.redemption_id = redemption.id
    """,
    "checkin": """
        SELECT id || ':in' AS checkin_id, tenant_id, activity_id, person_id AS user_id,
            'in' AS kind, true AS accepted, NULL::uuid AS code_jti
        FROM attendance
        UNION ALL
        SELECT id || ':out', tenant_id, activity_id, person_id, 'out', true, NULL::uuid
        FROM attendance
        WHERE checked_out_at IS NOT NULL
    """,
}


def upgrade() -> None:
    op.execute("CREATE SCHEMA auditor")
    op.execute("GRANT USAGE ON SCHEMA auditor TO auditor_ro")
    for name, query in VIEWS.items():
        view = f"CREATE VIEW auditor.{name} WITH (security_invoker = true) AS {query}"
        op.get_bind().exec_driver_sql(view)  # as it stands: its colons are no parameters
        op.execute(f"GRANT SELECT ON auditor.{name} TO auditor_ro")


def downgrade() -> None:
    for name in reversed(VIEWS):
        op.execute(f"DROP VIEW auditor.{name}")
    op.execute("DROP SCHEMA auditor")
