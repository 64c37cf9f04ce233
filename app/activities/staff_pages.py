"""Where staff prepare, review and lead activities: the list, the editor, one activity."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.activities import (
    drafting,
    editing,
    enrolling,
    followed,
    forms,
    lifecycle,
    queries,
    services,
    shown,
)
from app.activities import jobs as activity_jobs
from app.activities.models import Activity
from app.core import clock
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import id_asked, id_in, text_in
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.organisation import queries as organisation

bp = Blueprint("activities_staff_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.ACTIVITY_FOLLOW,
        path="/staff/activities",
        group=DutyGroup.ACTIVITIES,
        title="活动管理",
        text="起草、审核、发布活动，看报名、候补和预告送到了谁",
    ),
)
SHOWN, READINGS = 200, 100
Step = Callable[[Session, UUID, Principal, datetime], object]


@bp.get("/staff/activities")
@page_requires(Permission.ACTIVITY_FOLLOW)
def list_prepared() -> ResponseReturnValue:
    """What waits for somebody: drafts, reviews, lists to confirm; and what is to come."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        communities = organisation.communities_under(
            session, me.units_with(Permission.ACTIVITY_FOLLOW)
        )
        rows = queries.list_to_follow(session, communities, now=now, limit=SHOWN + 1)
        names = dict(organisation.names_of(session, communities))
    return render_template(
        "activities/staff_list.html",
        groups=followed.groups(rows[:SHOWN], names, me=me, now=now),
        cut=len(rows) > SHOWN,
        may_draft=me.may_somewhere(Permission.ACTIVITY_PREPARE),
    )


@bp.get("/staff/activities/new")
@page_requires(Permission.ACTIVITY_PREPARE)
def show_new() -> ResponseReturnValue:
    """An empty draft for a community of one's own; with several, one is chosen first."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        places = editing.communities(session, me)
        chosen = id_asked("community") or (places[0][0] if len(places) == 1 else None)
        if chosen is None:
            return render_template(
                "activities/staff_where.html", places=places, here="/staff/activities/new"
            )
        context = editing.of_new(session, chosen, me=me, now=clock.now())
    return render_template("activities/staff_edit.html", **context, problem=None, activity=None)


@bp.post("/staff/activities")
@page_requires(Permission.ACTIVITY_PREPARE)
def create() -> ResponseReturnValue:
    """Write a draft down."""
    me, now = current_principal(), clock.now()
    community_id = id_in("community_id") or UUID(int=0)
    try:
        draft = forms.draft_in(community_id, zone=me.zone)
        with transaction(me.tenant_id) as session:
            activity = drafting.create(session, draft, me=me, now=now)
    except NotFound:
        raise
    except DomainError as refusal:
        with transaction(me.tenant_id) as session:
            context = editing.of_new(session, community_id, me=me, now=now)
        return shown_on(_form(context, None, problem=refusal.detail), refusal)
    return lead_on(f"/staff/activities/{activity.id}")


@bp.get("/staff/activities/<uuid:activity_id>/edit")
@page_requires(Permission.ACTIVITY_PREPARE)
def show_edit(activity_id: UUID) -> ResponseReturnValue:
    """A draft, to be written differently."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.prepared_activity(session, me=me, activity_id=activity_id)
        context = editing.of_draft(session, activity, me=me)
    return render_template("activities/staff_edit.html", **context, problem=None, activity=activity)


