"""The pages of signing in and out, and the desk where staff begin."""

import re

from flask import Blueprint, Response, current_app, make_response, redirect, render_template
from flask import request as http

from app.core import clock, edges
from app.core.db import transaction
from app.core.doors import public
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.identity import login, queries, services
from app.identity.access import (
    current_principal,
    forget,
    identify_once,
    page_requires,
    remember,
)
from app.identity.errors import LoginUnavailable, SessionEnded, SignInFirst
from app.identity.roles import ROLE_LABELS, Duty, Permission
from app.wechat.demo import DEMO_PREFIX, mint_code
from app.wechat.errors import WechatUnreachable

bp = Blueprint("identity_pages", __name__, template_folder="templates")

PATH = re.compile(r"/[^\\\x00-\x20\x7f]*")
KIND_LABELS = {"resident": "居民", "in_service_member": "在职党员", "elder": "长者"}
LAST_SHOWN = "06"  # of each kind: a list to choose from, not to scroll


@bp.get("/")
@public
def home() -> Response:
    """Lead a visitor to their account; the login page follows by itself where needed."""
    return redirect("/me")  # type: ignore[return-value]  # werkzeug's response is Flask's here


@bp.get("/login")
@public
def show_login() -> Response:
    """The login page of residents. In the demo it lists people to be."""
    people = _demo_people() if edges.settings().demo else []
    page = render_template(
        "identity/login.html",
        next_href=_safe_next(http.args.get("next", "")),
        demo_people=people,
        staff_login_href="/staff/login",
    )
    return make_response(page)


@bp.post("/login/demo")
@public
def login_demo() -> Response:
    """Sign in as one of the demo's people, through the stand-in, as a mini-program would."""
    settings = edges.settings()
    openid = http.form.get("openid", "")
    if not settings.demo or not openid.startswith(DEMO_PREFIX):
        raise NotFound("没有找到这个页面或内容，请检查网址或返回首页。")
    try:
        code = mint_code(settings.wechat_base_url, openid=openid)
    except WechatUnreachable as error:
        raise LoginUnavailable("微信替身没有应答，请稍后再试。", retry_after=2) from error
    started = login.resident(platform="wechat", appid=settings.wechat_appid, code=code)
    _end_former()
    return remember(_redirect(_safe_next(http.form.get("next", ""))), started)


@bp.get("/staff/login")
@public
def show_staff_login() -> Response:
    """The login page of staff."""
    return _staff_login(problem=None)


@bp.post("/staff/login")
@public
def login_staff() -> Response:
    """Sign in a member of staff."""
    username, password = http.form.get("username", "").strip(), http.form.get("password", "")
    try:
        started = login.staff(username=username[:64], password=password[:256])
    except DomainError as refusal:
        return shown_on(_staff_login(problem=refusal.detail), refusal)
    _end_former()
    return remember(_redirect(_safe_next(http.form.get("next", ""), default="/staff")), started)


@bp.get("/staff")
@page_requires(Permission.STAFF_HOME)
def show_desk() -> Response:
    """What this member of staff can do, by their roles."""
    me = current_principal()
    roles = "、".join(dict.fromkeys(ROLE_LABELS.get(g.role, g.role) for g in me.grants))
    duties: tuple[Duty, ...] = current_app.extensions["duties"]
    page = render_template(
        "identity/desk.html",
        staff_name=f"{me.display_name}（{roles}）",
        duties=[duty for duty in duties if me.units_with(duty.permission)],
    )
    return make_response(page)


@bp.post("/logout")
@page_requires(Permission.SESSION_OWN)
def logout() -> Response:
    """Sign out here."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        services.end_session(session, principal=me, session_id=me.session_id, now=clock.now())
    return forget(_redirect("/staff/login" if me.staff else "/login"))


def _end_former() -> None:
    """End the session this browser had: a new sign-in does not leave the old one open."""
    try:
        former = identify_once()
    except (SignInFirst, SessionEnded):
        return
    with transaction(former.tenant_id) as session:
        services.end_session(
            session, principal=former, session_id=former.session_id, now=clock.now()
        )


def _staff_login(*, problem: str | None) -> Response:
    page = render_template(
        "identity/staff_login.html",
        problem=problem,
        username=http.form.get("username", ""),
        next_href=_safe_next(http.values.get("next", ""), default="/staff"),
    )
    return make_response(page)


def _demo_people() -> list[dict[str, str]]:
    settings = edges.settings()
    with transaction(None) as session:
        mini_program = queries.get_app(session, platform="wechat", appid=settings.wechat_appid)
    if mini_program is None:
        return []
    with transaction(mini_program.tenant_id) as session:
        people = queries.list_people_vouched(session, platform="wechat", prefix=DEMO_PREFIX)
    return [
        {
            "openid": person.subject,
            "name": person.name,
            "kind_label": "、".join(KIND_LABELS.get(kind, kind) for kind in person.kinds),
        }
        for person in people
        if person.subject[-2:] <= LAST_SHOWN
    ]


def _safe_next(target: str, *, default: str = "/me") -> str:
    """Where to go next, if it is a plain path of ours and not somebody else's site."""
    ours = PATH.fullmatch(target) is not None and not target.startswith("//")
    return target if ours else default


def _redirect(target: str) -> Response:
    return redirect(target, code=303)  # type: ignore[return-value]  # werkzeug's response is Flask's
