"""我的手机号 for residents, 待核对手机号 for staff."""

from typing import Any
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.core import clock, edges
from app.core.clock import civil_text
from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.forms import FieldWrong, text_in
from app.core.problems import shown_on
from app.identity import elsewhere
from app.identity.access import (
    current_principal,
    lead_on,
    page_requires,
    remember,
    require_fresh,
)
from app.identity.devices import this_browser
from app.identity.fields import Field, written
from app.identity.phones import How
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.phones import binding, releasing, services, shown
from app.phones.binding import Pressed
from app.phones.errors import PhoneUnavailable
from app.phones.schemas import LONGEST_NAME, LONGEST_NUMBER
from app.phones.services import HOW_TEXT, Decision
from app.wechat.demo import DEMO_PREFIX, mint_phone_code
from app.wechat.errors import WechatUnreachable

bp = Blueprint("phones_pages", __name__, template_folder="templates")

OWN, TO_CHECK = "/me/phone", "/staff/phones"
LONGEST_REASON = 100
REFUSE = "refuse"
VERIFIED = {"wechat": "微信核实", **{how.value: text for how, text in HOW_TEXT.items()}}
DUTIES = (
    Duty(
        permission=Permission.PHONE_CHECK,
        path=TO_CHECK,
        group=DutyGroup.PEOPLE,
        title="待核对手机号",
        text="居民自己填写的手机号，当面或打电话核对；解除兑换等待期；换了主人的号码",
    ),
)


@bp.get(OWN)
@page_requires(Permission.OWN_DATA)
def show_phone() -> ResponseReturnValue:
    """One's number, masked, since when, and how to change it."""
    return _own_page(problem=None)


