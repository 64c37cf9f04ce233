"""From a request to a person, and the one decorator that lets them in.

Every view names the permission it needs with `requires`, or says `public`. A test walks the
URL map and fails on a view that does neither.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, g, redirect, request

from app.core import clock, edges
from app.core.db import transaction
from app.core.doors import mark
from app.core.errors import Forbidden
from app.identity import services, tokens
from app.identity.errors import SessionEnded, SignInFirst, StaffOnly
from app.identity.roles import RESIDENT, Permission, Principal

View = TypeVar("View", bound=Callable[..., Any])


def requires(permission: Permission) -> Callable[[View], View]:
    """Let in only who holds `permission` in some subtree; a service checks the subtree."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            g.principal = _admit(permission)
            return view(*args, **kwargs)

        return mark(guarded, permission)  # type: ignore[return-value]  # wraps keeps the signature

    return decorate


def page_requires(permission: Permission) -> Callable[[View], View]:
    """Like `requires`, but a visitor who is not signed in is shown the way, and brought back.

    So is one whose session has ended: a page that only said so would be a dead end.
    """

    def decorate(view: View) -> View:
        guarded = requires(permission)(view)

        @wraps(guarded)
        def shown(*args: Any, **kwargs: Any) -> Any:
            try:
                identify_once()
            except (SignInFirst, SessionEnded) as refusal:
                return _to_login(
                    staff=permission not in RESIDENT, ended=isinstance(refusal, SessionEnded)
                )
            return guarded(*args, **kwargs)

        return shown  # type: ignore[return-value]  # wraps keeps the signature

    return decorate


def current_principal() -> Principal:
    """Who is calling. Only a view behind `requires` may ask."""
    found: Principal = g.principal
    return found


def identify_once() -> Principal:
    """Who is calling, looked up once a request; raises `SignInFirst` or `SessionEnded`."""
    if "identified" not in g:
        token = tokens.read(_credential())
        if token is None:
            raise SignInFirst("请先登录。")
        with transaction(token.tenant_id) as session:
            g.identified = services.identify(session, token=token, now=clock.now())
    found: Principal = g.identified
    return found


def cookie_name() -> str:
    return "__Host-session" if edges.settings().secure else "session"


def remember(answer: Response, started: services.Started) -> Response:
    """Let the browser hold the token, out of reach of scripts and other sites."""
    answer.set_cookie(
        cookie_name(),
        started.token.text,
        expires=started.expires_at,
        httponly=True,
        secure=edges.settings().secure,
        samesite="Lax",
    )
    return answer


def forget(answer: Response) -> Response:
    answer.delete_cookie(cookie_name(), secure=edges.settings().secure)
    return answer


def _credential() -> str:
    """The API reads the header only, pages the cookie only: neither can stand in for the other."""
    if request.path.startswith("/api/"):
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" else ""
    return request.cookies.get(cookie_name(), "")


def _admit(permission: Permission) -> Principal:
    principal = identify_once()
    if principal.may_somewhere(permission):
        return principal
    if permission in RESIDENT:
        raise Forbidden("您没有这项操作的权限。")
    if principal.staff:
        raise StaffOnly("您的岗位没有这项功能，请回工作台；需要开通请联系系统管理员。")
    raise StaffOnly("这是工作人员使用的功能，请用工作人员账号登录。")


def _to_login(*, staff: bool, ended: bool) -> Response:
    home = "/staff" if staff else "/me"
    here = request.full_path.rstrip("?") if request.method == "GET" else home
    query = {"next": here, "ended": "1"} if ended else {"next": here}
    target = "/staff/login" if staff else "/login"
    return redirect(f"{target}?{urlencode(query)}")  # type: ignore[return-value]
