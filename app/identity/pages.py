"""The pages of signing in and out, and the desk where staff begin."""

from contextlib import suppress
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, make_response, redirect, render_template
from flask import request as http
from sqlalchemy.orm import Session

from app.core import clock, edges, tenancy
from app.core.db import transaction
from app.core.doors import public
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.identity import (
    consents,
    elsewhere,
    halves,
    login,
    personal,
    queries,
    services,
    sessions,
    web,
)
from app.identity.access import (
    current_principal,
    end_former,
    forget,
    identify_once,
    lead_on,
    page_requires,
    read_large,
    remember,
    safe_next,
)
from app.identity.devices import this_browser
from app.identity.elsewhere import Known, VouchedPerson
from app.identity.errors import LoginUnavailable, OtpRequired, SessionEnded, SignInFirst
from app.identity.fields import Field
from app.identity.ranks import ROLE_LABELS
from app.identity.roles import Duty, DutyGroup, Permission
from app.identity.schemas import LONGEST_OTP
from app.identity.services import Entry
from app.identity.web_logins import Purpose
from app.wechat.demo import DEMO_KINDS, DEMO_PREFIX, mint_code
from app.wechat.errors import WechatUnreachable

bp = Blueprint("identity_pages", __name__, template_folder="templates")

KIND_LABELS = {"resident": "居民", "in_service_member": "在职党员", "elder": "长者"}
DUTY_GROUPS = {
    DutyGroup.PEOPLE: "居民",
    DutyGroup.ACTIVITIES: "活动",
    DutyGroup.STATIONS: "驿站",
    DutyGroup.SHOP: "爱心超市",
    DutyGroup.POINTS: "存折和积分",
    DutyGroup.BOOKS: "登记簿和账簿",
    DutyGroup.SYSTEM: "组织和系统",
}
MOST_SHOWN = 6  # of each kind: a list to choose from, not to scroll


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
        next_href=safe_next(http.args.get("next", "")),
        demo_people=people,
        staff_login_href="/staff/login",
        waiting=web.as_it_waits(Purpose.SIGN_IN),
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
    known = {"platform": "wechat", "appid": settings.wechat_appid, "code": code}
    started = login.resident(**known, device=this_browser())
    end_former()
    with transaction(started.token.tenant_id) as session:
        asks = consents.needed(session, started.person.id)
    target = safe_next(http.form.get("next", ""))
    if asks:
        target = f"/me/consent?{urlencode({'next': target})}"
    return remember(lead_on(target), started)


@bp.get("/staff/login")
@public
def show_staff_login() -> Response:
    """The login page of staff."""
    return _staff_login(problem=None)


@bp.post("/staff/login")
@public
def login_staff() -> Response:
    """Sign in a member of staff; where a second factor is set up, it is asked for next."""
    username, password = http.form.get("username", "").strip(), http.form.get("password", "")
    entry = Entry(username=username[:64], password=password[:256])
    try:
        return _let_in(entry)
    except OtpRequired:
        halves.keep(entry.username, now=clock.now())
        return lead_on("/staff/login/second?" + urlencode({"next": _next_of_staff()}))
    except DomainError as refusal:
        return shown_on(_staff_login(problem=refusal.detail), refusal)


@bp.get("/staff/login/second")
@public
def show_second_step() -> Response:
    """The second step of the login: six digits, or a recovery code."""
    if halves.username(now=clock.now()) is None:
        return lead_on("/staff/login")
    return _second_step(problem=None)


@bp.post("/staff/login/second")
@public
def login_second_step() -> Response:
    """Sign in whoever has given their password a moment ago."""
    username = halves.username(now=clock.now())
    if username is None:
        return lead_on("/staff/login?ended=1")
    otp = http.form.get("otp", "").strip()[:LONGEST_OTP]
    try:
        answer = _let_in(Entry(username=username, otp=otp, password_proved=True))
    except DomainError as refusal:
        return shown_on(_second_step(problem=refusal.detail), refusal)
    halves.end()
    return answer


