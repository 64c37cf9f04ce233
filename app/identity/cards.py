"""A printed card and its PIN: for whoever has no phone, or does not want to use one.

The person chooses the PIN before staff, who do not see it again. It is kept as an argon2id digest
of a keyed one, so that a copy of the database alone gives none away; five misses lock it.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit
from app.core.audit import Actor
from app.core.db import claim, tenant_of
from app.core.keys import Keyring
from app.core.vault import Vault, normal
from app.identity import listing, personal, queries
from app.identity.card_models import TRIES, CardPin
from app.identity.errors import (
    CardTaken,
    PinLocked,
    PinOfOneself,
    PinReasonMissing,
    PinUnset,
    PinWeak,
    PinWrong,
)
from app.identity.passwords import Passwords
from app.identity.roles import Permission, Principal

PIN = re.compile(r"[0-9]{4,6}")
PURPOSE = "card-pin"
LETTER, DIGITS = "K", 8  # of the numbers given here
# Those that were imported look otherwise; the sixth digit tells a card from a door, "B1203".
NUMBER = re.compile(r"[A-Z]{1,4}[0-9]{6,16}")
UP, DOWN = "01234567890123456789", "98765432109876543210"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinKeys:
    """What a PIN is digested with."""

    passwords: Passwords
    keyring: Keyring

    def mixed(self, pin: str, *, tenant_id: int, person_id: UUID) -> str:
        key = self.keyring.key(PURPOSE, tenant_id)
        return hmac.new(key, f"{person_id}:{pin}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A PIN that somebody chose; `reason` says why, where there was one before."""

    person_id: UUID
    pin: str
    reason: str = ""


def written(text: str) -> str:
    """A card's number as it is kept, however it was typed."""
    return normal.half_width(text).strip().upper()


def is_number(text: str) -> bool:
    """Whether it has the shape of a card's number."""
    return NUMBER.fullmatch(written(text)) is not None


def owner_of(session: Session, card_no: str) -> UUID | None:
    """Whose card it is."""
    number = written(card_no)
    return listing.people_with_cards(session, [number]).get(number)


def issue(session: Session, person_id: UUID, *, me: Principal, now: datetime) -> str:
    """The number of somebody's card; a new one where they have none."""
    person = queries.lock_person(session, person_id)
    assert person is not None  # whoever calls has just found them
    if person.card_no is None:
        number = f"{LETTER}{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        if listing.people_with_cards(session, [number]):
            raise CardTaken("刚好遇到重复的卡号，请再点一次。")
        person.card_no = number
        session.flush()
        _note(session, "card.issue", person_id, actor=me.actor(Permission.CARD_MANAGE), at=now)
    return person.card_no


def pin_of(session: Session, person_id: UUID) -> CardPin | None:
    return session.scalar(sa.select(CardPin).filter_by(person_id=person_id))


def choose(
    session: Session, vault: Vault, chosen: Chosen, *, me: Principal, keys: PinKeys, now: datetime
) -> None:
    """Keep the PIN a person chose before this member of staff; an old one ends, with its lock."""
    person_id = chosen.person_id
    if person_id == me.person_id:
        raise PinOfOneself("自己的取物密码请另一位工作人员当面办理。")
    _refuse_weak(chosen.pin, born=personal.born_on(session, vault, person_id=person_id))
    mixed = keys.mixed(chosen.pin, tenant_id=tenant_of(session), person_id=person_id)
    said = {"digest": keys.passwords.digest(mixed), "misses": 0, "locked_at": None}
    said |= {"set_by": me.person_id, "set_at": now}
    queries.lock_person(session, person_id)
    before = pin_of(session, person_id)
    if before is None:
        claim(session, CardPin, person_id=person_id, **said)
    elif not chosen.reason:
        raise PinReasonMissing("已经有取物密码。要重设，请写明原因，例如“忘记密码”。")
    else:
        session.execute(sa.update(CardPin).filter_by(person_id=person_id).values(**said))
    action = "card_pin.set" if before is None else "card_pin.reset"
    actor = me.actor(Permission.CARD_MANAGE)
    _note(session, action, person_id, actor=actor, at=now, reason=chosen.reason)


def prove(
    session: Session, person_id: UUID, pin: str, *, keys: PinKeys, actor: Actor, now: datetime
) -> None:
    """Refuse unless it is this person's PIN. Tries wait for each other; the fifth miss locks."""
    query = sa.select(CardPin).filter_by(person_id=person_id).with_for_update()
    kept = session.scalar(query.execution_options(populate_existing=True))
    if kept is None:
        raise PinUnset("这张卡还没有设取物密码，请本人当面设一个，或改用签字办理。")
    if kept.locked_at is not None:
        raise PinLocked("取物密码连续输错 5 次，已锁定。请工作人员核对本人后重设。")
    mixed = keys.mixed(pin, tenant_id=tenant_of(session), person_id=person_id)
    if keys.passwords.matches(kept.digest, mixed):
        kept.misses = 0
        return
    kept.misses += 1
    if kept.misses == TRIES:
        kept.locked_at = now
        _note(session, "card_pin.lock", person_id, actor=actor, at=now)
    session.flush()
    left = TRIES - kept.misses
    say = f"请本人再输一次，还可以试 {left} 次" if left else "已锁定，请工作人员核对本人后重设"
    raise PinWrong(f"取物密码不对，{say}。").kept()


def forget(session: Session, *, person_id: UUID) -> None:
    """Let go of somebody's PIN."""
    session.execute(sa.delete(CardPin).where(CardPin.person_id == person_id))


def _refuse_weak(pin: str, *, born: date | None) -> None:
    if not PIN.fullmatch(pin):
        raise PinWeak("取物密码是 4 到 6 位数字，请重新输入。", errors={"pin": ["4 到 6 位数字"]})
    birthday = "" if born is None else f"{born:%Y%m%d}"
    if len(set(pin)) == 1 or pin in UP or pin in DOWN or _repeats(pin) or pin in birthday:
        raise PinWeak(
            "这个密码太容易猜到：不要用同样、连续的数字，也不要用生日。",
            errors={"pin": ["太容易猜到"]},
        )


def _repeats(pin: str) -> bool:
    """1212, 123123: half of it twice."""
    half = len(pin) // 2
    return len(pin) % 2 == 0 and pin[:half] == pin[half:]


def _note(
    session: Session, action: str, person_id: UUID, *, actor: Actor, at: datetime, reason: str = ""
) -> None:
    audit.record(
        session,
        actor=actor,
        action=action,
        subject=("person", person_id),
        scope=queries.community_of(session, person_id),
        at=at,
        reason=reason,
    )
