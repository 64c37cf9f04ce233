"""扫码登录: a browser asks, a phone that is signed in says yes, and the browser has its session.

What is asked stands in PostgreSQL, under the digest of a code that its browser alone can draw. A
code is good for two minutes and once; whatever else it may be - old, used, somebody else's - it is
told the same. A session that began so vouches for no other: or one that was stolen could multiply.
"""

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit, misses
from app.core.db import tenant_of
from app.core.keys import Keyring
from app.identity import queries, sessions
from app.identity.errors import (
    StepUpRequired,
    WebLoginBusy,
    WebLoginForResidents,
    WebLoginNotHere,
    WebLoginUnknown,
)
from app.identity.roles import AuthLevel, Principal
from app.identity.sessions import Device, Started
from app.identity.web_models import WebLogin

GOOD_FOR = timedelta(minutes=2)
KEPT = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
MOST_A_MINUTE = 60
CODE = re.compile(r"[WH][A-Za-z0-9_-]{22}")
CODE_BYTES = 16
TRY = "web login"
UNKNOWN = "这个登录请求已经过期或用过了，请在电脑上换一个二维码，重新扫一次。"


class Purpose(StrEnum):
    """What a browser asks for; or that a mini-program hands its person to its own web-view."""

    SIGN_IN = "sign_in"
    STEP_UP = "step_up"
    HANDOFF = "handoff"


class State(StrEnum):
    """How far it is, as the browser that waits is told."""

    WAITING = "waiting"
    SEEN = "seen"
    CONFIRMED = "confirmed"
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """A browser that asks: its secret, what it says it is, and a digest of where it is."""

    secret: str
    device: str
    asker: bytes
    me: Principal | None = None  # who is signed in there already, and shall prove it once more


def new_secret() -> str:
    """What the browser keeps, and nobody else."""
    return secrets.token_urlsafe(32)


def code_of(secret: str, keyring: Keyring) -> str:
    """The code of a browser's secret: it can be drawn again, and says nothing of the secret."""
    drawn = hmac.new(keyring.key(TRY, 0), secret.encode(), "sha256").digest()[:CODE_BYTES]
    return written("W", drawn)


def asker_of(address: str, keyring: Keyring) -> bytes:
    """From where it is asked, to be counted and not to be read."""
    return hmac.new(keyring.key("web login asker", 0), address.encode(), "sha256").digest()


def ask(session: Session, asking: Asking, *, keyring: Keyring, now: datetime) -> None:
    """Begin to wait for a phone."""
    refuse_too_many(session, asking.asker, now=now)
    me = asking.me
    session.add(
        WebLogin(
            code_hash=digest(code_of(asking.secret, keyring)),
            purpose=(Purpose.STEP_UP if me else Purpose.SIGN_IN).value,
            browser_hash=digest(asking.secret),
            asker_hash=asking.asker,
            device=asking.device,
            asked_at=now,
            expires_at=now + GOOD_FOR,
            tenant_id=me.tenant_id if me else None,
            person_id=me.person_id if me else None,
            session_id=me.session_id if me else None,
        )
    )
    session.flush()


def see(session: Session, code: str, *, me: Principal, now: datetime) -> WebLogin:
    """Show who scanned it what they are about to allow; from now on it is theirs to say."""
    row = _open(session, code, me=me, now=now)
    row.tenant_id, row.person_id = me.tenant_id, me.person_id
    row.seen_at = row.seen_at or now
    session.flush()
    return row


def confirm(session: Session, code: str, *, me: Principal, now: datetime) -> WebLogin:
    """Let the browser in, as oneself. For a fresh proof the phone's own has to be fresh."""
    row = _seen(session, code, me=me, now=now)
    if row.purpose == Purpose.STEP_UP.value and not sessions.is_fresh(me, now=now):
        raise StepUpRequired("请先在手机上重新确认身份，再确认电脑上的这一步。")
    row.confirmed_at, row.proved_at = now, me.auth_time or now
    session.flush()
    _note(session, row, me=me, action="web_login.confirm", at=now)
    return row


def refuse(session: Session, code: str, *, me: Principal, now: datetime) -> None:
    """Say that it was not oneself."""
    row = _seen(session, code, me=me, now=now)
    row.refused_at = now
    session.flush()
    _note(session, row, me=me, action="web_login.refuse", at=now)


def is_open(session: Session, code: str, *, now: datetime) -> bool:
    """Whether a browser waits for this code; its scanner is told the rest."""
    row = session.get(WebLogin, digest(code))
    return row is not None and state_of(row, now=now) in {State.WAITING, State.SEEN}


def waiting(
    session: Session, secret: str, *, purpose: Purpose, now: datetime
) -> tuple[State, int | None]:
    """How far the request of this browser is, and whose tenant has confirmed it."""
    row = _of_browser(session, secret)
    if row is None or row.purpose != purpose.value:
        return State.OVER, None
    return state_of(row, now=now), row.tenant_id


