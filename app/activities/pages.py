"""The pages of activities: the list, one's own attendance, the venue's screen."""

import math
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.activities import announcing, codes, detail, queries, services
from app.activities.codes import Direction
from app.activities.models import Activity
from app.core import clock, edges, qr
from app.core.db import transaction
from app.core.forms import id_asked
from app.households import acting
from app.households.kinds import Act
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.organisation import queries as organisation

bp = Blueprint("activities_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.VENUE_CODE_READ,
        path="/venue",
        group=DutyGroup.ACTIVITIES,
        title="现场签到码",
        text="把活动的签到、签退码放上大屏",
    ),
)

SCREENED = 200


@bp.get("/activities/<uuid:activity_id>")
@page_requires(Permission.ACTIVITY_READ)
def show_detail(activity_id: UUID) -> ResponseReturnValue:
    """One activity, and how far one got with it."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        me = acting.looked_up(session, me, id_asked("for"), act=Act.CHECK_IN, now=now).me
        context = detail.context(session, activity_id, me=me, now=now)
        announcing.note_read(session, activity_id, person_id=me.person_id, now=now)
    return render_template("activities/detail.html", **context, problem=None)


@bp.get("/venue")
@page_requires(Permission.VENUE_CODE_READ)
def list_venues() -> ResponseReturnValue:
    """The activities whose codes this member of staff may put on a screen."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        communities = organisation.communities_under(
            session, me.units_with(Permission.VENUE_CODE_READ)
        )
        rows = queries.list_activities_of(
            session, communities, ending_after=now, limit=SCREENED + 1
        )
    listed = [detail.activity_of(row, me, now) for row in rows[:SCREENED]]
    cut = len(rows) > SCREENED
    return render_template("activities/venue_list.html", activities=listed, cut=cut)


@bp.get("/venue/<uuid:activity_id>")
@page_requires(Permission.VENUE_CODE_READ)
def show_venue(activity_id: UUID) -> ResponseReturnValue:
    """The big screen of a venue."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.screened_activity(session, me=me, activity_id=activity_id)
    return render_template(
        "activities/venue_screen.html",
        activity=detail.activity_of(activity, me, clock.now()),
        **_code(activity, me),
    )


@bp.get("/venue/<uuid:activity_id>/code")
@page_requires(Permission.VENUE_CODE_READ)
def show_venue_code(activity_id: UUID) -> ResponseReturnValue:
    """The part of the screen that changes."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        activity = services.screened_activity(session, me=me, activity_id=activity_id)
    return render_template(
        "activities/_venue_code.html",
        activity=detail.activity_of(activity, me, clock.now()),
        **_code(activity, me),
    )


def _code(activity: Activity, me: Principal) -> dict[str, Any]:
    kind = Direction.OUT if request.args.get("kind") == "out" else Direction.IN
    now = clock.now()
    text, valid_until = codes.issue(
        edges.keyring(), tenant_id=me.tenant_id, activity_id=activity.id, direction=kind, now=now
    )
    label = "签到码" if kind is Direction.IN else "签退码"
    left = math.ceil((valid_until - now).total_seconds())
    return {
        "kind": kind.value,
        "qr_svg": qr.svg(edges.code_address(text), label=label),
        "code_text": text,
        "renews_in": left,
        "expires_in": left + codes.STEP_SECONDS,  # one step later it is still taken
    }
