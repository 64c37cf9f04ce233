"""The same request twice is the same answer once.

A client that lost an answer asks again with the same `Idempotency-Key` and gets the first
answer, byte for byte. The key is claimed in the transaction of the effect, so a half-done
request cannot leave one without the other. Every answer is kept sealed: some hold a code that is
as good as money, and no route has to remember that of its own.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Response, request
from psycopg.errors import LockNotAvailable
from sqlalchemy import exc
from sqlalchemy.orm import Mapped, Session

from app.core import answers, clock, metrics, tidying
from app.core.db import Moment, TenantRow, attempt, claim
from app.core.errors import Conflict, DomainError, Invalid, Malformed
from app.core.http import ApiBlueprint, Same
from app.core.problems import details
from app.core.vault import Place, Sealed

KEY = re.compile(r"[!-~]{16,255}")
KEPT = timedelta(hours=72)
REMEMBERED_REFUSALS = {HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}


class KeyMissing(Malformed):
    code, title = "idempotency_key_missing", "Idempotency-Key is missing"


class KeyMalformed(Malformed):
    code, title = "idempotency_key_malformed", "Idempotency-Key is malformed"


class KeyInFlight(Conflict):
    code, title = "request_in_flight", "The same request is being worked on"


class KeyReused(Invalid):
    code, title = "idempotency_key_reused", "Idempotency-Key was used for another request"


class IdempotencyRow(TenantRow):
    """A key one actor used, what it was used for, and what was answered."""

    __tablename__ = answers.TABLE
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "actor_id", "key"),
        sa.CheckConstraint(
            "num_nulls(status, content_type, answer_sealed) IN (0, 3)", name="answered"
        ),
        sa.CheckConstraint("answer_sealed LIKE 'v1|%'", name="answer_sealed"),
        sa.Index(None, "tenant_id", "created_at"),
    )

    actor_id: Mapped[UUID]
    key: Mapped[str]
    fingerprint: Mapped[bytes]
    status: Mapped[int | None]
    content_type: Mapped[str | None]
    answer_sealed: Mapped[str | None]
    created_at: Mapped[Moment]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Who asks for what, under which key."""

    actor_id: UUID
    key: str | None
    route: str
    body: Mapping[str, Any]
    now: datetime

    @property
    def fingerprint(self) -> bytes:
        canonical = json.dumps(self.body, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(f"{self.route}\n{canonical}".encode()).digest()


def header(name: str, *, required: bool, text: str) -> Same:
    """Document a request header of an operation."""
    parameter = {
        "in": "header",
        "name": name,
        "required": required,
        "description": text,
        "schema": {"type": "string", "minLength": 16, "maxLength": 255, "pattern": "^[!-~]+$"},
    }
    same: Same = ApiBlueprint.doc(parameters=[parameter])
    return same


def client_key() -> str | None:
    """The Idempotency-Key of this request, if it has one."""
    return request.headers.get("Idempotency-Key")


def once(session: Session, ask: Ask, act: Callable[[], Response]) -> Response:
    """The answer of `act`, or the answer it gave before under the same key.

    Without a key it simply acts. A refusal that is about the state of things (404, 409) is
    remembered like a success: what was refused stays refused for that key.
    """
    if ask.key is None:
        return act()
    checked(ask)
    row = _claim(session, ask)
    metrics.ONCE.labels("first" if row is not None else "again").inc()
    if row is None:
        return _replay(session, ask)
    place = _place(row)  # now: what the act undoes takes what is known of the row along
    try:
        answer = _answer(session, act)
    except DomainError:
        session.delete(row)  # nothing was decided: the key is free for a better request
        session.flush()
        raise
    row.status, row.content_type = answer.status_code, answer.content_type
    row.answer_sealed = answers.sealed(answer, place)
    return answer


def checked(ask: Ask) -> None:
    """Refuse a key that is none."""
    if ask.key is not None and not KEY.fullmatch(ask.key):
        raise KeyMalformed("Idempotency-Key 应为 16 到 255 个可见的 ASCII 字符。")


@contextmanager
def in_flight(*, key_only: bool = False) -> Iterator[None]:
    """Say so kindly when another request with the same key is at it for too long.

    `key_only`: only who waits for the key itself is told so; for anything else it is busy.
    """
    try:
        yield
    except exc.OperationalError as error:
        if not _waited(error.orig, key_only=key_only):
            raise
        raise in_work() from error


def in_work() -> KeyInFlight:
    """Another request with the same key is at it."""
    metrics.ONCE.labels("in_flight").inc()
    return KeyInFlight("同一笔操作正在处理，请稍候再看结果。", retry_after=1)


def remembered(session: Session, ask: Ask) -> Response | None:
    """The answer that was given under this key before, if one was."""
    row = _row_of(session, ask) if ask.key is not None else None
    return _again(row, ask) if row is not None else None


def tidy(tenant_ids: Iterable[int]) -> None:
    """What the sweeper does here: let go of old keys, tenant by tenant."""
    tidying.in_each(tenant_ids, lambda session: forget_old(session, now=clock.now()))


def required(key: str | None) -> str:
    if key is None:
        raise KeyMissing("请在请求头 Idempotency-Key 中带上这次操作的唯一编号。")
    return key


def forget_old(session: Session, *, now: datetime) -> int:
    """Let go of some keys nobody will ask for again. What they did has natural keys of its own."""
    old = sa.select(IdempotencyRow.id).where(IdempotencyRow.created_at < now - KEPT)
    some = old.order_by(IdempotencyRow.created_at).limit(tidying.AT_ONCE)
    gone = sa.delete(IdempotencyRow).where(IdempotencyRow.id.in_(some))
    return len(session.scalars(gone.returning(IdempotencyRow.id)).all())


def forget_answers(session: Session, *, actor_id: UUID) -> None:
    """Let go of what was answered to somebody who is to be forgotten."""
    session.execute(sa.delete(IdempotencyRow).where(IdempotencyRow.actor_id == actor_id))


def _replay(session: Session, ask: Ask) -> Response:
    """The answer that was given under this key, which is taken."""
    row = _row_of(session, ask)
    assert row is not None  # a claim lost against it
    return _again(row, ask)


def _claim(session: Session, ask: Ask) -> IdempotencyRow | None:
    with in_flight():
        return claim(
            session,
            IdempotencyRow,
            actor_id=ask.actor_id,
            key=ask.key,
            fingerprint=ask.fingerprint,
            created_at=ask.now,
        )


def _answer(session: Session, act: Callable[[], Response]) -> Response:
    try:
        with attempt(session):
            return act()
    except DomainError as refusal:
        if refusal.status not in REMEMBERED_REFUSALS:
            raise
        return details(refusal)


def _waited(cause: BaseException | None, *, key_only: bool) -> bool:
    """Whether a lock was waited for in vain; `key_only`: and it was that of a key."""
    if not isinstance(cause, LockNotAvailable):
        return False
    return not key_only or IdempotencyRow.__tablename__ in (cause.diag.context or "")


def _row_of(session: Session, ask: Ask) -> IdempotencyRow | None:
    return session.scalar(sa.select(IdempotencyRow).filter_by(actor_id=ask.actor_id, key=ask.key))


def _again(row: IdempotencyRow, ask: Ask) -> Response:
    if row.fingerprint != ask.fingerprint:
        metrics.ONCE.labels("reused").inc()
        raise KeyReused("这个 Idempotency-Key 已用于另一笔操作，请换一个新的。")
    assert row.answer_sealed is not None  # whoever is at it still was waited for
    text = answers.unsealed(row.answer_sealed, _place(row))
    answer = Response(text, status=row.status, content_type=row.content_type)
    answer.headers["Idempotency-Replayed"] = "true"
    return answer


def _place(row: IdempotencyRow) -> Place:
    return answers.place_in(row.tenant_id, row.id)


SEALED = (Sealed(model=IdempotencyRow, column="answer_sealed", place=_place),)
