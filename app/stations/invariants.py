"""What must always be true of visits."""

from points_engine.postgres import Invariant

INVARIANTS = (
    Invariant(
        "a visit has its fact: the same person, on the same day",
        """
        SELECT visit.id FROM station_visit AS visit
        LEFT JOIN fact
            ON fact.tenant_id = visit.tenant_id AND fact.source = 'visit:' || visit.id
        WHERE visit.tenant_id = :tenant_id
            AND (fact.beneficiary_id, fact.occurred_on)
                IS DISTINCT FROM (visit.person_id, visit.day)
        """,
    ),
    Invariant(
        "a fact of a visit has its visit",
        """
        SELECT fact.id, fact.source FROM fact
        LEFT JOIN station_visit AS visit
            ON visit.tenant_id = fact.tenant_id AND fact.source = 'visit:' || visit.id
        WHERE fact.tenant_id = :tenant_id
            AND fact.source LIKE 'visit:%'
            AND visit.id IS NULL
        """,
    ),
    Invariant(
        "a turn that was served has its fact: the same person and minutes",
        """
        SELECT turn.id FROM duty_turn AS turn
        LEFT JOIN fact
            ON fact.tenant_id = turn.tenant_id AND fact.source = 'duty:' || turn.id
        WHERE turn.tenant_id = :tenant_id AND turn.minutes IS NOT NULL
            AND (fact.beneficiary_id, fact.quantity)
                IS DISTINCT FROM (turn.person_id, turn.minutes)
        """,
    ),
    Invariant(
        "a fact of a turn has its turn, and that was served",
        """
        SELECT fact.id, fact.source FROM fact
        LEFT JOIN duty_turn AS turn
            ON turn.tenant_id = fact.tenant_id AND fact.source = 'duty:' || turn.id
        WHERE fact.tenant_id = :tenant_id
            AND fact.source LIKE 'duty:%'
            AND turn.minutes IS NULL
        """,
    ),
    Invariant(
        "a booked room has its half hours, and a cancelled one has none",
        """
        SELECT booking.id FROM room_booking AS booking
        LEFT JOIN room_slot AS slot
            ON slot.tenant_id = booking.tenant_id AND slot.booking_id = booking.id
            AND (slot.room_id, slot.day) = (booking.room_id, booking.day)
        WHERE booking.tenant_id = :tenant_id
        GROUP BY booking.tenant_id, booking.id
        HAVING count(slot.id) <> CASE booking.state
            WHEN 'booked' THEN (booking.to_minute - booking.from_minute) / 30 ELSE 0 END
        """,
    ),
    Invariant(
        "a shift has no more people on it than are wanted",
        """
        SELECT shift.id FROM duty_shift AS shift
        JOIN duty_turn AS turn
            ON turn.tenant_id = shift.tenant_id AND turn.shift_id = shift.id
        WHERE shift.tenant_id = :tenant_id AND turn.state IN ('on_duty', 'offered')
        GROUP BY shift.tenant_id, shift.id
        HAVING count(*) > shift.wanted
        """,
    ),
)
