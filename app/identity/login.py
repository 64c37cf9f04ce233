"""Signing in, as the API and the pages both do it: first the network, then the database."""

import hashlib
import logging

from flask import Flask, current_app
from sqlalchemy.orm import Session

from app.core import clock, tenancy
from app.core.db import transaction
from app.identity import queries, services
from app.identity.errors import (
    LoginCodeRefused,
    LoginForbidden,
    LoginUnavailable,
    PasswordRefused,
    PlatformUnknown,
)
from app.identity.passwords import Passwords
from app.identity.services import Known, Started
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


def resident(*, platform: str, appid: str, code: str) -> Started:
    """Exchange a login code with the super-app, and start a session for its person."""
    known = Known(platform=platform, appid=appid, subject=_subject(platform, appid, code))
    with transaction(None) as session:
        mini_program = queries.get_app(session, platform=platform, appid=appid)
    if mini_program is None:
        raise PlatformUnknown("这个小程序还没有接入，请联系平台管理员。")
    with transaction(mini_program.tenant_id) as session:
        return services.start_resident_session(
            session,
            known=known,
            landing_community_id=mini_program.landing_community_id,
            now=clock.now(),
        )


def staff(*, username: str, password: str) -> Started:
    """Start a staff session for a name and its password."""
    with transaction(None) as session:
        tenant_id = queries.get_tenant_of_staff(session, username)
        if tenant_id is None:
            tenant_id = _some_tenant(session, username)
    with transaction(tenant_id) as session:
        return services.start_staff_session(
            session,
            username=username,
            password=password,
            passwords=current_app.extensions["passwords"],
            now=clock.now(),
        )


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
