"""What must always be true of goods, codes and redemptions."""

from app.supermarket.waiting_invariants import OF_OFFLINE, OF_WAITING
from points_engine.postgres import Invariant

INVARIANTS = (
    Invariant(
        "what is on hand of a batch is the sum of its moves",
        """
        SELECT stock.id, stock.on_hand, coalesce(sum(move.delta), 0) AS moved
        FROM stock
        LEFT JOIN stock_move AS move
            ON move.tenant_id = stock.tenant_id AND move.batch_id = stock.id
        WHERE stock.tenant_id = :tenant_id
        GROUP BY stock.id, stock.on_hand
        HAVING stock.on_hand <> coalesce(sum(move.delta), 0)
        """,
    ),
    Invariant(
        "a move that two people made was proposed and approved, and made once",
        """
        SELECT proposal.id, proposal.state, proposal.delta, move.delta AS moved
        FROM stock_proposal AS proposal
        LEFT JOIN stock_move AS move
            ON move.tenant_id = proposal.tenant_id AND move.proposal_id = proposal.id
        WHERE proposal.tenant_id = :tenant_id
            AND ((proposal.state = 'approved') <> (move.id IS NOT NULL)
                OR (move.batch_id, move.kind, move.delta)
                    <> (proposal.batch_id, proposal.kind, proposal.delta))
        """,
    ),
    Invariant(
        "a completed redemption took its points once",
        """
        SELECT redemption.id, redemption.cost, transfer.amount
        FROM redemption
        LEFT JOIN transfer
            ON transfer.tenant_id = redemption.tenant_id
            AND transfer.id = redemption.transfer_id
            AND transfer.reference = 'redemption:' || redemption.id
        WHERE redemption.tenant_id = :tenant_id
            AND redemption.state = 'completed'
            AND transfer.amount IS DISTINCT FROM redemption.cost
        """,
    ),
    Invariant(
        "a completed redemption moved its goods once",
        """
        SELECT line.redemption_id, line.item_id, line.quantity, sum(move.delta) AS moved
        FROM redemption_line AS line
        LEFT JOIN stock_move AS move
            ON move.tenant_id = line.tenant_id
            AND move.redemption_id = line.redemption_id
            AND move.item_id = line.item_id
            AND move.kind = 'redemption'
        WHERE line.tenant_id = :tenant_id
        GROUP BY line.redemption_id, line.item_id, line.quantity
        HAVING line.quantity + coalesce(sum(move.delta), 0) <> 0
        """,
    ),
    Invariant(
        "the lines of a redemption add up to its cost",
        """
        SELECT redemption.id, redemption.cost, coalesce(sum(line.points), 0) AS lines
        FROM redemption
        LEFT JOIN redemption_line AS line
            ON line.tenant_id = redemption.tenant_id AND line.redemption_id = redemption.id
        WHERE redemption.tenant_id = :tenant_id
        GROUP BY redemption.id, redemption.cost
        HAVING redemption.cost <> coalesce(sum(line.points), 0)
        """,
    ),
    Invariant(
        "points spent at a till have a redemption",
        """
        SELECT transfer.id, transfer.reference, transfer.amount
        FROM transfer
        LEFT JOIN redemption
            ON redemption.tenant_id = transfer.tenant_id
            AND redemption.transfer_id = transfer.id
            AND redemption.state = 'completed'
        LEFT JOIN redemption_return AS back
            ON back.tenant_id = transfer.tenant_id AND back.paid_id = transfer.id
        WHERE transfer.tenant_id = :tenant_id
            AND transfer.kind = 'redeem'
            AND redemption.id IS NULL AND back.id IS NULL
        """,
    ),
    Invariant(
        "a code that was redeemed is burnt",
        """
        SELECT code.id
        FROM redemption
        JOIN redeem_code AS code
            ON code.tenant_id = redemption.tenant_id AND code.id = redemption.code_id
        WHERE redemption.tenant_id = :tenant_id AND code.burnt_at IS NULL
        """,
    ),
    *OF_WAITING,
    *OF_OFFLINE,
)
