"""Sessions: how they begin, whose they are, and how they end."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import tidying
from app.core.db import add, tenant_of
from app.identity import queries, tokens
from app.identity.errors import SessionEnded, SignInFirst
from app.identity.models import Person, SessionRow
from app.identity.queries import Bearer, Beside
from app.identity.roles import AuthLevel, Principal
from app.identity.tokens import Token

RESIDENT_IDLE = timedelta(days=7)
RESIDENT_ABSOLUTE = timedelta(days=30)
STAFF_IDLE = timedelta(minutes=30)
STAFF_ABSOLUTE = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
KEPT = timedelta(days=30)  # after they are over
FRESH = timedelta(minutes=5)

# Whoever comes back after a while asks this first, so it is written out, as what finds them is.
_SEEN = sa.text("""
    UPDATE session SET last_seen_at = :now, idle_until = :until
    WHERE tenant_id = :tenant AND id = :id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A session that has just begun. Only here is the token in clear."""

    token: Token
    expires_at: datetime
    person: Person


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What somebody signs in with: a word for its kind, a digest of the name it gives itself."""

    kind: str = ""
    digest: bytes | None = None


UNKNOWN_DEVICE = Device()


def start(
    session: Session,
    person: Person,
    *,
    staff: bool,
    now: datetime,
    level: AuthLevel | None = None,
    device: Device = UNKNOWN_DEVICE,
) -> Started:
    """A session of a person who has just proved who they are.

    What was open on the same device ends: whoever put a session there is not let in with it.
    """
    _end_on(session, device, now=now)
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
            auth_level=level or (AuthLevel.PASSWORD if staff else AuthLevel.WECHAT),
            auth_time=now,
            device=device.kind,
            device_hash=device.digest,
        ),
    )
    return Started(token=token, expires_at=absolute, person=person)


def identify(session: Session, *, token: Token, now: datetime) -> Principal:
    """Who holds this token. Revocation and changed roles bite at the next call."""
    return principal_of(bearer_of(session, token=token, now=now))


def bearer_of(
    session: Session, *, token: Token, now: datetime, beside: Beside | None = None
) -> Bearer:
    """The living session of this token; now and then it is written down that it was seen."""
    bearer = queries.get_bearer(session, token.digest, now=now, beside=beside)
    if bearer is None:
        raise SignInFirst("请先登录。")
    if bearer.revoked_at is not None or now >= min(bearer.idle_until, bearer.absolute_until):
        raise SessionEnded("登录已过期，请重新登录。")
    if now - bearer.last_seen_at < SEEN_EVERY:
        return bearer
    until = min(now + _idle(staff=bearer.staff), bearer.absolute_until)
    values = {"tenant": bearer.tenant_id, "id": bearer.id, "now": now, "until": until}
    session.connection().execute(_SEEN, values)
    return replace(bearer, last_seen_at=now, idle_until=until)


def principal_of(bearer: Bearer) -> Principal:
    """The person behind a session, with the roles they hold today."""
    proved = bearer.auth_level == AuthLevel.TWO_FACTOR
    must_enrol = bearer.staff and bearer.second_factor and not proved
    works = bearer.staff and not (must_enrol or bearer.password_given)
    return Principal(
        tenant_id=bearer.tenant_id,
        zone=bearer.zone,
        session_id=bearer.id,
        person_id=bearer.person_id,
        community_id=bearer.community_id,
        display_name=bearer.display_name,
        staff=bearer.staff,
        grants=bearer.grants if works else (),
        auth_level=AuthLevel(bearer.auth_level),
        auth_time=bearer.auth_time,
        must_enrol=must_enrol,
        must_choose=bearer.password_given,
        device=bearer.device_hash,
    )


def own(session: Session, principal: Principal) -> None:
    """The password of whoever is in this session is their own from now on.

    Raises `SessionEnded` where it was ended at this very moment: the password it began with is
    another by now.
    """
    living = session.scalars(
        sa.update(SessionRow)
        .where(SessionRow.id == principal.session_id, SessionRow.revoked_at.is_(None))
        .values(password_given=False)
        .returning(SessionRow.id)
    )
    if living.first() is None:
        raise SessionEnded("登录已过期，请重新登录。")


def confirm(session: Session, principal: Principal, *, level: AuthLevel, now: datetime) -> None:
    """The person of this session has just proved once more who they are."""
    session.execute(
        sa.update(SessionRow)
        .where(SessionRow.id == principal.session_id)
        .values(auth_level=level, auth_time=now)
    )


def note_proof(session: Session, started: Started, *, at: datetime) -> None:
    """Whoever began this session last proved who they are earlier, elsewhere."""
    session.execute(
        sa.update(SessionRow)
        .where(SessionRow.token_hash == started.token.digest)
        .values(auth_time=at)
    )


def hold_back(session: Session, started: Started) -> None:
    """Whoever began this session has a password that somebody gave them, and is to change it."""
    session.execute(
        sa.update(SessionRow)
        .where(SessionRow.token_hash == started.token.digest)
        .values(password_given=True)
    )


def is_fresh(principal: Principal, *, now: datetime) -> bool:
    """Whether this person proved who they are within the last minutes."""
    proved = principal.auth_time
    return proved is not None and now - proved <= FRESH


def end_others(session: Session, *, principal: Principal, now: datetime) -> int:
    """End every session of the person but this one; answers how many."""
    ended = session.scalars(
        sa.update(SessionRow)
        .where(
            SessionRow.person_id == principal.person_id,
            SessionRow.id != principal.session_id,
            SessionRow.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(SessionRow.id)
    )
    return len(ended.all())


def end_all_of(session: Session, person_id: UUID, *, now: datetime) -> None:
    """End whatever a person has open, as when their device is lost or their account is mended."""
    session.execute(
        sa.update(SessionRow)
        .where(SessionRow.person_id == person_id, SessionRow.revoked_at.is_(None))
        .values(revoked_at=now)
    )


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


def forget_dead(session: Session, *, now: datetime) -> int:
    """Let go of some sessions that have been over for a month, ended or run out."""
    over_at = sa.func.least(SessionRow.revoked_at, SessionRow.absolute_until)
    dead = sa.select(SessionRow.id).where(over_at < now - KEPT).order_by(over_at)
    gone = sa.delete(SessionRow).where(SessionRow.id.in_(dead.limit(tidying.AT_ONCE)))
    return len(session.scalars(gone.returning(SessionRow.id)).all())


def _idle(*, staff: bool) -> timedelta:
    return STAFF_IDLE if staff else RESIDENT_IDLE


def _end_on(session: Session, device: Device, *, now: datetime) -> None:
    if device.digest is None:
        return
    session.execute(
        sa.update(SessionRow)
        .where(SessionRow.device_hash == device.digest, SessionRow.revoked_at.is_(None))
        .values(revoked_at=now)
    )
