"""What must always be true of the tree."""

from app.organisation.kinds import STANDS_UNDER
from points_engine.postgres import Invariant

PAIRS = ", ".join(
    f"('{kind}', '{above}')" for kind, places in STANDS_UNDER.items() for above in sorted(places)
)

INVARIANTS = (
    Invariant(
        "a unit's path is its parent's and itself",
        """
        SELECT unit.id FROM org_unit AS unit
        JOIN org_unit AS above
            ON above.tenant_id = unit.tenant_id AND above.id = unit.parent_id
        WHERE unit.tenant_id = :tenant_id AND unit.path <> above.path || unit.id
        """,
    ),
    Invariant(
        "a unit stands where its kind may stand",
        f"""
        SELECT unit.id, unit.kind, above.kind AS under FROM org_unit AS unit
        JOIN org_unit AS above
            ON above.tenant_id = unit.tenant_id AND above.id = unit.parent_id
        WHERE unit.tenant_id = :tenant_id AND (unit.kind, above.kind) NOT IN ({PAIRS})
        """,  # noqa: S608 - made of the closed list
    ),
    Invariant(
        "a unit stands where its open placement says",
        """
        SELECT unit.id FROM org_unit AS unit
        LEFT JOIN org_placement AS placement
            ON placement.tenant_id = unit.tenant_id AND placement.unit_id = unit.id
            AND placement.to_day IS NULL
        WHERE unit.tenant_id = :tenant_id
            AND (placement.id IS NULL OR placement.parent_id IS DISTINCT FROM unit.parent_id)
        """,
    ),
    Invariant(
        "nothing open stands under a closed unit",
        """
        SELECT unit.id FROM org_unit AS unit
        JOIN org_unit AS above
            ON above.tenant_id = unit.tenant_id AND above.id = unit.parent_id
        WHERE unit.tenant_id = :tenant_id
            AND above.closed_on IS NOT NULL AND unit.closed_on IS NULL
        """,
    ),
    Invariant(
        "a unit's placements follow each other without gap or overlap",
        """
        SELECT unit_id, from_day, next_from FROM (
            SELECT unit_id, from_day, to_day, lead(from_day) OVER (
                PARTITION BY unit_id ORDER BY from_day, to_day, id
            ) AS next_from
            FROM org_placement WHERE tenant_id = :tenant_id
        ) AS placed
        WHERE to_day IS DISTINCT FROM next_from
        """,
    ),
)
