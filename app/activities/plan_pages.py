"""The year's plan: themes of seasons and months, service days, and the series that make drafts."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import editing, forms, planned, series, service_days, themes
from app.activities.errors import DraftWrong
from app.activities.kinds import ThemeSpan
from app.activities.service_days import Chosen
from app.activities.themes import Span
from app.core import clock
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import day_in, id_asked, id_in, text_in, whole_in
from app.core.problems import shown_on
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal

bp = Blueprint("plan_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.ACTIVITY_PREPARE,
        path="/staff/plan",
        group=DutyGroup.ACTIVITIES,
        title="全年活动计划",
        text="季有导向、月有主题、周周有活动，还有居住地服务日",
    ),
)
FIRST_YEAR, LAST_YEAR = 2000, 2999
HERE = "/staff/plan"


@bp.get("/staff/plan")
@page_requires(Permission.ACTIVITY_PREPARE)
def show_plan() -> ResponseReturnValue:
    """A year of a community; with several, one is chosen first."""
    return _plan(id_asked("community"), year=_year(), problem=None)


@bp.post("/staff/plan/<uuid:unit_id>/themes")
@page_requires(Permission.ACTIVITY_PREPARE)
def choose_theme(unit_id: UUID) -> ResponseReturnValue:
    """Give a season or a month a theme."""
    me, year = current_principal(), _year()
    try:
        span = ThemeSpan.SEASON if request.form.get("span") == "season" else ThemeSpan.MONTH
        number, theme = whole_in("number", most=12), text_in("theme", most=40)
        if not 1 <= number <= (4 if span is ThemeSpan.SEASON else 12):
            raise DraftWrong("请从计划表里选择季度或月份。")
        with transaction(me.tenant_id) as session:
            where = Span(year, span, number)
            themes.choose(session, unit_id, where, theme=theme, me=me, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_plan(unit_id, year=year, problem=refusal.detail), refusal)
    return lead_on(f"{HERE}?community={unit_id}&year={year}")


@bp.post("/staff/plan/<uuid:unit_id>/service-days")
@page_requires(Permission.ACTIVITY_REVIEW)
def choose_service_day(unit_id: UUID) -> ResponseReturnValue:
    """Hold a month's service day on another day."""
    me, year = current_principal(), _year()
    try:
        month = whole_in("month", most=12) or 1
        chosen = Chosen(
            unit_id=unit_id,
            month=date(year, month, 1),
            day=day_in("day"),
            reason=text_in("reason", most=200),
        )
        with transaction(me.tenant_id) as session:
            service_days.choose(session, chosen, me=me, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_plan(unit_id, year=year, problem=refusal.detail), refusal)
    return lead_on(f"{HERE}?community={unit_id}&year={year}")


@bp.get("/staff/series/new")
@page_requires(Permission.ACTIVITY_PREPARE)
def show_new_series() -> ResponseReturnValue:
    """An empty series."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        places = editing.communities(session, me)
        chosen = id_asked("community") or (places[0][0] if len(places) == 1 else None)
        if chosen is None:
            return _where(places, "/staff/series/new")
        context = _empty(session, chosen, me)
    return render_template("activities/series_edit.html", **context, problem=None, row=None)


@bp.post("/staff/series")
@page_requires(Permission.ACTIVITY_PREPARE)
def create_series() -> ResponseReturnValue:
    """Plan activities that come back."""
    me, community_id = current_principal(), id_in("community_id") or UUID(int=0)
    try:
        plan = forms.plan_in(community_id, zone=me.zone)
        with transaction(me.tenant_id) as session:
            row = series.create(session, plan, me=me, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        with transaction(me.tenant_id) as session:
            context = {**_empty(session, community_id, me), "values": forms.again()}
        page = render_template(
            "activities/series_edit.html", **context, problem=refusal.detail, row=None
        )
        return shown_on(page, refusal)
    return lead_on(f"/staff/series/{row.id}")


@bp.get("/staff/series/<uuid:series_id>")
@page_requires(Permission.ACTIVITY_PREPARE)
def show_series(series_id: UUID) -> ResponseReturnValue:
    """A series with its drafts to come."""
    return _series(series_id, problem=None)


@bp.post("/staff/series/<uuid:series_id>")
@page_requires(Permission.ACTIVITY_PREPARE)
def rewrite_series(series_id: UUID) -> ResponseReturnValue:
    """Write a series differently, and its drafts to come with it."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        community_id = series.owned(session, series_id, me).community_id
    try:
        plan = forms.plan_in(community_id, zone=me.zone)
        with transaction(me.tenant_id) as session:
            series.rewrite(session, series_id, plan, me=me, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_series(series_id, problem=refusal.detail, filled=True), refusal)
    return lead_on(f"/staff/series/{series_id}")


@bp.post("/staff/series/<uuid:series_id>/drafts")
@page_requires(Permission.ACTIVITY_PREPARE)
def make_drafts(series_id: UUID) -> ResponseReturnValue:
    """Draft the activities of the coming months."""
    me, now = current_principal(), clock.now()
    ahead = timedelta(days=31 * max(1, whole_in("months", most=12)))
    until = clock.civil_day(now, me.zone) + ahead
    try:
        with transaction(me.tenant_id) as session:
            series.make_drafts(session, series_id, until=until, me=me, now=now)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_series(series_id, problem=refusal.detail), refusal)
    return lead_on(f"/staff/series/{series_id}")


@bp.post("/staff/series/<uuid:series_id>/end")
@page_requires(Permission.ACTIVITY_PREPARE)
def end_series(series_id: UUID) -> ResponseReturnValue:
    """Hold a series no longer."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        series.end(session, series_id, me=me, now=clock.now())
    return lead_on(f"/staff/series/{series_id}")


def _plan(community_id: UUID | None, *, year: int, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        places = editing.communities(session, me)
        chosen = community_id or (places[0][0] if len(places) == 1 else None)
        if chosen is None:
            return _where(places, HERE)
        context = planned.year(session, chosen, year=year, me=me)
    return render_template(
        "activities/plan.html", **context, several=len(places) > 1, problem=problem
    )


def _series(series_id: UUID, *, problem: str | None, filled: bool = False) -> str:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        row = series.owned(session, series_id, me)
        context = editing.of_series(session, row, me=me, now=now)
        drafts = planned.drafts(session, row, me=me, now=now)
    if filled:
        context["values"] = forms.again()
    return render_template(
        "activities/series_edit.html",
        **context,
        row=row,
        drafts=drafts,
        ended=row.until_day is not None and row.until_day <= clock.civil_day(now, me.zone),
        problem=problem,
    )


def _empty(session: Session, community_id: UUID, me: Principal) -> dict[str, Any]:
    context = editing.of_new(session, community_id, me=me, now=clock.now())
    first = {"from_day": context["values"]["day"], "weekday": "6", "nth": "1", "rhythm": "weekly"}
    return {**context, "values": {**context["values"], **first}}


def _where(places: list[tuple[UUID, str]], here: str) -> str:
    return render_template("activities/staff_where.html", places=places, here=here)


def _year() -> int:
    """The year in the address or the form, or this one."""
    asked = request.values.get("year", "")
    this = clock.civil_day(clock.now(), current_principal().zone).year
    year = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == len("2026") else this
    return min(max(year, FIRST_YEAR), LAST_YEAR)
