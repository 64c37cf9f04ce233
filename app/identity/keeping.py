"""What identity keeps about a person. Their sealed data are the vault's to open, and apart."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import clock, edges, idempotency
from app.core.keeping import Keeping
from app.identity import cards, elsewhere, personal, queries, whereabouts
from app.identity.models import (
    Consent,
    Person,
    RoleGrant,
    SessionRow,
    StaffCredential,
    SuperAppIdentity,
    SuperAppRow,
)
from app.identity.passwords import LOCKED
from app.identity.web_models import WebLogin
from app.wechat import services as wechat

ERASED = "已注销居民"


def _account(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    person = queries.get_person(session, person_id)
    assert person is not None  # whoever asks is signed in as them
    yield {
        "id": person.id,
        "shown_as": person.display_name,
        "kinds": list(person.kinds),
        "community": queries.name_of_community(session, person.community_id),
        "since": person.created_at,
    }


def _forget_account(session: Session, person_id: UUID, now: datetime) -> None:
    personal.forget(session, person_id=person_id)
    cards.forget(session, person_id=person_id)
    session.execute(
        sa.update(Person)
        .where(Person.id == person_id)
        .values(display_name=ERASED, kinds=["resident"], card_no=None, erased_at=now)
    )


def _accounts_elsewhere(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    for one in elsewhere.accounts_of(session, edges.vault(), person_id):
        yield {"platform": one.platform, "mini_program": one.appid, "account": one.subject}


def _forget_accounts_elsewhere(session: Session, person_id: UUID, _now: datetime) -> None:
    theirs = SuperAppIdentity.person_id == person_id
    for one in session.scalars(sa.select(SuperAppIdentity).where(theirs)):
        wechat.forget_subject(session, appid=one.appid, subject_blind=one.subject_blind)
    session.execute(sa.delete(SuperAppIdentity).where(theirs))
    locked = sa.update(StaffCredential).where(StaffCredential.person_id == person_id)
    no_factor = {"totp_secret": None, "totp_draft": None, "totp_last_step": None}
    session.execute(locked.values(password_hash=LOCKED, **no_factor))


def _sessions(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(SessionRow).filter_by(person_id=person_id)
    for one in session.scalars(query.order_by(SessionRow.created_at, SessionRow.id)):
        yield {
            "began_at": one.created_at,
            "last_seen_at": one.last_seen_at,
            "ended_at": one.revoked_at,
            "device": one.device,
            "staff": one.staff,
        }


def _end_sessions(session: Session, person_id: UUID, now: datetime) -> None:
    open_ones = sa.update(SessionRow).where(
        SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None)
    )
    session.execute(open_ones.values(revoked_at=now))
    session.execute(sa.delete(WebLogin).where(WebLogin.person_id == person_id))
    every = sa.update(SessionRow).where(SessionRow.person_id == person_id)
    session.execute(every.values(device="", device_hash=None))
    idempotency.forget_answers(session, actor_id=person_id)


def _roles(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(RoleGrant).filter_by(person_id=person_id)
    for one in session.scalars(query.order_by(RoleGrant.valid_from, RoleGrant.id)):
        yield {
            "role": one.role,
            "unit": queries.name_of_community(session, one.org_unit_id),
            "from": one.valid_from,
            "to": one.valid_to,
        }


def _still_on_duty(session: Session, person_id: UUID, now: datetime) -> list[str]:
    if queries.list_grants(session, person_id, on=clock.civil_day(now)):
        return ["您还担任着工作岗位，请先请社区办理离岗。"]
    return []


def _consents(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(Consent).filter_by(person_id=person_id)
    for one in session.scalars(query.order_by(Consent.given_at, Consent.id)):
        yield {
            "purpose": one.purpose,
            "version": one.version,
            "given_at": one.given_at,
            "how": one.how,
            "withdrawn_at": one.withdrawn_at,
        }


def _whereabouts(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    for spot in whereabouts.of_person(session, edges.vault(), person_id):
        yield asdict(spot)


def _forget_whereabouts(session: Session, person_id: UUID, _now: datetime) -> None:
    whereabouts.forget(session, person_id=person_id)


def occupied(session: Session, unit_id: UUID, now: datetime) -> Iterator[str]:
    """Who keeps a unit open: its people, whoever has a role there, and newcomers who land there.

    Staff who are nothing else do not: what they do there ends with their role.
    """
    people = sa.select(Person.id).where(
        Person.community_id == unit_id, Person.erased_at.is_(None), Person.kinds != ["staff"]
    )
    if session.scalar(people.limit(1)) is not None:
        yield "还有居民记在这里，请先让他们迁到别的社区或转报到。"
    held = sa.select(RoleGrant.id).where(
        RoleGrant.org_unit_id == unit_id,
        RoleGrant.state.in_(["proposed", "active"]),
        sa.or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > clock.civil_day(now)),
    )
    if session.scalar(held.limit(1)) is not None:
        yield "还有岗位授权没有结束，请安全管理员先在“岗位与授权”里结束。"
    landing = sa.select(SuperAppRow.appid).where(SuperAppRow.landing_community_id == unit_id)
    if session.scalar(landing.limit(1)) is not None:
        yield "小程序的新用户落在这里，请系统管理员先改到别的社区。"


KEEPINGS = (
    Keeping(
        key="account",
        own=False,
        title="账户",
        why="知道您属于哪个社区，以什么身份参加",
        until="保存到您注销为止",
        export=_account,
        forget=_forget_account,
    ),
    Keeping(
        key="accounts_elsewhere",
        own=False,
        title="微信账号的编号",
        why="您用微信登录时认出是您；请微信审核您写的话、给您发消息时也用它；不是微信号，也看不到您的聊天和好友",
        until="保存到您注销为止",
        export=_accounts_elsewhere,
        forget=_forget_accounts_elsewhere,
    ),
    Keeping(
        key="sessions",
        own=False,
        title="登录记录",
        why="让您看到账户在哪里登录过，可疑时及时退出",
        until="退出或过期 30 天后删除；注销时全部退出",
        export=_sessions,
        forget=_end_sessions,
    ),
    Keeping(
        key="roles",
        title="担任过的岗位",
        why="写明谁在什么时候能做什么，供监督核对",
        until="与审计日志同期保存",
        export=_roles,
        pending=_still_on_duty,
    ),
    Keeping(
        key="consents",
        own=False,
        title="您同意过的事",
        why="写明您在什么时候同意过哪一版说明，什么时候撤回",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_consents,
    ),
    Keeping(
        key="whereabouts",
        title="签到时的位置",
        why="您同意以后才记，只用来核对是否在活动现场",
        until="三十天后自动删除，撤回同意或注销时马上删除",
        export=_whereabouts,
        forget=_forget_whereabouts,
    ),
)
