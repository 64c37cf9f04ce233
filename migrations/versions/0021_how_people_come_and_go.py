"""How people come and go: by which way, near enough or not, and what somebody has to look at."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
WAYS = "'code', 'delegate', 'card', 'staff', 'list', 'backfill', 'closing'"
PLACE_CHECKS = {
    "where": (
        "(lat IS NULL) = (lng IS NULL) AND lat BETWEEN -90 AND 90"
        " AND lng BETWEEN -180 AND 180 AND crs IN ('gcj02', 'wgs84')"
    ),
    "radius_m": "radius_m BETWEEN 100 AND 5000",
}
ATTENDANCE_CHECKS = {
    "location_in": "location_in IN ('none', 'given', 'inside', 'outside')",
    "location_out": "location_out IN ('none', 'given', 'inside', 'outside')",
    "way_in": f"way_in IN ({WAYS})",
    "way_out": f"way_out IN ({WAYS})",
    "way_out_when_out": "(way_out IS NULL) = (checked_out_at IS NULL)",
    "review": "review IN ('pending_review', 'approved', 'rejected')",
    "reasons_of_review": "(review IS NULL) = (reasons = '{}')",
    "decided": (
        "(review IN ('approved', 'rejected')) = (decided_at IS NOT NULL)"
        " AND (decided_by IS NULL) = (decided_at IS NULL)"
    ),
    "rejected_for": "review <> 'rejected' OR decided_for <> ''",
    "decided_by_another": (
        "decided_by <> person_id AND (way_in <> 'backfill' OR decided_by <> in_by)"
    ),
    "backfill_reviewed": "way_in <> 'backfill' OR review IS NOT NULL",
    "hundred_m": "hundred_m_in >= 0 AND hundred_m_out >= 0",
    "confirmed_when_closed": "confirm_until IS NULL OR way_out = 'closing'",
}
SCAN_CHECKS = {"kind": "kind IN ('in', 'out')", "reason": "reason <> ''"}
# What staff, the sweeper or its owner still have to do: few rows, however many lie behind.
INDEXES = {
    "ix_attendance_device_in": (
        ["tenant_id", "activity_id", "device_in"],
        "device_in IS NOT NULL",
    ),
    "ix_attendance_to_decide": (["tenant_id", "activity_id"], "review = 'pending_review'"),
    "ix_attendance_to_confirm": (["tenant_id", "confirm_until"], "confirm_until IS NOT NULL"),
}
CHECKIN = """
    SELECT id || ':in' AS checkin_id, tenant_id, activity_id, person_id AS user_id,
        'in' AS kind, review IS NULL OR review = 'approved' AS accepted, NULL::uuid AS code_jti
    FROM attendance
    UNION ALL
    SELECT id || ':out', tenant_id, activity_id, person_id, 'out',
        review IS NULL OR review = 'approved', NULL::uuid
    FROM attendance
    WHERE checked_out_at IS NOT NULL
