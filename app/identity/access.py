"""From a request to a person, and the one decorator that lets them in.

Every view names the permission it needs with `requires`, or says `public`. A test walks the
URL map and fails on a view that does neither.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import partial, wraps
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Response, g, redirect, request
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import lending, transaction
from app.core.doors import mark
from app.core.errors import Forbidden
from app.identity import sessions, tokens
from app.identity.devices import name_browser
from app.identity.errors import (
    PasswordFirst,
    SecondFactorFirst,
    SessionEnded,
    SignInFirst,
    StaffOnly,
    StepUpRequired,
)
from app.identity.queries import Bearer, Beside
from app.identity.roles import RESIDENT, Permission, Principal
from app.identity.sessions import Started

PATH = re.compile(r"/[^\\\x00-\x20\x7f]*")
SECOND_FACTOR = "/staff/second-factor"  # where staff set theirs up before anything else
OWN_PASSWORD = "/staff/password"  # noqa: S105 - where they choose their own, before that

LARGE_TYPE, A_YEAR = "elder", 365 * 24 * 3600
View = TypeVar("View", bound=Callable[..., Any])
AsksBeside = Callable[..., Beside]


def requires(
    permission: Permission,
    *,
    in_one: bool = False,
    beside: AsksBeside | None = None,
    before_own_password: bool = False,
) -> Callable[[View], View]:
    """Let in only who holds `permission` in some subtree; a service checks the subtree.

    `before_own_password`: also who came in with a password that somebody gave them. They choose
    their own, or sign out, and do nothing else.

    `in_one`: who is asking is looked up in the transaction in which the view works. That halves
    the way to the database, for what a crowd does at once; such a view calls no other server.
    What it needs to know anyway may be asked `beside`, in the same statement: made of the instant
    and of what the view's address names, answered in `current_bearer().beside`.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if in_one and "identified" not in g:
                request.get_data()  # a body that arrives slowly must not hold a connection
                token = _token()
                with transaction(token.tenant_id) as session, lending(session):
                    _look_up(session, token, beside and partial(beside, **kwargs))
                    g.principal = _admit(permission, before_own_password=before_own_password)
                    return view(*args, **kwargs)
            g.principal = _admit(permission, before_own_password=before_own_password)
            return view(*args, **kwargs)

        return mark(guarded, permission)  # type: ignore[return-value]  # wraps keeps the signature

    return decorate


def page_requires(
    permission: Permission, *, before_own_password: bool = False
) -> Callable[[View], View]:
    """Like `requires`, but a visitor who is not signed in is shown the way, and brought back.

    So is one whose session has ended: a page that only said so would be a dead end.
    """

    def decorate(view: View) -> View:
        guarded = requires(permission, before_own_password=before_own_password)(view)

        @wraps(guarded)
        def shown(*args: Any, **kwargs: Any) -> Any:
            try:
                identify_once()
            except (SignInFirst, SessionEnded) as refusal:
                return _to_login(
                    staff=permission not in RESIDENT or request.path.startswith("/staff"),
                    ended=isinstance(refusal, SessionEnded),
                )
            try:
                return guarded(*args, **kwargs)
            except SecondFactorFirst:
                return redirect(SECOND_FACTOR)
            except PasswordFirst:
                return redirect(OWN_PASSWORD)

        return shown  # type: ignore[return-value]  # wraps keeps the signature

    return decorate


def current_principal() -> Principal:
    """Who is calling. Only a view behind `requires` may ask."""
    found: Principal = g.principal
    return found


def require_fresh(principal: Principal) -> None:
    """Refuse unless this person proved who they are within the last minutes.

    For what is worth stealing a session for: roles, exports, full names and numbers.
    """
    if not sessions.is_fresh(principal, now=clock.now()):
        raise StepUpRequired("这一步比较要紧，请先重新确认身份，再回来办理。")


def current_bearer() -> Bearer:
    """The session this request was made with. Only a view behind `requires` may ask."""
    found: Bearer = g.bearer
    return found


def identify_once() -> Principal:
    """Who is calling, looked up once a request; raises `SignInFirst` or `SessionEnded`."""
    if "identified" not in g:
        token = _token()
        with transaction(token.tenant_id) as session:
            _look_up(session, token)
    found: Principal = g.identified
    return found


def _look_up(
    session: Session, token: tokens.Token, beside: Callable[[datetime], Beside] | None = None
) -> None:
    now = clock.now()
    asked = beside and beside(now)
    g.bearer = sessions.bearer_of(session, token=token, now=now, beside=asked)
    g.identified = sessions.principal_of(g.bearer)


def end_former() -> None:
    """End the session this browser had: a new sign-in does not leave the old one open."""
    try:
        former = identify_once()
    except (SignInFirst, SessionEnded):
        return
    with transaction(former.tenant_id) as session:
        sessions.end_session(
            session, principal=former, session_id=former.session_id, now=clock.now()
        )


def _token() -> tokens.Token:
    token = tokens.read(_credential())
    if token is None:
        raise SignInFirst("请先登录。")
    return token


def cookie_name() -> str:
    return "__Host-session" if edges.settings().secure else "session"


def remember(answer: Response, started: Started) -> Response:
    """Let the browser hold the token, out of reach of scripts and other sites."""
    answer.set_cookie(
        cookie_name(),
        started.token.text,
        expires=started.expires_at,
        httponly=True,
        secure=edges.settings().secure,
        samesite="Lax",
    )
    if started.person.large_type is not None:
        read_large(answer, large=started.person.large_type)
    return name_browser(answer)


def read_large(answer: Response, *, large: bool) -> Response:
    """Let this browser show pages in large type, or not: for a year, whoever reads them."""
    answer.set_cookie(LARGE_TYPE, "1" if large else "0", max_age=A_YEAR, samesite="Lax")
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


def _admit(permission: Permission, *, before_own_password: bool) -> Principal:
    principal = identify_once()
    if principal.must_choose and not before_own_password:
        raise PasswordFirst("您用的是别人给的初始密码，请先换成自己的密码，再继续。")
    if principal.may_somewhere(permission):
        return principal
    if permission in RESIDENT:
        raise Forbidden("您没有这项操作的权限。")
    if principal.must_enrol:
        raise SecondFactorFirst("请先设置第二步验证，再使用工作人员的功能。")
    if principal.staff:
        raise StaffOnly("您的岗位没有这项功能，请回工作台；需要开通请联系系统管理员。")
    raise StaffOnly("这是工作人员使用的功能，请用工作人员账号登录。")


def _to_login(*, staff: bool, ended: bool) -> Response:
    home = "/staff" if staff else "/me"
    here = request.full_path.rstrip("?") if request.method == "GET" else home
    query = {"next": here, "ended": "1"} if ended else {"next": here}
    target = "/staff/login" if staff else "/login"
    return redirect(f"{target}?{urlencode(query)}")  # type: ignore[return-value]


def safe_next(target: str, *, default: str = "/me") -> str:
    """Where to go next, if it is a plain path of ours and not somebody else's site."""
    ours = PATH.fullmatch(target) is not None and not target.startswith("//")
    return target if ours else default


def lead_on(target: str) -> Response:
    """After a form: where its result stands, to be read and not sent again."""
    return redirect(target, code=303)  # type: ignore[return-value]  # werkzeug's response is Flask's
