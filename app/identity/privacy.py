"""我的数据与隐私: what is kept of the caller and why, a copy of it, and being forgotten."""

import json
from typing import Any

from flask import Blueprint, Response, make_response, render_template
from flask import request as http

from app.core import clock, edges
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.core.paging import Page, listed
from app.identity import consents, own_data, personal
from app.identity.access import (
    current_principal,
    forget,
    lead_on,
    page_requires,
    require_fresh,
    requires,
    safe_next,
)
from app.identity.consents import Standing
from app.identity.fields import LABELS, REASONS, shown
from app.identity.own_data import Asked
from app.identity.roles import Permission
from app.identity.schemas import (
    ConsentAnswer,
    ConsentRequest,
    ErasureAnswer,
    ErasureRequest,
    OwnDataAnswer,
)

bp = ApiBlueprint("privacy", __name__, description="我的数据与隐私")
pages = Blueprint("privacy_pages", __name__, template_folder="templates")


@bp.get("/me/data")
@requires(Permission.OWN_DATA)
@bp.gives(200, OwnDataAnswer)
def export_my_data() -> dict[str, Any]:
    """Everything that is kept of the caller, with why and for how long."""
    return _export()


@bp.post("/me/erasure")
@requires(Permission.OWN_DATA)
@bp.takes(ErasureRequest)
@bp.gives(200, ErasureAnswer)
def erase_me(body: dict[str, Any]) -> dict[str, Any]:
    """Forget the caller, in two steps; the second ends every session.

    Names, numbers and accounts elsewhere are let go of for good. The ledger stays, and says no
    more whose it was.
    """
    if body["confirmation"] is None:
        pending, confirmation = _asked()
        state = "pending" if pending else "to_confirm"
        return {"state": state, "pending": pending, "confirmation": confirmation}
    _erase(body["confirmation"])
    return {"state": "erased", "pending": [], "confirmation": None}


@bp.get("/me/consents")
@requires(Permission.OWN_DATA)
@bp.gives(200, listed(ConsentAnswer))
def list_consents() -> Page[dict[str, Any]]:
    """What people are asked to agree to, as it is in force, and what the caller has said."""
    return Page([_told(one) for one in _standing()], None)


@bp.post("/me/consents")
@requires(Permission.OWN_DATA)
@bp.takes(ConsentRequest)
@bp.gives(201, ConsentAnswer)
def give_consent(body: dict[str, str]) -> dict[str, Any]:
    """Agree to a text in the version one was shown; again changes nothing."""
    _give(**body, how="api")
    return next(_told(one) for one in _standing() if one.text.purpose == body["purpose"])


@bp.delete("/me/consents/<string:purpose>")
@requires(Permission.OWN_DATA)
@bp.gives(204)
def withdraw_consent(purpose: str) -> None:
    """Agree no more; what was kept by this consent alone is gone."""
    _withdraw(purpose)


@pages.get("/me/consent")
@page_requires(Permission.OWN_DATA)
def show_consent() -> Response:
    """What the reader is asked now, with the way on for who would rather not say."""
    me, target = current_principal(), safe_next(http.args.get("next", ""))
    with transaction(me.tenant_id) as session:
        asked = set(consents.needed(session, me.person_id))
        standing = consents.standing(session, me.person_id)
    texts = [one for one in standing if one.text.purpose in asked]
    if not texts:
        return lead_on(target)
    return make_response(render_template("identity/consent.html", asked=texts, next_href=target))


@pages.post("/me/consents/<string:purpose>/give")
@page_requires(Permission.OWN_DATA)
def agree(purpose: str) -> Response:
    """Agree to what was shown, and go on to where one was going."""
    _give(purpose=purpose, version=http.form.get("version", ""), how="page")
    return lead_on(safe_next(http.form.get("next", ""), default="/me/data"))


@pages.post("/me/consents/<string:purpose>/withdraw")
@page_requires(Permission.OWN_DATA)
def disagree(purpose: str) -> Response:
    """Agree no more."""
    _withdraw(purpose)
    return lead_on("/me/data")


@pages.get("/me/data")
@page_requires(Permission.OWN_DATA)
def show_own_data() -> Response:
    """What is kept of the reader, and why."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        known = personal.read_own(session, edges.vault(), person_id=me.person_id)
    page = render_template(
        "identity/own_data.html",
        known=[(LABELS[field], shown(field, known[field]), REASONS[field]) for field in known],
        keepings=edges.keepings(),
        standing=_standing(),
        zone=me.zone,
        civil_text=civil_text,
    )
    return make_response(page)


@pages.get("/me/data/export")
@page_requires(Permission.OWN_DATA)
def download_own_data() -> Response:
    """All of it, as a file to keep."""
    document = OwnDataAnswer().dump(_export())
    answer = make_response(json.dumps(document, ensure_ascii=False, indent=1))
    answer.content_type = "application/json; charset=utf-8"
    answer.headers["Content-Disposition"] = "attachment; filename=my-data.json"
    return answer


@pages.get("/me/erasure")
@page_requires(Permission.OWN_DATA)
def show_erasure() -> Response:
    """What goes and what stays, or what stands in the way; and the button, once more."""
    pending, confirmation = _asked()
    page = render_template(
        "identity/erasure.html",
        pending=pending,
        confirmation=confirmation,
        goes=[one.title for one in edges.keepings() if one.goes],
        stays=[one.title for one in edges.keepings() if not one.goes],
    )
    return make_response(page)


@pages.post("/me/erasure")
@page_requires(Permission.OWN_DATA)
def confirm_erasure() -> Response:
    """Forget the reader, and say goodbye."""
    _erase(http.form.get("confirmation", ""))
    return forget(make_response(render_template("identity/erased.html")))


def _standing() -> list[Standing]:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        return consents.standing(session, me.person_id)


def _told(one: Standing) -> dict[str, Any]:
    return {
        "purpose": one.text.purpose,
        "title": one.text.title,
        "version": one.text.version,
        "paragraphs": one.text.paragraphs,
        "given_at": one.given_at,
    }


def _give(*, purpose: str, version: str, how: str) -> None:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        consents.give(
            session,
            person_id=me.person_id,
            purpose=purpose,
            version=version,
            how=how,
            now=clock.now(),
        )


def _withdraw(purpose: str) -> None:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        consents.withdraw(session, person_id=me.person_id, purpose=purpose, now=clock.now())


def _export() -> dict[str, Any]:
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        return own_data.export(session, edges.vault(), edges.keepings(), me=me, now=clock.now())


def _asked() -> tuple[list[str], str | None]:
    """What stands in the way of forgetting the caller, or the code to confirm it with."""
    me, now = current_principal(), clock.now()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        pending = own_data.pending(session, edges.keepings(), me=me, now=now)
    if pending:
        return pending, None
    return [], own_data.erasure_of(me).code(edges.keyring(), now=now)


def _erase(confirmation: str) -> None:
    me = current_principal()
    require_fresh(me)
    asked = Asked(me=me, confirmation=confirmation, now=clock.now())
    with transaction(me.tenant_id) as session:
        own_data.erase(session, edges.keepings(), asked=asked, keyring=edges.keyring())
