"""What must always be true of attendances."""

from points_engine.postgres import Invariant

INVARIANTS = (
    Invariant(
        "a finished attendance has its fact: the same person and minutes",
        """
        SELECT attendance.id FROM attendance
        LEFT JOIN fact
            ON fact.tenant_id = attendance.tenant_id
            AND fact.source = 'attendance:' || attendance.id
        WHERE attendance.tenant_id = :tenant_id
            AND attendance.minutes IS NOT NULL
            AND (fact.beneficiary_id, fact.quantity)
                IS DISTINCT FROM (attendance.person_id, attendance.minutes)
        """,
    ),
    Invariant(
        "a fact of an attendance has its attendance, and that is finished",
        """
        SELECT fact.id, fact.source FROM fact
        LEFT JOIN attendance
            ON attendance.tenant_id = fact.tenant_id
            AND fact.source = 'attendance:' || attendance.id
        WHERE fact.tenant_id = :tenant_id
            AND fact.source LIKE 'attendance:%'
            AND attendance.minutes IS NULL
        """,
    ),
)
