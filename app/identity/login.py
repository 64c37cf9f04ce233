"""Signing in, as the API and the pages both do it: first the network, then the database."""

import hashlib
import logging
from collections.abc import Sequence
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.core import clock, edges, tenancy
from app.core.db import transaction
from app.identity import accounts, factors, handoffs, own_passwords, queries, services, sessions
from app.identity.accounts import Keys, Opening
from app.identity.elsewhere import Known
from app.identity.errors import (
    FactorForStaff,
    HandoffRefused,
    LoginCodeRefused,
    LoginForbidden,
    LoginUnavailable,
    PasswordRefused,
    PlatformUnknown,
)
from app.identity.factors import Draft, Proofs
from app.identity.passwords import Passwords
from app.identity.roles import AuthLevel, Principal
from app.identity.services import Entry
from app.identity.sessions import UNKNOWN_DEVICE, Device, Started
from app.wechat.errors import (
    LoginBlocked,
    LoginCodeInvalid,
    WechatBusy,
    WechatMisconfigured,
    WechatRefusal,
)
from app.wechat.superapp import SuperApp

log = logging.getLogger(__name__)


def init_app(app: Flask) -> None:
    app.extensions["passwords"] = Passwords()


def resident(*, platform: str, appid: str, code: str, device: Device = UNKNOWN_DEVICE) -> Started:
    """Exchange a login code with the super-app, and start a session for its person."""
    known = Known(platform=platform, appid=appid, subject=_subject(platform, appid, code))
    with transaction(None) as session:
        mini_program = queries.get_app(session, platform=platform, appid=appid)
    if mini_program is None:
        raise PlatformUnknown("这个小程序还没有接入，请联系平台管理员。")
    with transaction(mini_program.tenant_id) as session:
        return services.start_resident_session(
            session,
            edges.vault(),
            known=known,
            landing_community_id=mini_program.landing_community_id,
            now=clock.now(),
            device=device,
        )


def staff(entry: Entry, *, device: Device = UNKNOWN_DEVICE) -> Started:
    """Start a staff session for a name, its password and its second factor."""
    with transaction(None) as session:
        tenant_id = queries.get_tenant_of_staff(session, entry.username)
        if tenant_id is None:
            tenant_id = _some_tenant(session, entry.username)
    with transaction(tenant_id) as session:
        return services.start_staff_session(
            session, entry=entry, proofs=proofs(), now=clock.now(), device=device
        )


def enter(code: str, *, device: Device) -> Started:
    """Start a session in the web-view of whoever was handed this code."""
    with transaction(None) as session:
        tenant_id = handoffs.tenant_of_code(session, code)
    if tenant_id is None:
        raise HandoffRefused(handoffs.OVER)
    with transaction(tenant_id) as session:
        return handoffs.enter(session, code, device=device, now=clock.now())


def confirm_resident(me: Principal, *, platform: str, appid: str, code: str) -> None:
    """Prove by a fresh login code that it is still the same person; the session goes on."""
    known = Known(platform=platform, appid=appid, subject=_subject(platform, appid, code))
    with transaction(me.tenant_id) as session:
        services.confirm_resident(session, edges.vault(), me=me, known=known, now=clock.now())


def confirm_staff(me: Principal, entry: Entry) -> None:
    """Prove by password and second factor that it is still the same person."""
    with transaction(me.tenant_id) as session:
        services.confirm_staff(session, me=me, entry=entry, proofs=proofs(), now=clock.now())


def proved_colleague(session: Session, entry: Entry) -> UUID:
    """Whose name and password these are, in a unit of work of one's own; misses count as usual."""
    found = services.prove_password(session, entry=entry, proofs=proofs(), now=clock.now())
    return found.person_id


def begin_factor(me: Principal) -> Draft:
    """A new secret for this member of staff's authenticator."""
    with transaction(me.tenant_id) as session:
        return factors.draft(session, _staff(me), vault=edges.vault())


def drafted_factor(me: Principal) -> Draft:
    """The secret that waits for its authenticator to answer, or a new one."""
    with transaction(me.tenant_id) as session:
        waiting = factors.draft_of(session, _staff(me), vault=edges.vault())
        return waiting or factors.draft(session, me, vault=edges.vault())


def confirm_factor(me: Principal, *, otp: str) -> Sequence[str]:
    """Take the new secret into use; the recovery codes. Other sessions of theirs end."""
    now = clock.now()
    with transaction(me.tenant_id) as session:
        codes = factors.confirm(session, _staff(me), otp=otp, vault=edges.vault(), now=now)
        sessions.confirm(session, me, level=AuthLevel.TWO_FACTOR, now=now)
        sessions.end_others(session, principal=me, now=now)
    return codes


def open_account(me: Principal, opening: Opening) -> str:
    """Make a staff account; the password it begins with, shown this once."""
    keys = Keys(passwords=current_app.extensions["passwords"], vault=edges.vault())
    with transaction(me.tenant_id) as session:
        return accounts.open_account(session, opening, me=me, keys=keys, now=clock.now())


def choose_password(me: Principal, password: str) -> None:
    """Take a password of one's own choice."""
    passwords = current_app.extensions["passwords"]
    with transaction(me.tenant_id) as session:
        own_passwords.choose_password(
            session, me=me, password=password, passwords=passwords, now=clock.now()
        )


def reset_password(me: Principal, account_id: UUID) -> str:
    """Give a member of staff a new password, shown this once."""
    passwords = current_app.extensions["passwords"]
    with transaction(me.tenant_id) as session:
        return accounts.reset_password(
            session, me=me, account_id=account_id, passwords=passwords, now=clock.now()
        )


def _staff(me: Principal) -> Principal:
    if not me.staff:
        raise FactorForStaff("第二步验证是给工作人员账号用的，请用工作人员账号登录后设置。")
    return me


def proofs() -> Proofs:
    """What the answers of staff are checked with here."""
    return Proofs(passwords=current_app.extensions["passwords"], vault=edges.vault())


def _some_tenant(session: Session, username: str) -> int:
    """Where tries at a name that nobody has are counted, and locked, as at anybody's name."""
    tenants = tenancy.list_tenants(session)
    if not tenants:
        raise PasswordRefused("用户名或密码不正确，请重新输入。")
    return tenants[hashlib.sha256(username.encode()).digest()[0] % len(tenants)].id


def _subject(platform: str, appid: str, code: str) -> str:
    super_apps: dict[tuple[str, str], SuperApp] = current_app.extensions["super_apps"]
    super_app = super_apps.get((platform, appid))
    if super_app is None:
        raise PlatformUnknown("这个小程序还没有接入，请联系平台管理员。")
    try:
        return super_app.login(code).subject_id
    except LoginCodeInvalid as error:
        raise LoginCodeRefused("登录码已失效，请退出后重新进入小程序。") from error
    except LoginBlocked as error:
        raise LoginForbidden("微信暂时不允许这个账号登录，请到社区服务台办理。") from error
    except WechatBusy as error:
        _log(error, logging.WARNING)
        raise LoginUnavailable(
            "微信登录暂时繁忙，请稍后再试。", retry_after=error.retry_after
        ) from error
    except WechatMisconfigured as error:
        _log(error, logging.ERROR)
        raise LoginUnavailable("微信登录尚未配置好，请联系平台管理员。", retry_after=60) from error


def _log(refusal: WechatRefusal, level: int) -> None:
    """For the operator: nobody signs in until they, or WeChat, put it right. Its words are ours."""
    log.log(level, str(refusal), extra={"errcode": refusal.errcode, "trace_id": refusal.trace_id})
