"""扫码登录 and the way from the mini-program to its web-view, as pages."""

from urllib.parse import quote

from flask import Blueprint, Response, make_response, render_template
from flask import request as http

from app.core import clock, edges
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.doors import public
from app.core.errors import DomainError
from app.core.problems import shown_on
from app.identity import login, web, web_logins
from app.identity.access import (
    current_principal,
    end_former,
    lead_on,
    page_requires,
    remember,
)
from app.identity.devices import this_browser
from app.identity.roles import Permission, Principal
from app.identity.web_logins import Asking, Purpose, State

bp = Blueprint("web_login_pages", __name__, template_folder="templates")

HTMX_STOPS = 286


@bp.post("/login/qr")
@public
def show_qr() -> Response:
    """A code for the phone of whoever sits here: the one that waits already, or a new one."""
    with transaction(None) as session:
        state, _ = web_logins.waiting(
            session, web.secret(), purpose=Purpose.SIGN_IN, now=clock.now()
        )
    if state in {State.WAITING, State.SEEN}:
        return _shown(Purpose.SIGN_IN, state)
    return _asked(Purpose.SIGN_IN, me=None)


@bp.post("/login/qr/wait")
@public
def wait() -> Response:
    """Whether the phone has said yes; then this browser is signed in."""
    secret, now = web.secret(), clock.now()
    with transaction(None) as session:
        state, tenant_id = web_logins.waiting(session, secret, purpose=Purpose.SIGN_IN, now=now)
    if state is State.CONFIRMED and tenant_id is not None:
        with transaction(tenant_id) as session:
            started = web_logins.collect(session, secret, device=this_browser(), now=now)
        if started is not None:
            end_former()
            return web.forget_secret(remember(_led_on(), started))
        state = State.OVER
    return _shown(Purpose.SIGN_IN, state)


@bp.post("/confirm/qr")
@page_requires(Permission.SESSION_OWN)
def show_proof_qr() -> Response:
    """A code for one's phone, to prove once more who one is."""
    return _asked(Purpose.STEP_UP, me=current_principal())


@bp.post("/confirm/qr/wait")
@page_requires(Permission.SESSION_OWN)
def wait_for_proof() -> Response:
    """Whether the phone has said yes; then one's session is proved afresh."""
    me, secret, now = current_principal(), web.secret(), clock.now()
    with transaction(me.tenant_id) as session:
        state, _ = web_logins.waiting(session, secret, purpose=Purpose.STEP_UP, now=now)
        proved = state is State.CONFIRMED and web_logins.collect_proof(
            session, secret, me=me, now=now
        )
    if proved:
        return web.forget_secret(_led_on())
    return _shown(Purpose.STEP_UP, State.OVER if state is State.CONFIRMED else state)


@bp.get("/web-logins/<code>")
@page_requires(Permission.SESSION_OWN)
def show_request(code: str) -> Response:
    """On the phone: which device asks, and whether to let it in."""
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        row = web_logins.see(session, code, me=me, now=now)
        shown = {
            "device": row.device,
            "asked": civil_text(row.asked_at, me.zone),
            "proves": row.purpose == Purpose.STEP_UP.value,
        }
    return make_response(
        render_template("identity/web_login.html", code=code, problem=None, **shown)
    )


@bp.post("/web-logins/<code>/confirm")
@page_requires(Permission.SESSION_OWN)
def confirm(code: str) -> Response:
    """Let the browser in."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        web_logins.confirm(session, code, me=me, now=clock.now())
    return lead_on("/web-logins/done")


@bp.post("/web-logins/<code>/refuse")
@page_requires(Permission.SESSION_OWN)
def refuse(code: str) -> Response:
    """It was not oneself."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        web_logins.refuse(session, code, me=me, now=clock.now())
    return lead_on("/web-logins/done?refused=1")


@bp.get("/web-logins/done")
@page_requires(Permission.SESSION_OWN)
def show_done() -> Response:
    """That it is said, and what happens at the other screen."""
    page = render_template("identity/web_login_done.html", refused="refused" in http.args)
    return make_response(page)


@bp.get("/enter")
@public
def show_entrance() -> Response:
    """Where the mini-program's web-view begins. Its code stands behind the `#`, and is not sent."""
    return _entrance(problem=None)


@bp.post("/enter")
@public
def enter() -> Response:
    """Take the code for a session of the same person, in place of whatever was open here."""
    try:
        started = login.enter(http.form.get("code", "")[:40], device=this_browser())
    except DomainError as refusal:
        return shown_on(_entrance(problem=refusal.detail), refusal)
    end_former()
    return remember(lead_on(web.next_href()), started)


def _asked(purpose: Purpose, *, me: Principal | None) -> Response:
    """Begin to wait, and show the code in place; without scripts, on the page it belongs to."""
    keyring, now, secret = edges.keyring(), clock.now(), web_logins.new_secret()
    asking = Asking(
        secret=secret,
        device=this_browser().kind,
        asker=web_logins.asker_of(http.remote_addr or "", keyring),
        me=me,
    )
    with transaction(me.tenant_id if me else None) as session:
        web_logins.ask(session, asking, keyring=keyring, now=now)
    if "HX-Request" in http.headers:
        answer = make_response(web.fragment(purpose, secret=secret, state=State.WAITING))
    else:
        answer = lead_on(f"{web.PLACES[purpose]}?qr=1&next={quote(web.next_href(), safe='')}")
    return web.keep_secret(answer, secret)


def _shown(purpose: Purpose, state: State) -> Response:
    """How far it is, in place; without scripts, on the page it belongs to."""
    if "HX-Request" not in http.headers:
        over = "" if state is State.OVER else "&qr=1"
        return lead_on(
            f"{web.PLACES[purpose]}?waited=1{over}&next={quote(web.next_href(), safe='')}"
        )
    status = HTMX_STOPS if state is State.OVER else 200
    return make_response(web.fragment(purpose, secret=web.secret(), state=state), status)


def _led_on() -> Response:
    if "HX-Request" not in http.headers:
        return lead_on(web.next_href())
    answer = make_response("")
    answer.headers["HX-Redirect"] = web.next_href()
    return answer


def _entrance(*, problem: str | None) -> Response:
    page = render_template("identity/enter.html", problem=problem, next_href=web.next_href())
    return make_response(page)
