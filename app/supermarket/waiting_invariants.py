"""What must always be true of what waits for people, came back, or was given away."""

from points_engine.postgres import Invariant

OF_WAITING = (
    Invariant(
        "what is held of a batch waits for somebody",
        """
        SELECT stock.id, stock.held, coalesce(sum(part.quantity), 0) AS waiting
        FROM stock
        LEFT JOIN (
            SELECT part.batch_id, part.quantity FROM reservation_part AS part
            JOIN reservation
                ON reservation.tenant_id = part.tenant_id AND reservation.id = part.reservation_id
            WHERE part.tenant_id = :tenant_id AND reservation.state = 'open'
        ) AS part ON part.batch_id = stock.id
        WHERE stock.tenant_id = :tenant_id
        GROUP BY stock.id, stock.held
        HAVING stock.held <> coalesce(sum(part.quantity), 0)
        """,
    ),
    Invariant(
        "what waits has its goods, its price, and its points on hold",
        """
        SELECT reservation.id, reservation.cost, hold.amount, hold.state, lines.points,
            lines.pieces, parts.pieces AS held
        FROM reservation
        LEFT JOIN hold ON hold.tenant_id = reservation.tenant_id
            AND hold.reference = 'redemption:' || reservation.id
        LEFT JOIN (
            SELECT reservation_id, sum(points * quantity) AS points, sum(quantity) AS pieces
            FROM reservation_line WHERE tenant_id = :tenant_id GROUP BY reservation_id
        ) AS lines ON lines.reservation_id = reservation.id
        LEFT JOIN (
            SELECT reservation_id, sum(quantity) AS pieces
            FROM reservation_part WHERE tenant_id = :tenant_id GROUP BY reservation_id
        ) AS parts ON parts.reservation_id = reservation.id
        WHERE reservation.tenant_id = :tenant_id
            AND (reservation.cost = hold.amount AND reservation.cost = lines.points
                AND lines.pieces = parts.pieces
                AND (reservation.state = 'picked_up') = (hold.state = 'captured')
                AND (hold.state <> 'held' OR reservation.state = 'open')) IS NOT TRUE
        """,
    ),
    Invariant(
        "what was picked up is the redemption of its reservation",
        """
        SELECT reservation.id, reservation.state, redemption.id AS redemption_id
        FROM reservation
        LEFT JOIN redemption ON redemption.tenant_id = reservation.tenant_id
            AND redemption.reservation_id = reservation.id
        WHERE reservation.tenant_id = :tenant_id
            AND ((reservation.state = 'picked_up') <> (redemption.id IS NOT NULL)
                OR redemption.person_id <> reservation.person_id
                OR redemption.cost > reservation.cost)
        """,
    ),
    Invariant(
        "a return undoes the payment before it, and what is kept is paid again",
        """
        SELECT back.id, back.points, undone.amount AS undone, again.amount AS again
        FROM redemption_return AS back
        JOIN redemption
            ON redemption.tenant_id = back.tenant_id AND redemption.id = back.redemption_id
        LEFT JOIN redemption_return AS earlier ON earlier.tenant_id = back.tenant_id
            AND earlier.redemption_id = back.redemption_id AND earlier.place = back.place - 1
        LEFT JOIN transfer AS undone
            ON undone.tenant_id = back.tenant_id AND undone.id = back.reversal_id
        LEFT JOIN transfer AS again
            ON again.tenant_id = back.tenant_id AND again.id = back.paid_id
        WHERE back.tenant_id = :tenant_id
            AND (undone.kind = 'reverse'
                AND undone.reverses
                    = CASE back.place WHEN 1 THEN redemption.transfer_id ELSE earlier.paid_id END
                AND coalesce(again.amount, 0) = undone.amount - back.points
                AND coalesce(again.kind, 'redeem') = 'redeem') IS NOT TRUE
        """,
    ),
    Invariant(
        "what came back moved its goods once",
        """
        SELECT coalesce(line.redemption_id, move.redemption_id) AS redemption_id,
            line.quantity, move.delta
        FROM (
            SELECT back.redemption_id, line.item_id, sum(line.quantity) AS quantity
            FROM return_line AS line
            JOIN redemption_return AS back
                ON back.tenant_id = line.tenant_id AND back.id = line.return_id
            WHERE line.tenant_id = :tenant_id
            GROUP BY back.redemption_id, line.item_id
        ) AS line
        LEFT JOIN (
            SELECT redemption_id, item_id, sum(delta) AS delta FROM stock_move
            WHERE tenant_id = :tenant_id AND kind = 'return' GROUP BY redemption_id, item_id
        ) AS move ON move.redemption_id = line.redemption_id AND move.item_id = line.item_id
        WHERE line.quantity IS DISTINCT FROM move.delta
        """,
    ),
    Invariant(
        "vouchers sold are live, used, returned or expired, and returned as the books say",
        """
        SELECT line.redemption_id, line.item_id, line.quantity, count(voucher.id) AS vouchers,
            count(voucher.id) FILTER (WHERE voucher.state = 'returned') AS returned,
            coalesce(back.quantity, 0) AS booked
        FROM redemption_line AS line
        JOIN redemption
            ON redemption.tenant_id = line.tenant_id AND redemption.id = line.redemption_id
        JOIN item ON item.tenant_id = line.tenant_id AND item.id = line.item_id
        LEFT JOIN service_voucher AS voucher ON voucher.tenant_id = line.tenant_id
            AND voucher.redemption_id = line.redemption_id AND voucher.item_id = line.item_id
        LEFT JOIN (
            SELECT back.redemption_id, line.item_id, sum(line.quantity) AS quantity
            FROM return_line AS line
            JOIN redemption_return AS back
                ON back.tenant_id = line.tenant_id AND back.id = line.return_id
            WHERE line.tenant_id = :tenant_id
            GROUP BY back.redemption_id, line.item_id
        ) AS back ON back.redemption_id = line.redemption_id AND back.item_id = line.item_id
        WHERE line.tenant_id = :tenant_id AND item.kind = 'voucher'
            AND redemption.at >= (
                SELECT min(issued_at) FROM service_voucher WHERE tenant_id = :tenant_id)
        GROUP BY line.redemption_id, line.item_id, line.quantity, back.quantity
        HAVING line.quantity <> count(voucher.id)
            OR coalesce(back.quantity, 0)
                <> count(voucher.id) FILTER (WHERE voucher.state = 'returned')
        """,
    ),
    Invariant(
        "a voucher is redeemed by a merchant of its kind, in its community and time",
        """
        SELECT voucher.id, voucher.category, merchant.category AS merchants
        FROM service_voucher AS voucher
        JOIN merchant
            ON merchant.tenant_id = voucher.tenant_id AND merchant.id = voucher.merchant_id
        WHERE voucher.tenant_id = :tenant_id
            AND ((merchant.category, merchant.community_id)
                    <> (voucher.category, voucher.community_id)
                OR voucher.ended_at > voucher.expires_at)
        """,
    ),
    Invariant(
        "points given away were moved once, and reach the love pool",
        """
        SELECT donation.id, donation.points, transfer.amount
        FROM points_donation AS donation
        LEFT JOIN transfer
            ON transfer.tenant_id = donation.tenant_id AND transfer.id = donation.transfer_id
        LEFT JOIN account AS pool
            ON pool.tenant_id = donation.tenant_id AND pool.id = transfer.credit_account_id
        WHERE donation.tenant_id = :tenant_id
            AND (transfer.kind = 'donate' AND transfer.amount = donation.points
                AND pool.code = 'love_pool' AND pool.owner_id = donation.community_id) IS NOT TRUE
        """,
    ),
)

