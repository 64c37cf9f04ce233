"""The way of a notice to WeChat: a right is used up first, then it goes out, at most once.

Between the two transactions of one sending stands the network. Whoever dies there leaves a
notice that may have gone out, and is not sent again.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.core.clock import CIVIL_ZONE
from app.core.db import claim, get
from app.core.telling.models import Notice, NoticeSending, SendState
from app.core.telling.templates import Calling, templates
from app.core.vault import Vault
from app.identity import elsewhere
from app.notices import queries
from app.notices.kinds import LineState, Missed, Step
from app.notices.models import CallLine
from app.wechat import services as wechat
from app.wechat.services import Right
from app.wechat.superapp import Delivery, Message, SuperApp, SuperApps

STALE_AFTER = timedelta(minutes=2)
PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
MORNING = 8
AT_ONCE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendable:
    """A message whose right is used up already, and by which app it goes to whom."""

    sending_id: UUID
    super_app: SuperApp
    subject: str = field(repr=False)  # what the person is called there
    right: Right
    message: Message


def take_due(
    session: Session, vault: Vault, super_apps: SuperApps, *, now: datetime
) -> Sendable | bool:
    """The next notice to send. True where one was dealt with otherwise, False where none is due."""
    sending = queries.lock_due(session, now=now)
    if sending is None:
        return False
    notice = get(session, Notice, sending.notice_id)
    assert notice is not None  # the foreign key says so
    found, missed = _way(session, vault, notice, super_apps=super_apps, now=now)
    if found is None:
        _go_without(session, sending, notice, missed=missed, now=now)
        return True
    _move(sending, SendState.SENDING, now=now)
    sending.tries += 1
    message = Message(template=notice.template, words=notice.words)
    return Sendable(sending_id=sending.id, message=message, **found)


def conclude(session: Session, sent: Sendable, delivery: Delivery, *, now: datetime) -> None:
    """Write down what became of a message, and what that means for the right."""
    sending = get(session, NoticeSending, sent.sending_id, lock=True)
    if sending is None or sending.state != SendState.SENDING:
        return  # somebody has given it up for lost
    if delivery is Delivery.SENT:
        _move(sending, SendState.SENT, now=now)
    elif delivery is Delivery.UNKNOWN:
        _move(sending, SendState.UNKNOWN, now=now)
    elif delivery is Delivery.REFUSED:
        wechat.withdraw(session, sent.right, now=now)
        _give_up(session, sending, Missed.REFUSED, now=now)
    else:
        wechat.give_back(session, sent.right, now=now)
        _later_or_never(session, sending, delivery, now=now)


def give_up_stale(session: Session, *, now: datetime) -> int:
    """What was begun and never ended may have gone out: it is left at that."""
    stale = queries.lock_stale(session, before=now - STALE_AFTER, limit=AT_ONCE)
    for sending in stale:
        _move(sending, SendState.UNKNOWN, now=now)
    session.flush()
    return len(stale)


def _way(
    session: Session, vault: Vault, notice: Notice, *, super_apps: SuperApps, now: datetime
) -> tuple[dict[str, Any] | None, Missed]:
    """The first account of the person that allows a message, or why there is none."""
    missed = Missed.NO_ACCOUNT
    for account in elsewhere.accounts_of(session, vault, notice.person_id):
        super_app = super_apps.get((account.platform, account.appid))
        agreement = None if super_app is None else super_app.agreement(notice.template)
        missed = Missed.NO_RIGHT
        if super_app is None or agreement is None:
            continue
        right = Right(
            appid=account.appid,
            subject_blind=account.blind(vault, notice.tenant_id),
            template_id=agreement.template_id,
            lasting=agreement.lasting,
        )
        if wechat.take(session, right, now=now):
            way = {"super_app": super_app, "subject": account.subject, "right": right}
            return way, missed
    return None, missed


def _later_or_never(
    session: Session, sending: NoticeSending, delivery: Delivery, *, now: datetime
) -> None:
    if delivery is Delivery.BAD or sending.tries > len(PAUSES):
        _give_up(session, sending, Missed.FAILED, now=now)
        return
    tomorrow = delivery is Delivery.TOMORROW
    sending.due_at = _next_morning(now) if tomorrow else now + PAUSES[sending.tries - 1]
    _move(sending, SendState.WAITING, now=now)


def _give_up(session: Session, sending: NoticeSending, missed: Missed, *, now: datetime) -> None:
    notice = get(session, Notice, sending.notice_id)
    assert notice is not None  # the foreign key says so
    _go_without(session, sending, notice, missed=missed, now=now)


def _go_without(
    session: Session, sending: NoticeSending, notice: Notice, *, missed: Missed, now: datetime
) -> None:
    """WeChat does not reach them: somebody calls, unless it is not worth that, or they read it."""
    worth_a_call = templates()[notice.template].calling is Calling.UNREACHED
    if not worth_a_call or notice.read_at is not None:
        _move(sending, SendState.LEFT, now=now)
        return
    claim(
        session,
        CallLine,
        notice_id=notice.id,
        person_id=notice.person_id,
        community_id=notice.community_id,
        missed=missed,
        step=Step.PHONE,
        state=LineState.OPEN,
        created_at=now,
    )
    _move(sending, SendState.CALLED, now=now)


def _move(sending: NoticeSending, state: SendState, *, now: datetime) -> None:
    sending.state, sending.changed_at = state, now


def _next_morning(now: datetime) -> datetime:
    """When a day's quota has begun anew, and nobody is woken."""
    local = now.astimezone(ZoneInfo(CIVIL_ZONE)) + timedelta(days=1)
    return local.replace(hour=MORNING, minute=0, second=0, microsecond=0)
