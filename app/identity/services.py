"""People and their accounts, their sessions, and the roles they are given."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import clock, misses, tenancy
from app.core.db import add, attempt, claim, tenant_of
from app.identity import queries, tokens
from app.identity.errors import PasswordRefused, SessionEnded, SignInFirst
from app.identity.models import (
    Person,
    RoleGrant,
    SessionRow,
    StaffCredential,
    StaffName,
    SuperAppIdentity,
)
from app.identity.passwords import LOCKED, Passwords
from app.identity.roles import Principal
from app.identity.tokens import Token

RESIDENT_IDLE = timedelta(days=7)
RESIDENT_ABSOLUTE = timedelta(days=30)
STAFF_IDLE = timedelta(minutes=30)
STAFF_ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
SIGN_IN = "staff sign-in"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A person as a super-app vouches for them."""

    platform: str
    appid: str
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A session that has just begun. Only here is the token in clear."""

    token: Token
    expires_at: datetime
    person: Person


def start_resident_session(
    session: Session, *, known: Known, landing_community_id: UUID, now: datetime
) -> Started:
    """Sign in the person the super-app vouches for; the first time, make their account."""
    person_id = _person_of(session, known, community_id=landing_community_id, now=now)
    person = queries.get_person(session, person_id)
    assert person is not None  # the identity's foreign key says so
    return start(session, person, staff=False, now=now)


def start_staff_session(
    session: Session, *, username: str, password: str, passwords: Passwords, now: datetime
) -> Started:
    """Sign in a member of staff; a wrong name and a wrong password are refused alike."""
    tried = misses.Try(purpose=SIGN_IN, subject=username, now=now)
    misses.one_at_a_time(session, tried)
    misses.refuse_if_paused(session, tried)
    credential = queries.get_credential(session, username)
    if not passwords.matches(credential.password_hash if credential else None, password):
        misses.note(session, tried, reason=PasswordRefused.code, counts=True)
        raise PasswordRefused("用户名或密码不正确，请重新输入。").kept()
    assert credential is not None  # matches() says so
    person = queries.get_person(session, credential.person_id)
    assert person is not None  # the credential's foreign key says so
    return start(session, person, staff=True, now=now)


def start(session: Session, person: Person, *, staff: bool, now: datetime) -> Started:
    """A session of a person who has just proved who they are."""
    token = tokens.issue(tenant_of(session))
    absolute = now + (STAFF_ABSOLUTE if staff else RESIDENT_ABSOLUTE)
    add(
        session,
        SessionRow(
            token_hash=token.digest,
            person_id=person.id,
            staff=staff,
            created_at=now,
            last_seen_at=now,
            idle_until=now + _idle(staff=staff),
            absolute_until=absolute,
        ),
    )
    return Started(token=token, expires_at=absolute, person=person)


def identify(session: Session, *, token: Token, now: datetime) -> Principal:
    """Who holds this token. Revocation and changed roles bite at the next call."""
    row = queries.get_session(session, token.digest)
    if row is None:
        raise SignInFirst("请先登录。")
    if row.revoked_at is not None or now >= min(row.idle_until, row.absolute_until):
        raise SessionEnded("登录已过期，请重新登录。")
    if now - row.last_seen_at >= SEEN_EVERY:
        row.last_seen_at = now
        row.idle_until = min(now + _idle(staff=row.staff), row.absolute_until)
    return _principal(session, row, now)


def end_session(session: Session, *, principal: Principal, session_id: UUID, now: datetime) -> bool:
    """End one of the person's own sessions; False when there is none with that id."""
    ended = session.execute(
        sa.update(SessionRow)
        .where(
            SessionRow.id == session_id,
            SessionRow.person_id == principal.person_id,
            SessionRow.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(SessionRow.id)
    ).first()
    return ended is not None


def register_person(
    session: Session, *, name: str, kinds: list[str], community_id: UUID, now: datetime
) -> Person:
    """Make an account for a person of this community."""
    return add(
        session,
        Person(display_name=name, kinds=kinds, community_id=community_id, created_at=now),
    )


def vouch(session: Session, *, person_id: UUID, known: Known) -> bool:
    """Tie a super-app's account to a person; False when it is tied already."""
    made = claim(
        session,
        SuperAppIdentity,
        person_id=person_id,
        platform=known.platform,
        appid=known.appid,
        subject=known.subject,
    )
    return made is not None


def employ(session: Session, *, person_id: UUID, username: str) -> None:
    """Let a person sign in as staff once they have a password. Names are unique everywhere."""
    session.add(StaffName(username=username, tenant_id=tenant_of(session)))
    add(
        session,
        StaffCredential(person_id=person_id, username=username, password_hash=LOCKED),
    )


def set_password(
    session: Session, *, usernames: Collection[str], password: str, passwords: Passwords
) -> None:
    """Give members of staff this password; sessions they have go on."""
    session.execute(
        sa.update(StaffCredential)
        .where(StaffCredential.username.in_(usernames))
        .values(password_hash=passwords.digest(password))
    )


def grant_role(
    session: Session, *, person_id: UUID, role: str, org_unit_id: UUID, now: datetime
) -> None:
    """Give a person a role in a subtree from today on; again changes nothing."""
    claim(
        session,
        RoleGrant,
        person_id=person_id,
        role=role,
        org_unit_id=org_unit_id,
        valid_from=clock.civil_day(now, _zone(session)),
    )


def _person_of(session: Session, known: Known, *, community_id: UUID, now: datetime) -> UUID:
    identity = queries.get_identity(
        session, platform=known.platform, appid=known.appid, subject=known.subject
    )
    if identity is not None:
        return identity.person_id
    with suppress(_SomebodyWasFaster), attempt(session):
        return _admit(session, known, community_id=community_id, now=now)
    return _person_of(session, known, community_id=community_id, now=now)


class _SomebodyWasFaster(Exception):
    """The same account signed in for the first time at this very moment."""


def _admit(session: Session, known: Known, *, community_id: UUID, now: datetime) -> UUID:
    person = register_person(
        session, name="新居民", kinds=["resident"], community_id=community_id, now=now
    )
    if not vouch(session, person_id=person.id, known=known):
        raise _SomebodyWasFaster
    return person.id


def _idle(*, staff: bool) -> timedelta:
    return STAFF_IDLE if staff else RESIDENT_IDLE


def _principal(session: Session, row: SessionRow, now: datetime) -> Principal:
    tenant = tenancy.get_tenant(session, row.tenant_id)
    person = queries.get_person(session, row.person_id)
    assert tenant is not None  # both stand behind foreign keys
    assert person is not None
    day = clock.civil_day(now, tenant.zone)
    return Principal(
        tenant_id=row.tenant_id,
        zone=tenant.zone,
        session_id=row.id,
        person_id=person.id,
        community_id=person.community_id,
        display_name=person.display_name,
        staff=row.staff,
        grants=queries.list_grants(session, person.id, on=day) if row.staff else (),
    )


def _zone(session: Session) -> str:
    tenant = tenancy.get_tenant(session, tenant_of(session))
    assert tenant is not None  # every row of a tenant points at it
    return tenant.zone
