"""What must hold of lots: they are what their account has, and what left them left for a reason."""

from points_engine.postgres.promises import Invariant

OF_LOTS = (
    Invariant(
        "what is left in the lots of an account is what it has",
        # A lot in an account that keeps none finds no partner here and is shown as well.
        """
        SELECT coalesce(kept.id, parcel.account_id) AS account_id, kept.posted, parcel.remaining
        FROM (
            SELECT id, posted FROM account
            WHERE tenant_id = :tenant_id AND unit = 'points' AND code = 'red_account'
        ) AS kept
        FULL JOIN (
            SELECT account_id, sum(remaining) AS remaining FROM lot
            WHERE tenant_id = :tenant_id GROUP BY account_id
        ) AS parcel ON parcel.account_id = kept.id
        WHERE kept.posted IS DISTINCT FROM coalesce(parcel.remaining, 0)
        """,
    ),
    Invariant(
        "what a lot has lost is what was taken from it",
        """
        SELECT lot.id, lot.original, lot.remaining, taken.amount
        FROM lot
        LEFT JOIN (
            SELECT lot_id, sum(amount) AS amount FROM lot_use
            WHERE tenant_id = :tenant_id GROUP BY lot_id
        ) AS taken ON taken.lot_id = lot.id
        WHERE lot.tenant_id = :tenant_id
          AND lot.original - lot.remaining <> coalesce(taken.amount, 0)
        """,
    ),
    Invariant(
        "what a transfer takes it takes from lots, and what it brings comes in lots",
        # From each side the amount must be found: in uses on the one, on the other in the lot
        # that it made and in the uses that gave something back. Summed in one pass.
        """
        SELECT moved.id, moved.account_id, sum(moved.amount) AS without_lots FROM (
            SELECT id, debit_account_id AS account_id, -amount AS amount
            FROM transfer WHERE tenant_id = :tenant_id AND unit = 'points'
            UNION ALL
            SELECT id, credit_account_id, amount
            FROM transfer WHERE tenant_id = :tenant_id AND unit = 'points'
            UNION ALL
            SELECT id, account_id, -original FROM lot WHERE tenant_id = :tenant_id
            UNION ALL
            SELECT lot_use.transfer_id, lot.account_id, lot_use.amount FROM lot_use
            JOIN lot ON lot.tenant_id = :tenant_id AND lot.id = lot_use.lot_id
            WHERE lot_use.tenant_id = :tenant_id
        ) AS moved
        JOIN account ON account.tenant_id = :tenant_id AND account.id = moved.account_id
            AND account.unit = 'points' AND account.code = 'red_account'
        GROUP BY moved.id, moved.account_id HAVING sum(moved.amount) <> 0
        """,
    ),
    Invariant(
        "nothing is taken from a lot that had lapsed, unless it was held",
        # A reversal takes from its own lot, whenever that lapsed; expiry takes from no others.
        """
        SELECT lot_use.transfer_id, lot_use.lot_id, lot.expires_on, transfer.occurred_on
        FROM lot_use
        JOIN lot ON lot.tenant_id = :tenant_id AND lot.id = lot_use.lot_id
        JOIN transfer ON transfer.tenant_id = :tenant_id AND transfer.id = lot_use.transfer_id
        WHERE lot_use.tenant_id = :tenant_id AND lot_use.amount > 0
          AND lot.expires_on < transfer.occurred_on
          AND transfer.kind <> 'expire' AND transfer.reverses IS DISTINCT FROM lot.id
          AND NOT EXISTS (
              SELECT FROM hold
              JOIN hold_lot ON hold_lot.tenant_id = :tenant_id AND hold_lot.hold_id = hold.id
              WHERE hold.tenant_id = :tenant_id AND hold.reference = transfer.reference
                AND hold_lot.lot_id = lot.id
          )
        """,
    ),
    Invariant(
        "what lapses ends in its community, or in the love pool where its owner chose that",
        # Its owner's latest choice before its last day had ended. One that was made at about the
        # time of the booking may have come too late for it: clocks disagree, by less than a day.
        """
        SELECT transfer.id, transfer.reference FROM transfer
        LEFT JOIN lot_use
            ON lot_use.tenant_id = :tenant_id AND lot_use.transfer_id = transfer.id
        LEFT JOIN lot ON lot.tenant_id = :tenant_id AND lot.id = lot_use.lot_id
        LEFT JOIN account AS owner
            ON owner.tenant_id = :tenant_id AND owner.id = transfer.debit_account_id
        LEFT JOIN account AS ends
            ON ends.tenant_id = :tenant_id AND ends.id = transfer.credit_account_id
        CROSS JOIN LATERAL (
            SELECT coalesce((array_agg(went ORDER BY chosen_at DESC))[1], 'expired') AS by_then,
                   coalesce((array_agg(went ORDER BY chosen_at DESC) FILTER (
                       WHERE chosen_at < transfer.booked_at - interval '1 day'
                   ))[1], 'expired') AS a_day_before_the_booking
            FROM (
                SELECT chosen_at, CASE goes_to WHEN 'community' THEN 'expired' ELSE goes_to END
                FROM expiry_choice
                WHERE expiry_choice.tenant_id = :tenant_id AND person_id = owner.owner_id
                  AND chosen_at < CAST(transfer.occurred_on AS timestamp)
                      AT TIME ZONE interval '8 hours'
            ) AS choice(chosen_at, went)
        ) AS chosen
        WHERE transfer.tenant_id = :tenant_id AND transfer.kind = 'expire'
          AND (ends.owner_id = lot.community_id AND transfer.community_id = lot.community_id
               AND ends.code IN (
                   chosen.by_then, chosen.a_day_before_the_booking
               )) IS NOT TRUE
        """,
    ),
    Invariant(
        "a lot lives longer than it was made for only where a hold had kept it",
        """
        SELECT lot.id, lot.first_expires_on, lot.expires_on FROM lot
        WHERE lot.tenant_id = :tenant_id AND lot.first_expires_on IS NOT NULL
          AND NOT EXISTS (
              SELECT FROM hold_lot
              JOIN hold ON hold.tenant_id = :tenant_id AND hold.id = hold_lot.hold_id
              WHERE hold_lot.tenant_id = :tenant_id AND hold_lot.lot_id = lot.id
                AND hold.state <> 'held'
          )
        """,
    ),
)
