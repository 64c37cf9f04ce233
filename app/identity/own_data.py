"""Somebody's own data: all of it handed out to them, and, if they wish, forgotten.

Of who is forgotten, whatever says who they were goes; the ledger stays, and still adds up.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.core import audit
from app.core.keeping import Keeping, plain
from app.core.keys import Keyring
from app.core.vault import Vault
from app.identity import personal, queries
from app.identity.codes import Deed
from app.identity.errors import ErasurePending, ErasureUnconfirmed, SessionEnded
from app.identity.roles import Principal

ERASE, EXPORT = "person.erase", "person.export"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who wants to be forgotten, when, and the code by which they confirm it."""

    me: Principal
    confirmation: str
    now: datetime


def export(
    session: Session, vault: Vault, keepings: Iterable[Keeping], *, me: Principal, now: datetime
) -> dict[str, Any]:
    """Everything that is kept of the caller, with why and for how long; that is written down."""
    known = personal.read_own(session, vault, person_id=me.person_id)
    parts = {
        one.key: {
            "title": one.title,
            "why": one.why,
            "until": one.until,
            "rows": [plain(row) for row in one.export(session, me.person_id)],
        }
        for one in keepings
    }
    audit.record(
        session,
        actor=me.actor(),
        action=EXPORT,
        subject=("person", me.person_id),
        scope=me.community_id,
        at=now,
    )
    return {"made_at": now, "person": {str(field): known[field] for field in known}, "kept": parts}


def erasure_of(me: Principal) -> Deed:
    """What the caller has to confirm before they are forgotten."""
    return Deed(
        purpose=ERASE, tenant_id=me.tenant_id, person_id=me.person_id, session_id=me.session_id
    )


def pending(
    session: Session, keepings: Iterable[Keeping], *, me: Principal, now: datetime
) -> list[str]:
    """What must come to its end first, a sentence each."""
    return [sentence for one in keepings for sentence in one.pending(session, me.person_id, now)]


def erase(session: Session, keepings: Iterable[Keeping], *, asked: Asked, keyring: Keyring) -> None:
    """Forget the caller, who has confirmed it. Their sessions end, this one as well."""
    me, keepings = asked.me, tuple(keepings)
    if not erasure_of(me).is_confirmed_by(asked.confirmation, keyring, now=asked.now):
        raise ErasureUnconfirmed("确认已经过期，请重新打开注销页面再确认一次。")
    person = queries.lock_person(session, me.person_id)
    if person is None or person.erased_at is not None:
        raise SessionEnded("登录已过期，请重新登录。")  # another of theirs was faster
    in_the_way = pending(session, keepings, me=me, now=asked.now)
    audit.record(
        session,
        actor=me.actor(),
        action=ERASE,
        subject=("person", me.person_id),
        scope=me.community_id,
        at=asked.now,
        result=ErasurePending.code if in_the_way else audit.DONE,
    )
    if in_the_way:
        raise ErasurePending("".join(in_the_way))
    for one in keepings:
        one.forget(session, me.person_id, asked.now)
