"""自己的密码、换了主人的号码: a given password is changed, and a number goes to who has it now."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
GIVEN = "password_given"
STAFFS = "auth_level IN ('password', 'two_factor')"
RESIDENTS = "auth_level IN ('wechat', 'scanned')"
OF_RELEASE = {
    "state": "state IN ('open', 'done', 'stopped')",
    "state_says_so": (
        "(state = 'open') = (closed_at IS NULL) AND (state = 'open') = (closed_by IS NULL)"
    ),
    "asked_by_another": "asked_by <> person_id",
    "done_by_another": (
        "state <> 'done' OR closed_by NOT IN (person_id, asked_by) AND closed_at >= due_at"
    ),
    "due_a_day_later": "due_at >= asked_at + interval '24 hours'",
}


def upgrade() -> None:
    for table in ("staff_credential", "session"):
        column = sa.Column(GIVEN, sa.Boolean(), server_default=sa.false(), nullable=False)
        op.add_column(table, column)
    _level(f"{RESIDENTS} AND NOT {GIVEN}")
    _create_release()


def downgrade() -> None:
    op.drop_table("phone_release")
    _level(RESIDENTS)
    for table in ("session", "staff_credential"):
        op.drop_column(table, GIVEN)


def _level(of_residents: str) -> None:
    """How a session may have begun; a resident's has no password."""
    name = op.f("ck_session_auth_level")
    op.drop_constraint(name, "session")
    rule = f"CASE WHEN staff THEN {STAFFS} ELSE {of_residents} END"
    op.create_check_constraint(name, "session", rule)


def _create_release() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "phone_release",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proved_at", moment, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("due_at", moment, nullable=False),
        sa.Column("closed_at", moment, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_phone_release_{name}"))
            for name, rule in OF_RELEASE.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                ["person.tenant_id", "person.id"],
                name=op.f(f"fk_phone_release_tenant_id_{column}_person"),
            )
            for column in ("person_id", "asked_by", "closed_by")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_phone_release_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_phone_release")),
    )
    op.create_index(
        "uq_phone_release_open",
        "phone_release",
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.execute("ALTER TABLE phone_release ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE phone_release FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON phone_release USING ({OWN}) WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, INSERT, UPDATE (state, closed_at, closed_by) ON phone_release TO app")
