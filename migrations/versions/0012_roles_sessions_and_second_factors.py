"""Roles are proposed, approved and ended; a session knows how it began; staff have a second factor."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SET_TENANT = "nullif(current_setting('app.tenant', true), '')"
OWN = f"tenant_id = {SET_TENANT}::bigint"

# What may still become of a grant. Whose it is, of what and since when, nobody changes.
DECIDED = "state, approved_by, refused_by, decided_at, ended_by, ended_at"
CITY_ROLES = "'auditor', 'audit_admin', 'city_officer', 'platform_operator', 'security_admin', 'system_admin'"


def upgrade() -> None:
    op.add_column(
        "tenant",
        sa.Column("second_factor", sa.Boolean(), server_default=sa.true(), nullable=False),
    )
    _sessions()
    _factors()
    _grants()


def _sessions() -> None:
    op.add_column("session", sa.Column("auth_level", sa.String()))
    op.add_column("session", sa.Column("auth_time", sa.DateTime(timezone=True)))
    op.add_column("session", sa.Column("device", sa.String()))
    op.add_column("session", sa.Column("device_hash", sa.LargeBinary()))
    _for_every_tenant(
        "session",
        "UPDATE session SET auth_time = created_at, device = '',"
        " auth_level = CASE WHEN staff THEN 'password' ELSE 'wechat' END",
    )
    for column in ("auth_level", "auth_time", "device"):
        op.alter_column("session", column, nullable=False)
    op.create_check_constraint(
        op.f("ck_session_auth_level"),
        "session",
        "CASE WHEN staff THEN auth_level IN ('password', 'two_factor')"
        " ELSE auth_level = 'wechat' END",
    )
    op.create_index(
        op.f("ix_session_tenant_id_device_hash"), "session", ["tenant_id", "device_hash"]
    )


def _factors() -> None:
    op.add_column("staff_credential", sa.Column("totp_secret", sa.Text()))
    op.add_column("staff_credential", sa.Column("totp_draft", sa.Text()))
    op.add_column("staff_credential", sa.Column("totp_last_step", sa.BigInteger()))
    op.create_check_constraint(
        op.f("ck_staff_credential_step_of_a_secret"),
        "staff_credential",
        "totp_last_step IS NULL OR totp_secret IS NOT NULL",
    )
    op.create_table(
        "recovery_code",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_recovery_code_tenant_id_tenant")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_recovery_code_tenant_id_person_id_person"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "code_hash",
            name=op.f("uq_recovery_code_tenant_id_person_id_code_hash"),
        ),
    )
    op.execute("ALTER TABLE recovery_code ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE recovery_code FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON recovery_code USING ({OWN}) WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, INSERT ON recovery_code TO app")
    op.execute("GRANT UPDATE (used_at) ON recovery_code TO app")


def _grants() -> None:
    for column, kind in {
        "state": sa.String(),
        "granted_at": sa.DateTime(timezone=True),
        "reason": sa.Text(),
        "approved_by": sa.Uuid(),
        "refused_by": sa.Uuid(),
        "decided_at": sa.DateTime(timezone=True),
        "ended_by": sa.Uuid(),
        "ended_at": sa.DateTime(timezone=True),
    }.items():
        op.add_column("role_grant", sa.Column(column, kind))
    _for_every_tenant(
        "role_grant",
        "UPDATE role_grant SET state = 'active', granted_at = valid_from, reason = ''",
    )
    for column in ("state", "granted_at", "reason"):
        op.alter_column("role_grant", column, nullable=False)
    for column in ("granted_by", "approved_by", "refused_by", "ended_by"):
        op.create_foreign_key(
            op.f(f"fk_role_grant_tenant_id_{column}_person"),
            "role_grant",
            "person",
            ["tenant_id", column],
            ["tenant_id", "id"],
        )
    for name, condition in {
        "state": "state IN ('proposed', 'active', 'refused', 'ended')",
        "granted_to_another": "person_id <> granted_by",
        "approved_by_a_third": "approved_by <> granted_by AND approved_by <> person_id",
        "refused_by_another": "refused_by <> person_id",
        "state_says_so": "(state = 'refused') = (refused_by IS NOT NULL)"
        " AND (state = 'ended') = (ended_at IS NOT NULL)"
        " AND (decided_at IS NOT NULL) = (num_nonnulls(approved_by, refused_by) = 1)",
        "four_eyes": f"state NOT IN ('active', 'ended') OR role NOT IN ({CITY_ROLES})"
        " OR granted_by IS NULL OR approved_by IS NOT NULL",
    }.items():
        op.create_check_constraint(op.f(f"ck_role_grant_{name}"), "role_grant", condition)
    op.drop_constraint(
        op.f("uq_role_grant_tenant_id_person_id_role_org_unit_id_valid_from"),
        "role_grant",
        type_="unique",
    )
    op.create_index(
        "uq_role_grant_open",
        "role_grant",
        ["tenant_id", "person_id", "role", "org_unit_id", "valid_from"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'active')"),
    )
    op.create_index(
        op.f("ix_role_grant_tenant_id_person_id"), "role_grant", ["tenant_id", "person_id"]
    )
    op.create_index(
        op.f("ix_role_grant_tenant_id_org_unit_id"), "role_grant", ["tenant_id", "org_unit_id"]
    )
    op.execute(f"GRANT UPDATE ({DECIDED}) ON role_grant TO app")


def _for_every_tenant(table: str, statement: str) -> None:
    """What there is already is changed by its owner, whom the walls would keep out like anybody."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def downgrade() -> None:
    op.execute(f"REVOKE UPDATE ({DECIDED}) ON role_grant FROM app")
    op.execute(UNGRANT)
    op.drop_table("recovery_code")
    op.execute(
        "ALTER TABLE staff_credential"
        " DROP COLUMN totp_last_step, DROP COLUMN totp_draft, DROP COLUMN totp_secret"
    )
    op.execute(
        "ALTER TABLE session DROP COLUMN device_hash, DROP COLUMN device,"
        " DROP COLUMN auth_time, DROP COLUMN auth_level"
    )
    op.drop_column("tenant", "second_factor")


# The constraints and indexes of a column go with it.
UNGRANT = """
    DROP INDEX uq_role_grant_open;
    DROP INDEX ix_role_grant_tenant_id_org_unit_id;
    DROP INDEX ix_role_grant_tenant_id_person_id;
    ALTER TABLE role_grant
        DROP CONSTRAINT ck_role_grant_granted_to_another,
        DROP CONSTRAINT fk_role_grant_tenant_id_granted_by_person,
        DROP COLUMN ended_at, DROP COLUMN ended_by, DROP COLUMN decided_at,
        DROP COLUMN refused_by, DROP COLUMN approved_by, DROP COLUMN reason,
        DROP COLUMN granted_at, DROP COLUMN state,
        ADD CONSTRAINT uq_role_grant_tenant_id_person_id_role_org_unit_id_valid_from
            UNIQUE (tenant_id, person_id, role, org_unit_id, valid_from)
"""
