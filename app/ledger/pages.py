"""The pages of the red account: 我的 and 存折."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import transaction
from app.core.forms import id_asked
from app.households import acting
from app.households.kinds import Act
from app.identity import personal
from app.identity import queries as identity
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission, Principal
from app.ledger import labels, passbook, services, shown
from app.notices import queries as notices
from points_engine import Destination, Unit

bp = Blueprint("ledger_pages", __name__, template_folder="templates")

LATEST = 5
SOONEST = 3  # of what lapses; the passbook has it all
PAGE = 20


@bp.get("/me")
@page_requires(Permission.PASSBOOK_READ)
def show_me() -> ResponseReturnValue:
    """The red account at a glance."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        person = _person(session, me)
        account = _account(session, me)
        unread = notices.count_unread(session, me.person_id)
    return render_template(
        "ledger/me.html",
        unread=unread,
        person=person,
        **account,
    )


@bp.get("/me/numbers")
@page_requires(Permission.PASSBOOK_READ)
def show_numbers() -> ResponseReturnValue:
    """The parts of the page that change when settlement has been by."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        account = _account(session, me)
    return render_template("ledger/_account.html", **account)


@bp.post("/me/expiry-choice")
@page_requires(Permission.EXPIRY_CHOOSE)
def choose_expiry() -> ResponseReturnValue:
    """Say where points shall go that lapse."""
    me, wanted = current_principal(), request.form.get("goes_to")
    if wanted in set(Destination):
        with transaction(me.tenant_id) as session:
            services.choose_expiry(
                session, person_id=me.person_id, goes_to=Destination(wanted), now=clock.now()
            )
    return redirect("/me#expiring", code=303)


@bp.get("/passbook")
@page_requires(Permission.PASSBOOK_READ)
def show_passbook() -> ResponseReturnValue:
    """Every line, with its reason and the policy it was judged by."""
    unit = Unit(request.args["unit"]) if request.args.get("unit") in set(Unit) else None
    with transaction(current_principal().tenant_id) as session:
        me = acting.errand(
            session, current_principal(), id_asked("for"), act=Act.READ, now=clock.now()
        ).me
        person = _person(session, me)
        lines = passbook.read(
            session,
            person_id=me.subject_id,
            unit=unit,
            cursor=request.args.get("cursor"),
            limit=PAGE,
        )
        waiting = services.list_waiting(session, person_id=me.subject_id)
        holds = services.holds(session, person_id=me.subject_id)
        day = clock.civil_day(clock.now(), me.zone)
        expiring = services.schedule(session, person_id=me.subject_id, on=day)
    more, whose = lines.next_cursor, f"for={me.on_behalf_of}" if me.on_behalf_of else ""
    query = {"unit": unit.value if unit else "", "cursor": more or ""}
    return render_template(
        "ledger/passbook.html",
        person=person,
        unit=unit.value if unit else "",
        lines=[shown.line(line) for line in lines.items],
        next_href=f"/passbook?{urlencode(query)}&{whose}" if more else None,
        whose=whose,
        older=bool(request.args.get("cursor")),
        printed_on=day.isoformat(),
        calendar=shown.calendar(expiring if unit in {None, Unit.POINTS} else [], today=day),
        held=[labels.held_text(one) for one in holds if unit in {None, Unit.POINTS}],
        waiting=[line for fact in waiting for line in shown.waiting(fact, unit)],
    )


def _person(session: Session, me: Principal) -> dict[str, str]:
    """The reader, by their full name: it is their own page. A delegate reads another's."""
    own = None if me.on_behalf_of else personal.own_name(session, edges.vault(), me=me)
    return {
        "display_name": own or me.display_name,
        "community_name": identity.name_of_community(session, me.community_id),
    }


def _account(session: Session, me: Principal) -> dict[str, Any]:
    now = clock.now()
    day = clock.civil_day(now, me.zone)
    found = services.numbers(session, person_id=me.person_id, on=day)
    expiring = services.schedule(session, person_id=me.person_id, on=day)
    points, chosen = found.points, services.chosen_expiry(session, person_id=me.person_id, now=now)
    latest = passbook.read(session, person_id=me.person_id, unit=None, cursor=None, limit=LATEST)
    return {
        "numbers": found,
        "is_waiting": found.is_waiting,
        "why_less": labels.why_less(held=points.held, lapsed=points.lapsed),
        "owed_text": labels.owed_text(points.owed),
        "expiring": shown.expiring(expiring[:SOONEST]),
        "more_expiring": len(expiring) > SOONEST,
        "lapses_to": chosen.value,
        "destinations": {to.value: label for to, label in labels.DESTINATIONS.items()},
        "latest": [shown.line(line) for line in latest.items],
    }
