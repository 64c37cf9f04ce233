"""Paying in one call: a function locks the payer, and then reads, decides and writes."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NAME = (
    "spend(bigint, uuid, text, uuid, uuid, uuid, uuid, uuid, bigint, bigint, bigint, boolean,"
    " timestamptz, date, text, text)"
)
SPEND = """
CREATE FUNCTION spend(
    p_tenant bigint, p_id uuid, p_reference text, p_payer uuid, p_till uuid, p_receivable uuid,
    p_community uuid, p_actor uuid, p_amount bigint, p_most bigint, p_owed bigint,
    p_careful boolean, p_now timestamptz, p_day date, p_quarter text, p_reason text,
    OUT debit_version bigint, OUT debit_balance_after bigint, OUT booked_at timestamptz
) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    payer record;
    ids uuid[];
    frees bigint[];
    later uuid[];
    laters bigint[];
    free bigint;
    more bigint;
    taken bigint;
    missing bigint := p_amount;
BEGIN
    SELECT held, version + 1 AS version, posted - p_amount AS balance_after,
           greatest(p_now, last_booked_at + interval '1 microsecond') AS at
    INTO payer FROM account WHERE tenant_id = p_tenant AND id = p_payer
    FOR NO KEY UPDATE;
    IF NOT FOUND OR payer.held > 0 AND NOT p_careful THEN
        RETURN;
    END IF;

    SELECT array_agg(id), array_agg(amount), sum(amount) INTO ids, frees, free FROM (
        SELECT id, remaining - held AS amount FROM lot
        WHERE tenant_id = p_tenant AND account_id = p_payer AND is_open AND remaining > held
          AND expires_on >= p_day
        ORDER BY expires_on, id LIMIT p_most
    ) AS queue;
    IF free IS NULL OR free < p_amount THEN
        SELECT array_agg(id), array_agg(amount), sum(amount) INTO later, laters, more FROM (
            SELECT id, remaining - held AS amount FROM lot
            WHERE tenant_id = p_tenant AND account_id = p_payer AND is_open AND remaining > held
              AND expires_on IS NULL
            ORDER BY id LIMIT p_most
        ) AS queue;
        ids := ids || later;
        frees := frees || laters;
        free := coalesce(free, 0) + coalesce(more, 0);
    END IF;
    IF free < p_amount
        OR EXISTS (SELECT FROM refusal WHERE tenant_id = p_tenant AND reference = p_reference)
        OR EXISTS (SELECT FROM hold WHERE tenant_id = p_tenant AND reference = p_reference)
        OR EXISTS (
            SELECT FROM period
            WHERE tenant_id = p_tenant AND community_id = p_community AND quarter >= p_quarter
        )
        OR NOT EXISTS (SELECT FROM account WHERE tenant_id = p_tenant AND id = p_till)
        OR p_owed <> coalesce((
            SELECT -posted FROM account WHERE tenant_id = p_tenant AND id = p_receivable
        ), 0)
    THEN
        RETURN;
    END IF;

    INSERT INTO transfer (
        tenant_id, id, kind, reference, source, unit, debit_account_id, credit_account_id,
        amount, policy_version, community_id, quarter, occurred_on, booked_at, actor_id,
        reason, debit_version, debit_balance_after
    ) VALUES (
        p_tenant, p_id, 'redeem', p_reference, p_reference, 'points', p_payer, p_till, p_amount,
        '', p_community, p_quarter, p_day, payer.at, p_actor, p_reason, payer.version,
        payer.balance_after
    ) ON CONFLICT (tenant_id, reference) DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOR place IN 1 .. cardinality(ids) LOOP
        taken := least(missing, frees[place]);
        INSERT INTO lot_use (tenant_id, transfer_id, lot_id, amount)
        VALUES (p_tenant, p_id, ids[place], taken);
        UPDATE lot SET remaining = remaining - taken, is_open = remaining > taken
        WHERE tenant_id = p_tenant AND id = ids[place];
        missing := missing - taken;
        EXIT WHEN missing = 0;
    END LOOP;
    UPDATE account
    SET posted = payer.balance_after, version = payer.version, last_booked_at = payer.at
    WHERE tenant_id = p_tenant AND id = p_payer;
    debit_version := payer.version;
    debit_balance_after := payer.balance_after;
    booked_at := payer.at;
END
$$
"""


def upgrade() -> None:
    op.execute(SPEND)
    op.execute(f"REVOKE ALL ON FUNCTION {NAME} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {NAME} TO app, worker")


def downgrade() -> None:
    op.execute(f"DROP FUNCTION {NAME}")
