"""Activities with their tasks and what is told of them; enrolments and attendances."""

from datetime import date, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.activities.kinds import (
    LEAST_RADIUS_M,
    MOST_RADIUS_M,
    ActivityState,
    Audience,
    EnrolmentState,
    Guarantee,
    NoticeKind,
    Risk,
    Skill,
)
from app.core.closed import listed
from app.core.db import Moment, TenantRow, belongs_to

LONGEST_SERVICE = timedelta(hours=12)

GUARANTEED = f"guarantees <@ ARRAY[{listed(Guarantee)}]"
AUDIENCE = f"audience IN ({listed(Audience)})"
AUDIENCE_UNIT = "(audience = 'grid') = (audience_unit_id IS NOT NULL)"
WHERE = (
    "(lat IS NULL) = (lng IS NULL) AND lat BETWEEN -90 AND 90"
    " AND lng BETWEEN -180 AND 180 AND crs IN ('gcj02', 'wgs84')"
)
RADIUS = f"radius_m BETWEEN {LEAST_RADIUS_M} AND {MOST_RADIUS_M}"
AT_STATION = "station_id IS NULL OR lat IS NOT NULL"


def opens_at(starts_at: datetime, open_before_min: int) -> datetime:
    """From when on people may check in to what starts then."""
    return starts_at - timedelta(minutes=open_before_min)


def closes_at(
    starts_at: datetime, ends_at: datetime, close_after_start_min: int | None
) -> datetime:
    """Until when people may check in by themselves to what is held then."""
    if close_after_start_min is None:
        return ends_at
    return min(starts_at + timedelta(minutes=close_after_start_min), ends_at)


class Activity(TenantRow):
    """Something people give time to, at a place, for a while; and who decided what about it.

    Who drafts or submits is not who reviews. Settled is what is verified and owes nobody a fact.
    """

    __tablename__ = "activity"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        belongs_to("org_unit", "audience_unit_id"),
        belongs_to("activity_series", "series_id"),
        belongs_to("person", "drafted_by"),
        belongs_to("person", "submitted_by"),
        belongs_to("person", "reviewed_by"),
        belongs_to("person", "cancelled_by"),
        belongs_to("person", "verified_by"),
        sa.UniqueConstraint("tenant_id", "series_id", "series_day"),
        sa.CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        sa.CheckConstraint("capacity > 0", name="capacity"),
        belongs_to("station", "station_id"),
        sa.CheckConstraint(WHERE, name="where"),
        sa.CheckConstraint(RADIUS, name="radius_m"),
        sa.CheckConstraint(AT_STATION, name="at_station"),
        sa.CheckConstraint("open_before_min BETWEEN 0 AND 1440", name="open_before_min"),
        sa.CheckConstraint(
            "close_after_start_min BETWEEN 0 AND 4320", name="close_after_start_min"
        ),
        sa.CheckConstraint(f"state IN ({listed(ActivityState)})", name="state"),
        sa.CheckConstraint(GUARANTEED, name="guarantees"),
        sa.CheckConstraint(AUDIENCE, name="audience"),
        sa.CheckConstraint(AUDIENCE_UNIT, name="audience_unit"),
        sa.CheckConstraint("(series_id IS NULL) = (series_day IS NULL)", name="series_day"),
        sa.CheckConstraint("(submitted_by IS NULL) = (submitted_at IS NULL)", name="submitted"),
        sa.CheckConstraint("(reviewed_by IS NULL) = (reviewed_at IS NULL)", name="reviewed"),
        sa.CheckConstraint(
            "reviewed_by <> submitted_by AND reviewed_by <> drafted_by", name="another_reviews"
        ),
        sa.CheckConstraint(
            "state <> 'in_review' OR submitted_by IS NOT NULL", name="review_of_something"
        ),
        sa.CheckConstraint(
            "state NOT IN ('published', 'verified', 'settled') OR published_at IS NOT NULL",
            name="published",
        ),
        sa.CheckConstraint(
            "(state = 'cancelled') = (cancelled_at IS NOT NULL)"
            " AND (cancelled_at IS NULL) = (cancel_reason = '')",
            name="cancelled",
        ),
        sa.CheckConstraint(
            "(state IN ('verified', 'settled')) = (verified_at IS NOT NULL)"
            " AND (verified_by IS NULL) = (verified_at IS NULL)",
            name="verified",
        ),
        sa.CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled"),
        sa.Index(None, "tenant_id", "starts_at", "id"),
        sa.Index(None, "tenant_id", "ends_at"),
        # What staff or the sweeper still have to do: few, however many years lie behind.
        sa.Index(
            "ix_activity_undone",
            "tenant_id",
            "state",
            "community_id",
            postgresql_where=sa.text("state IN ('draft', 'in_review', 'verified')"),
        ),
    )

    community_id: Mapped[UUID]
    title: Mapped[str]
    category: Mapped[str]
    place: Mapped[str]
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment]
    capacity: Mapped[int]  # the places of all its tasks together, where it has tasks
    state: Mapped[str]
    station_id: Mapped[UUID | None]  # the station it is held at, which gave it its spot
    lat: Mapped[float | None]  # of the place, where somebody has said so, in `crs`
    lng: Mapped[float | None]
    crs: Mapped[str] = mapped_column(server_default="gcj02")
    radius_m: Mapped[int | None]  # how far around it people may be; None is what the policy says
    # When people check in with the code, fixed when it is published. None: until the end.
    open_before_min: Mapped[int] = mapped_column(server_default="30")
    close_after_start_min: Mapped[int | None]
    summary: Mapped[str] = mapped_column(server_default="")
    guarantees: Mapped[list[str]] = mapped_column(ARRAY(sa.Text), server_default="{}")
    insurance_no: Mapped[str] = mapped_column(server_default="")
    audience: Mapped[str] = mapped_column(server_default=Audience.NOBODY.value)
    audience_unit_id: Mapped[UUID | None]
    calling: Mapped[bool] = mapped_column(server_default=sa.false())
    series_id: Mapped[UUID | None]
    series_day: Mapped[date | None]
    drafted_by: Mapped[UUID | None]
    submitted_by: Mapped[UUID | None]
    submitted_at: Mapped[Moment | None]
    reviewed_by: Mapped[UUID | None]
    reviewed_at: Mapped[Moment | None]
    review_note: Mapped[str] = mapped_column(server_default="")
    published_at: Mapped[Moment | None]
    cancelled_by: Mapped[UUID | None]
    cancelled_at: Mapped[Moment | None]
    cancel_reason: Mapped[str] = mapped_column(server_default="")
    verified_by: Mapped[UUID | None]
    verified_at: Mapped[Moment | None]
    settled_at: Mapped[Moment | None]

    @property
    def opens_at(self) -> datetime:
        """From when on people may check in."""
        return opens_at(self.starts_at, self.open_before_min)

    @property
    def closes_at(self) -> datetime:
        """Until when people may check in by themselves; afterwards staff do it for them."""
        return closes_at(self.starts_at, self.ends_at, self.close_after_start_min)

    @property
    def planned(self) -> int | None:
        """How many whole minutes somebody who comes is to stay.

        Of what is open for longer than anybody serves in one go, people take a shift: no length
        is planned for each of them.
        """
        length = self.ends_at - self.starts_at
        return length // timedelta(minutes=1) if length <= LONGEST_SERVICE else None

    def is_open_to_come(self, now: datetime) -> bool:
        """Whether there is still something to come to."""
        return self.state == "published" and now < self.ends_at

    def is_open(self, now: datetime) -> bool:
        """Whether people may check in by themselves at this instant."""
        return self.state == "published" and self.opens_at <= now < self.closes_at


