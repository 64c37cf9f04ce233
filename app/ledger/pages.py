"""The pages of the red account: 我的 and 存折."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import transaction
from app.identity import queries as identity
from app.identity.access import current_principal, page_requires
from app.identity.roles import Permission, Principal
from app.ledger import labels, passbook, services
from points_engine import Unit

bp = Blueprint("ledger_pages", __name__, template_folder="templates")

LATEST = 5
PAGE = 20


@bp.get("/me")
@page_requires(Permission.PASSBOOK_READ)
def show_me() -> ResponseReturnValue:
    """The red account at a glance."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        community = identity.name_of_community(session, me.community_id)
        account = _account(session, me)
    return render_template(
        "ledger/me.html",
        person={"display_name": me.display_name, "community_name": community},
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


@bp.get("/passbook")
@page_requires(Permission.PASSBOOK_READ)
def show_passbook() -> ResponseReturnValue:
    """Every line, with its reason and the policy it was judged by."""
    me = current_principal()
    unit = Unit(request.args["unit"]) if request.args.get("unit") in set(Unit) else None
    with transaction(me.tenant_id) as session:
        community = identity.name_of_community(session, me.community_id)
        lines = passbook.read(
            session,
            person_id=me.person_id,
            unit=unit,
            cursor=request.args.get("cursor"),
            limit=PAGE,
        )
        waiting = services.list_waiting(session, person_id=me.person_id)
    more = lines.next_cursor
    query = {"unit": unit.value if unit else "", "cursor": more or ""}
    return render_template(
        "ledger/passbook.html",
        person={"display_name": me.display_name, "community_name": community},
        unit=unit.value if unit else "",
        lines=[_shown(line) for line in lines.items],
        next_href=f"/passbook?{urlencode(query)}" if more else None,
        older=bool(request.args.get("cursor")),
        printed_on=clock.civil_day(clock.now(), me.zone).isoformat(),
        waiting=[line for fact in waiting for line in _shown_waiting(fact, unit)],
    )


def _account(session: Session, me: Principal) -> dict[str, Any]:
    found = services.numbers(session, person_id=me.person_id)
    latest = passbook.read(session, person_id=me.person_id, unit=None, cursor=None, limit=LATEST)
    return {
        "numbers": found,
        "is_waiting": found.is_waiting,
        "latest": [_shown(line) for line in latest.items],
    }


def _shown(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "on": line["occurred_on"].isoformat(),
        "title": line["title"],
        "reason": line["reason"],
        "amount_text": labels.amount_text(line["amount"], line["unit"]),
        "balance_after": line["balance_after"],
        "unit_label": labels.UNITS[line["unit"]],
        "policy_version": line["policy_version"],
        "kind_label": labels.KINDS[line["kind"]],
    }


def _shown_waiting(fact: services.Waiting, unit: Unit | None) -> list[dict[str, str]]:
    return [
        {
            "title": fact.title,
            "reason": line.reason,
            "amount_text": labels.amount_text(line.amount, line.unit),
            "unit_label": labels.UNITS[line.unit],
        }
        for line in fact.expected
        if unit in {None, line.unit}
    ]
