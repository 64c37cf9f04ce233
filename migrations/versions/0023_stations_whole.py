"""Stations whole: hours of the week, codes replaced, visitors unknown, rooms and shifts."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
APPEND, CHANGE, PASSING = "SELECT, INSERT", "SELECT, INSERT, UPDATE", "SELECT, INSERT, DELETE"

RIGHTS = {
    "station_span": PASSING,
    "station_exception": PASSING,
    "station_photo": "SELECT, INSERT, UPDATE, DELETE",
    "station_tally": APPEND,
    "guest_mark": APPEND,
    "station_room": CHANGE,
    "room_booking": CHANGE,
    "room_slot": PASSING,
    "duty_shift": CHANGE,
    "duty_turn": CHANGE,
}
# What the worker compares at night: when, and never who or what for.
COMPARED = {
    "room_booking": "tenant_id, id, room_id, day, from_minute, to_minute, state",
    "room_slot": "tenant_id, id, booking_id, room_id, day",
    "duty_shift": "tenant_id, id, wanted",
    "duty_turn": "tenant_id, shift_id, state",
}
KINDS = """'party_mass_center', 'neighborhood_pioneer', 'warm_new_station', 'new_business',
    'service_hut', 'compound_center', 'civilization_practice'"""
LEVELS = "'city', 'street', 'community', 'compound'"
SERVICES = """'rest', 'water', 'hot_meal', 'charging', 'shelter', 'policy_advice', 'legal_aid',
    'first_aid', 'toilet', 'reading', 'health_check', 'tools'"""
VISITORS = "'resident', 'in_service_member', 'volunteer', 'rider', 'driver', 'other'"
SPAN = "0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= 1440"
HALF_HOURS = """
    0 <= from_minute AND from_minute < to_minute AND to_minute <= 1440
    AND from_minute % 30 = 0 AND to_minute % 30 = 0
"""

# What stood in the city before: the same hours each day, one code a wall, visitors by what they are.
BEFORE = """
    UPDATE station SET contact = '', level = CASE kind
        WHEN 'compound_center' THEN 'compound' ELSE 'community' END;
    INSERT INTO station_span (tenant_id, id, station_id, weekday, opens_minute, closes_minute)
        SELECT tenant_id, gen_random_uuid(), id, weekday, opens_minute, closes_minute
        FROM station CROSS JOIN generate_series(0, 6) AS weekday;
    UPDATE station_code SET revoked_for = 'replaced'
        WHERE revoked_at IS NOT NULL AND revoked_for IS NULL;
    UPDATE station_code AS old SET revoked_at = newer.issued_at, revoked_for = 'replaced'
        FROM station_code AS newer
        WHERE newer.tenant_id = old.tenant_id AND newer.station_id = old.station_id
            AND old.revoked_at IS NULL AND newer.revoked_at IS NULL
            AND (newer.issued_at, newer.id) > (old.issued_at, old.id);
    INSERT INTO station_sign (code, tenant_id) SELECT code, tenant_id FROM station_code;
    UPDATE station_visit AS visit SET visitor = CASE
            WHEN 'new_employment_worker' = ANY (person.kinds) THEN 'rider'
            WHEN 'in_service_member' = ANY (person.kinds) THEN 'in_service_member'
            WHEN 'volunteer' = ANY (person.kinds) THEN 'volunteer'
            ELSE 'resident' END
        FROM person
        WHERE person.tenant_id = visit.tenant_id AND person.id = visit.person_id;
