"""Binding a number, as the API and the page both do it: first the network, then the database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.core import clock, edges
from app.core.db import transaction
from app.identity import elsewhere, phones, queries, sessions
from app.identity.elsewhere import Known
from app.identity.phones import How, Proved
from app.identity.roles import Principal
from app.identity.sessions import Device, Started
from app.phones import releasing, services
from app.phones.errors import (
    PhoneAccountUnknown,
    PhoneCodeRefused,
    PhoneQuotaUsed,
    PhoneUnavailable,
)
from app.phones.services import Typed
from app.wechat.errors import PhoneCodeInvalid, WechatBusy, WechatDeclined, WechatRefusal
from app.wechat.extension import super_apps
from app.wechat.telling import tell

DAILY_LIMIT = 45009
BY_HAND = "请改用手动填写：填上手机号和姓名，由社区工作人员核对。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What the phone button gave to a page of a mini-program, and the name that was typed there."""

    platform: str
    appid: str
    code: str
    name: str | None = None


def by_wechat(me: Principal, pressed: Pressed, *, device: Device) -> Started | None:
    """Bind the number behind the code; a new session where the caller turned out to be somebody."""
    number = _number(_account(me, pressed), pressed.code)
    now = clock.now()
    proved = Proved(
        person_id=me.person_id,
        number=number,
        name=pressed.name,
        how=How.WECHAT,
        actor=me.actor(),
        now=now,
    )
    with transaction(me.tenant_id) as session:
        whose = phones.bind(session, edges.vault(), proved, keepings=edges.keepings())
        releasing.prove_again(session, whose, me=me, now=now)
        person = queries.get_person(session, whose)
        if whose == me.person_id or person is None:
            return None
        return sessions.start(session, person, staff=False, now=now, device=device)


def by_hand(me: Principal, typed: Mapping[str, Any]) -> None:
    """Let staff check what was typed."""
    with transaction(me.tenant_id) as session:
        services.make(
            session,
            edges.vault(),
            Typed(number=typed["number"], name=typed["name"]),
            me=me,
            now=clock.now(),
        )


def _account(me: Principal, pressed: Pressed) -> Known:
    """What the caller is called at the mini-program: WeChat is asked whether the code is theirs."""
    with transaction(me.tenant_id) as session:
        accounts = elsewhere.accounts_of(session, edges.vault(), me.person_id)
    for account in accounts:
        if (account.platform, account.appid) == (pressed.platform, pressed.appid):
            return account
    raise PhoneAccountUnknown("您还没有用这个小程序登录过，请先登录小程序，再绑定手机号。")


def _number(account: Known, code: str) -> str:
    super_app = super_apps().get((account.platform, account.appid))
    if super_app is None:
        raise PhoneAccountUnknown("这个小程序没有接入，请从我们的小程序进入，再绑定手机号。")
    try:
        phone = super_app.phone(account.subject, {"code": code})
    except (PhoneCodeInvalid, WechatDeclined) as refusal:
        tell("a number was not given", refusal)
        raise PhoneCodeRefused(
            "这次授权已经用过或者过期，请回到“我的手机号”看看是否已经绑定；没有的话，再点一次按钮。"
        ) from None
    except WechatRefusal as refusal:
        tell("a number was not given", refusal)
        raise _unavailable(refusal) from None
    return f"+{phone.country}{phone.number}"


def _unavailable(refusal: WechatRefusal) -> PhoneQuotaUsed | PhoneUnavailable:
    if refusal.errcode == DAILY_LIMIT:
        return PhoneQuotaUsed(f"今天微信一键绑定的次数用完了。{BY_HAND}")
    if isinstance(refusal, WechatBusy):
        return PhoneUnavailable(
            f"微信暂时繁忙，请过一会儿再点一次。着急的话，{BY_HAND}",
            retry_after=refusal.retry_after,
        )
    return PhoneUnavailable(f"微信一键绑定暂时不能用。{BY_HAND}", retry_after=3600)
