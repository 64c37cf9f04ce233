"""A number that changed hands: let go of on the old file, so that who has it now can bind it.

It is one person's word against another's, and the old file may be all its owner has to get their
account back by. So it takes two members of staff and a day in which the person can object.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit, clock
from app.core.db import add
from app.core.telling import Telling, notify
from app.core.vault import Vault
from app.identity import personal, phones, units
from app.identity import queries as identity
from app.identity.errors import ReasonMissing
from app.identity.fields import Field
from app.identity.roles import Permission, Principal
from app.phones import queries, services
from app.phones.errors import (
    ReleaseEarly,
    ReleaseNeedsAnother,
    ReleaseOpen,
    ReleaseOwn,
    ReleasePersonUnknown,
    ReleaseUnknown,
)
from app.phones.models import PhoneRelease

OBJECTS = timedelta(hours=24)  # as long as a changed number waits before anything is redeemed
ASKED, DONE, STOPPED = (f"phone_release.{what}" for what in ("ask", "complete", "stop"))
GONE = "没有找到这条办理，可能已经办完或停止，请刷新名单。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of a release: the number goes, or it stays; and why."""

    release_id: UUID
    goes: bool
    reason: str


def within_reach(session: Session, person_id: UUID, *, me: Principal) -> None:
    """Raise `ReleasePersonUnknown` for whom the caller's permission does not reach, or nobody."""
    if not me.may(Permission.PHONE_CHECK, _path(session, person_id)):
        raise ReleasePersonUnknown("没有找到这位居民，或者不在您的管理范围内，请重新查找。")


def ask(
    session: Session, vault: Vault, person_id: UUID, *, me: Principal, reason: str, now: datetime
) -> PhoneRelease:
    """Say that a person's proved number is somebody else's by now. They are told, and called."""
    why = _reason(reason)
    person = identity.lock_person(session, person_id)
    within_reach(session, person_id, me=me)
    assert person is not None  # who is within reach is somebody
    kept = phones.kept_of(session, vault, person_id)
    if kept is None or kept.verified_at is None:
        raise ReleaseUnknown("这位居民名下没有核实过的手机号，不用解绑，新机主可以直接登记。")
    _refuse_own(session, vault, person_id, me=me, now=now)
    if queries.open_release_of(session, person_id) is not None:
        raise ReleaseOpen("这个号码已经在办理解绑，请到“待核对手机号”查看进度。")
    asked = add(
        session,
        PhoneRelease(
            person_id=person_id,
            state=queries.OPEN,
            proved_at=kept.verified_at,
            reason=why,
            asked_by=me.person_id,
            asked_at=now,
            due_at=now + OBJECTS,
        ),
    )
    _note(session, asked, me=me, action=ASKED, reason=why, at=now)
    words = {"number": kept.masked, "until": clock.moment_text(asked.due_at)}
    _tell(session, asked, "phone_releasing", words=words, now=now)
    return asked


def decide(
    session: Session, vault: Vault, verdict: Verdict, *, me: Principal, now: datetime
) -> None:
    """Let the number go, a day later and by another colleague; or let it stay, at any time."""
    why = _reason(verdict.reason)
    release = queries.get_open_release(session, verdict.release_id)
    if release is None or not me.may(Permission.PHONE_CHECK, _path(session, release.person_id)):
        raise ReleaseUnknown(GONE)
    identity.lock_person(session, release.person_id)
    held = queries.lock_release(session, release.id)
    if held is None or held.state != queries.OPEN:
        raise ReleaseUnknown(GONE)
    if not verdict.goes:
        _close(held, "stopped", by=me.person_id, now=now)
        _note(session, held, me=me, action=STOPPED, reason=why, at=now)
        return
    _refuse_hasty(session, vault, held, me=me, now=now)
    kept = phones.kept_of(session, vault, held.person_id)
    if not personal.drop_proved(session, person_id=held.person_id, proved_at=held.proved_at):
        raise ReleaseUnknown("这位居民后来换过号码，不用再解绑，请停止这条办理。")
    _close(held, "done", by=me.person_id, now=now)
    session.flush()
    _note(session, held, me=me, action=DONE, reason=why, at=now)
    words = {"number": kept.masked if kept else ""}
    _tell(session, held, "phone_released", words=words, now=now)


