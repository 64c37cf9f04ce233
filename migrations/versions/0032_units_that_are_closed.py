"""Units are closed and opened again; what people write for others is looked at first."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

CLOSED = {
    "city_stays_open": "closed_on IS NULL OR kind <> 'city'",
    "closed_says_why": (
        "(closed_on IS NULL) = (closed_for = '') AND char_length(closed_for) <= 200"
    ),
}

LOOKED = {
    "words_state": "words_state IN ('checking', 'shown', 'waiting', 'hidden')",
    "words_to_look_at": "words <> '' OR words_state = 'shown'",
    "looked": (
        "(looked_by IS NULL) = (looked_at IS NULL) AND looked_by <> person_id"
        " AND char_length(looked_for) <= 200"
    ),
    "hidden": "words_state <> 'hidden' OR looked_at IS NOT NULL",
}
PHOTO = {
    "verdict": "verdict IN ('pass', 'review', 'risky')",
    "asked": "asked_at IS NOT NULL OR num_nonnulls(trace_id, verdict) = 0",
}
ASKED = "asked_at, trace_id, verdict"
ABOUT = f"tenant_id, id, station_id, digest, uploaded_by, {ASKED}"
CHECKED = "tenant_id, id, person_id, words, words_state, given_at"


def upgrade() -> None:
    op.add_column("org_unit", sa.Column("closed_on", sa.Date(), nullable=True))
    op.add_column(
        "org_unit", sa.Column("closed_for", sa.String(), server_default="", nullable=False)
    )
    for name, rule in CLOSED.items():
        op.create_check_constraint(op.f(f"ck_org_unit_{name}"), "org_unit", rule)
    op.execute("GRANT SELECT (closed_on) ON org_unit TO worker")
    _look_at_words()
    _look_at_photos()


def _look_at_words() -> None:
    """What was read already stays shown."""
    op.add_column(
        "feedback", sa.Column("words_state", sa.String(), server_default="shown", nullable=False)
    )
    op.add_column("feedback", sa.Column("looked_by", sa.Uuid(), nullable=True))
    op.add_column("feedback", sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "feedback", sa.Column("looked_for", sa.String(), server_default="", nullable=False)
    )
    op.create_foreign_key(
        op.f("fk_feedback_tenant_id_looked_by_person"),
        "feedback",
        "person",
        ["tenant_id", "looked_by"],
        ["tenant_id", "id"],
    )
    for name, rule in LOOKED.items():
        op.create_check_constraint(op.f(f"ck_feedback_{name}"), "feedback", rule)
    op.create_index(
        "ix_feedback_to_look_at",
        "feedback",
        ["tenant_id", "words_state", "given_at"],
        postgresql_where=sa.text("words_state IN ('checking', 'waiting')"),
    )
    op.execute(f"GRANT SELECT ({CHECKED}), UPDATE (words_state) ON feedback TO worker")


def _look_at_photos() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("station_photo", sa.Column("asked_at", moment, nullable=True))
    for column in ("trace_id", "verdict"):
        op.add_column("station_photo", sa.Column(column, sa.String(), nullable=True))
    for name, rule in PHOTO.items():
        op.create_check_constraint(op.f(f"ck_station_photo_{name}"), "station_photo", rule)
    op.execute(f"GRANT SELECT ({ABOUT}), UPDATE ({ASKED}) ON station_photo TO worker")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT ({ABOUT}), UPDATE ({ASKED}) ON station_photo FROM worker")
    for name in PHOTO:
        op.drop_constraint(op.f(f"ck_station_photo_{name}"), "station_photo")
    for column in ("verdict", "trace_id", "asked_at"):
        op.drop_column("station_photo", column)
    op.execute(f"REVOKE SELECT ({CHECKED}), UPDATE (words_state) ON feedback FROM worker")
    op.drop_index("ix_feedback_to_look_at", "feedback")
    for name in LOOKED:
        op.drop_constraint(op.f(f"ck_feedback_{name}"), "feedback")
    op.drop_constraint(op.f("fk_feedback_tenant_id_looked_by_person"), "feedback")
    for column in ("looked_for", "looked_at", "looked_by", "words_state"):
        op.drop_column("feedback", column)
    op.execute("REVOKE SELECT (closed_on) ON org_unit FROM worker")
    for name in CLOSED:
        op.drop_constraint(op.f(f"ck_org_unit_{name}"), "org_unit")
    op.drop_column("org_unit", "closed_for")
    op.drop_column("org_unit", "closed_on")
