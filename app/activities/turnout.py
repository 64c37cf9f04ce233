"""How many came to activities: by category and by hour of the week, in one statement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import answering
from app.activities.arrival_models import Attendance
from app.activities.models import Activity
from app.activities.ways import Review
from app.core.clock import midnight
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.errors import CommunityUnknown

BY = Permission.ACTIVITY_FOLLOW


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """From one civil day to another, both counted in; of one community, or all one looks after.

    By the day on which people left: to that day the ledger credits their minutes.
    """

    since: date
    until: date
    community_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """Attendances that count and their whole minutes; and those that wait for somebody."""

    counted: int = 0
    waiting: int = 0
    minutes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnout:
    """By category, and of what counts by the hour in which people came.

    By hour: the key is the day of the week (Monday is 0) and the hour on the clock.
    """

    total: Number
    by_category: Mapping[str, Number]
    by_hour: Mapping[tuple[int, int], int]


def communities(session: Session, me: Principal) -> list[tuple[UUID, str]]:
    """The communities whose numbers one may read, by name."""
    ids = organisation.communities_under(session, me.units_with(BY))
    return organisation.names_of(session, ids)


def of(session: Session, wanted: Wanted, *, me: Principal) -> Turnout:
    """The numbers as one may read them; a community of others does not exist."""
    mine = organisation.communities_under(session, me.units_with(BY))
    if wanted.community_id is not None:
        if wanted.community_id not in mine:
            raise CommunityUnknown("没有找到这个社区，请在您负责的社区里选择。")
        mine = [wanted.community_id]
    rows = session.execute(_counting(wanted, mine, zone=me.zone)).all()
    return Turnout(
        total=next((_number(row) for row in rows if row.left_out == 0b11), Number()),
        by_category={row.category: _number(row) for row in rows if row.left_out == 0b01},
        by_hour={
            (row.weekday, row.hour): row.counted
            for row in rows
            if row.left_out == 0b10 and row.counted
        },
    )


def _number(row: sa.Row[tuple[object, ...]]) -> Number:
    return Number(counted=row.counted, waiting=row.waiting, minutes=row.minutes or 0)


def _counting(
    wanted: Wanted, communities: Collection[UUID], *, zone: str
) -> sa.Select[tuple[object, ...]]:
    came = sa.func.timezone(zone, Attendance.checked_in_at)
    there = (
        sa.select(
            Activity.category,
            (sa.cast(sa.extract("isodow", came), sa.Integer) - 1).label("weekday"),
            sa.cast(sa.extract("hour", came), sa.Integer).label("hour"),
            Attendance.minutes,
            answering.COUNTS.label("counts"),
        )
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(
            Activity.community_id.in_(communities),
            Attendance.checked_out_at >= midnight(wanted.since, zone),
            Attendance.checked_out_at < midnight(wanted.until + timedelta(days=1), zone),
            Attendance.review.is_distinct_from(Review.REJECTED.value),
        )
        .subquery("there")
    )
    c = there.c
    number, counts = sa.func.count(), sa.func.coalesce(c.counts, sa.false())
    return sa.select(
        sa.func.grouping(c.category, c.hour).label("left_out"),
        c.category,
        c.weekday,
        c.hour,
        number.filter(counts).label("counted"),
        number.filter(~counts).label("waiting"),
        sa.func.sum(c.minutes).filter(counts).label("minutes"),
    ).group_by(
        sa.func.grouping_sets(sa.tuple_(c.category), sa.tuple_(c.weekday, c.hour), sa.tuple_())
    )
