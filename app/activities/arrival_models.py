"""Attendances, what is said afterwards, and tries to come or go that came to nothing."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.kinds import WordsState
from app.activities.ways import Evidence, Review, Way, Whereabouts
from app.core.closed import listed
from app.core.db import Moment, TenantRow, belongs_to


class Attendance(TenantRow):
    """One person's time at one activity: in once, out once.

    Whether the phone said where it was is kept, and whether that was near enough; where it was is
    not. What looks odd is under `review`, for its `reasons`, and counts once somebody has approved.
    """

    __tablename__ = "attendance"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "activity_id", "person_id"),
        sa.CheckConstraint("state IN ('checked_in', 'checked_out')", name="state"),
        sa.CheckConstraint("checked_out_at >= checked_in_at", name="out_after_in"),
        sa.CheckConstraint("(checked_out_at IS NULL) = (minutes IS NULL)", name="out_with_minutes"),
        sa.CheckConstraint(
            "(state = 'checked_out') = (checked_out_at IS NOT NULL AND minutes IS NOT NULL)",
            name="state_says_so",
        ),
        sa.CheckConstraint("minutes >= 0", name="minutes"),
        sa.CheckConstraint(f"location_in IN ({listed(Whereabouts)})", name="location_in"),
        sa.CheckConstraint(f"location_out IN ({listed(Whereabouts)})", name="location_out"),
        sa.CheckConstraint(f"way_in IN ({listed(Way)})", name="way_in"),
        sa.CheckConstraint(f"way_out IN ({listed(Way)})", name="way_out"),
        sa.CheckConstraint("(way_out IS NULL) = (checked_out_at IS NULL)", name="way_out_when_out"),
        sa.CheckConstraint(f"review IN ({listed(Review)})", name="review"),
        sa.CheckConstraint("(review IS NULL) = (reasons = '{}')", name="reasons_of_review"),
        sa.CheckConstraint(
            "(review IN ('approved', 'rejected')) = (decided_at IS NOT NULL)"
            " AND (decided_by IS NULL) = (decided_at IS NULL)",
            name="decided",
        ),
        sa.CheckConstraint("review <> 'rejected' OR decided_for <> ''", name="rejected_for"),
        sa.CheckConstraint(
            "decided_by <> person_id AND (way_in <> 'backfill' OR decided_by <> in_by)",
            name="decided_by_another",
        ),
        sa.CheckConstraint("way_in <> 'backfill' OR review IS NOT NULL", name="backfill_reviewed"),
        sa.CheckConstraint(
            "confirm_until IS NULL OR way_out = 'closing'", name="confirmed_when_closed"
        ),
        sa.CheckConstraint("hundred_m_in >= 0 AND hundred_m_out >= 0", name="hundred_m"),
        sa.CheckConstraint(f"awaits <@ ARRAY[{listed(Evidence)}]", name="awaits"),
        sa.CheckConstraint(
            "(awaits = '{}') = (awaits_until IS NULL)"
            " AND (awaits_until IS NULL OR (state = 'checked_out' AND confirm_until IS NULL"
            " AND (review IS NULL OR review = 'approved')))",
            name="awaits_when_cleared",
        ),
        belongs_to("person", "in_by"),
        belongs_to("person", "out_by"),
        belongs_to("person", "decided_by"),
        sa.Index(None, "tenant_id", "person_id"),
        sa.Index(
            "ix_attendance_device_in",
            "tenant_id",
            "activity_id",
            "device_in",
            postgresql_where=sa.text("device_in IS NOT NULL"),
        ),
        # What staff, the sweeper or its owner still have to do: few, however many lie behind.
        sa.Index(
            "ix_attendance_to_decide",
            "tenant_id",
            "activity_id",
            postgresql_where=sa.text("review = 'pending_review'"),
        ),
        sa.Index(
            "ix_attendance_to_confirm",
            "tenant_id",
            "confirm_until",
            postgresql_where=sa.text("confirm_until IS NOT NULL"),
        ),
        sa.Index(
            "ix_attendance_awaiting",
            "tenant_id",
            "awaits_until",
            postgresql_where=sa.text("awaits_until IS NOT NULL"),
        ),
    )

    activity_id: Mapped[UUID]
    person_id: Mapped[UUID]
    state: Mapped[str]
    checked_in_at: Mapped[Moment]
    location_in: Mapped[str] = mapped_column(server_default="none")
    checked_out_at: Mapped[Moment | None]
    minutes: Mapped[int | None]
    way_in: Mapped[str] = mapped_column(server_default=Way.CODE.value)
    way_out: Mapped[str | None]
    in_by: Mapped[UUID | None]  # who did it for them; None is they themselves
    out_by: Mapped[UUID | None]
    review: Mapped[str | None]
    reasons: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[Moment | None]
    decided_for: Mapped[str] = mapped_column(server_default="")
    confirm_until: Mapped[Moment | None]  # closed by itself: counts as it is from then on
    awaits: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    awaits_until: Mapped[Moment | None]  # it counts as it is from then on, with or without these
    # Of the scans: on which device, how far its clock was behind ours, and how far it was away.
    device_in: Mapped[bytes | None]
    device_out: Mapped[bytes | None]
    skew_in_s: Mapped[int | None]
    skew_out_s: Mapped[int | None]
    hundred_m_in: Mapped[int | None]
    hundred_m_out: Mapped[int | None]
    location_out: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default="")  # why staff did it for them

    @property
    def counts(self) -> bool:
        """Whether its time is told to the ledger: nothing has to come first."""
        return self.cleared and self.awaits_until is None

    @property
    def cleared(self) -> bool:
        """Whether nobody has to look at it, or say yes, first."""
        cleared = self.review in {None, Review.APPROVED}
        return self.state == "checked_out" and cleared and self.confirm_until is None


class AttendanceList(TenantRow):
    """签到表: a list of an activity that was printed, and the number under which it comes back."""

    __tablename__ = "attendance_list"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        belongs_to("person", "printed_by"),
        sa.UniqueConstraint("tenant_id", "code"),
        sa.CheckConstraint("code ~ '^[2-9A-HJ-NP-Z]{10}$'", name="code"),
        sa.CheckConstraint("blank BETWEEN 0 AND 40", name="blank"),
        sa.Index(None, "tenant_id", "activity_id"),
    )

    activity_id: Mapped[UUID]
    code: Mapped[str]  # opaque, drawn at random
    blank: Mapped[int]  # empty lines after those of the people who enrolled
    printed_by: Mapped[UUID]
    printed_at: Mapped[Moment]


class AttendanceListLine(TenantRow):
    """Whose a line of a printed list is: it stays theirs, whoever enrols or leaves afterwards."""

    __tablename__ = "attendance_list_line"
    __table_args__ = (
        belongs_to("attendance_list", "list_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "list_id", "number"),
        sa.UniqueConstraint("tenant_id", "list_id", "person_id"),
        sa.CheckConstraint("number > 0", name="number"),
        sa.Index(None, "tenant_id", "person_id"),
    )

    list_id: Mapped[UUID]
    number: Mapped[int]
    person_id: Mapped[UUID]
    task: Mapped[str] = mapped_column(server_default="")  # as it was called then


class RefusedScan(TenantRow):
    """A try to check in or out that came to nothing, with the machine's reason.

    What came of the others stands in their attendance. Nobody's whereabouts are kept here.
    """

    __tablename__ = "refused_scan"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "by_id"),
        sa.CheckConstraint("kind IN ('in', 'out')", name="kind"),
        sa.CheckConstraint("reason <> ''", name="reason"),
        sa.Index(None, "tenant_id", "received_at"),
    )

    activity_id: Mapped[UUID | None]  # None: there is no such activity, or not for them
    person_id: Mapped[UUID]
    by_id: Mapped[UUID]  # who scanned
    kind: Mapped[str]
    reason: Mapped[str]  # the code of the refusal
    device: Mapped[bytes | None]
    device_time: Mapped[Moment | None]  # what the phone says the time was: a claim
    received_at: Mapped[Moment]


class Feedback(TenantRow):
    """反馈得到: what somebody who came says of an activity, and what its organisers say to them.

    A row is there once either side has spoken. Only they and the staff of the activity read it.
    """

    __tablename__ = "feedback"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "answered_by"),
        belongs_to("person", "thanked_by"),
        belongs_to("person", "looked_by"),
        sa.UniqueConstraint("tenant_id", "activity_id", "person_id"),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name="rating"),
        sa.CheckConstraint("(rating IS NULL) = (given_at IS NULL)", name="given"),
        sa.CheckConstraint(
            "char_length(words) <= 300 AND (words = '' OR given_at IS NOT NULL)", name="words"
        ),
        sa.CheckConstraint("char_length(answer) <= 300", name="answer"),
        sa.CheckConstraint(
            "(answered_by IS NULL) = (answered_at IS NULL)"
            " AND (answered_at IS NOT NULL OR answer = '')"
            " AND (answered_at IS NULL OR given_at IS NOT NULL)",
            name="answered",
        ),
        sa.CheckConstraint("(thanked_by IS NULL) = (thanked_at IS NULL)", name="thanked"),
        sa.CheckConstraint("num_nonnulls(given_at, thanked_at) > 0", name="somebody_spoke"),
        sa.CheckConstraint(
            "answered_by <> person_id AND thanked_by <> person_id", name="by_another"
        ),
        sa.CheckConstraint(f"words_state IN ({listed(WordsState)})", name="words_state"),
        sa.CheckConstraint("words <> '' OR words_state = 'shown'", name="words_to_look_at"),
        sa.CheckConstraint(
            "(looked_by IS NULL) = (looked_at IS NULL) AND looked_by <> person_id"
            " AND char_length(looked_for) <= 200",
            name="looked",
        ),
        sa.CheckConstraint("words_state <> 'hidden' OR looked_at IS NOT NULL", name="hidden"),
        sa.Index(
            "ix_feedback_to_look_at",
            "tenant_id",
            "words_state",
            "given_at",
            postgresql_where=sa.text("words_state IN ('checking', 'waiting')"),
        ),
        sa.Index(None, "tenant_id", "person_id"),
    )

    activity_id: Mapped[UUID]
    person_id: Mapped[UUID]
    rating: Mapped[int | None]  # 1 to 5; None until they say something
    words: Mapped[str] = mapped_column(server_default="")
    given_at: Mapped[Moment | None]
    # Nobody but who wrote them reads words that are not shown.
    words_state: Mapped[str] = mapped_column(server_default=WordsState.SHOWN.value)
    looked_by: Mapped[UUID | None]  # of the staff; None is the platform
    looked_at: Mapped[Moment | None]
    looked_for: Mapped[str] = mapped_column(server_default="")
    answer: Mapped[str] = mapped_column(server_default="")
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[Moment | None]
    thanked_by: Mapped[UUID | None]
    thanked_at: Mapped[Moment | None]
