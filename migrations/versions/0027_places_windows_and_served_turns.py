"""Where activities are and when one checks in; turns that were served; several services a visit."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
SERVICES = (
    "'rest', 'water', 'hot_meal', 'charging', 'shelter', 'policy_advice', 'legal_aid', "
    "'first_aid', 'toilet', 'reading', 'health_check', 'tools'"
)
WHERE = (
    "(lat IS NULL) = (lng IS NULL) AND lat BETWEEN -90 AND 90"
    " AND lng BETWEEN -180 AND 180 AND crs IN ('gcj02', 'wgs84')"
)
CHECKS = {
    "activity": {
        "at_station": "station_id IS NULL OR lat IS NOT NULL",
        "open_before_min": "open_before_min BETWEEN 0 AND 1440",
        "close_after_start_min": "close_after_start_min BETWEEN 0 AND 4320",
    },
    "activity_series": {
        "where": WHERE,
        "radius_m": "radius_m BETWEEN 100 AND 5000",
        "at_station": "station_id IS NULL OR lat IS NOT NULL",
    },
    "duty_turn": {
        "served": (
            "(left_at IS NULL) = (minutes IS NULL)"
            " AND (left_at IS NULL OR came_at IS NOT NULL)"
            " AND left_at >= came_at AND minutes BETWEEN 0 AND 1440"
        ),
        "came_on_duty": "came_at IS NULL OR state IN ('on_duty', 'offered')",
        "confirmed": (
            "(confirmed_by IS NULL) = (confirmed_at IS NULL)"
            " AND (confirmed_by IS NULL OR left_at IS NOT NULL)"
        ),
        "confirmed_by_another": "confirmed_by <> person_id",
    },
}
COLUMNS: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {
    "activity": {"station_id": sa.Uuid(), "close_after_start_min": sa.Integer()},
    "activity_series": {
        "station_id": sa.Uuid(),
        "lat": sa.Float(),
        "lng": sa.Float(),
        "radius_m": sa.Integer(),
    },
    "duty_turn": {
        "came_at": sa.DateTime(timezone=True),
        "left_at": sa.DateTime(timezone=True),
        "minutes": sa.Integer(),
        "confirmed_by": sa.Uuid(),
        "confirmed_at": sa.DateTime(timezone=True),
    },
}
REFERENCES = (
    ("activity", "station_id", "station"),
    ("activity_series", "station_id", "station"),
    ("duty_turn", "confirmed_by", "person"),
)


def upgrade() -> None:
    for table, columns in COLUMNS.items():
        for name, kind in columns.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    # What is published already keeps its promise: from half an hour before, until the end.
    before = sa.Column("open_before_min", sa.Integer(), server_default="30", nullable=False)
    op.add_column("activity", before)
    op.add_column(
        "activity_series", sa.Column("crs", sa.String(), server_default="gcj02", nullable=False)
    )
    for table, column, target in REFERENCES:
        op.create_foreign_key(
            op.f(f"fk_{table}_tenant_id_{column}_{target}"),
            table,
            target,
            ["tenant_id", column],
            ["tenant_id", "id"],
        )
    for table, checks in CHECKS.items():
        for name, rule in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    # The worker checks every night that each served turn has its fact.
    op.execute("GRANT SELECT (id, person_id, minutes) ON duty_turn TO worker")
    _let_a_visit_have_services()


def _let_a_visit_have_services() -> None:
    op.create_table(
        "visit_service",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("visit_id", sa.Uuid(), nullable=False),
        sa.Column("service", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(f"service IN ({SERVICES})", name=op.f("ck_visit_service_service")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "visit_id"],
            ["station_visit.tenant_id", "station_visit.id"],
            name=op.f("fk_visit_service_tenant_id_visit_id_station_visit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_visit_service_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_visit_service")),
        sa.UniqueConstraint(
            "tenant_id",
            "visit_id",
            "service",
            name=op.f("uq_visit_service_tenant_id_visit_id_service"),
        ),
    )
    op.execute("ALTER TABLE visit_service ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE visit_service FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON visit_service USING ({OWN}) WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, INSERT ON visit_service TO app")


def downgrade() -> None:
    op.execute("REVOKE SELECT (id, person_id, minutes) ON duty_turn FROM worker")
    op.drop_table("visit_service")
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    for table, column, target in REFERENCES:
        op.drop_constraint(op.f(f"fk_{table}_tenant_id_{column}_{target}"), table)
    op.drop_column("activity", "open_before_min")
    op.drop_column("activity_series", "crs")
    for table, columns in COLUMNS.items():
        for name in columns:
            op.drop_column(table, name)