@bp.get("/staff")
@page_requires(Permission.STAFF_HOME)
def show_desk() -> Response:
    """What this member of staff can do, by their roles."""
    me = current_principal()
    roles = "、".join(dict.fromkeys(ROLE_LABELS.get(g.role, g.role) for g in me.grants))
    duties: tuple[Duty, ...] = current_app.extensions["duties"]
    with transaction(me.tenant_id) as session:
        name = personal.own_name(session, edges.vault(), me=me)
    page = render_template(
        "identity/desk.html",
        staff_name=f"{name}（{roles}）",
        groups=_grouped([duty for duty in duties if me.units_with(duty.permission)]),
    )
    return make_response(page)


@bp.post("/large-type")
@public
def choose_type() -> Response:
    """Read in large type, or not; who is signed in reads so on every device from now on."""
    large = http.form.get("large") == "1"
    with suppress(SignInFirst, SessionEnded):
        me = identify_once()
        if not me.must_choose:
            with transaction(me.tenant_id) as session:
                services.choose_type(session, person_id=me.person_id, large=large)
    return read_large(lead_on(safe_next(http.form.get("next", ""))), large=large)


@bp.post("/logout")
@page_requires(Permission.SESSION_OWN, before_own_password=True)
def logout() -> Response:
    """Sign out here."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        sessions.end_session(session, principal=me, session_id=me.session_id, now=clock.now())
    return forget(lead_on("/staff/login" if me.staff else "/login"))


def _grouped(duties: list[Duty]) -> list[tuple[DutyGroup, str, list[Duty]]]:
    """The duties under their headings, in the order of both; no heading without a duty."""
    found = [(group, [one for one in duties if one.group is group]) for group in DutyGroup]
    return [(group, DUTY_GROUPS[group], some) for group, some in found if some]


def _let_in(entry: Entry) -> Response:
    started = login.staff(entry, device=this_browser())
    end_former()
    return remember(lead_on(_next_of_staff()), started)


def _next_of_staff() -> str:
    return safe_next(http.values.get("next", ""), default="/staff")


def _staff_login(*, problem: str | None) -> Response:
    page = render_template(
        "identity/staff_login.html",
        problem=problem,
        username=http.form.get("username", ""),
        next_href=_next_of_staff(),
        password_only=_is_password_enough(),
    )
    return make_response(page)


def _second_step(*, problem: str | None) -> Response:
    page = render_template("identity/second_step.html", problem=problem, next_href=_next_of_staff())
    return make_response(page)


def _is_password_enough() -> bool:
    """Whether this is the demo's city, and its staff do without a second factor."""
    settings = edges.settings()
    if not settings.demo:
        return False
    with transaction(None) as session:
        mini_program = queries.get_app(session, platform="wechat", appid=settings.wechat_appid)
        if mini_program is None:
            return False
        tenant = tenancy.get_tenant(session, mini_program.tenant_id)
    return tenant is not None and not tenant.second_factor


def _demo_people() -> list[dict[str, str]]:
    settings = edges.settings()
    with transaction(None) as session:
        mini_program = queries.get_app(session, platform="wechat", appid=settings.wechat_appid)
    if mini_program is None:
        return []
    with transaction(mini_program.tenant_id) as session:
        people = elsewhere.list_vouched(session, edges.vault(), _demo_accounts())
        return [
            {
                "openid": person.subject,
                "name": _full_name(session, person),
                "kind_label": "、".join(KIND_LABELS.get(kind, kind) for kind in person.kinds),
            }
            for person in people
        ]


def _demo_accounts() -> list[Known]:
    """The accounts of the demo's first people of each kind: a list to choose from."""
    return [
        Known(
            platform="wechat",
            appid=edges.settings().wechat_appid,
            subject=f"{DEMO_PREFIX}{kind}{number:02d}",
        )
        for kind in DEMO_KINDS
        for number in range(1, MOST_SHOWN + 1)
    ]


def _full_name(session: Session, person: VouchedPerson) -> str:
    """Nobody here is real: who wants to be one of them may know what they are called."""
    known = personal.read_own(session, edges.vault(), person_id=person.id)
    return known.get(Field.NAME, person.name)
