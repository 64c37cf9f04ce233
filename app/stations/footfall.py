"""How many came: by day, service, kind of visitor and hour of the week, in one statement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.stations.models import StationTally, StationVisit, VisitService

LONGEST = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From one civil day to another, both counted in, by the clocks of a zone."""

    since: date
    until: date
    zone: str

    def days(self) -> list[date]:
        return [self.since + timedelta(days=n) for n in range((self.until - self.since).days + 1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visits:
    """Visits of a span: people who signed in, and those who stayed unknown.

    By hour: the key is the day of the week (Monday is 0) and the hour on the clock.
    """

    total: int
    by_day: Mapping[date, int]
    by_service: Mapping[str | None, int]
    by_visitor: Mapping[str, int]
    by_hour: Mapping[tuple[int, int], int]


def visits_in(session: Session, station_ids: Collection[UUID], span: Span) -> Visits:
    """How many visits these stations had in a span of days."""
    visit = _visits(session, station_ids, span)
    local = sa.func.timezone(span.zone, visit.c.at)
    weekday = (sa.cast(sa.extract("isodow", local), sa.Integer) - 1).label("weekday")
    hour = sa.cast(sa.extract("hour", local), sa.Integer).label("hour")
    kept = sa.select(
        visit.c.day, visit.c.service, visit.c.visitor, visit.c.people, weekday, hour
    ).subquery("kept")
    c = kept.c
    sets = ((c.day,), (c.service,), (c.visitor,), (c.weekday, c.hour), ())
    query = sa.select(
        sa.func.grouping(c.day, c.service, c.visitor, c.hour).label("left_out"),
        c.day,
        c.service,
        c.visitor,
        c.weekday,
        c.hour,
        sa.cast(sa.func.sum(c.people), sa.BigInteger).label("people"),
    ).group_by(sa.func.grouping_sets(*(sa.tuple_(*one) for one in sets)))
    rows = session.execute(query).all()
    return Visits(
        total=next((row.people or 0 for row in rows if row.left_out == 0b1111), 0),
        by_day={row.day: row.people for row in rows if row.left_out == 0b0111},
        by_service={row.service: row.people for row in rows if row.left_out == 0b1011},
        by_visitor={row.visitor: row.people for row in rows if row.left_out == 0b1101},
        by_hour={(row.weekday, row.hour): row.people for row in rows if row.left_out == 0b1110},
    )


def by_service_and_visitor(
    session: Session, station_ids: Collection[UUID], span: Span
) -> dict[tuple[UUID, str | None, str], int]:
    """The same for a table: by station, service and kind of visitor."""
    visit = _visits(session, station_ids, span)
    keys = (visit.c.station_id, visit.c.service, visit.c.visitor)
    query = sa.select(*keys, sa.func.sum(visit.c.people).label("people")).group_by(*keys)
    return {
        (row.station_id, row.service, row.visitor): int(row.people)
        for row in session.execute(query)
        if row.people
    }


def doubted_in(session: Session, station_ids: Collection[UUID], span: Span) -> int:
    """How many taps at the door looked like no visitors, and are in no count."""
    query = sa.select(sa.func.count()).where(
        StationTally.station_id.in_(station_ids),
        StationTally.day.between(span.since, span.until),
        sa.not_(StationTally.counted),
    )
    return session.scalars(query).one()


def _visits(session: Session, station_ids: Collection[UUID], span: Span) -> sa.Subquery:
    """One row a service of a visit, or a count of several people."""
    of_these = (
        StationVisit.tenant_id == tenant_of(session),
        StationVisit.station_id.in_(station_ids),
        StationVisit.day.between(span.since, span.until),
    )
    signed = _columns(StationVisit.service, StationVisit.at, StationVisit.visitor).where(
        *of_these,
        # Who said only later what they came for is counted there.
        sa.or_(StationVisit.service.is_not(None), sa.not_(_served_since())),
    )
    again = (
        _columns(VisitService.service, VisitService.at, StationVisit.visitor)
        .join(VisitService, _of_the_visit())
        .where(*of_these)
    )
    unknown = sa.select(
        StationTally.station_id,
        StationTally.day,
        StationTally.service,
        StationTally.visitor,
        StationTally.at,
        StationTally.people,
    ).where(
        StationTally.tenant_id == tenant_of(session),
        StationTally.station_id.in_(station_ids),
        StationTally.day.between(span.since, span.until),
        StationTally.counted,
    )
    return sa.union_all(signed, again, unknown).subquery("visit")


def _columns(
    service: sa.SQLColumnExpression[Any],
    at: sa.SQLColumnExpression[Any],
    visitor: sa.SQLColumnExpression[Any],
) -> sa.Select[Any]:
    one = sa.literal(1).label("people")
    return sa.select(StationVisit.station_id, StationVisit.day, service, visitor, at, one)


def _served_since() -> sa.ColumnElement[bool]:
    return sa.exists().where(_of_the_visit())


def _of_the_visit() -> sa.ColumnElement[bool]:
    return sa.and_(
        VisitService.tenant_id == StationVisit.tenant_id, VisitService.visit_id == StationVisit.id
    )