"""


def upgrade() -> None:
    for name in ("lat", "lng"):
        op.add_column("activity", sa.Column(name, sa.Float(), nullable=True))
    op.add_column("activity", sa.Column("crs", sa.String(), server_default="gcj02", nullable=False))
    op.add_column("activity", sa.Column("radius_m", sa.Integer(), nullable=True))
    _check("activity", PLACE_CHECKS)
    _let_attendances_be_looked_at()
    _log_scans()
    op.get_bind().exec_driver_sql(
        f"CREATE OR REPLACE VIEW auditor.checkin WITH (security_invoker = true) AS {CHECKIN}"
    )
    # Who forgot to check out is checked out by the sweeper, and told to the ledger by it.
    op.execute("GRANT SELECT, UPDATE ON attendance TO worker")
    op.execute("GRANT INSERT ON fact TO worker")
    op.execute("GRANT SELECT (from_day) ON household_member TO worker")
    op.execute("GRANT SELECT, DELETE ON refused_scan TO worker")


def _let_attendances_be_looked_at() -> None:
    op.drop_constraint(op.f("ck_attendance_location_in"), "attendance")
    for column in _of_an_attendance():
        op.add_column("attendance", column)
    for name in ("in_by", "out_by", "decided_by"):
        op.create_foreign_key(
            op.f(f"fk_attendance_tenant_id_{name}_person"),
            "attendance",
            "person",
            ["tenant_id", name],
            ["tenant_id", "id"],
        )
    op.execute("ALTER TABLE attendance NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE attendance SET way_out = 'code' WHERE checked_out_at IS NOT NULL")
    op.execute("ALTER TABLE attendance FORCE ROW LEVEL SECURITY")
    _check("attendance", ATTENDANCE_CHECKS)
    for name, (columns, where) in INDEXES.items():
        op.create_index(name, "attendance", columns, postgresql_where=sa.text(where))


def _of_an_attendance() -> list[sa.Column[Any]]:
    moment, reasons = sa.DateTime(timezone=True), postgresql.ARRAY(sa.Text())
    optional: dict[str, sa.types.TypeEngine[Any]] = {
        "way_out": sa.String(),
        "review": sa.String(),
        "in_by": sa.Uuid(),
        "out_by": sa.Uuid(),
        "decided_by": sa.Uuid(),
        "decided_at": moment,
        "confirm_until": moment,
        "device_in": sa.LargeBinary(),
        "device_out": sa.LargeBinary(),
        "skew_in_s": sa.Integer(),
        "skew_out_s": sa.Integer(),
        "hundred_m_in": sa.Integer(),
        "hundred_m_out": sa.Integer(),
        "location_out": sa.String(),
    }
    return [
        sa.Column("way_in", sa.String(), server_default="code", nullable=False),
        sa.Column("decided_for", sa.String(), server_default="", nullable=False),
        sa.Column("note", sa.String(), server_default="", nullable=False),
        sa.Column("reasons", reasons, server_default="{}", nullable=False),
        *(sa.Column(name, kind, nullable=True) for name, kind in optional.items()),
    ]


def _log_scans() -> None:
    op.create_table(
        "refused_scan",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("device", sa.LargeBinary(), nullable=True),
        sa.Column("device_time", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_refused_scan_{name}"))
            for name, rule in SCAN_CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_refused_scan_tenant_id_{column}_{target}"),
            )
            for column, target in (
                ("activity_id", "activity"),
                ("person_id", "person"),
                ("by_id", "person"),
            )
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_refused_scan_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_refused_scan")),
    )
    op.create_index(
        op.f("ix_refused_scan_tenant_id_received_at"), "refused_scan", ["tenant_id", "received_at"]
    )
    op.execute("ALTER TABLE refused_scan ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE refused_scan FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON refused_scan USING ({OWN}) WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, INSERT ON refused_scan TO app")


def downgrade() -> None:
    op.execute("REVOKE SELECT (from_day) ON household_member FROM worker")
    op.execute("REVOKE INSERT ON fact FROM worker")
    op.execute("REVOKE SELECT, UPDATE ON attendance FROM worker")
    op.execute(
        "GRANT SELECT (tenant_id, id, person_id, minutes, activity_id, state)"
        " ON attendance TO worker"
    )
    view = CHECKIN.replace("review IS NULL OR review = 'approved'", "true")
    op.get_bind().exec_driver_sql(
        f"CREATE OR REPLACE VIEW auditor.checkin WITH (security_invoker = true) AS {view}"
    )
    op.drop_table("refused_scan")
    for name in INDEXES:
        op.drop_index(name, "attendance")
    for name in ATTENDANCE_CHECKS:
        op.drop_constraint(op.f(f"ck_attendance_{name}"), "attendance")
    for name in (
        "way_in", "way_out", "in_by", "out_by", "review", "reasons", "decided_by", "decided_at",
        "decided_for", "confirm_until", "device_in", "device_out", "skew_in_s", "skew_out_s",
        "hundred_m_in", "hundred_m_out", "location_out", "note",
    ):  # fmt: skip
        op.drop_column("attendance", name)
    op.execute("ALTER TABLE attendance NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE attendance SET location_in = 'given' WHERE location_in <> 'none'")
    op.execute("ALTER TABLE attendance FORCE ROW LEVEL SECURITY")
    op.create_check_constraint(
        op.f("ck_attendance_location_in"), "attendance", "location_in IN ('given', 'none')"
    )
    for name in PLACE_CHECKS:
        op.drop_constraint(op.f(f"ck_activity_{name}"), "activity")
    for name in ("lat", "lng", "crs", "radius_m"):
        op.drop_column("activity", name)


def _check(table: str, rules: dict[str, str]) -> None:
    for name, rule in rules.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
