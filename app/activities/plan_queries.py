"""Reading the plan of the year: series, themes and service days. Nothing here writes."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities.kinds import ActivityState
from app.activities.models import Activity
from app.activities.plan_models import ActivitySeries, CalendarTheme, ServiceDay
from app.core.db import get


def service_days(
    session: Session, months: Collection[date], *, unit_ids: Collection[UUID]
) -> list[ServiceDay]:
    """The service days of these months that were chosen for one of these units."""
    query = sa.select(ServiceDay).where(
        ServiceDay.month.in_(months), ServiceDay.unit_id.in_(unit_ids)
    )
    return list(session.scalars(query))


def lock_service_day(session: Session, *, unit_id: UUID, month: date) -> ServiceDay | None:
    query = sa.select(ServiceDay).filter_by(unit_id=unit_id, month=month)
    return session.scalar(query.with_for_update(key_share=True))


def lock_series(session: Session, series_id: UUID) -> ActivitySeries | None:
    return get(session, ActivitySeries, series_id, lock=True)


def list_series(session: Session, community_ids: Collection[UUID]) -> list[ActivitySeries]:
    """The series of these communities, those that go on first, by their names."""
    query = sa.select(ActivitySeries).where(ActivitySeries.community_id.in_(community_ids))
    order = (ActivitySeries.until_day.desc().nulls_first(), ActivitySeries.title)
    return list(session.scalars(query.order_by(*order, ActivitySeries.id)))


def drafts_of_series(session: Session, series_id: UUID, *, after: date) -> list[Activity]:
    """The drafts of a series after a day, held, in their order."""
    query = sa.select(Activity).where(
        Activity.series_id == series_id,
        Activity.state == ActivityState.DRAFT,
        Activity.series_day > after,
    )
    return list(session.scalars(query.order_by(Activity.id).with_for_update()))


def themes_of(session: Session, year: int, *, unit_ids: Collection[UUID]) -> list[CalendarTheme]:
    """The themes of a year that were chosen for one of these units."""
    query = sa.select(CalendarTheme).filter_by(year=year)
    return list(session.scalars(query.where(CalendarTheme.unit_id.in_(unit_ids))))


def lock_theme(session: Session, key: Mapping[str, Any]) -> CalendarTheme:
    query = sa.select(CalendarTheme).filter_by(**key)
    return session.scalars(query.with_for_update(key_share=True)).one()


def list_of_series(session: Session, series_id: UUID, *, after: datetime) -> list[Activity]:
    """What a series has made that is not over and was not called off, by its start."""
    query = sa.select(Activity).where(
        Activity.series_id == series_id,
        Activity.ends_at > after,
        Activity.state != ActivityState.CANCELLED,
    )
    return list(session.scalars(query.order_by(Activity.starts_at, Activity.id)))


def starts_between(
    session: Session, community_id: UUID, *, begins: datetime, ends: datetime
) -> list[datetime]:
    """When a community's activities of a time begin, but for those called off."""
    query = sa.select(Activity.starts_at).where(
        Activity.community_id == community_id,
        Activity.starts_at >= begins,
        Activity.starts_at < ends,
        Activity.state != ActivityState.CANCELLED,
    )
    return list(session.scalars(query))
