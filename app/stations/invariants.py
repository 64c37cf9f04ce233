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
)
