"""What residents and members see of activities: the list, the calendar, and their own."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import (
    categories,
    enrolling,
    ics,
    labels,
    months,
    queries,
    service_days,
    services,
    shown,
    themes,
)
from app.activities.enrolling import Wish
from app.activities.kinds import EnrolmentState, Skill, ThemeSpan
from app.activities.models import Activity
from app.activities.queries import Wanted
from app.activities.themes import Span
from app.core import clock, edges
from app.core.db import transaction
from app.core.forms import id_in
from app.core.queue import ring_after_commit
from app.identity import units
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Permission, Principal
from app.notices import jobs as notices_jobs
from app.organisation import queries as organisation

bp = Blueprint("enrolment_pages", __name__, template_folder="templates")

SHOWN, MINE, A_MONTH = 50, 50, 400
AS_LONG = {"60": "1 小时以内", "120": "2 小时以内", "240": "4 小时以内"}
FIRST_YEAR, LAST_YEAR = 2000, 2999


@bp.get("/activities")
@page_requires(Permission.ACTIVITY_READ)
def show_list() -> ResponseReturnValue:
    """Activities that are on, or to come, as one wants them."""
    me, now = current_principal(), clock.now()
    wanted, chosen = _wanted(me, now)
    with transaction(me.tenant_id) as session:
        rows = queries.list_activities(session, wanted, after=None, limit=SHOWN)
        ids = [row.id for row in rows]
        mine = queries.states_of(session, person_id=me.person_id, activity_ids=ids)
        places = queries.enrolments_of(session, person_id=me.person_id, activity_ids=ids)
        communities = units.names_of(session, {row.community_id for row in rows})
    return render_template(
        "activities/list.html",
        activities=[
            {
                **_shown(row, me, now),
                "community": communities.get(row.community_id, ""),
                "mine": mine.get(row.id),
                "place_state": labels.ENROLMENTS.get(EnrolmentState(places[row.id]))
                if row.id in places
                else None,
            }
            for row in rows
        ],
        skills=[(one.value, label) for one, label in labels.SKILLS.items()],
        lengths=AS_LONG,
        chosen=chosen,
    )


@bp.get("/activities/calendar")
@page_requires(Permission.ACTIVITY_READ)
def show_calendar() -> ResponseReturnValue:
    """A month: what is on which day, the service day, the holidays and the themes."""
    me, now = current_principal(), clock.now()
    today = clock.civil_day(now, me.zone)
    month = _month(today)
    with transaction(me.tenant_id) as session:
        path = organisation.path_of(session, me.community_id)
        day = service_days.of_months(session, [month], path=path)[month]
        said = themes.of_year(session, month.year, path=path)
        rows = _of_month(session, me, month)
    on: defaultdict[date, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        on[clock.civil_day(row.starts_at, me.zone)].append(_shown(row, me, now))
    return render_template(
        "activities/calendar.html",
        month=month,
        weeks=months.weeks(month, today=today, service_day=day.day, on=on),
        by_day=sorted(on.items()),
        service_day=day,
        theme=said.get(Span(month.year, ThemeSpan.MONTH, month.month)),
        season=said.get(Span(month.year, ThemeSpan.SEASON, (month.month + 2) // 3)),
        before=f"{months.before(month):%Y-%m}",
        after=f"{months.next_of(month):%Y-%m}",
        cut=len(rows) == A_MONTH,
    )


@bp.get("/activities/mine")
@page_requires(Permission.ENROL)
def show_mine() -> ResponseReturnValue:
    """What one has put one's name down for."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        found = [
            {
                **_shown(activity, me, now),
                "choice": shown.choice(session, activity, person_id=me.person_id, zone=me.zone),
            }
            for _, activity in queries.list_my_enrolments(
                session, me.person_id, since=now, limit=MINE
            )
        ]
    return render_template("activities/mine.html", activities=found)


