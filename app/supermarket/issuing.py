"""Codes for the counter: a fresh one for a phone, and the end of those nobody used."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import tidying
from app.core.db import add
from app.core.keys import Keyring
from app.identity import phones
from app.identity import queries as identity
from app.identity.roles import Principal
from app.supermarket import codes, queries
from app.supermarket.models import RedeemCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A new code for its owner's phone."""

    id: UUID
    text: str
    digits: str
    expires_at: datetime


def create_code(
    session: Session,
    *,
    me: Principal,
    keyring: Keyring,
    now: datetime,
    mandate_id: UUID | None = None,
) -> Shown:
    """A fresh one-minute code. Of the older ones only the youngest goes on working.

    A delegate's is for the points of whom they act for, and says by which mandate.
    """
    identity.lock_person(session, me.subject_id)  # or two requests at once would count alike
    phones.refuse_while_cooling(session, me.subject_id, zone=me.zone, now=now)
    live = queries.lock_live_codes(session, person_id=me.subject_id, now=now)
    for old in live[: max(0, len(live) - codes.MOST_LIVE + 1)]:
        old.expires_at = now
    issued = codes.issue()
    code = RedeemCode(
        person_id=me.subject_id,
        delegation_id=mandate_id,
        code_hash=codes.digest(issued.text),
        digits_hash=codes.digits_digest(issued.digits, keyring, me.tenant_id),
        issued_at=now,
        expires_at=now + codes.LIFETIME,
    )
    add(session, code)
    return Shown(id=code.id, text=issued.text, digits=issued.digits, expires_at=code.expires_at)


def forget_dead_codes(session: Session, *, now: datetime) -> int:
    """Let go of some codes that lapsed unused a day ago: a phone makes eighty an hour."""
    dead = queries.dead_codes(before=now - codes.KEPT, limit=tidying.AT_ONCE)
    gone = sa.delete(RedeemCode).where(RedeemCode.id.in_(dead)).returning(RedeemCode.id)
    return len(session.scalars(gone).all())
