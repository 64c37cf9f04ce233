"""The pages of one's own account: where one is signed in, the second factor, proving it again."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template
from flask import request as http

from app.core import clock, edges, qr
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.identity import elsewhere, factors, login, queries, sessions, web
from app.identity.access import current_principal, lead_on, page_requires, require_fresh, safe_next
from app.identity.errors import PasswordWeak
from app.identity.models import SessionRow
from app.identity.roles import Permission, Principal
from app.identity.schemas import LONGEST_OTP
from app.identity.services import Entry
from app.identity.web_logins import Purpose
from app.wechat.demo import DEMO_PREFIX, mint_code

bp = Blueprint("account_pages", __name__, template_folder="templates")

DEVICES = "/me/devices"


@bp.get(DEVICES)
@page_requires(Permission.SESSION_OWN)
def show_devices() -> Response:
    """Where this person is signed in."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        rows = queries.list_sessions(session, me.person_id, now=clock.now())
    page = render_template(
        "identity/devices.html",
        staff=me.staff,
        devices=[_device(row, me) for row in rows],
        just_done=edges.just_done(),
    )
    return make_response(page)


@bp.post("/me/devices/<uuid:session_id>/end")
@page_requires(Permission.SESSION_OWN)
def end_device(session_id: UUID) -> Response:
    """Sign out on one device."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        if not sessions.end_session(session, principal=me, session_id=session_id, now=clock.now()):
            raise NotFound("没有找到这个登录，可能已经退出。")
    edges.note_done()
    return lead_on(DEVICES)


@bp.post("/me/devices/end-others")
@page_requires(Permission.SESSION_OWN)
def end_other_devices() -> Response:
    """Sign out everywhere but here."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        sessions.end_others(session, principal=me, now=clock.now())
    edges.note_done()
    return lead_on(DEVICES)


@bp.get("/confirm")
@page_requires(Permission.SESSION_OWN, before_own_password=True)
def show_confirmation() -> Response:
    """Prove once more who one is, before what a session alone is not enough for."""
    return _confirmation(problem=None)


@bp.post("/confirm")
@page_requires(Permission.SESSION_OWN, before_own_password=True)
def confirm_staff() -> Response:
    """By password and second factor."""
    otp = http.form.get("otp", "").strip()[:LONGEST_OTP] or None
    entry = Entry(password=http.form.get("password", "")[:256], otp=otp)
    try:
        login.confirm_staff(current_principal(), entry)
    except DomainError as refusal:
        return shown_on(_confirmation(problem=refusal.detail), refusal)
    return lead_on(safe_next(http.form.get("next", "")))


@bp.post("/confirm/demo")
@page_requires(Permission.SESSION_OWN)
def confirm_in_demo() -> Response:
    """By a fresh code of the stand-in, as a mini-program would."""
    settings, me = edges.settings(), current_principal()
    with transaction(me.tenant_id) as session:
        openid = elsewhere.subject_of(session, edges.vault(), me.person_id, prefix=DEMO_PREFIX)
    if not settings.demo or openid is None:
        raise NotFound("没有找到这个页面或内容，请检查网址或返回首页。")
    code = mint_code(settings.wechat_base_url, openid=openid)
    login.confirm_resident(me, platform="wechat", appid=settings.wechat_appid, code=code)
    return lead_on(safe_next(http.form.get("next", "")))


@bp.get("/staff/password")
@page_requires(Permission.SESSION_OWN, before_own_password=True)
def show_password() -> Response:
    """Choose a password of one's own."""
    require_fresh(current_principal())
    return _password(problem=None)


@bp.post("/staff/password")
@page_requires(Permission.SESSION_OWN, before_own_password=True)
def choose_password() -> Response:
    """Take it; whatever else one has open ends."""
    me, password = current_principal(), http.form.get("password", "")[:256]
    require_fresh(me)
    try:
        if password != http.form.get("again", "")[:256]:
            raise PasswordWeak("两次填写的新密码不一样，请重新填写。")
        login.choose_password(me, password)
    except DomainError as refusal:
        return shown_on(_password(problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on("/staff" if me.must_choose else DEVICES)


@bp.get("/staff/second-factor")
@page_requires(Permission.SESSION_OWN)
def show_second_factor() -> Response:
    """The second factor: to be set up, or set up and how many recovery codes are left."""
    me = current_principal()
    return _second_factor(me, problem=None)


@bp.post("/staff/second-factor/new")
@page_requires(Permission.SESSION_OWN)
def begin_second_factor() -> Response:
    """Begin with another authenticator; the old one is good until the new one has answered."""
    me = current_principal()
    require_fresh(me)
    login.begin_factor(me)
    return lead_on("/staff/second-factor")


@bp.post("/staff/second-factor")
@page_requires(Permission.SESSION_OWN)
def confirm_second_factor() -> Response:
    """Take the new secret into use; the recovery codes are shown this once."""
    me = current_principal()
    otp = "".join(http.form.get("otp", "").split())[:LONGEST_OTP]
    try:
        codes = login.confirm_factor(me, otp=otp)
    except DomainError as refusal:
        return shown_on(_second_factor(me, problem=refusal.detail), refusal)
    return make_response(render_template("identity/recovery_codes.html", codes=codes))


def _password(*, problem: str | None) -> Response:
    first = current_principal().must_choose
    return make_response(render_template("identity/password.html", problem=problem, first=first))


def _second_factor(me: Principal, *, problem: str | None) -> Response:
    with transaction(me.tenant_id) as session:
        in_use = factors.is_set(session, me)
        waits = not in_use or factors.draft_of(session, me, vault=edges.vault()) is not None
        codes_left = factors.codes_left(session, me.person_id)
    draft = login.drafted_factor(me) if waits else None
    page = render_template(
        "identity/second_factor.html",
        problem=problem,
        must_enrol=me.must_enrol,
        in_use=in_use,
        codes_left=codes_left,
        secret=draft and _in_groups(draft.secret),
        picture=draft and qr.svg(draft.address, label="验证器二维码"),
    )
    return make_response(page)


def _in_groups(secret: str) -> str:
    """As one types it from a screen: four letters at a time."""
    return " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))


def _confirmation(*, problem: str | None) -> Response:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        openid = elsewhere.subject_of(session, edges.vault(), me.person_id, prefix=DEMO_PREFIX)
        with_otp = me.staff and factors.is_set(session, me)
    page = render_template(
        "identity/confirm.html",
        problem=problem,
        staff=me.staff,
        with_otp=with_otp,
        in_demo=edges.settings().demo and openid is not None,
        next_href=safe_next(http.values.get("next", ""), default="/staff" if me.staff else "/me"),
        waiting=web.as_it_waits(Purpose.STEP_UP),
    )
    return make_response(page)


def _device(row: SessionRow, me: Principal) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.device or "其他设备",
        "kind_label": "工作人员登录" if row.staff else "居民登录",
        "current": row.id == me.session_id,
        "began": civil_text(row.created_at, me.zone),
        "seen": civil_text(row.last_seen_at, me.zone),
    }