@bp.post(OWN)
@page_requires(Permission.OWN_DATA)
def type_phone() -> ResponseReturnValue:
    """Let staff check the number that was typed."""
    try:
        typed = {
            "number": text_in("number", most=LONGEST_NUMBER, needed="请填写手机号。"),
            "name": text_in("name", most=LONGEST_NAME, needed="请填写姓名。"),
        }
        binding.by_hand(current_principal(), typed)
    except DomainError as refusal:
        return shown_on(_own_page(problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(OWN)


@bp.post(f"{OWN}/withdraw")
@page_requires(Permission.OWN_DATA)
def withdraw_phone() -> ResponseReturnValue:
    """Let what waits be forgotten."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            services.withdraw(session, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_own_page(problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(OWN)


@bp.post(f"{OWN}/keep")
@page_requires(Permission.OWN_DATA)
def keep_phone() -> ResponseReturnValue:
    """Say that the number is one's own as before: it is not let go of."""
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            releasing.keep(session, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_own_page(problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(OWN)


@bp.post(f"{OWN}/demo")
@page_requires(Permission.OWN_DATA)
def press_in_demo() -> ResponseReturnValue:
    """What the phone button does in WeChat, with the stand-in and a made-up number."""
    me, settings = current_principal(), edges.settings()
    openid = _demo_account(me)
    if openid is None:
        raise NotFound("没有找到这个页面或内容，请检查网址或返回首页。")
    try:
        code = mint_phone_code(
            settings.wechat_base_url,
            openid=openid,
            number=_national(text_in("number", most=LONGEST_NUMBER, needed="请填写手机号。")),
        )
        name = text_in("name", most=LONGEST_NAME) or None
        pressed = Pressed(platform="wechat", appid=settings.wechat_appid, code=code, name=name)
        started = binding.by_wechat(me, pressed, device=this_browser())
    except WechatUnreachable:
        refusal: DomainError = PhoneUnavailable("微信替身没有应答，请稍后再试。", retry_after=2)
        return shown_on(_own_page(problem=refusal.detail), refusal)
    except DomainError as refused:
        return shown_on(_own_page(problem=refused.detail), refused)
    edges.note_done()
    return remember(lead_on(OWN), started) if started is not None else lead_on(OWN)


@bp.get(TO_CHECK)
@page_requires(Permission.PHONE_CHECK)
def list_claims() -> ResponseReturnValue:
    """The numbers that wait to be checked, and who waits until they may redeem."""
    return _list_page(problem=None)


@bp.get(f"{TO_CHECK}/<uuid:claim_id>")
@page_requires(Permission.PHONE_CHECK)
def show_claim(claim_id: UUID) -> ResponseReturnValue:
    """One of them, with the number in full: it is to be called. That one looked is written down."""
    return _claim_page(claim_id, problem=None)


@bp.post(f"{TO_CHECK}/<uuid:claim_id>")
@page_requires(Permission.PHONE_CHECK)
def decide_claim(claim_id: UUID) -> ResponseReturnValue:
    """Confirm a number or refuse it, with what was found out."""
    me = current_principal()
    require_fresh(me)
    try:
        reason = text_in("reason", most=LONGEST_REASON)
        decision = Decision(claim_id=claim_id, how=_how(), reason=reason)
        with transaction(me.tenant_id) as session:
            services.decide(
                session,
                edges.vault(),
                decision,
                me=me,
                keepings=edges.keepings(),
                now=clock.now(),
            )
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_claim_page(claim_id, problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(TO_CHECK)


@bp.post(f"{TO_CHECK}/cooling/<uuid:person_id>")
@page_requires(Permission.PHONE_CHECK)
def end_cooling(person_id: UUID) -> ResponseReturnValue:
    """Let somebody redeem again who has shown their identity card."""
    me = current_principal()
    require_fresh(me)
    try:
        reason = text_in("reason", most=LONGEST_REASON)
        with transaction(me.tenant_id) as session:
            services.end_cooling(session, person_id, me=me, reason=reason, now=clock.now())
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_list_page(problem=refusal.detail), refusal)
    edges.note_done()
    return lead_on(TO_CHECK)


def _national(typed: str) -> str:
    """As WeChat knows a number: digits, however somebody has spaced them."""
    return written(Field.PHONE, typed).removeprefix("+86")


def _own_page(*, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        state = shown.own(session, edges.vault(), person_id=me.person_id, now=clock.now())
    return render_template(
        "phones/own.html",
        problem=problem,
        **_in_words(state, me),
        in_demo=_demo_account(me) is not None,
        typed={name: request.form.get(name, "") for name in ("number", "name")},
        just_done=edges.just_done(),
    )


def _in_words(state: dict[str, Any], me: Principal) -> dict[str, Any]:
    number, claim, cooling = state["number"], state["claim"], state["cooling_until"]
    release = state["release"]
    return {
        "number": number
        and {
            "masked": number.masked,
            "since": civil_text(number.verified_at or number.set_at, me.zone),
            "verified": VERIFIED.get(number.verified_how or "", ""),
        },
        "claim": claim
        and {
            "masked": claim["masked"],
            "since": civil_text(claim["made_at"], me.zone),
            "until": civil_text(claim["lapses_at"], me.zone),
        },
        "cooling_text": civil_text(cooling, me.zone) if cooling else "",
        "release_text": civil_text(release.due_at, me.zone) if release else "",
    }


def _list_page(*, problem: str | None) -> str:
    me, now = current_principal(), clock.now()
    with transaction(me.tenant_id) as session:
        claims = shown.to_check(session, edges.vault(), me=me, now=now)
        waiting = shown.cooling(session, me=me, now=now)
        releases = shown.releases(session, edges.vault(), me=me, now=now)
    return render_template(
        "phones/to_check.html",
        problem=problem,
        claims=claims,
        waiting=waiting,
        releases=releases,
        just_done=edges.just_done(),
    )


def _claim_page(claim_id: UUID, *, problem: str | None) -> str:
    me = current_principal()
    require_fresh(me)
    with transaction(me.tenant_id) as session:
        found = shown.in_full(session, edges.vault(), claim_id, me=me, now=clock.now())
    return render_template("phones/claim.html", problem=problem, **found)


def _how() -> How | None:
    """By which way it was checked; None where it is refused."""
    found = request.form.get("decision", "")
    if found not in {How.IN_PERSON, How.CALL, REFUSE}:
        raise FieldWrong("请选择核对的结果，再提交。", errors={"decision": ["请选择"]})
    return None if found == REFUSE else How(found)


def _demo_account(me: Principal) -> str | None:
    if not edges.settings().demo or me.staff:
        return None
    with transaction(me.tenant_id) as session:
        return elsewhere.subject_of(session, edges.vault(), me.person_id, prefix=DEMO_PREFIX)
