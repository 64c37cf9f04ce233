"""服务确认单 and 凭证: slips by which who was served says so, and documents somebody accepted."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
SLIP_CHECKS = {
    "label": r"char_length(label) <= 40 AND label ~ '\S'",
    "served": "char_length(served) <= 100",
    "valid_until": "valid_until > issued_at",
    "revoked": (
        "(revoked_by IS NULL) = (revoked_at IS NULL) AND (revoked_at IS NULL) = (revoked_for = '')"
    ),
    "answer": "answer IN ('confirmed', 'denied')",
    "answered": (
        "(answer IS NULL) = (answered_at IS NULL)"
        " AND (answer IS NULL OR revoked_at IS NULL)"
        " AND (words = '' OR answer IS NOT NULL)"
    ),
    "answered_by_call": (
        "(answered_by IS NULL) = (answered_for = '')"
        " AND (answered_by IS NULL OR answer IS NOT NULL)"
    ),
    "words": "char_length(words) <= 300",
    "finding": "finding IN ('stands', 'struck')",
    "decided": (
        "(finding IS NULL) = (decided_at IS NULL)"
        " AND (decided_by IS NULL) = (decided_at IS NULL)"
        " AND (finding IS NULL) = (decided_for = '')"
        " AND (finding IS NULL OR answer = 'denied')"
    ),
    "by_another": "answered_by <> issued_by AND decided_by <> issued_by",
}
SLIP_REFERENCES = {
    "activity_id": "activity",
    "person_id": "person",
    "issued_by": "person",
    "revoked_by": "person",
    "answered_by": "person",
    "decided_by": "person",
    "replaces": "service_slip",
}
DOCUMENT_CHECKS = {
    "title": r"char_length(title) <= 60 AND title ~ '\S'",
    "media_type": "media_type IN ('image/jpeg', 'application/pdf')",
    "content": "octet_length(content) BETWEEN 1 AND 2097152",
    "let_go": "(content IS NULL) = (let_go_at IS NOT NULL)",
    "state": "state IN ('waiting', 'accepted', 'refused')",
    "decided": (
        "(state = 'waiting') = (decided_at IS NULL)"
        " AND (decided_by IS NULL) = (decided_at IS NULL)"
        " AND (state = 'refused') = (decided_for <> '')"
    ),
    "decided_by_another": "decided_by <> uploaded_by",
}
DOCUMENT_REFERENCES = {
    "activity_id": "activity",
    "attendance_id": "attendance",
    "uploaded_by": "person",
    "decided_by": "person",
}
ATTENDANCE_CHECKS = {
    "awaits": "awaits <@ ARRAY['ben', 'doc']",
    "awaits_when_cleared": (
        "(awaits = '{}') = (awaits_until IS NULL)"
        " AND (awaits_until IS NULL OR (state = 'checked_out' AND confirm_until IS NULL"
        " AND (review IS NULL OR review = 'approved')))"
    ),
}
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _let_attendances_wait()
    _make_slips()
    _make_documents()
    for table in ("service_slip", "service_document"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO app")
    # The worker reads what was answered, not by whom nor in which words; and lets go of old ones.
    op.execute("""
        GRANT SELECT (tenant_id, id, activity_id, attendance_ids, answer, finding, valid_until,
                label),
            UPDATE (words, label, served, person_id) ON service_slip TO worker
    """)
    op.execute("""
        GRANT SELECT (tenant_id, id, activity_id, attendance_id, state, uploaded_at, let_go_at),
            UPDATE (content, title, let_go_at) ON service_document TO worker
    """)


def downgrade() -> None:
    op.drop_table("service_document")
    op.drop_table("service_slip")
    op.drop_index("ix_attendance_awaiting", "attendance")
    for name in ATTENDANCE_CHECKS:
        op.drop_constraint(op.f(f"ck_attendance_{name}"), "attendance")
    op.drop_column("attendance", "awaits_until")
    op.drop_column("attendance", "awaits")


def _let_attendances_wait() -> None:
    texts = postgresql.ARRAY(sa.Text())
    op.add_column("attendance", sa.Column("awaits", texts, server_default="{}", nullable=False))
    op.add_column("attendance", sa.Column("awaits_until", MOMENT, nullable=True))
    for name, rule in ATTENDANCE_CHECKS.items():
        op.create_check_constraint(op.f(f"ck_attendance_{name}"), "attendance", rule)
    op.create_index(
        "ix_attendance_awaiting",
        "attendance",
        ["tenant_id", "awaits_until"],
        postgresql_where=sa.text("awaits_until IS NOT NULL"),
    )


def _make_slips() -> None:
    op.create_table(
        "service_slip",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("served", sa.String(), server_default="", nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("attendance_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=False),
        sa.Column("issued_at", MOMENT, nullable=False),
        sa.Column("valid_until", MOMENT, nullable=False),
        sa.Column("replaces", sa.Uuid(), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", MOMENT, nullable=True),
        sa.Column("revoked_for", sa.String(), server_default="", nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_for", sa.String(), server_default="", nullable=False),
        sa.Column("words", sa.String(), server_default="", nullable=False),
        sa.Column("finding", sa.String(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_for", sa.String(), server_default="", nullable=False),
        *_checks("service_slip", SLIP_CHECKS),
        *_references("service_slip", SLIP_REFERENCES),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_service_slip")),
        *(
            sa.UniqueConstraint(
                "tenant_id", column, name=op.f(f"uq_service_slip_tenant_id_{column}")
            )
            for column in ("code_hash", "replaces")
        ),
    )
    for column in ("activity_id", "person_id"):
        name = op.f(f"ix_service_slip_tenant_id_{column}")
        op.create_index(name, "service_slip", ["tenant_id", column])
    op.create_index(
        "ix_service_slip_live",
        "service_slip",
        ["tenant_id", "activity_id", "label"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND answer IS NULL"),
    )
    op.create_index(
        "ix_service_slip_to_decide",
        "service_slip",
        ["tenant_id", "activity_id"],
        postgresql_where=sa.text("answer = 'denied' AND finding IS NULL"),
    )


def _make_documents() -> None:
    op.create_table(
        "service_document",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("attendance_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(), nullable=False),
        sa.Column("uploaded_at", MOMENT, nullable=False),
        sa.Column("state", sa.String(), server_default="waiting", nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("decided_for", sa.String(), server_default="", nullable=False),
        sa.Column("let_go_at", MOMENT, nullable=True),
        *_checks("service_document", DOCUMENT_CHECKS),
        *_references("service_document", DOCUMENT_REFERENCES),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_service_document")),
    )
    for column in ("activity_id", "uploaded_at"):
        name = op.f(f"ix_service_document_tenant_id_{column}")
        op.create_index(name, "service_document", ["tenant_id", column])
    op.create_index(
        "ix_service_document_same",
        "service_document",
        ["tenant_id", "activity_id", "digest"],
        unique=True,
        postgresql_where=sa.text("state <> 'refused'"),
    )


def _checks(table: str, checks: dict[str, str]) -> list[sa.CheckConstraint]:
    return [
        sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}")) for name, rule in checks.items()
    ]


def _references(table: str, references: dict[str, str]) -> list[sa.ForeignKeyConstraint]:
    """To rows of the same tenant, and to the tenant itself."""
    own = sa.ForeignKeyConstraint(
        ["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id_tenant")
    )
    return [
        own,
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_{table}_tenant_id_{column}_{target}"),
            )
            for column, target in references.items()
        ),
    ]
