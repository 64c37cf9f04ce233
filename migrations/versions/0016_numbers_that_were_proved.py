"""Numbers that were proved or wait to be, what people agreed to, and where they were, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
LAPSING = "state, number_sealed, name_sealed, closed_at"
FIELDS = "field IN ('name', 'phone', 'id_number', 'birth_date', 'party'{})"

# What only the vault can read was so before; now the database sees to it.
ALWAYS_SEALED = (
    ("import_chunk", "sealed"),
    ("wechat_token", "token"),
    ("staff_credential", "totp_secret"),
    ("staff_credential", "totp_draft"),
)

# Rights of the service and of its worker: the sweeper lets claims lapse and whereabouts go.
RIGHTS = {
    "consent": ("SELECT, INSERT, UPDATE (withdrawn_at)", ""),
    "whereabouts": (
        "SELECT, INSERT, UPDATE (sealed), DELETE",
        "SELECT (tenant_id, id, taken_at), DELETE",
    ),
    "phone_claim": (
        f"SELECT, INSERT, UPDATE ({LAPSING}, decided_by, how, reason)",
        f"SELECT (tenant_id, id, state, lapses_at), UPDATE ({LAPSING})",
    ),
}


def upgrade() -> None:
    op.add_column("person", sa.Column("cooling_until", sa.DateTime(timezone=True), nullable=True))
    _prove_numbers()
    _create_consent()
    _create_whereabouts()
    _create_claim()
    for table, column in ALWAYS_SEALED:
        op.create_check_constraint(op.f(f"ck_{table}_{column}"), table, f"{column} LIKE 'v1|%'")
    # To seal anew what waits there.
    op.execute("GRANT UPDATE (sealed) ON import_chunk TO app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (sealed) ON import_chunk FROM app")
    for table, column in ALWAYS_SEALED:
        op.drop_constraint(op.f(f"ck_{table}_{column}"), table)
    for table in reversed(RIGHTS):
        op.drop_table(table)
    op.drop_index("uq_personal_datum_proved_phone", table_name="personal_datum")
    op.drop_constraint(op.f("ck_personal_datum_verified"), "personal_datum")
    for column in ("verified_how", "verified_at"):
        op.drop_column("personal_datum", column)
    op.drop_constraint(op.f("ck_personal_datum_field"), "personal_datum")
    op.create_check_constraint(
        op.f("ck_personal_datum_field"), "personal_datum", FIELDS.format(", 'location'")
    )
    op.drop_column("person", "cooling_until")


def _prove_numbers() -> None:
    """Where somebody is has no place among what is known of them, and nobody ever put it there."""
    op.execute("ALTER TABLE personal_datum NO FORCE ROW LEVEL SECURITY")
    op.execute("DELETE FROM personal_datum WHERE field = 'location'")
    op.execute("ALTER TABLE personal_datum FORCE ROW LEVEL SECURITY")
    op.drop_constraint(op.f("ck_personal_datum_field"), "personal_datum")
    op.create_check_constraint(op.f("ck_personal_datum_field"), "personal_datum", FIELDS.format(""))
    op.add_column(
        "personal_datum", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("personal_datum", sa.Column("verified_how", sa.String(), nullable=True))
    op.create_check_constraint(
        op.f("ck_personal_datum_verified"),
        "personal_datum",
        "(verified_at IS NULL) = (verified_how IS NULL)"
        " AND (verified_at IS NULL OR field = 'phone')"
        " AND verified_how IN ('wechat', 'in_person', 'call')",
    )
    op.create_index(
        "uq_personal_datum_proved_phone",
        "personal_datum",
        ["tenant_id", "blind"],
        unique=True,
        postgresql_where=sa.text("field = 'phone' AND verified_at IS NOT NULL"),
    )


def _create_consent() -> None:
    _create(
        "consent",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("how IN ('page', 'api')", name=op.f("ck_consent_how")),
        sa.CheckConstraint("withdrawn_at >= given_at", name=op.f("ck_consent_withdrawn_later")),
        _belongs("consent", "person_id"),
    )
    op.create_index(
        "uq_consent_open",
        "consent",
        ["tenant_id", "person_id", "purpose", "version"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
    op.create_index(op.f("ix_consent_tenant_id_person_id"), "consent", ["tenant_id", "person_id"])


def _create_whereabouts() -> None:
    _create(
        "whereabouts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "purpose IN ('check_in', 'check_out')", name=op.f("ck_whereabouts_purpose")
        ),
        sa.CheckConstraint("sealed LIKE 'v1|%'", name=op.f("ck_whereabouts_sealed")),
        sa.UniqueConstraint(
            "tenant_id",
            "purpose",
            "subject_id",
            name=op.f("uq_whereabouts_tenant_id_purpose_subject_id"),
        ),
        _belongs("whereabouts", "person_id"),
    )
    for column in ("person_id", "taken_at"):
        op.create_index(
            op.f(f"ix_whereabouts_tenant_id_{column}"), "whereabouts", ["tenant_id", column]
        )


def _create_claim() -> None:
    _create(
        "phone_claim",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("number_sealed", sa.String(), nullable=True),
        sa.Column("name_sealed", sa.String(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lapses_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("how", sa.String(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        *_claim_checks(),
        _belongs("phone_claim", "person_id"),
        _belongs("phone_claim", "decided_by"),
    )
    op.create_index(
        "uq_phone_claim_open",
        "phone_claim",
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        op.f("ix_phone_claim_tenant_id_state_lapses_at"),
        "phone_claim",
        ["tenant_id", "state", "lapses_at"],
    )


def _claim_checks() -> list[sa.CheckConstraint]:
    checks = {
        "state": "state IN ('open', 'confirmed', 'refused', 'withdrawn', 'lapsed')",
        "state_says_so": "(state = 'open') = (number_sealed IS NOT NULL)"
        " AND (state = 'open') = (name_sealed IS NOT NULL)"
        " AND (state = 'open') = (closed_at IS NULL)"
        " AND (state IN ('confirmed', 'refused')) = (decided_by IS NOT NULL)"
        " AND (state = 'confirmed') = (how IS NOT NULL)",
        "how": "how IN ('in_person', 'call')",
        "decided_by_another": "decided_by <> person_id",
        "number_sealed": "number_sealed LIKE 'v1|%'",
        "name_sealed": "name_sealed LIKE 'v1|%'",
        "lapses_later": "lapses_at > made_at",
    }
    return [
        sa.CheckConstraint(check, name=op.f(f"ck_phone_claim_{name}"))
        for name, check in checks.items()
    ]


def _belongs(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["tenant_id", column],
        ["person.tenant_id", "person.id"],
        name=op.f(f"fk_{table}_tenant_id_{column}_person"),
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
