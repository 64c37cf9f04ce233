"""Cities of real people: accounts are made in the application, and residents come to the web."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A system administrator gives colleagues a name to sign in with.
    op.execute("GRANT INSERT ON staff_name TO app")
    # A seat may be free again on the day on which it was taken, as a household may be left.
    _seats_span("to_day >= from_day")


def downgrade() -> None:
    _seats_span("to_day > from_day")
    op.execute("REVOKE INSERT ON staff_name FROM app")


def _seats_span(rule: str) -> None:
    op.drop_constraint(op.f("ck_part_time_member_span"), "part_time_member", type_="check")
    op.create_check_constraint(op.f("ck_part_time_member_span"), "part_time_member", rule)
