"""How many came, as pictures and, always, as the tables behind them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import transaction
from app.core.forms import FieldWrong, id_asked
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.stations import footfall, issuing, labels, queries
from app.stations.footfall import LONGEST, Span, Visits
from app.stations.hours import DAY_NAMES, WEEK
from app.stations.kinds import NEW_EMPLOYMENT
from app.stations.models import Station
from app.stations.pages.blueprint import bp

FIGURES = "/staff/station-figures"
LATELY = timedelta(days=29)
WEEKS_FROM = 62  # days from which on the picture has a point a week
HOURS = range(6, 23)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which stations somebody may count, which of them is asked about, and when."""

    stations: list[Station]
    chosen: Station | None
    span: Span


@bp.get(FIGURES)
@page_requires(Permission.VISITS_READ)
def show_figures() -> ResponseReturnValue:
    """Visits of a span: by day, by service, by kind of visitor, by hour of the week."""
    me = current_principal()
    station_id = id_asked("station")
    with transaction(me.tenant_id) as session:
        asked = _asked(session, me, station_id)
        ids = [one.id for one in asked.stations]
        if asked.chosen is not None:
            ids = [asked.chosen.id]
        visits = footfall.visits_in(session, ids, asked.span)
        doubted = footfall.doubted_in(session, ids, asked.span)
    return render_template(
        "stations/figures.html",
        stations=asked.stations,
        chosen=asked.chosen,
        span=asked.span,
        total=visits.total,
        new_employment=sum(visits.by_visitor.get(one.value, 0) for one in NEW_EMPLOYMENT),
        doubted=doubted,
        pictures=_pictures(visits, asked.span),
        heat=_heat(visits),
        hours=HOURS,
    )


def _asked(session: Session, me: Principal, station_id: UUID | None) -> Asked:
    if station_id is not None:
        chosen = issuing.managed(session, me, station_id, to=Permission.VISITS_READ)
    else:
        chosen = None
    tops = me.units_with(Permission.VISITS_READ)
    stations = queries.list_stations_of(session, organisation.communities_under(session, tops))
    today = clock.civil_day(clock.now(), me.zone)
    since, until = _day("since", today - LATELY), _day("until", today)
    if not since <= until <= since + LONGEST:
        raise FieldWrong("开始要早于结束，一次最多看一年，请重新选择日期。")
    return Asked(
        stations=stations, chosen=chosen, span=Span(since=since, until=until, zone=me.zone)
    )


def _day(name: str, otherwise: date) -> date:
    said = request.args.get(name, "")
    try:
        return date.fromisoformat(said) if said else otherwise
    except ValueError as error:
        raise FieldWrong("日期无效，请重新选择。") from error


def _pictures(visits: Visits, span: Span) -> list[dict[str, Any]]:
    """Each picture with its name and its rows."""
    services = _ordered({labels.service_text(code): n for code, n in visits.by_service.items()})
    visitors = _ordered({labels.visitor_text(code): n for code, n in visits.by_visitor.items()})
    return [
        {"title": "每天" if len(span.days()) <= WEEKS_FROM else "每周",
         "kind": "line", "rows": _by_day(visits, span)},
        {"title": "来做什么", "kind": "bars", "rows": services},
        {"title": "来的是谁", "kind": "bars", "rows": visitors},
    ]  # fmt: skip


def _ordered(counted: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(((name, n) for name, n in counted.items() if n), key=lambda row: -row[1])


def _by_day(visits: Visits, span: Span) -> list[tuple[str, int]]:
    """The days in order, also those on which nobody came; of a long span, its weeks."""
    days = span.days()
    if len(days) <= WEEKS_FROM:
        return [(f"{day.month}月{day.day}日", visits.by_day.get(day, 0)) for day in days]
    weeks = [days[at : at + WEEK] for at in range(0, len(days), WEEK)]
    return [
        (f"{week[0].month}月{week[0].day}日起", sum(visits.by_day.get(day, 0) for day in week))
        for week in weeks
    ]


def _heat(visits: Visits) -> list[tuple[str, list[int]]]:
    """A row for each day of the week, a number for each hour; what is outside counts at its end."""
    counted: dict[tuple[int, int], int] = {}
    for (weekday, hour), people in visits.by_hour.items():
        at = (weekday, min(max(hour, HOURS[0]), HOURS[-1]))
        counted[at] = counted.get(at, 0) + people
    return [
        (DAY_NAMES[weekday], [counted.get((weekday, hour), 0) for hour in HOURS])
        for weekday in range(WEEK)
    ]
