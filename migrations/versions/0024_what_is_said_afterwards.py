"""反馈得到: what who came says of an activity, the thanks they get, and the answer."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

OWN = "tenant_id = nullif(current_setting('app.tenant', true), '')::bigint"
CHECKS = {
    "rating": "rating BETWEEN 1 AND 5",
    "given": "(rating IS NULL) = (given_at IS NULL)",
    "words": "char_length(words) <= 300 AND (words = '' OR given_at IS NOT NULL)",
    "answer": "char_length(answer) <= 300",
    "answered": (
        "(answered_by IS NULL) = (answered_at IS NULL)"
        " AND (answered_at IS NOT NULL OR answer = '')"
        " AND (answered_at IS NULL OR given_at IS NOT NULL)"
    ),
    "thanked": "(thanked_by IS NULL) = (thanked_at IS NULL)",
    "somebody_spoke": "num_nonnulls(given_at, thanked_at) > 0",
    "by_another": "answered_by <> person_id AND thanked_by <> person_id",
}
REFERENCES = {
    "activity_id": "activity",
    "person_id": "person",
    "answered_by": "person",
    "thanked_by": "person",
}


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "feedback",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("words", sa.String(), server_default="", nullable=False),
        sa.Column("given_at", moment, nullable=True),
        sa.Column("answer", sa.String(), server_default="", nullable=False),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("thanked_by", sa.Uuid(), nullable=True),
        sa.Column("thanked_at", moment, nullable=True),
        *(
            sa.CheckConstraint(rule, name=op.f(f"ck_feedback_{name}"))
            for name, rule in CHECKS.items()
        ),
        *(
            sa.ForeignKeyConstraint(
                ["tenant_id", column],
                [f"{target}.tenant_id", f"{target}.id"],
                name=op.f(f"fk_feedback_tenant_id_{column}_{target}"),
            )
            for column, target in REFERENCES.items()
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_feedback_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_feedback")),
        sa.UniqueConstraint(
            "tenant_id",
            "activity_id",
            "person_id",
            name=op.f("uq_feedback_tenant_id_activity_id_person_id"),
        ),
    )
    op.create_index(op.f("ix_feedback_tenant_id_person_id"), "feedback", ["tenant_id", "person_id"])
    op.execute("ALTER TABLE feedback ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE feedback FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY own_tenant ON feedback USING ({OWN}) WITH CHECK ({OWN})")
    op.execute("GRANT SELECT, INSERT, UPDATE ON feedback TO app")


def downgrade() -> None:
    op.drop_table("feedback")