@bp.post("/staff/activities/<uuid:activity_id>/edit")
@page_requires(Permission.ACTIVITY_PREPARE)
def rewrite(activity_id: UUID) -> ResponseReturnValue:
    """Write a draft differently."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        activity = services.prepared_activity(session, me=me, activity_id=activity_id)
        context = editing.of_draft(session, activity, me=me)
    try:
        draft = forms.draft_in(activity.community_id, zone=me.zone)
        with transaction(me.tenant_id) as session:
            drafting.rewrite(session, activity_id, draft, me=me, now=now)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_form(context, activity, problem=refusal.detail), refusal)
    return lead_on(f"/staff/activities/{activity_id}")


@bp.get("/staff/activities/<uuid:activity_id>")
@page_requires(Permission.ACTIVITY_FOLLOW)
def show_prepared(activity_id: UUID) -> ResponseReturnValue:
    """One activity: what it is, who is enrolled and waits, who has read the notice."""
    return _page(activity_id, problem=None)


@bp.post("/staff/activities/<uuid:activity_id>/submit")
@page_requires(Permission.ACTIVITY_PREPARE)
def submit(activity_id: UUID) -> ResponseReturnValue:
    """Ask somebody else to review it."""
    return _take(
        activity_id,
        lambda session, id_, me, now: lifecycle.submit(session, id_, me=me, now=now),
    )


@bp.post("/staff/activities/<uuid:activity_id>/take-back")
@page_requires(Permission.ACTIVITY_PREPARE)
def take_back(activity_id: UUID) -> ResponseReturnValue:
    """Take it back before it is reviewed."""
    return _take(
        activity_id,
        lambda session, id_, me, now: lifecycle.take_back(session, id_, me=me, now=now),
    )


@bp.post("/staff/activities/<uuid:activity_id>/publish")
@page_requires(Permission.ACTIVITY_REVIEW)
def publish(activity_id: UUID) -> ResponseReturnValue:
    """Approve what somebody else submitted."""
    return _take(
        activity_id,
        lambda session, id_, me, now: lifecycle.publish(session, id_, me=me, now=now),
    )


@bp.post("/staff/activities/<uuid:activity_id>/return")
@page_requires(Permission.ACTIVITY_REVIEW)
def give_back(activity_id: UUID) -> ResponseReturnValue:
    """Give it back, and say what to change."""
    note = text_in("reason", most=200)
    return _take(
        activity_id,
        lambda session, id_, me, now: lifecycle.give_back(session, id_, note=note, me=me, now=now),
    )


@bp.post("/staff/activities/<uuid:activity_id>/cancel")
@page_requires(Permission.ACTIVITY_PREPARE)
def cancel(activity_id: UUID) -> ResponseReturnValue:
    """Call it off, and say why."""
    reason = text_in("reason", most=200)
    return _take(
        activity_id,
        lambda session, id_, me, now: lifecycle.cancel(session, id_, reason=reason, me=me, now=now),
    )


@bp.post("/staff/activities/<uuid:activity_id>/verify")
@page_requires(Permission.ACTIVITY_VERIFY)
def verify(activity_id: UUID) -> ResponseReturnValue:
    """Confirm the list of those who were there."""
    return _take(
        activity_id,
        lambda session, id_, me, now: lifecycle.verify(session, id_, me=me, now=now),
    )


@bp.post("/staff/enrolments/<uuid:enrolment_id>/place")
@page_requires(Permission.ACTIVITY_PREPARE)
def place(enrolment_id: UUID) -> ResponseReturnValue:
    """Give a free place to somebody who waits and has said yes."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        enrolment = enrolling.place(session, enrolment_id, me=me, now=clock.now())
    return lead_on(f"/staff/activities/{enrolment.activity_id}#enrolled")


def _take(activity_id: UUID, step: Step) -> ResponseReturnValue:
    """A step of the activity's life, and back to it."""
    me, now = current_principal(), clock.now()
    try:
        with transaction(me.tenant_id) as session:
            ring_after_commit(session, activity_jobs.go_on)
            step(session, activity_id, me, now)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_page(activity_id, problem=refusal.detail), refusal)
    return lead_on(f"/staff/activities/{activity_id}")


def _page(activity_id: UUID, *, problem: str | None) -> str:
    me, now = current_principal(), clock.now()
    cursor = request.args.get("cursor")
    with transaction(me.tenant_id) as session:
        activity = services.prepared_activity(session, me=me, activity_id=activity_id)
        context = followed.prepared(session, activity, me=me, now=now)
        readings = shown.readings(session, activity, cursor=cursor, limit=READINGS)
    return render_template(
        "activities/staff_activity.html",
        **context,
        readings=followed.timed(readings.items, me.zone),
        next_cursor=readings.next_cursor,
        problem=problem,
    )


def _form(context: dict[str, Any], activity: Activity | None, *, problem: str) -> str:
    """The form again, as it was filled in."""
    return render_template(
        "activities/staff_edit.html",
        **{**context, "values": forms.again()},
        problem=problem,
        activity=activity,
    )
