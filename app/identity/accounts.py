"""Accounts of staff, as a system administrator keeps them: neither roles nor points."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit, clock, paging
from app.core.db import get
from app.core.paging import Page
from app.identity import factors, granted, queries, sessions, units
from app.identity.errors import AccountAboveOwn, AccountUnknown
from app.identity.models import Person, StaffCredential
from app.identity.passwords import Passwords
from app.identity.ranks import RANKS
from app.identity.roles import Permission, Principal

NEW_PASSWORD_BYTES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who signs in by which name, and whether with a second factor."""

    id: UUID
    person_id: UUID
    username: str
    display_name: str
    second_factor: bool


def list_accounts(
    session: Session, tops: Collection[UUID], *, cursor: str | None, limit: int
) -> Page[Account]:
    """The accounts of people who live in these subtrees, by their names."""
    query = (
        sa.select(StaffCredential, Person.display_name)
        .join(Person, Person.id == StaffCredential.person_id)
        .where(Person.community_id.in_(units.below(session, tops)))
    )
    after = paging.decode(cursor, (str,))
    if after is not None:
        query = query.where(StaffCredential.username > after[0])
    rows = session.execute(query.order_by(StaffCredential.username).limit(limit + 1)).all()
    found = [
        Account(
            id=row[0].id,
            person_id=row[0].person_id,
            username=row[0].username,
            display_name=row[1],
            second_factor=row[0].totp_secret is not None,
        )
        for row in rows
    ]
    return paging.page(found, limit=limit, key=lambda account: (account.username,))


def reset_second_factor(
    session: Session, *, me: Principal, account_id: UUID, now: datetime
) -> None:
    """Let somebody whose phone is gone set up their second factor anew; their sessions end."""
    credential, path = _found(session, me, account_id, now=now)
    factors.forget(session, credential.person_id, now=now)
    sessions.end_all_of(session, credential.person_id, now=now)
    _note(session, me, credential, action="account.reset_second_factor", path=path, at=now)


def forget_second_factor(session: Session, *, username: str, now: datetime) -> None:
    """The same by an operator at a terminal, for whomever it is."""
    credential = queries.get_credential(session, username)
    assert credential is not None  # the name is tied to it
    factors.forget(session, credential.person_id, now=now)
    sessions.end_all_of(session, credential.person_id, now=now)
    audit.record(
        session,
        actor=audit.SYSTEM,
        action="account.reset_second_factor",
        subject=("person", credential.person_id),
        scope=None,
        at=now,
    )


def reset_password(
    session: Session, *, me: Principal, account_id: UUID, passwords: Passwords, now: datetime
) -> str:
    """Give somebody a new password, which is shown once; their sessions end."""
    credential, path = _found(session, me, account_id, now=now)
    password = secrets.token_urlsafe(NEW_PASSWORD_BYTES)
    credential.password_hash = passwords.digest(password)
    session.flush()
    sessions.end_all_of(session, credential.person_id, now=now)
    _note(session, me, credential, action="account.reset_password", path=path, at=now)
    return password


Found = tuple[StaffCredential, tuple[UUID, ...]]


def _found(session: Session, me: Principal, account_id: UUID, *, now: datetime) -> Found:
    """The account, held until the end; one whose holder stands as high is not theirs to open.

    Or a system administrator could sign in as whoever grants, or keeps watch.
    """
    credential = get(session, StaffCredential, account_id, lock=True)
    person = credential and queries.get_person(session, credential.person_id)
    path = units.path_of(session, person.community_id) if person else ()
    if credential is None or not me.may(Permission.ACCOUNT_MANAGE, path):
        raise AccountUnknown("没有找到这个账号，或者不在您的管理范围内，请刷新后再看。")
    held = granted.list_open_grants(session, credential.person_id, on=clock.civil_day(now, me.zone))
    if any(RANKS[grant.role] >= RANKS["system_admin"] for grant in held):
        raise AccountAboveOwn("这是管理员或市级岗位的账号，请由平台运营人员在服务器上重设。")
    return credential, path


def _note(
    session: Session,
    me: Principal,
    credential: StaffCredential,
    *,
    action: str,
    path: tuple[UUID, ...],
    at: datetime,
) -> None:
    audit.record(
        session,
        actor=me.actor(Permission.ACCOUNT_MANAGE, path),
        action=action,
        subject=("person", credential.person_id),
        scope=path[-1],
        at=at,
    )
