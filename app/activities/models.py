"""Activities, enrolments and attendances."""

from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow, belongs_to

OPENS_BEFORE = timedelta(minutes=30)


LONGEST_SERVICE = timedelta(hours=12)


class Activity(TenantRow):
    """Something people give time to, at a place, for a while."""

    __tablename__ = "activity"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("capacity > 0", name="capacity"),
        sa.CheckConstraint("state IN ('published', 'cancelled')", name="state"),
        sa.Index(None, "tenant_id", "starts_at", "id"),
        sa.Index(None, "tenant_id", "ends_at"),
    )

    community_id: Mapped[UUID]
    title: Mapped[str]
    category: Mapped[str]
    place: Mapped[str]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    capacity: Mapped[int]
    state: Mapped[str]

    @property
    def opens_at(self) -> datetime:
        """From when on people may check in."""
        return self.starts_at - OPENS_BEFORE

    @property
    def planned(self) -> int | None:
        """How many whole minutes somebody who comes is to stay.

        Of what is open for longer than anybody serves in one go, people take a shift: no length
        is planned for each of them.
        """
        length = self.ends_at - self.starts_at
        return length // timedelta(minutes=1) if length <= LONGEST_SERVICE else None

    def is_open(self, now: datetime) -> bool:
        """Whether people may check in at this instant."""
        return self.state == "published" and self.opens_at <= now < self.ends_at


class Enrolment(TenantRow):
    """A place taken, or a turn in the queue for one."""

    __tablename__ = "enrolment"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "activity_id", "person_id"),
        sa.CheckConstraint("state IN ('confirmed', 'waitlisted')", name="state"),
    )

    activity_id: Mapped[UUID]
    person_id: Mapped[UUID]
    state: Mapped[str]
    enrolled_at: Mapped[Moment]


class Attendance(TenantRow):
    """One person's time at one activity: in once, out once.

    Whether the phone said where it was is kept, and where it was is not.
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
        sa.CheckConstraint("location_in IN ('given', 'none')", name="location_in"),
        sa.Index(None, "tenant_id", "person_id"),
    )

    activity_id: Mapped[UUID]
    person_id: Mapped[UUID]
    state: Mapped[str]
    checked_in_at: Mapped[Moment]
    location_in: Mapped[str] = mapped_column(server_default="none")
    checked_out_at: Mapped[Moment | None]
    minutes: Mapped[int | None]