"""
TOUCHED = ("station", "station_code", "station_span", "station_visit", "person")


def upgrade() -> None:
    _add_to_stations()
    _create_hours()
    _create_unknown_visitors()
    _create_rooms()
    _create_shifts()
    for table in TOUCHED:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(BEFORE)
    for table in TOUCHED:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    _settle_stations()
    op.execute("GRANT SELECT, DELETE ON guest_mark TO worker")
    for table, columns in COMPARED.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO worker")


def downgrade() -> None:
    op.add_column("station", sa.Column("opens_minute", sa.Integer(), nullable=True))
    op.add_column("station", sa.Column("closes_minute", sa.Integer(), nullable=True))
    for table in ("station", "station_span"):
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        UPDATE station SET opens_minute = coalesce(least, 0), closes_minute = coalesce(most, 1440)
        FROM (SELECT station.tenant_id, station.id, min(span.opens_minute) AS least,
                max(span.closes_minute) AS most
            FROM station LEFT JOIN station_span AS span
                ON span.tenant_id = station.tenant_id AND span.station_id = station.id
            GROUP BY station.tenant_id, station.id) AS hours
        WHERE hours.tenant_id = station.tenant_id AND hours.id = station.id
    """)
    op.execute("ALTER TABLE station FORCE ROW LEVEL SECURITY")
    op.alter_column("station", "opens_minute", nullable=False)
    op.alter_column("station", "closes_minute", nullable=False)
    op.create_check_constraint(op.f("ck_station_opening_hours"), "station", SPAN)
    for table in reversed(RIGHTS):
        op.drop_table(table)
    op.drop_index("ix_station_visit_tenant_id_station_id_day", "station_visit")
    op.drop_constraint(op.f("ck_station_visit_visitor"), "station_visit")
    op.drop_column("station_visit", "visitor")
    op.drop_table("station_sign")
    op.drop_index("uq_station_code_live", "station_code")
    op.drop_constraint(op.f("ck_station_code_revoked"), "station_code")
    for column in ("issued_by", "revoked_by"):
        op.drop_constraint(op.f(f"fk_station_code_tenant_id_{column}_person"), "station_code")
        op.drop_column("station_code", column)
    for name in ("kind", "level", "services", "contact"):
        op.drop_constraint(op.f(f"ck_station_{name}"), "station")
    op.drop_column("station", "contact")
    op.drop_column("station", "level")


def _add_to_stations() -> None:
    op.add_column("station", sa.Column("level", sa.String(), nullable=True))
    op.add_column("station", sa.Column("contact", sa.String(), nullable=True))
    op.add_column("station_visit", sa.Column("visitor", sa.String(), nullable=True))
    for column in ("issued_by", "revoked_by"):
        op.add_column("station_code", sa.Column(column, sa.Uuid(), nullable=True))
        op.create_foreign_key(
            op.f(f"fk_station_code_tenant_id_{column}_person"),
            "station_code",
            "person",
            ["tenant_id", column],
            ["tenant_id", "id"],
        )
    op.create_table(
        "station_sign",
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_station_sign")),
    )
    op.execute("GRANT SELECT, INSERT ON station_sign TO app")


