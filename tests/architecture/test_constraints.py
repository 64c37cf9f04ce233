"""What the code never writes, the database would not take: each rule is broken once."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

UNTRUE, NOBODY, TWICE = "23514", "23503", "23505"
OTHER = "(SELECT id FROM person WHERE id <> put_by ORDER BY id LIMIT 1)"

BROKEN = {
    "a station's name of blanks": ("station", "name = E' \\t\u3000'", UNTRUE),
    "a shop without a name": ("shop", "name = ''", UNTRUE),
    "a name that fits no poster": ("station", "name = repeat('站', 61)", UNTRUE),
    "a visit in no known state": ("station_visit", "state = 'maybe'", UNTRUE),
    "an attendance in no known state": ("attendance", "state = 'lost'", UNTRUE),
    "somebody who left and is there": ("attendance", "checked_out_at = checked_in_at", UNTRUE),
    "a place where somebody came": ("attendance", "location_in = '31.2,118.4'", UNTRUE),
    "six stars": ("feedback", "rating = 6", UNTRUE),
    "an answer to oneself": ("feedback", "answered_by = person_id", UNTRUE),
    "words that nobody gave": ("feedback", "rating = NULL, given_at = NULL", UNTRUE),
    "a slip that was answered and revoked": (
        "service_slip",
        "revoked_by = issued_by, revoked_at = issued_at, revoked_for = '丢了'",
        UNTRUE,
    ),
    "somebody who looks into a denial of their own slip": (
        "service_slip",
        "finding = 'stands', decided_by = issued_by, decided_at = issued_at, decided_for = '问过'",
        UNTRUE,
    ),
    "a document accepted by who brought it": (
        "service_document",
        "state = 'accepted', decided_by = uploaded_by, decided_at = uploaded_at",
        UNTRUE,
    ),
    "somebody still there who waits for a word": (
        "attendance WHERE state = 'checked_in'",
        "awaits = '{ben}', awaits_until = checked_in_at",
        UNTRUE,
    ),
    "minutes of somebody still there": ("attendance", "minutes = 5", UNTRUE),
    "somebody who reviews what they drafted": (
        "activity WHERE drafted_by IS NOT NULL",
        "reviewed_by = drafted_by, reviewed_at = starts_at",
        UNTRUE,
    ),
    "a review of what nobody submitted": ("activity", "state = 'in_review'", UNTRUE),
    "what is called off for no reason": (
        "activity WHERE state = 'published'",
        "state = 'cancelled', cancelled_at = starts_at",
        UNTRUE,
    ),
    "a list that nobody confirmed": (
        "activity WHERE state = 'published'",
        "state = 'verified'",
        UNTRUE,
    ),
    "an offer without an end": ("enrolment", "state = 'offered'", UNTRUE),
    "a dangerous task for children": ("activity_task", "risk = 'high'", UNTRUE),
    "a fifth season": ("calendar_theme", "span = 'season', number = 5", UNTRUE),
    "a delivery that takes away": ("stock_move WHERE kind = 'opening'", "delta = -1", UNTRUE),
    "a sale after the last day": (
        "stock_move WHERE kind = 'redemption'",
        "day = DATE '9999-12-31' + 1",
        UNTRUE,
    ),
    "a sale out of a batch that keeps longer": (
        "stock_move WHERE kind = 'redemption'",
        "last_day = last_day - 1",
        NOBODY,
    ),
    "a batch whose last day is another": ("batch", "last_day = last_day - 1", UNTRUE),
    "more held than is there": ("stock", "held = on_hand + 1", UNTRUE),
    "a loss that nobody explains": (
        "stock_move WHERE kind = 'write_off'",
        "reason = NULL",
        UNTRUE,
    ),
    "who approves what they entered": (
        "stock_move WHERE approved_by IS NOT NULL",
        "approved_by = entered_by",
        UNTRUE,
    ),
    "who decides about what they entered": (
        "stock_proposal WHERE state <> 'pending'",
        "decided_by = entered_by",
        UNTRUE,
    ),
    "a refusal without a word": ("stock_proposal", "refused_for = ' '", UNTRUE),
    "a price of tomorrow": (
        "item_price WHERE NOT is_first",
        "valid_from = announced_on + 6",
        UNTRUE,
    ),
    "a gift from nobody": ("delivery WHERE kind = 'donation'", "donor_name = NULL", UNTRUE),
    "a purchase without its money": ("delivery WHERE kind = 'purchase'", "source = NULL", UNTRUE),
    "a barcode of letters": ("item", "barcode = 'abc'", UNTRUE),
    "a sale that brings": ("stock_move WHERE kind = 'redemption'", "delta = 1", UNTRUE),
    "more set aside than a signature is good for": ("shop", "offline_points = 201", UNTRUE),
    "a share of nothing": ("offline_share", "points = 0", UNTRUE),
    "a share that was sold and goes on": ("offline_share", "state = 'sold'", UNTRUE),
    "a slice that is over before it began": ("offline_slice", "ends_at = granted_at", UNTRUE),
    "a slice given back by somebody at no time": (
        "offline_slice",
        "ended_by = granted_to",
        UNTRUE,
    ),
    "a sale that was closed for no reason": (
        "offline_sale",
        "state = 'closed', decided_at = brought_at, decided_by = brought_by",
        UNTRUE,
    ),
    "a sale that was booked by nobody": (
        "offline_sale",
        "state = 'booked', decided_at = brought_at",
        UNTRUE,
    ),
    "a sale put aside and ended by the same person": (
        "offline_stray",
        "closed_at = put_at, closed_by = put_by, reason = 'so'",
        UNTRUE,
    ),
    "a sale put aside and ended by who sold": (
        "offline_stray",
        f"sold_by = {OTHER}, closed_by = {OTHER}, closed_at = put_at, reason = 'so'",
        UNTRUE,
    ),
    "a sale put aside and ended by nobody": ("offline_stray", "reason = 'so'", UNTRUE),
    "a code that was shown without a network": (
        "redemption WHERE way = 'code'",
        "way = 'offline'",
        UNTRUE,
    ),
    "goods for nothing": ("redemption", "cost = 0", UNTRUE),
    "a sale that says not what is left": ("redemption", "balance_after = NULL", UNTRUE),
    "less than nothing left": ("redemption", "balance_after = -1", UNTRUE),
    "a payment nobody made": ("redemption", "transfer_id = id", NOBODY),
    "half an answer": ("idempotency", "content_type = NULL", UNTRUE),
    "an answer in clear": ("idempotency", "answer_sealed = '{}'", UNTRUE),
}


def refused_with(world, statement, **values):
    """The SQLSTATE of the refusal."""
    with pytest.raises(IntegrityError) as refused, world.own() as session:
        session.execute(sa.text(statement), values)
    return refused.value.orig.sqlstate


@pytest.mark.parametrize(("where", "change", "state"), BROKEN.values(), ids=BROKEN.keys())
def test_the_database_takes_no(lived_in, where, change, state):
    table, _, condition = where.partition(" WHERE ")

    statement = f"UPDATE {table} SET {change} WHERE {condition or 'true'}"

    assert refused_with(lived_in, statement) == state


def test_two_redemptions_are_not_paid_by_one_transfer(lived_in):
    columns = "person_id, manager_id, way, state, cost, balance_after, transfer_id, at"
    again = f"""
        INSERT INTO redemption (tenant_id, id, shop_id, code_id, {columns})
        SELECT tenant_id, gen_random_uuid(), shop_id, :code, {columns} FROM redemption
        WHERE way = 'code' AND state = 'completed' LIMIT 1
    """
    with lived_in.own() as session:
        code = session.execute(
            sa.text("""
                INSERT INTO redeem_code (tenant_id, id, person_id, code_hash, digits_hash,
                    issued_at, expires_at)
                SELECT tenant_id, gen_random_uuid(), person_id, 'another', digits_hash,
                    issued_at, expires_at
                FROM redeem_code RETURNING id
            """)
        ).scalar_one()

    assert refused_with(lived_in, again, code=code) == TWICE
