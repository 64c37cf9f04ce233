"""Activities over HTTP, for those who prepare, review and lead them."""

from datetime import date
from typing import Any
from uuid import UUID

from app.activities import drafting, enrolling, lifecycle, service_days, services, shown
from app.activities import jobs as activity_jobs
from app.activities.drafting import Draft, TaskDraft
from app.activities.models import Activity
from app.activities.placing import Where
from app.activities.schemas import (
    ActivityReasonRequest,
    DraftRequest,
    EnrolledList,
    EnrolmentAnswer,
    NothingRequest,
    NoticeReadingAnswer,
    PreparedAnswer,
    ServiceDayAnswer,
    ServiceDayOverride,
    ServiceDayRequest,
)
from app.activities.service_days import Chosen, Day
from app.core import clock
from app.core.db import transaction
from app.core.geodesy import Spot
from app.core.http import ApiBlueprint
from app.core.paging import Page, PageRequest, listed
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.organisation import queries as organisation

bp = ApiBlueprint("activities_staff", __name__, description="活动的起草、审核、发布与名单")


@bp.post("/activities")
@requires(Permission.ACTIVITY_PREPARE)
@bp.takes(DraftRequest)
@bp.gives(201, PreparedAnswer)
def create_activity(body: dict[str, Any]) -> dict[str, Any]:
    """Draft an activity for a community of one's own. Nobody sees it before it is published."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return _said(drafting.create(session, draft_of(body), me=me, now=clock.now()))


@bp.put("/activities/<uuid:activity_id>")
@requires(Permission.ACTIVITY_PREPARE)
@bp.takes(DraftRequest)
@bp.gives(200, PreparedAnswer)
def update_activity(body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Write a draft differently, as long as nobody is asked to review it."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        draft, now = draft_of(body), clock.now()
        return _said(drafting.rewrite(session, activity_id, draft, me=me, now=now))


@bp.post("/activities/<uuid:activity_id>/submission")
@requires(Permission.ACTIVITY_PREPARE)
@bp.takes(NothingRequest)
@bp.gives(201, PreparedAnswer)
def submit_activity(_body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Ask somebody else to review a draft."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return _said(lifecycle.submit(session, activity_id, me=me, now=clock.now()))


@bp.delete("/activities/<uuid:activity_id>/submission")
@requires(Permission.ACTIVITY_PREPARE)
@bp.gives(200, PreparedAnswer)
def take_back_activity(activity_id: UUID) -> dict[str, Any]:
    """Take a draft back before it is reviewed."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return _said(lifecycle.take_back(session, activity_id, me=me, now=clock.now()))


@bp.post("/activities/<uuid:activity_id>/publication")
@requires(Permission.ACTIVITY_REVIEW)
@bp.takes(NothingRequest)
@bp.gives(201, PreparedAnswer)
def publish_activity(_body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Approve what somebody else submitted. People are told shortly after."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, activity_jobs.go_on)
        return _said(lifecycle.publish(session, activity_id, me=me, now=clock.now()))


@bp.post("/activities/<uuid:activity_id>/return")
@requires(Permission.ACTIVITY_REVIEW)
@bp.takes(ActivityReasonRequest)
@bp.gives(201, PreparedAnswer)
def return_activity(body: dict[str, str], activity_id: UUID) -> dict[str, Any]:
    """Give a submitted draft back to be written differently, and say why."""
    me, note = current_principal(), body["reason"]
    with transaction(me.tenant_id) as session:
        return _said(lifecycle.give_back(session, activity_id, note=note, me=me, now=clock.now()))


@bp.post("/activities/<uuid:activity_id>/cancellation")
@requires(Permission.ACTIVITY_PREPARE)
@bp.takes(ActivityReasonRequest)
@bp.gives(201, PreparedAnswer)
def cancel_activity(body: dict[str, str], activity_id: UUID) -> dict[str, Any]:
    """Call an activity off before anybody came. Whoever had enrolled is told why."""
    me, reason = current_principal(), body["reason"]
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, activity_jobs.go_on)
        return _said(lifecycle.cancel(session, activity_id, reason=reason, me=me, now=clock.now()))