def _settle_stations() -> None:
    """What all have now, all must have."""
    op.drop_constraint(op.f("ck_station_opening_hours"), "station")
    op.drop_column("station", "opens_minute")
    op.drop_column("station", "closes_minute")
    op.alter_column("station", "level", nullable=False)
    op.alter_column("station", "contact", nullable=False)
    op.alter_column("station_visit", "visitor", nullable=False)
    checks = {
        "station": {
            "kind": f"kind IN ({KINDS})",
            "level": f"level IN ({LEVELS})",
            "services": f"services <@ ARRAY[{SERVICES}]",
            "contact": "char_length(contact) <= 60",
        },
        "station_visit": {"visitor": f"visitor IN ({VISITORS})"},
        "station_code": {"revoked": "(revoked_at IS NULL) = (revoked_for IS NULL)"},
    }
    for table, of_table in checks.items():
        for name, condition in of_table.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.create_index(
        "uq_station_code_live",
        "station_code",
        ["tenant_id", "station_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    _index("station_visit", "station_id", "day")


def _create_hours() -> None:
    _create(
        "station_span",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        _check("station_span", "weekday_or_day", "(weekday IS NULL) <> (day IS NULL)"),
        _check("station_span", "weekday", "weekday BETWEEN 0 AND 6"),
        _check("station_span", "span", SPAN),
        _unique("station_span", "station_id", "weekday", "opens_minute"),
        _unique("station_span", "station_id", "day", "opens_minute"),
        *_belongs("station_span", station_id="station"),
    )
    _create(
        "station_exception",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        _check("station_exception", "reason", r"reason ~ '\S' AND char_length(reason) <= 200"),
        _unique("station_exception", "station_id", "day"),
        *_belongs("station_exception", station_id="station", noted_by="person"),
    )
    _create(
        "station_photo",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        _check("station_photo", "content", "octet_length(content) BETWEEN 1 AND 307200"),
        _check("station_photo", "size", "width > 0 AND height > 0"),
        _unique("station_photo", "station_id"),
        *_belongs("station_photo", station_id="station", uploaded_by="person"),
    )


def _create_unknown_visitors() -> None:
    _create(
        "station_tally",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("visitor", sa.String(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        sa.Column("undoes", sa.Uuid(), nullable=True),
        _check("station_tally", "visitor", f"visitor IN ({VISITORS})"),
        _check("station_tally", "service", f"service IN ({SERVICES})"),
        _check("station_tally", "people", "people <> 0 AND abs(people) <= 100"),
        _check("station_tally", "undoes", "(people < 0) = (undoes IS NOT NULL)"),
        _check("station_tally", "guest", "noted_by IS NOT NULL OR people = 1"),
        _unique("station_tally", "undoes"),
        *_belongs("station_tally", station_id="station", noted_by="person", undoes="station_tally"),
    )
    _index("station_tally", "station_id", "day")
    _create(
        "guest_mark",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("mark", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *_belongs("guest_mark", station_id="station"),
    )
    _index("guest_mark", "station_id", "mark", "at")
    _index("guest_mark", "at")


def _create_rooms() -> None:
    _create(
        "station_room",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("equipment", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _check("station_room", "name", r"char_length(name) <= 60 AND name ~ '\S'"),
        _check("station_room", "capacity", "capacity BETWEEN 1 AND 1000"),
        _check("station_room", "equipment", "char_length(equipment) <= 100"),
        _unique("station_room", "station_id", "name"),
        *_belongs("station_room", station_id="station"),
    )
    _create(
        "room_booking",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("to_minute", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_by", sa.Uuid(), nullable=True),
        sa.Column("cancelled_for", sa.String(), nullable=True),
        _check("room_booking", "state", "state IN ('booked', 'cancelled')"),
        _check("room_booking", "span", HALF_HOURS),
        _check("room_booking", "people", "people > 0"),
        _check("room_booking", "purpose", "char_length(purpose) <= 60"),
        _check(
            "room_booking",
            "cancelled",
            "(state = 'cancelled') = (cancelled_at IS NOT NULL AND cancelled_by IS NOT NULL)",
        ),
        *_belongs(
            "room_booking", room_id="station_room", person_id="person", cancelled_by="person"
        ),
    )
    _index("room_booking", "room_id", "day")
    _index("room_booking", "person_id", "day")
    _create(
        "room_slot",
        sa.Column("room_id", sa.Uuid(), nullable=False),
        sa.Column("booking_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        _check("room_slot", "slot", "slot BETWEEN 0 AND 47"),
        _unique("room_slot", "room_id", "day", "slot"),
        *_belongs("room_slot", room_id="station_room", booking_id="room_booking"),
    )
    _index("room_slot", "booking_id")


def _create_shifts() -> None:
    _create(
        "duty_shift",
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_minute", sa.Integer(), nullable=False),
        sa.Column("to_minute", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("task", sa.String(), nullable=False),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        _check("duty_shift", "span", HALF_HOURS),
        _check("duty_shift", "wanted", "wanted BETWEEN 1 AND 20"),
        _check("duty_shift", "task", "char_length(task) <= 60"),
        _unique("duty_shift", "station_id", "day", "from_minute"),
        *_belongs("duty_shift", station_id="station"),
    )
    _create(
        "duty_turn",
        sa.Column("shift_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("taken_from", sa.Uuid(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        _check("duty_turn", "state", "state IN ('on_duty', 'offered', 'on_leave', 'handed_over')"),
        _check("duty_turn", "reason", "(state = 'on_duty') = (reason IS NULL)"),
        _unique("duty_turn", "shift_id", "person_id"),
        _unique("duty_turn", "taken_from"),
        *_belongs(
            "duty_turn",
            shift_id="duty_shift",
            person_id="person",
            entered_by="person",
            taken_from="duty_turn",
        ),
    )
    _index("duty_turn", "person_id")


def _check(table: str, name: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{name}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    name = "_".join((f"uq_{table}_tenant_id", *columns))
    return sa.UniqueConstraint("tenant_id", *columns, name=op.f(name))


def _index(table: str, *columns: str) -> None:
    name = "_".join((f"ix_{table}_tenant_id", *columns))
    op.create_index(op.f(name), table, ["tenant_id", *columns])


def _belongs(table: str, **targets: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            ["tenant_id", column],
            [f"{target}.tenant_id", f"{target}.id"],
            name=op.f(f"fk_{table}_tenant_id_{column}_{target}"),
        )
        for column, target in targets.items()
    ]


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
    op.execute(f"GRANT {RIGHTS[table]} ON {table} TO app")
