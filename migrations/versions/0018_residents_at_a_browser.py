"""Residents at a browser: a phone that is signed in lets them in, and proves them again."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LEVELS = "CASE WHEN staff THEN auth_level IN ('password', 'two_factor') ELSE {} END"


def upgrade() -> None:
    _levels(LEVELS.format("auth_level IN ('wechat', 'scanned')"))
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "web_login",
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.LargeBinary(), nullable=True),
        sa.Column("asker_hash", sa.LargeBinary(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("asked_at", instant, nullable=False),
        sa.Column("expires_at", instant, nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        *(
            sa.Column(name, instant, nullable=True)
            for name in ("seen_at", "confirmed_at", "proved_at", "refused_at", "used_at")
        ),
        sa.CheckConstraint(
            "purpose IN ('sign_in', 'step_up', 'handoff')", name=op.f("ck_web_login_purpose")
        ),
        sa.CheckConstraint(
            "(browser_hash IS NULL) = (purpose = 'handoff')",
            name=op.f("ck_web_login_bound_to_a_browser"),
        ),
        sa.CheckConstraint(
            "(session_id IS NULL) = (purpose = 'sign_in')", name=op.f("ck_web_login_of_a_session")
        ),
        sa.CheckConstraint(
            "(tenant_id IS NULL) = (person_id IS NULL)", name=op.f("ck_web_login_whose")
        ),
        sa.CheckConstraint(
            "person_id IS NOT NULL OR (seen_at IS NULL AND purpose = 'sign_in')",
            name=op.f("ck_web_login_seen_by"),
        ),
        sa.CheckConstraint(
            "(confirmed_at IS NULL) = (proved_at IS NULL)"
            " AND (confirmed_at IS NULL OR seen_at IS NOT NULL)"
            " AND (used_at IS NULL OR confirmed_at IS NOT NULL)"
            " AND (refused_at IS NULL OR confirmed_at IS NULL)",
            name=op.f("ck_web_login_one_after_another"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_web_login_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_web_login")),
        sa.UniqueConstraint("browser_hash", name=op.f("uq_web_login_browser_hash")),
    )
    op.create_index(
        op.f("ix_web_login_asker_hash_asked_at"), "web_login", ["asker_hash", "asked_at"]
    )
    op.create_index(op.f("ix_web_login_asked_at"), "web_login", ["asked_at"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON web_login TO app")
    op.execute("GRANT SELECT, DELETE ON web_login TO worker")


def downgrade() -> None:
    op.drop_table("web_login")
    op.execute("UPDATE session SET auth_level = 'wechat' WHERE auth_level = 'scanned'")
    _levels(LEVELS.format("auth_level = 'wechat'"))


def _levels(rule: str) -> None:
    op.drop_constraint(op.f("ck_session_auth_level"), "session", type_="check")
    op.create_check_constraint(op.f("ck_session_auth_level"), "session", rule)
