"""What must hold of holds: what is pinned is there, and a hold ends in one way."""

from points_engine.postgres.promises import Invariant

OF_HOLDS = (
    Invariant(
        "what an account has held is what its open holds keep",
        """
        SELECT account.id, account.held, kept.amount FROM account
        LEFT JOIN (
            SELECT account_id, sum(amount) AS amount FROM hold
            WHERE tenant_id = :tenant_id AND state = 'held' GROUP BY account_id
        ) AS kept ON kept.account_id = account.id
        WHERE account.tenant_id = :tenant_id AND account.held <> coalesce(kept.amount, 0)
        """,
    ),
    Invariant(
        "what a lot has held is what open holds have pinned of it",
        """
        SELECT lot.id, lot.held, pinned.amount FROM lot
        LEFT JOIN (
            SELECT lot_id, sum(hold_lot.amount) AS amount FROM hold_lot
            JOIN hold ON hold.tenant_id = :tenant_id AND hold.id = hold_lot.hold_id
            WHERE hold_lot.tenant_id = :tenant_id AND hold.state = 'held'
            GROUP BY lot_id
        ) AS pinned ON pinned.lot_id = lot.id
        WHERE lot.tenant_id = :tenant_id AND lot.held <> coalesce(pinned.amount, 0)
        """,
    ),
    Invariant(
        "a hold has pinned what it keeps, in lots of its payer",
        """
        SELECT hold.id, hold.amount, sum(hold_lot.amount) AS pinned FROM hold
        JOIN account ON account.tenant_id = :tenant_id AND account.id = hold.account_id
        LEFT JOIN hold_lot ON hold_lot.tenant_id = :tenant_id AND hold_lot.hold_id = hold.id
        LEFT JOIN lot ON lot.tenant_id = :tenant_id AND lot.id = hold_lot.lot_id
        WHERE hold.tenant_id = :tenant_id
        GROUP BY hold.id, hold.amount, hold.payer_id, account.owner_id
        HAVING (sum(hold_lot.amount) = hold.amount AND account.owner_id = hold.payer_id
                AND bool_and(lot.account_id = hold.account_id)) IS NOT TRUE
        """,
    ),
    Invariant(
        "a hold is captured by the one payment of its name, from its payer to its shop",
        """
        SELECT hold.id, hold.reference, hold.state, hold.captured, transfer.amount FROM hold
        LEFT JOIN transfer
            ON transfer.tenant_id = :tenant_id AND transfer.reference = hold.reference
        LEFT JOIN account AS till
            ON till.tenant_id = :tenant_id AND till.id = transfer.credit_account_id
        WHERE hold.tenant_id = :tenant_id
          AND CASE hold.state
              WHEN 'captured' THEN (
                  transfer.kind = 'redeem' AND transfer.amount = hold.captured
                  AND transfer.debit_account_id = hold.account_id
                  AND till.owner_id = hold.shop_id AND till.code = 'till'
              ) IS NOT TRUE
              ELSE hold.captured <> 0 OR transfer.id IS NOT NULL
          END
        """,
    ),
)