OF_OFFLINE = (
    Invariant(
        "what a terminal may sell is on hold, and what it sold was paid with that",
        """
        SELECT share.id, share.state, share.points, hold.amount, hold.state AS held,
            redemption.id AS redemption_id
        FROM offline_share AS share
        LEFT JOIN hold ON hold.tenant_id = share.tenant_id
            AND hold.reference = 'redemption:' || share.id
        LEFT JOIN redemption ON redemption.tenant_id = share.tenant_id
            AND redemption.id = share.id AND redemption.state = 'completed'
        WHERE share.tenant_id = :tenant_id
            AND (hold.amount = share.points
                AND hold.payer_id = share.person_id
                AND (share.state = 'sold') = (hold.state = 'captured')
                AND (share.state = 'sold') = (redemption.id IS NOT NULL)
                AND (hold.state <> 'held' OR share.state = 'open')) IS NOT TRUE
        """,
    ),
    Invariant(
        "what a terminal brought is one redemption, or waits, or was closed",
        """
        SELECT sale.id, sale.state, redemption.id AS redemption_id, redemption.cost
        FROM offline_sale AS sale
        JOIN offline_share AS share
            ON share.tenant_id = sale.tenant_id AND share.id = sale.share_id
        LEFT JOIN redemption ON redemption.tenant_id = sale.tenant_id
            AND redemption.offline_sale_id = sale.id AND redemption.state = 'completed'
        WHERE sale.tenant_id = :tenant_id
            AND ((sale.state = 'booked') <> (redemption.id IS NOT NULL)
                OR redemption.person_id <> share.person_id
                OR redemption.cost > share.points
                OR sale.slice_id <> share.slice_id)
        """,
    ),
)
