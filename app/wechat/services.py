"""Events that WeChat tells, and the rights to send that come of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import tidying
from app.core.db import claim, tenant_of
from app.core.ids import new_id
from app.core.vault import Vault
from app.wechat import queries, subjects
from app.wechat.models import WechatCode, WechatEvent, WechatRight
from app.wechat.superapp import Event, Verdict

KEPT = timedelta(days=30)
VERDICT_WITHIN = timedelta(minutes=30)
ACCEPTED, REJECTED = "accept", "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """A person's agreement to messages of one template; a `lasting` one is not used up."""

    appid: str
    subject_blind: bytes
    template_id: str
    lasting: bool = False


def note_events(
    session: Session, vault: Vault, events: Iterable[Event], *, appid: str, now: datetime
) -> int:
    """Keep what WeChat tells, for the worker; how much of it was new. Whose it is, only blindly."""
    noted = [
        claim(
            session,
            WechatEvent,
            event_key=event.key,
            appid=appid,
            name=event.name,
            subject_blind=subjects.blind_of(
                vault, tenant_id=tenant_of(session), appid=appid, subject=event.subject_id
            ),
            content=dict(event.content),
            happened_at=event.happened_at,
            received_at=now,
        )
        for event in events
    ]
    return sum(row is not None for row in noted)


def work_off(session: Session, *, now: datetime, limit: int) -> int:
    """Let some events take effect; how many those were."""
    events = queries.lock_waiting(session, limit=limit)
    for event in events:
        _take_effect(session, event, now=now)
        event.processed_at = now
    session.flush()
    return len(events)


def agree(session: Session, right: Right, *, now: datetime) -> None:
    """Somebody allows one message more."""
    _set(session, right, first=1, then=WechatRight.left_over + 1, now=now)


def withdraw(session: Session, right: Right, *, now: datetime) -> None:
    """Somebody allows no message of this template any more."""
    _set(session, right, first=0, then=0, now=now)


def take(session: Session, right: Right, *, now: datetime) -> bool:
    """Use a right up, before the message goes out; False where there is none."""
    spent = 0 if right.lasting else 1
    taken = (
        sa.update(WechatRight)
        .where(
            WechatRight.appid == right.appid,
            WechatRight.subject_blind == right.subject_blind,
            WechatRight.template_id == right.template_id,
            WechatRight.left_over > 0,
        )
        .values(left_over=WechatRight.left_over - spent, changed_at=now)
        .returning(WechatRight.id)
    )
    return session.scalar(taken) is not None


def give_back(session: Session, right: Right, *, now: datetime) -> None:
    """The message certainly did not go out: the right is as it was."""
    if not right.lasting:
        agree(session, right, now=now)


def media_verdict(
    session: Session, *, trace_id: str, asked_at: datetime, now: datetime
) -> Verdict | None:
    """What is in a picture; None for as long as WeChat may take, and then a person looks."""
    found = queries.media_verdict(session, trace_id)
    if found is None and now - asked_at >= VERDICT_WITHIN:
        return Verdict.REVIEW
    return found


def keep_image(session: Session, *, content_key: bytes, image: bytes, now: datetime) -> None:
    """Keep a drawn code. Whoever drew the same at the same time has drawn the same."""
    claim(session, WechatCode, content_key=content_key, image=image, drawn_at=now)


def forget_subject(session: Session, *, appid: str, subject_blind: bytes) -> None:
    """Let go of what was told of somebody who is to be forgotten, and of what they allowed."""
    for kind in (WechatEvent, WechatRight):
        theirs = sa.delete(kind).where(kind.appid == appid, kind.subject_blind == subject_blind)
        session.execute(theirs)


def forget_events(session: Session, *, now: datetime) -> int:
    """Let go of some events that took effect a month ago: they say who was told what."""
    old = sa.select(WechatEvent.id).where(
        WechatEvent.received_at < now - KEPT, WechatEvent.processed_at.is_not(None)
    )
    some = old.order_by(WechatEvent.received_at).limit(tidying.AT_ONCE)
    gone = sa.delete(WechatEvent).where(WechatEvent.id.in_(some)).returning(WechatEvent.id)
    return len(session.scalars(gone).all())


def _take_effect(session: Session, event: WechatEvent, *, now: datetime) -> None:
    """Saying yes in the popup gives a right; saying no in the settings takes all away."""
    for item in event.content.get("items", ()):
        right = Right(
            appid=event.appid,
            subject_blind=event.subject_blind,
            template_id=str(item.get("TemplateId", "")),
        )
        answer = item.get("SubscribeStatusString")
        if event.name == "subscribe_msg_popup_event" and answer == ACCEPTED:
            agree(session, right, now=now)
        elif event.name == "subscribe_msg_change_event" and answer == REJECTED:
            withdraw(session, right, now=now)


def _set(
    session: Session,
    right: Right,
    *,
    first: int,
    then: int | sa.ColumnElement[int],
    now: datetime,
) -> None:
    fresh = insert(WechatRight).values(
        tenant_id=tenant_of(session),
        id=new_id(),
        appid=right.appid,
        subject_blind=right.subject_blind,
        template_id=right.template_id,
        left_over=first,
        changed_at=now,
    )
    key = ("tenant_id", "appid", "subject_blind", "template_id")
    values = {"left_over": then, "changed_at": now}
    session.execute(fresh.on_conflict_do_update(index_elements=key, set_=values))