@bp.post("/activities/<uuid:activity_id>/enrol")
@page_requires(Permission.ENROL)
def enrol(activity_id: UUID) -> ResponseReturnValue:
    """Take a place, or a turn in the queue."""
    wish = _wish(activity_id, task_id=id_in("task_id"))
    with transaction(wish.me.tenant_id) as session:
        enrolling.enrol(session, wish, vault=edges.vault())
    return lead_on(f"/activities/{activity_id}")


@bp.post("/activities/<uuid:activity_id>/leave")
@page_requires(Permission.ENROL)
def leave(activity_id: UUID) -> ResponseReturnValue:
    """Give the place or the turn back."""
    wish = _wish(activity_id)
    with transaction(wish.me.tenant_id) as session:
        ring_after_commit(session, notices_jobs.send_waiting)
        enrolling.leave(session, wish)
    return lead_on(f"/activities/{activity_id}")


@bp.post("/activities/<uuid:activity_id>/accept")
@page_requires(Permission.ENROL)
def accept(activity_id: UUID) -> ResponseReturnValue:
    """Take the place that was offered."""
    wish = _wish(activity_id)
    with transaction(wish.me.tenant_id) as session:
        enrolling.accept(session, wish)
    return lead_on(f"/activities/{activity_id}")


@bp.get("/activities/<uuid:activity_id>/calendar.ics")
@page_requires(Permission.ACTIVITY_READ)
def give_ics(activity_id: UUID) -> Response:
    """One activity for the calendar on one's phone."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.activity_of(session, activity_id)
    return _ics([activity])


@bp.get("/activities/mine/calendar.ics")
@page_requires(Permission.ENROL)
def give_my_ics() -> Response:
    """What one has a place at, for the calendar on one's phone."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        mine = queries.list_my_enrolments(session, me.person_id, since=now, limit=MINE)
    return _ics([one for enrolment, one in mine if enrolment.state == EnrolmentState.CONFIRMED])


def _ics(activities: list[Activity]) -> Response:
    file = ics.written(activities, address=edges.settings().public_url, now=clock.now())
    answer = make_response(file)
    answer.headers["Content-Type"] = ics.MIME
    answer.headers["Content-Disposition"] = 'attachment; filename="activities.ics"'
    return answer


def _wish(activity_id: UUID, *, task_id: UUID | None = None) -> Wish:
    return Wish(me=current_principal(), activity_id=activity_id, task_id=task_id, now=clock.now())


def _wanted(me: Principal, now: datetime) -> tuple[Wanted, dict[str, str]]:
    """What was asked for, and as the form shows it again. Anything else is as good as nothing."""
    asked = request.args
    skill, minutes = asked.get("skill", ""), asked.get("minutes", "")
    near = asked.get("near", "")
    wanted = Wanted(
        community_id=me.community_id if near == "1" else None,
        skill=skill if skill in set(Skill) else None,
        open_to_all=skill == "none",
        minutes=int(minutes) if minutes in AS_LONG else None,
        ending_after=now,
    )
    return wanted, {"skill": skill, "minutes": minutes, "near": near}


def _of_month(session: Session, me: Principal, month: date) -> list[Activity]:
    begins = datetime.combine(month, time(), ZoneInfo(me.zone))
    ends = datetime.combine(months.next_of(month), time(), ZoneInfo(me.zone))
    wanted = Wanted(
        community_id=me.community_id,
        starting_before=ends,
        ending_after=begins - timedelta(microseconds=1),
    )
    rows = queries.list_activities(session, wanted, after=None, limit=A_MONTH)
    return [row for row in rows if row.starts_at >= begins]


def _month(today: date) -> date:
    """The month in the address, or this one."""
    try:
        month = date.fromisoformat(f"{request.args.get('month', '')}-01")
    except ValueError:
        return months.first_of(today)
    return month if FIRST_YEAR <= month.year <= LAST_YEAR else months.first_of(today)


def _shown(activity: Activity, me: Principal, now: datetime) -> dict[str, Any]:
    return {
        "id": str(activity.id),
        "title": activity.title,
        "category_label": categories.name_of(activity.category),
        "when": labels.when(activity, me.zone),
        "place": activity.place,
        "state_label": labels.state_label(activity, now),
        "running": labels.is_running(activity, now),
    }
