"""Accounts of staff, as a system administrator keeps them: neither roles nor points."""

import re
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
from app.core.vault import Vault
from app.identity import factors, granted, personal, queries, services, sessions, units
from app.identity.errors import (
    AccountAboveOwn,
    AccountExists,
    AccountPersonUnknown,
    AccountPlaceUnknown,
    AccountUnknown,
    UsernameInvalid,
    UsernameTaken,
)
from app.identity.fields import Field, masked, written
from app.identity.models import Person, StaffCredential
from app.identity.passwords import Passwords
from app.identity.ranks import RANKS
from app.identity.roles import Permission, Principal

NEW_PASSWORD_BYTES = 12
USERNAME = re.compile(r"[a-z][a-z0-9._-]{2,31}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who signs in by which name, and whether with a second factor."""

    id: UUID
    person_id: UUID
    username: str
    display_name: str
    second_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A name to sign in with, for somebody known already, or for a new colleague of a unit."""

    username: str
    person_id: UUID | None = None
    name: str = ""
    org_unit_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What accounts are made with: where names are sealed, and what digests passwords."""

    passwords: Passwords
    vault: Vault


def open_account(
    session: Session, opening: Opening, *, me: Principal, keys: Keys, now: datetime
) -> str:
    """Make an account, without any role; the password it begins with, which is shown once."""
    if opening.person_id is None:
        person, path = _new_colleague(session, opening, me=me, keys=keys, now=now)
    else:
        person, path = _colleague(session, me, opening.person_id, now=now)
    password = equip(session, person.id, username=opening.username, passwords=keys.passwords)
    audit.record(
        session,
        actor=me.actor(Permission.ACCOUNT_MANAGE, path),
        action="account.open",
        subject=("person", person.id),
        scope=path[-1],
        at=now,
    )
    return password


def equip(session: Session, person_id: UUID, *, username: str, passwords: Passwords) -> str:
    """Let a person sign in by this name; the password it begins with, to be changed at once."""
    if not USERNAME.fullmatch(username):
        raise UsernameInvalid(
            "登录名要用 3 到 32 个小写字母、数字、点或横线，以字母开头，请修改。",
            errors={"username": ["格式不对"]},
        )
    if not services.employ(session, person_id=person_id, username=username):
        raise UsernameTaken("这个登录名已经有人用，请换一个。")
    password = secrets.token_urlsafe(NEW_PASSWORD_BYTES)
    services.set_password(
        session, usernames=[username], password=password, passwords=passwords, given=True
    )
    return password


def new_colleague(
    session: Session,
    vault: Vault,
    *,
    name: str,
    org_unit_id: UUID,
    actor: audit.Actor,
    now: datetime,
) -> Person:
    """A person who works here, with their name sealed."""
    full = written(Field.NAME, name)
    person = services.register_person(
        session, name=masked(Field.NAME, full), kinds=["staff"], community_id=org_unit_id, now=now
    )
    values = {Field.NAME: full}
    personal.put(session, vault, person_id=person.id, values=values, actor=actor, at=now)
    return person


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
        actor=audit.OPERATOR,
        action="account.reset_second_factor",
        subject=("person", credential.person_id),
        scope=None,
        at=now,
    )


def reset_password(
    session: Session, *, me: Principal, account_id: UUID, passwords: Passwords, now: datetime
) -> str:
    """Give somebody a new password, which is shown once; their sessions end.

    It is good for choosing another one: who gave it knows it.
    """
    credential, path = _found(session, me, account_id, now=now)
    password = secrets.token_urlsafe(NEW_PASSWORD_BYTES)
    credential.password_hash, credential.password_given = passwords.digest(password), True
    session.flush()
    sessions.end_all_of(session, credential.person_id, now=now)
    _note(session, me, credential, action="account.reset_password", path=path, at=now)
    return password


Found = tuple[StaffCredential, tuple[UUID, ...]]
Colleague = tuple[Person, tuple[UUID, ...]]


def _new_colleague(
    session: Session, opening: Opening, *, me: Principal, keys: Keys, now: datetime
) -> Colleague:
    unit_id = opening.org_unit_id
    path = units.path_of(session, unit_id) if unit_id else ()
    if unit_id is None or not me.may(Permission.ACCOUNT_MANAGE, path):
        raise AccountPlaceUnknown("没有找到这个单位，或者它不在您的管理范围内，请重新选择。")
    actor = me.actor(Permission.ACCOUNT_MANAGE, path)
    person = new_colleague(
        session, keys.vault, name=opening.name, org_unit_id=unit_id, actor=actor, now=now
    )
    return person, path


def _colleague(session: Session, me: Principal, person_id: UUID, *, now: datetime) -> Colleague:
    """Somebody within reach who has no account; who holds high office gets none from here.

    Or a system administrator could make one for themself to sign in as whoever grants.
    """
    person = queries.lock_person(session, person_id)
    path = units.path_of(session, person.community_id) if person else ()
    if person is None or not me.may(Permission.ACCOUNT_MANAGE, path):
        raise AccountPersonUnknown("没有找到这个人，或者不在您的管理范围内，请重新查找。")
    if queries.get_credential_of(session, person_id) is not None:
        raise AccountExists("这个人已经有工作人员账号；忘了密码请在账号列表里重设。")
    _refuse_above(session, person_id, me=me, now=now)
    return person, path


def _found(session: Session, me: Principal, account_id: UUID, *, now: datetime) -> Found:
    """The account, held until the end; one whose holder stands as high is not theirs to open.

    Or a system administrator could sign in as whoever grants, or keeps watch.
    """
    credential = get(session, StaffCredential, account_id, lock=True)
    person = credential and queries.get_person(session, credential.person_id)
    path = units.path_of(session, person.community_id) if person else ()
    if credential is None or not me.may(Permission.ACCOUNT_MANAGE, path):
        raise AccountUnknown("没有找到这个账号，或者不在您的管理范围内，请刷新后再看。")
    _refuse_above(session, credential.person_id, me=me, now=now)
    return credential, path


def _refuse_above(session: Session, person_id: UUID, *, me: Principal, now: datetime) -> None:
    held = granted.list_open_grants(session, person_id, on=clock.civil_day(now, me.zone))
    if any(RANKS[grant.role] >= RANKS["system_admin"] for grant in held):
        raise AccountAboveOwn("这是管理员或市级岗位的账号，请由平台运营人员在服务器上办理。")


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