class ActivityTask(TenantRow):
    """One thing to do at an activity: who can do it, for how long, and how many are needed."""

    __tablename__ = "activity_task"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        sa.UniqueConstraint("tenant_id", "activity_id", "name"),
        sa.CheckConstraint(r"char_length(name) <= 30 AND name ~ '\S'", name="name"),
        sa.CheckConstraint(f"skill IN ({listed(Skill)})", name="skill"),
        sa.CheckConstraint(f"risk IN ({listed(Risk)})", name="risk"),
        sa.CheckConstraint("minutes BETWEEN 10 AND 720", name="minutes"),
        sa.CheckConstraint("places BETWEEN 1 AND 10000", name="places"),
        sa.CheckConstraint("min_age BETWEEN 0 AND 120", name="min_age"),
        sa.CheckConstraint("max_age BETWEEN min_age AND 120", name="max_age"),
        sa.CheckConstraint("risk <> 'high' OR (min_age >= 18 AND insured)", name="high_risk"),
    )

    activity_id: Mapped[UUID]
    name: Mapped[str]
    skill: Mapped[str | None]
    minutes: Mapped[int]
    places: Mapped[int]
    min_age: Mapped[int]
    max_age: Mapped[int]
    risk: Mapped[str]
    insured: Mapped[bool]  # whether it needs an insurance, whose number the activity then has


class ActivityNotice(TenantRow):
    """What is told of an activity to many: whom already, in the order of their ids."""

    __tablename__ = "activity_notice"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        sa.UniqueConstraint("tenant_id", "activity_id", "kind"),
        sa.CheckConstraint(f"kind IN ({listed(NoticeKind)})", name="kind"),
        sa.CheckConstraint("told >= 0", name="told"),
        sa.Index(
            "ix_activity_notice_undone",
            "tenant_id",
            "id",
            postgresql_where=sa.text("done_at IS NULL"),
        ),
    )

    activity_id: Mapped[UUID]
    kind: Mapped[str]
    unit_ids: Mapped[list[UUID]] = mapped_column(ARRAY(sa.Uuid))  # the units of a grid's audience
    told: Mapped[int]
    told_up_to: Mapped[UUID | None]
    created_at: Mapped[Moment]
    done_at: Mapped[Moment | None]


class Enrolment(TenantRow):
    """A place taken, or a turn in the queue for one: the lowest `turn` is offered a place first.

    Whoever comes back after leaving gets a new turn, at the end.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        belongs_to("activity", "activity_id"),
        belongs_to("activity_task", "task_id"),
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "activity_id", "person_id"),
        sa.CheckConstraint(f"state IN ({listed(EnrolmentState)})", name="state"),
        sa.CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offered"),
        sa.CheckConstraint("(state IN ('left', 'lapsed')) = (ended_at IS NOT NULL)", name="ended"),
        sa.Index(None, "tenant_id", "person_id"),
        sa.Index(
            "ix_enrolment_waiting",
            "tenant_id",
            "activity_id",
            "turn",
            postgresql_where=sa.text("state IN ('waitlisted', 'offered')"),
        ),
    )

    activity_id: Mapped[UUID]
    task_id: Mapped[UUID | None]
    person_id: Mapped[UUID]
    state: Mapped[str]
    turn: Mapped[int] = mapped_column(server_default="0")
    enrolled_at: Mapped[Moment]
    offered_until: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
