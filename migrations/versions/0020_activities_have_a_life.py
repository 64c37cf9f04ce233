"""Activities have a life: tasks, decisions, series, the year's plan, and what is told of them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
CHANGE, READ = "SELECT, INSERT, UPDATE", "SELECT"

# Rights of the service and of its worker, which keeps queues moving and tells what is published.
RIGHTS = {
    "activity_series": (CHANGE, ""),
    "activity_task": (f"{CHANGE}, DELETE", READ),
    "activity_notice": (CHANGE, "SELECT, UPDATE"),
    "calendar_theme": (CHANGE, ""),
    "service_day": (CHANGE, ""),
}
STATES = "'draft', 'in_review', 'published', 'cancelled', 'verified', 'settled'"
SKILLS = (
    "'medical', 'first_aid', 'psychology', 'legal', 'hairdressing', 'repair', 'teaching', "
    "'digital', 'arts', 'driving'"
)
GUARANTEES = "'water', 'rest', 'insurance', 'transport', 'tools', 'meal', 'statement'"
SHARED_CHECKS = {
    "guarantees": f"guarantees <@ ARRAY[{GUARANTEES}]",
    "audience": "audience IN ('community', 'members', 'grid', 'series', 'nobody')",
    "audience_unit": "(audience = 'grid') = (audience_unit_id IS NOT NULL)",
}
ACTIVITY_CHECKS = {
    "state": f"state IN ({STATES})",
    **SHARED_CHECKS,
    "series_day": "(series_id IS NULL) = (series_day IS NULL)",
    "submitted": "(submitted_by IS NULL) = (submitted_at IS NULL)",
    "reviewed": "(reviewed_by IS NULL) = (reviewed_at IS NULL)",
    "another_reviews": "reviewed_by <> submitted_by AND reviewed_by <> drafted_by",
    "review_of_something": "state <> 'in_review' OR submitted_by IS NOT NULL",
    "published": ("state NOT IN ('published', 'verified', 'settled') OR published_at IS NOT NULL"),
    "cancelled": (
        "(state = 'cancelled') = (cancelled_at IS NOT NULL)"
        " AND (cancelled_at IS NULL) = (cancel_reason = '')"
    ),
    "verified": (
        "(state IN ('verified', 'settled')) = (verified_at IS NOT NULL)"
        " AND (verified_by IS NULL) = (verified_at IS NULL)"
    ),
    "settled": "(state = 'settled') = (settled_at IS NOT NULL)",
}
SERIES_CHECKS = {
    "rhythm": "rhythm IN ('weekly', 'monthly', 'service_day')",
    **SHARED_CHECKS,
    "weekday": "(rhythm = 'service_day') = (weekday IS NULL) AND weekday BETWEEN 1 AND 7",
    "nth_of_month": "(rhythm = 'monthly') = (nth IS NOT NULL)",
    "nth": "nth BETWEEN 1 AND 5",
    "starts_minute": "starts_minute BETWEEN 0 AND 1439",
    "minutes": "minutes BETWEEN 10 AND 720",
    "span": "until_day >= from_day",
}
TASK_CHECKS = {
    "name": r"char_length(name) <= 30 AND name ~ '\S'",
    "skill": f"skill IN ({SKILLS})",
    "risk": "risk IN ('low', 'raised', 'high')",
    "minutes": "minutes BETWEEN 10 AND 720",
    "places": "places BETWEEN 1 AND 10000",
    "min_age": "min_age BETWEEN 0 AND 120",
    "max_age": "max_age BETWEEN min_age AND 120",
    "high_risk": "risk <> 'high' OR (min_age >= 18 AND insured)",
}
ENROLMENT_CHECKS = {
    "state": "state IN ('confirmed', 'waitlisted', 'offered', 'left', 'lapsed')",
    "offered": "(state = 'offered') = (offered_until IS NOT NULL)",
    "ended": "(state IN ('left', 'lapsed')) = (ended_at IS NOT NULL)",
}
TEXTS = ("summary", "insurance_no", "review_note", "cancel_reason")
PEOPLE = ("drafted_by", "submitted_by", "reviewed_by", "cancelled_by", "verified_by")
INSTANTS = (
    "submitted_at", "reviewed_at", "published_at", "cancelled_at", "verified_at", "settled_at",
)  # fmt: skip


def upgrade() -> None:
    _create_series()
    _let_activities_live()
    _create_tasks()
    _let_queues_move()
    _create_notices()
    _create_plan()
    op.create_index(
        op.f("ix_notice_tenant_id_about_person_id"), "notice", ["tenant_id", "about", "person_id"]
    )
    op.execute("GRANT SELECT, UPDATE ON activity, enrolment TO worker")
    op.execute("GRANT SELECT (tenant_id, activity_id, state) ON attendance TO worker")
    # To whom what is told goes: where people belong, and whether they are members.
    op.execute("GRANT SELECT (kinds, erased_at) ON person TO worker")
    op.execute(
        "GRANT SELECT (tenant_id, household_id, person_id, to_day) ON household_member TO worker"
    )
    op.execute("GRANT SELECT (tenant_id, id, unit_id) ON household TO worker")


def downgrade() -> None:
    op.execute("REVOKE SELECT (tenant_id, id, unit_id) ON household FROM worker")
    op.execute(
        "REVOKE SELECT (tenant_id, household_id, person_id, to_day) ON household_member FROM worker"
    )
    op.execute("REVOKE SELECT (kinds, erased_at) ON person FROM worker")
    op.execute("REVOKE SELECT (tenant_id, activity_id, state) ON attendance FROM worker")
    op.execute("REVOKE SELECT, UPDATE ON activity, enrolment FROM worker")
    op.drop_index(op.f("ix_notice_tenant_id_about_person_id"), "notice")
    for table in ("service_day", "calendar_theme", "activity_notice"):
        op.drop_table(table)
    _stop_queues()
    op.drop_table("activity_task")
    _end_life()
    op.drop_table("activity_series")


def _let_activities_live() -> None:
    for name in TEXTS:
        op.add_column("activity", sa.Column(name, sa.String(), server_default="", nullable=False))
    op.add_column(
        "activity",
        sa.Column("guarantees", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    )
    op.add_column(
        "activity", sa.Column("audience", sa.String(), server_default="nobody", nullable=False)
    )
    op.add_column(
        "activity", sa.Column("calling", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    for name in ("audience_unit_id", "series_id", *PEOPLE):
        op.add_column("activity", sa.Column(name, sa.Uuid(), nullable=True))
    op.add_column("activity", sa.Column("series_day", sa.Date(), nullable=True))
    for name in INSTANTS:
        op.add_column("activity", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # What was there before was published or cancelled at a time nobody wrote down.
    _for_every_tenant(
        "activity",
        "UPDATE activity SET published_at = starts_at WHERE state = 'published'",
        "UPDATE activity SET cancelled_at = starts_at, cancel_reason = '原因没有记录'"
        " WHERE state = 'cancelled'",
    )
    targets = {"audience_unit_id": "org_unit", "series_id": "activity_series"}
    _refer("activity", **targets, **dict.fromkeys(PEOPLE, "person"))
    op.create_unique_constraint(
        op.f("uq_activity_tenant_id_series_id_series_day"),
        "activity",
        ["tenant_id", "series_id", "series_day"],
    )
    op.drop_constraint(op.f("ck_activity_state"), "activity")
    for name, rule in ACTIVITY_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_activity_{name}"), "activity", rule)
    op.create_index(
        "ix_activity_undone",
        "activity",
        ["tenant_id", "state", "community_id"],
        postgresql_where=sa.text("state IN ('draft', 'in_review', 'verified')"),
    )


def _end_life() -> None:
    op.drop_index("ix_activity_undone", "activity")
    for name in ACTIVITY_CHECKS:
        op.drop_constraint(op.f(f"ck_activity_{name}"), "activity")
    # What is not public yet never was; what was verified had been published.
    _for_every_tenant(
        "activity",
        "UPDATE activity SET state = 'cancelled' WHERE state IN ('draft', 'in_review')",
        "UPDATE activity SET state = 'published' WHERE state IN ('verified', 'settled')",
    )
    op.create_check_constraint(
        op.f("ck_activity_state"), "activity", "state IN ('published', 'cancelled')"
    )
    op.drop_constraint(op.f("uq_activity_tenant_id_series_id_series_day"), "activity")
    for name in (
        *TEXTS, "guarantees", "audience", "audience_unit_id", "calling", "series_id", "series_day",
        *PEOPLE, *INSTANTS,
    ):  # fmt: skip
        op.drop_column("activity", name)


def _create_tasks() -> None:
    _create(
        "activity_task",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("skill", sa.String(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("min_age", sa.Integer(), nullable=False),
        sa.Column("max_age", sa.Integer(), nullable=False),
        sa.Column("risk", sa.String(), nullable=False),
        sa.Column("insured", sa.Boolean(), nullable=False),
        sa.UniqueConstraint(
            "tenant_id",
            "activity_id",
            "name",
            name=op.f("uq_activity_task_tenant_id_activity_id_name"),
        ),
        *_checks("activity_task", TASK_CHECKS),
        *_belongs("activity_task", activity_id="activity"),
    )


def _let_queues_move() -> None:
    op.add_column("enrolment", sa.Column("task_id", sa.Uuid(), nullable=True))
    op.add_column("enrolment", sa.Column("turn", sa.Integer(), server_default="0", nullable=False))
    for name in ("offered_until", "ended_at"):
        op.add_column("enrolment", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    # Who waited already waits on in the order in which they came.
    _for_every_tenant(
        "enrolment",
        """
        UPDATE enrolment SET turn = queued.place
        FROM (SELECT tenant_id, id, row_number() OVER (
                PARTITION BY tenant_id, activity_id ORDER BY enrolled_at, id) AS place
              FROM enrolment) AS queued
        WHERE enrolment.tenant_id = queued.tenant_id AND enrolment.id = queued.id
        """,
    )
    _refer("enrolment", task_id="activity_task")
    op.drop_constraint(op.f("ck_enrolment_state"), "enrolment")
    for name, rule in ENROLMENT_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_enrolment_{name}"), "enrolment", rule)
    op.create_index(
        op.f("ix_enrolment_tenant_id_person_id"), "enrolment", ["tenant_id", "person_id"]
    )
    op.create_index(
        "ix_enrolment_waiting",
        "enrolment",
        ["tenant_id", "activity_id", "turn"],
        postgresql_where=sa.text("state IN ('waitlisted', 'offered')"),
    )


def _stop_queues() -> None:
    op.drop_index("ix_enrolment_waiting", "enrolment")
    op.drop_index(op.f("ix_enrolment_tenant_id_person_id"), "enrolment")
    for name in ENROLMENT_CHECKS:
        op.drop_constraint(op.f(f"ck_enrolment_{name}"), "enrolment")
    _for_every_tenant(
        "enrolment", "UPDATE enrolment SET state = 'waitlisted' WHERE state <> 'confirmed'"
    )
    op.create_check_constraint(
        op.f("ck_enrolment_state"), "enrolment", "state IN ('confirmed', 'waitlisted')"
    )
    for name in ("task_id", "turn", "offered_until", "ended_at"):
        op.drop_column("enrolment", name)


def _create_notices() -> None:
    _create(
        "activity_notice",
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("unit_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("told_up_to", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.UniqueConstraint(
            "tenant_id",
            "activity_id",
            "kind",
            name=op.f("uq_activity_notice_tenant_id_activity_id_kind"),
        ),
        *_checks(
            "activity_notice",
            {"kind": "kind IN ('invitation', 'cancellation')", "told": "told >= 0"},
        ),
        *_belongs("activity_notice", activity_id="activity"),
    )
    op.create_index(
        "ix_activity_notice_undone",
        "activity_notice",
        ["tenant_id", "id"],
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _create_series() -> None:
    words = ("title", "category", "place", "summary", "insurance_no", "audience", "rhythm")
    _create(
        "activity_series",
        sa.Column("community_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in words),
        sa.Column("guarantees", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("audience_unit_id", sa.Uuid(), nullable=True),
        sa.Column("calling", sa.Boolean(), nullable=False),
        sa.Column("tasks", postgresql.JSONB(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("nth", sa.Integer(), nullable=True),
        sa.Column("starts_minute", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("until_day", sa.Date(), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "tenant_id",
            "community_id",
            "title",
            name=op.f("uq_activity_series_tenant_id_community_id_title"),
        ),
        *_checks("activity_series", SERIES_CHECKS),
        *_belongs(
            "activity_series",
            community_id="org_unit",
            audience_unit_id="org_unit",
            created_by="person",
        ),
    )


def _create_plan() -> None:
    _create(
        "calendar_theme",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("span", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "tenant_id",
            "unit_id",
            "year",
            "span",
            "number",
            name=op.f("uq_calendar_theme_tenant_id_unit_id_year_span_number"),
        ),
        *_checks(
            "calendar_theme",
            {
                "span": "span IN ('season', 'month')",
                "number": "number BETWEEN 1 AND (CASE span WHEN 'season' THEN 4 ELSE 12 END)",
                "theme": r"char_length(theme) <= 40 AND theme ~ '\S'",
            },
        ),
        *_belongs("calendar_theme", unit_id="org_unit", set_by="person"),
    )
    _create(
        "service_day",
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("set_by", sa.Uuid(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "tenant_id", "unit_id", "month", name=op.f("uq_service_day_tenant_id_unit_id_month")
        ),
        *_checks(
            "service_day",
            {
                "month": "extract(day FROM month) = 1",
                "reason": r"char_length(reason) <= 200 AND reason ~ '\S'",
            },
        ),
        *_belongs("service_day", unit_id="org_unit", set_by="person"),
    )


def _for_every_tenant(table: str, *changes: str) -> None:
    """Change rows of all tenants: their owner is behind the walls, too, but for this moment."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    for change in changes:
        op.execute(change)
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _checks(table: str, rules: dict[str, str]) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in rules.items()
    ]


def _belongs(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=op.f(f"fk_{table}_tenant_id_{column}_{target}"),
        )
        for column, target in targets.items()
    ]


def _refer(table: str, **targets: str) -> None:
    for column, target in targets.items():
        op.create_foreign_key(
            op.f(f"fk_{table}_tenant_id_{column}_{target}"),
            table,
            target,
            ["tenant_id", column],
            ["tenant_id", "id"],
        )


def _create(table: str, *rest: sa.schema.SchemaItem) -> None:
    """A table of the tenants', behind its wall."""
    op.create_table(
        table,
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *rest,
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    )
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
    for role, rights in zip(("app", "worker"), RIGHTS[table], strict=True):
        if rights:
            op.execute(f"GRANT {rights} ON {table} TO {role}")
