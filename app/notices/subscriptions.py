"""What phones report about the popup that asks for messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.core.vault import Vault
from app.identity import elsewhere
from app.notices.errors import AccountUnknown
from app.wechat import services as wechat
from app.wechat.services import Right
from app.wechat.superapp import SuperApps

GRANTED = frozenset({"accept", "acceptWithAlert", "acceptWithAudio", "acceptWithForcePush"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """Answers by our name of the notice, and the mini-program that showed the popup."""

    platform: str
    appid: str
    answers: Mapping[str, str]


def credit(
    session: Session,
    vault: Vault,
    reported: Reported,
    *,
    super_apps: SuperApps,
    person_id: UUID,
    now: datetime,
) -> int:
    """Give a right for each yes, unless the platform tells us itself; how many were given."""
    super_app = super_apps.get((reported.platform, reported.appid))
    accounts = elsewhere.accounts_of(session, vault, person_id)
    mine = [one for one in accounts if (one.platform, one.appid) == _app(reported)]
    if super_app is None or not mine:
        raise AccountUnknown("您还没有用这个小程序登录过，请先登录小程序。")
    if super_app.tells_answers:
        return 0
    agreements = [
        super_app.agreement(template)
        for template, answer in reported.answers.items()
        if answer in GRANTED
    ]
    found = [one for one in agreements if one is not None]
    for agreement in found:
        right = Right(
            appid=reported.appid,
            subject_blind=mine[0].blind(vault, tenant_of(session)),
            template_id=agreement.template_id,
        )
        wechat.agree(session, right, now=now)
    return len(found)


def _app(reported: Reported) -> tuple[str, str]:
    return reported.platform, reported.appid
