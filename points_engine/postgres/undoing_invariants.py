"""What must hold of what was undone: it is the very contrary, and its caps are free again."""

from points_engine.postgres.promises import Invariant

OF_UNDOING = (
    Invariant(
        "a reversal is the negated original",
        """
        SELECT back.id, back.reference FROM transfer AS back
        LEFT JOIN transfer AS original
            ON original.tenant_id = :tenant_id AND original.id = back.reverses
        WHERE back.tenant_id = :tenant_id AND back.kind = 'reverse'
          AND (back.amount = original.amount AND back.unit = original.unit
               AND back.debit_account_id = original.credit_account_id
               AND back.credit_account_id = original.debit_account_id
               AND back.community_id = original.community_id
               AND original.kind NOT IN ('reverse', 'expire')) IS NOT TRUE
        """,
    ),
    Invariant(
        "what is used of a cap is what was granted under it and not taken back",
        """
        SELECT key, usage.used, usage.allowed, counted.granted
        FROM (
            SELECT key, used, allowed FROM cap_usage WHERE tenant_id = :tenant_id
        ) AS usage
        FULL JOIN (
            SELECT counted_under.key,
                   sum(decision.granted) FILTER (WHERE undone.fact_id IS NULL) AS granted
            FROM decision
            LEFT JOIN (
                SELECT earned.fact_id, earned.unit FROM transfer AS back
                JOIN transfer AS earned
                    ON earned.tenant_id = :tenant_id AND earned.id = back.reverses
                WHERE back.tenant_id = :tenant_id AND back.reverses IS NOT NULL
            ) AS undone ON undone.fact_id = decision.fact_id AND undone.unit = decision.unit
            CROSS JOIN unnest(decision.caps) AS counted_under(key)
            WHERE decision.tenant_id = :tenant_id
            GROUP BY counted_under.key
        ) AS counted USING (key)
        WHERE coalesce(usage.used, 0) <> coalesce(counted.granted, 0)
           OR usage.used > usage.allowed
        """,
    ),
)
