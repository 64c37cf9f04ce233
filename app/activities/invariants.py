"""What must always be true of attendances."""

from points_engine.postgres import Invariant

INVARIANTS = (
    Invariant(
        "a finished attendance that counts has its fact: the same person and minutes",
        """
        SELECT attendance.id FROM attendance
        LEFT JOIN fact
            ON fact.tenant_id = attendance.tenant_id
            AND fact.source = 'attendance:' || attendance.id
        WHERE attendance.tenant_id = :tenant_id
            AND attendance.minutes IS NOT NULL
            AND (attendance.review IS NULL OR attendance.review = 'approved')
            AND attendance.confirm_until IS NULL
            AND attendance.awaits_until IS NULL
            AND (fact.beneficiary_id, fact.quantity)
                IS DISTINCT FROM (attendance.person_id, attendance.minutes)
        """,
    ),
    Invariant(
        "a fact of an attendance has its attendance, and that is finished and counts,"
        " or what it brought was taken back",
        """
        SELECT fact.id, fact.source FROM fact
        LEFT JOIN attendance
            ON attendance.tenant_id = fact.tenant_id
            AND fact.source = 'attendance:' || attendance.id
        WHERE fact.tenant_id = :tenant_id
            AND fact.source LIKE 'attendance:%'
            AND (attendance.minutes IS NULL OR attendance.confirm_until IS NOT NULL
                OR attendance.awaits_until IS NOT NULL
                OR attendance.review = 'pending_review'
                OR attendance.review = 'rejected' AND (
                    NOT 'denied' = ANY(attendance.reasons)
                    OR EXISTS (
                        SELECT FROM settle_queue
                        WHERE settle_queue.tenant_id = :tenant_id
                            AND settle_queue.fact_id = fact.id)
                    OR EXISTS (
                        SELECT FROM transfer AS earned
                        WHERE earned.tenant_id = :tenant_id AND earned.fact_id = fact.id
                            AND NOT EXISTS (
                                SELECT FROM transfer AS undone
                                WHERE undone.tenant_id = :tenant_id
                                    AND undone.reverses = earned.id))))
        """,
    ),
    Invariant(
        "no task has more people than places",
        """
        SELECT enrolment.activity_id, enrolment.task_id FROM enrolment
        JOIN activity ON activity.tenant_id = :tenant_id AND activity.id = enrolment.activity_id
        LEFT JOIN activity_task
            ON activity_task.tenant_id = :tenant_id AND activity_task.id = enrolment.task_id
        WHERE enrolment.tenant_id = :tenant_id AND enrolment.state IN ('confirmed', 'offered')
        GROUP BY enrolment.activity_id, enrolment.task_id, activity_task.places, activity.capacity
        HAVING count(*) > coalesce(activity_task.places, activity.capacity)
        """,
    ),
    Invariant(
        "nobody was at what was called off, or never published",
        """
        SELECT attendance.id FROM attendance
        JOIN activity ON activity.tenant_id = :tenant_id AND activity.id = attendance.activity_id
        WHERE attendance.tenant_id = :tenant_id
            AND activity.state NOT IN ('published', 'verified', 'settled')
        """,
    ),
    Invariant(
        "nobody is still inside of what is settled",
        """
        SELECT activity.id FROM activity
        WHERE activity.tenant_id = :tenant_id AND activity.state = 'settled'
            AND EXISTS (
                SELECT FROM attendance
                WHERE attendance.tenant_id = :tenant_id AND attendance.activity_id = activity.id
                    AND attendance.state = 'checked_in')
        """,
    ),
)