def keep(session: Session, *, me: Principal, now: datetime) -> None:
    """The person says that the number is theirs as before: it stays."""
    identity.lock_person(session, me.person_id)
    if not prove_again(session, me.person_id, me=me, now=now):
        raise ReleaseUnknown("您的号码没有在办理解绑，可能已经办完，请刷新后查看。")


def prove_again(session: Session, person_id: UUID, *, me: Principal, now: datetime) -> bool:
    """Whoever has just proved their number has it; whether that stopped something."""
    release = queries.open_release_of(session, person_id)
    held = release and queries.lock_release(session, release.id)
    if held is None or held.state != queries.OPEN:
        return False
    _close(held, "stopped", by=person_id, now=now)
    _note(session, held, me=me, action=STOPPED, reason="", at=now)
    return True


def stop_all_of(session: Session, person_id: UUID, now: datetime) -> None:
    """Whoever is forgotten has no number to let go of."""
    theirs = sa.update(PhoneRelease).where(
        PhoneRelease.person_id == person_id, PhoneRelease.state == queries.OPEN
    )
    session.execute(theirs.values(state="stopped", closed_by=person_id, closed_at=now))


def _refuse_own(
    session: Session, vault: Vault, person_id: UUID, *, me: Principal, now: datetime
) -> None:
    """Neither one's own number, nor one that oneself waits for."""
    if person_id == me.person_id:
        raise ReleaseOwn("不能解绑自己的手机号；要换号码，请在“我的手机号”里更换。")
    waiting = queries.open_claim_of(session, me.person_id, now=now)
    if waiting is None:
        return
    number = services.read(vault, waiting).number
    if person_id in personal.find(session, vault, field=Field.PHONE, value=number):
        raise ReleaseOwn("这个号码是您自己在登记的，请另一位同事办理。")


def _refuse_hasty(
    session: Session, vault: Vault, release: PhoneRelease, *, me: Principal, now: datetime
) -> None:
    _refuse_own(session, vault, release.person_id, me=me, now=now)
    if release.asked_by == me.person_id:
        raise ReleaseNeedsAnother("这条是您自己提出的，请另一位同事核对后解绑。")
    if now < release.due_at:
        due = clock.civil_text(release.due_at, me.zone)
        raise ReleaseEarly(f"原来的机主在 {due} 以前可以提出异议，请到时再办。")


def _reason(said: str) -> str:
    reason = said.strip()
    if len(reason) < services.SHORTEST_REASON:
        raise ReasonMissing("请写明核对的情况，再提交。", errors={"reason": ["请填写。"]})
    return reason


def _close(release: PhoneRelease, state: str, *, by: UUID, now: datetime) -> None:
    release.state, release.closed_by, release.closed_at = state, by, now


def _tell(
    session: Session, release: PhoneRelease, template: str, *, words: dict[str, str], now: datetime
) -> None:
    telling = Telling(
        person_id=release.person_id,
        template=template,
        about=f"{template}:{release.id}",
        words=words,
        path="/me/phone",
    )
    notify(session, telling, now=now)


def _path(session: Session, person_id: UUID) -> tuple[UUID, ...]:
    community_id = identity.community_of(session, person_id)
    return units.path_of(session, community_id) if community_id else ()


def _note(
    session: Session,
    release: PhoneRelease,
    *,
    me: Principal,
    action: str,
    reason: str,
    at: datetime,
) -> None:
    path = _path(session, release.person_id)
    own = release.person_id == me.person_id
    audit.record(
        session,
        actor=me.actor() if own else me.actor(Permission.PHONE_CHECK, path),
        action=action,
        subject=("person", release.person_id),
        scope=path[-1],
        at=at,
        reason=reason,
    )