@bp.post("/activities/<uuid:activity_id>/verification")
@requires(Permission.ACTIVITY_VERIFY)
@bp.takes(NothingRequest)
@bp.gives(201, PreparedAnswer)
def verify_activity(_body: dict[str, Any], activity_id: UUID) -> dict[str, Any]:
    """Confirm the list of those who were there, once the activity is over."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        ring_after_commit(session, activity_jobs.go_on)
        return _said(lifecycle.verify(session, activity_id, me=me, now=clock.now()))


@bp.get("/activities/<uuid:activity_id>/enrolments")
@requires(Permission.ACTIVITY_FOLLOW)
@bp.gives(200, EnrolledList)
def list_enrolments(activity_id: UUID) -> dict[str, Any]:
    """Who has a place, is offered one, or waits."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.prepared_activity(session, me=me, activity_id=activity_id)
        return {"items": shown.enrolled(session, activity)}


@bp.post("/enrolments/<uuid:enrolment_id>/placement")
@requires(Permission.ACTIVITY_PREPARE)
@bp.takes(NothingRequest)
@bp.gives(201, EnrolmentAnswer)
def place_enrolment(_body: dict[str, Any], enrolment_id: UUID) -> dict[str, Any]:
    """Give a free place to somebody who waits and has said yes, shortly before it begins."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return {"enrolment": enrolling.place(session, enrolment_id, me=me, now=clock.now())}


@bp.get("/activities/<uuid:activity_id>/notice-readings")
@requires(Permission.ACTIVITY_FOLLOW)
@bp.takes(PageRequest, location="query")
@bp.gives(200, listed(NoticeReadingAnswer))
def list_notice_readings(query: dict[str, Any], activity_id: UUID) -> Page[dict[str, Any]]:
    """How far the notice of an activity has come to each person it went to."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.prepared_activity(session, me=me, activity_id=activity_id)
        return shown.readings(session, activity, cursor=query["cursor"], limit=query["limit"])


@bp.get("/service-days")
@requires(Permission.ACTIVITY_READ)
@bp.takes(ServiceDayRequest, location="query")
@bp.gives(200, ServiceDayAnswer)
def get_service_day(query: dict[str, Any]) -> dict[str, Any]:
    """The service day of a month where one lives, or in a unit."""
    me, first = current_principal(), _month(query["month"])
    with transaction(me.tenant_id) as session:
        path = organisation.path_of(session, query["unit"] or me.community_id)
        return _day(service_days.of_months(session, [first], path=path)[first])


@bp.put("/service-days")
@requires(Permission.ACTIVITY_REVIEW)
@bp.takes(ServiceDayOverride)
@bp.gives(200, ServiceDayAnswer)
def override_service_day(body: dict[str, Any]) -> dict[str, Any]:
    """Hold the service day of a month on another day in a unit and all below it."""
    me, first = current_principal(), _month(body["month"])
    with transaction(me.tenant_id) as session:
        chosen = Chosen(**{**body, "month": first})
        service_days.choose(session, chosen, me=me, now=clock.now())
        path = organisation.path_of(session, body["unit_id"])
        return _day(service_days.of_months(session, [first], path=path)[first])


def draft_of(body: dict[str, Any]) -> Draft:
    """A draft as it came in a body."""
    tasks = tuple(TaskDraft(**task) for task in body["tasks"])
    spot = body["location"]
    where = Where(
        station_id=body["station_id"],
        spot=Spot(**spot) if spot else None,
        radius_m=body["radius_m"],
    )
    rest = {name: body[name] for name in body.keys() - {"station_id", "location", "radius_m"}}
    return Draft(**{**rest, "tasks": tasks, "where": where})


def _said(activity: Activity) -> dict[str, Any]:
    return {"activity": activity}


def _day(day: Day) -> dict[str, Any]:
    return {
        "month": f"{day.month:%Y-%m}",
        "day": day.day,
        "first_saturday": day.first_saturday,
        "provisional": day.provisional,
        "reason": day.reason,
    }


def _month(text: str) -> date:
    """The first day of a month whose form was checked."""
    return date.fromisoformat(f"{text}-01")
