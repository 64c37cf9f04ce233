"""A browser that waits for a phone: its secret in a cookie, and the code it draws from it."""

from flask import Response, render_template, request
from markupsafe import Markup

from app.core import clock, edges, qr
from app.core.db import transaction
from app.identity import web_logins
from app.identity.access import cookie_name, safe_next
from app.identity.web_logins import Purpose, State

PLACES = {Purpose.SIGN_IN: "/login", Purpose.STEP_UP: "/confirm"}


def as_it_waits(purpose: Purpose) -> Markup | str:
    """The code this browser waits with, where it does so without scripts; nothing otherwise."""
    kept = secret() if "qr" in request.args else ""
    if not kept:
        return ""
    with transaction(None) as session:
        state, _ = web_logins.waiting(session, kept, purpose=purpose, now=clock.now())
    if state is State.OVER:
        return ""
    return Markup(fragment(purpose, secret=kept, state=state))  # noqa: S704 - our own template


def fragment(purpose: Purpose, *, secret: str, state: State) -> str:
    """The part of the page that changes."""
    code = web_logins.code_of(secret, edges.keyring())
    return render_template(
        "identity/_qr.html",
        place=PLACES[purpose],
        picture=qr.svg(edges.code_address(code), label="登录二维码"),
        state=state.value,
        next_href=next_href(),
    )


def next_href() -> str:
    """Where to go once it is done."""
    return safe_next(request.values.get("next", ""))


def secret() -> str:
    """What this browser alone keeps."""
    return request.cookies.get(_cookie(), "")[:64]


def keep_secret(answer: Response, kept: str) -> Response:
    answer.set_cookie(
        _cookie(),
        kept,
        max_age=int(web_logins.GOOD_FOR.total_seconds()),
        httponly=True,
        secure=edges.settings().secure,
        samesite="Lax",
    )
    return answer


def forget_secret(answer: Response) -> Response:
    answer.delete_cookie(_cookie(), secure=edges.settings().secure)
    return answer


def _cookie() -> str:
    return cookie_name().replace("session", "waiting")
