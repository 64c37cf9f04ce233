"""From the mini-program to its own web-view: the same person, once, within a minute."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app.identity import queries, web_logins
from app.identity.errors import HandoffRefused
from app.identity.roles import AuthLevel, Principal
from app.identity.sessions import Device, Started
from app.identity.web_models import WebLogin

GOOD_FOR = timedelta(seconds=60)
OVER = "这次进入已经过期或用过了，请回到小程序重新打开。"


def hand_over(session: Session, *, me: Principal, now: datetime) -> str:
    """A code by which this person's own web-view is signed in, once, within a minute."""
    web_logins.refuse_from(me)
    asker = web_logins.digest(f"person:{me.person_id}")
    web_logins.refuse_too_many(session, asker, now=now)
    code = web_logins.written("H", secrets.token_bytes(web_logins.CODE_BYTES))
    session.add(
        WebLogin(
            code_hash=web_logins.digest(code),
            purpose=web_logins.Purpose.HANDOFF.value,
            asker_hash=asker,
            device="",
            asked_at=now,
            expires_at=now + GOOD_FOR,
            tenant_id=me.tenant_id,
            person_id=me.person_id,
            session_id=me.session_id,
            seen_at=now,
            confirmed_at=now,
            proved_at=me.auth_time or now,
        )
    )
    session.flush()
    return code


def tenant_of_code(session: Session, code: str) -> int | None:
    """Whose a handed-over code is."""
    row = (
        session.get(WebLogin, web_logins.digest(code)) if web_logins.CODE.fullmatch(code) else None
    )
    return row.tenant_id if row is not None else None


def enter(session: Session, code: str, *, device: Device, now: datetime) -> Started:
    """Take a handed-over code for a session of the same person, as proved as theirs is."""
    row = session.get(WebLogin, web_logins.digest(code), with_for_update=True)
    if row is None or row.purpose != web_logins.Purpose.HANDOFF.value or row.session_id is None:
        raise HandoffRefused(OVER)
    source = queries.get_session(session, row.session_id)
    over = source is None or source.revoked_at is not None
    if over or web_logins.state_of(row, now=now) is not web_logins.State.CONFIRMED:
        raise HandoffRefused(OVER)
    row.used_at = now
    return web_logins.let_in(session, row, level=AuthLevel.WECHAT, device=device, now=now)