def collect(session: Session, secret: str, *, device: Device, now: datetime) -> Started | None:
    """The session that was confirmed, for the browser that asked: once."""
    row = _use(session, secret, purpose=Purpose.SIGN_IN, now=now)
    return (
        None
        if row is None
        else let_in(session, row, level=AuthLevel.SCANNED, device=device, now=now)
    )


def collect_proof(session: Session, secret: str, *, me: Principal, now: datetime) -> bool:
    """The fresh proof that was confirmed, for the session that asked: once."""
    row = _use(session, secret, purpose=Purpose.STEP_UP, now=now)
    if row is None or row.session_id != me.session_id or row.proved_at is None:
        return False
    sessions.confirm(session, me, level=me.auth_level, now=row.proved_at)
    return True


def forget_old(session: Session, *, now: datetime) -> None:
    """Let go of what nobody waits for any more."""
    session.execute(sa.delete(WebLogin).where(WebLogin.asked_at < now - KEPT))


def _open(session: Session, code: str, *, me: Principal, now: datetime) -> WebLogin:
    """The request of this code, held until the end, if it is this person's to decide."""
    tried = misses.Try(purpose=TRY, subject=me.person_id, now=now)
    misses.one_at_a_time(session, tried)
    misses.refuse_if_paused(session, tried)
    row = session.get(WebLogin, digest(code), with_for_update=True)
    if row is None or not _is_for(row, me, now=now):
        misses.note(session, tried, reason=WebLoginUnknown.code, counts=row is None)
        raise WebLoginUnknown(UNKNOWN).kept()
    refuse_from(me)
    return row


def _seen(session: Session, code: str, *, me: Principal, now: datetime) -> WebLogin:
    row = _open(session, code, me=me, now=now)
    if row.seen_at is None:
        raise WebLoginUnknown(UNKNOWN)
    return row


def _is_for(row: WebLogin, me: Principal, *, now: datetime) -> bool:
    waits = state_of(row, now=now) in {State.WAITING, State.SEEN}
    mine = row.person_id is None or (row.tenant_id, row.person_id) == (me.tenant_id, me.person_id)
    return waits and mine and row.session_id != me.session_id and row.browser_hash is not None


def refuse_from(me: Principal) -> None:
    """Refuse to vouch for another device by a session that cannot."""
    if me.staff:
        raise WebLoginForResidents("扫码登录用于居民账号，请用居民身份登录手机后再扫。")
    if me.auth_level is not AuthLevel.WECHAT:
        raise WebLoginNotHere("这台设备自己就是扫码登录的，请用手机上的微信小程序来扫。")


def state_of(row: WebLogin, *, now: datetime) -> State:
    """How far a request is."""
    if row.used_at or row.refused_at or now >= row.expires_at:
        return State.OVER
    if row.confirmed_at:
        return State.CONFIRMED
    return State.SEEN if row.seen_at else State.WAITING


def _of_browser(session: Session, secret: str, *, lock: bool = False) -> WebLogin | None:
    query = sa.select(WebLogin).filter_by(browser_hash=digest(secret))
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalar(query)


def _use(session: Session, secret: str, *, purpose: Purpose, now: datetime) -> WebLogin | None:
    row = _of_browser(session, secret, lock=True)
    if row is None or row.purpose != purpose.value or row.tenant_id != tenant_of(session):
        return None
    if state_of(row, now=now) is not State.CONFIRMED:
        return None
    row.used_at = now
    session.flush()
    return row


def let_in(
    session: Session, row: WebLogin, *, level: AuthLevel, device: Device, now: datetime
) -> Started:
    """The session of whoever confirmed, as proved as theirs was."""
    person = queries.get_person(session, row.person_id) if row.person_id else None
    assert person is not None  # whoever confirmed is a person of this tenant
    started = sessions.start(session, person, staff=False, now=now, level=level, device=device)
    if row.proved_at is not None:
        sessions.note_proof(session, started, at=row.proved_at)
    return replace(started, person=person)


def refuse_too_many(session: Session, asker: bytes, *, now: datetime) -> None:
    """Refuse whoever asks faster than anybody could scan."""
    query = sa.select(sa.func.count()).select_from(WebLogin)
    recent = query.where(WebLogin.asker_hash == asker, WebLogin.asked_at > now - MINUTE)
    if (session.scalar(recent) or 0) >= MOST_A_MINUTE:
        raise WebLoginBusy("要的二维码太多了，请过一分钟再试。", retry_after=60)


def _note(session: Session, row: WebLogin, *, me: Principal, action: str, at: datetime) -> None:
    audit.record(
        session,
        actor=me.actor(),
        action=action,
        subject=("person", me.person_id),
        scope=me.community_id,
        at=at,
        changed={"device": ("", row.device), "purpose": ("", row.purpose)},
    )


def written(kind: str, drawn: bytes) -> str:
    """A code as it is drawn: what it is for, and 128 bits nobody can guess."""
    return kind + urlsafe_b64encode(drawn).rstrip(b"=").decode()


def digest(text: str) -> bytes:
    """What is kept of a code, or of a browser's secret."""
    return hashlib.sha256(text.encode()).digest()
