"""An Idempotency-Key that is claimed in the very statement that writes what it is for.

For what a crowd does at once: the answer is known before what it speaks of is written, so the key
is kept with its answer in one go, and no savepoint is needed.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

import sqlalchemy as sa
from flask import Response
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from app.core import answers, metrics
from app.core.db import before_commit, tenant_of
from app.core.errors import DomainError
from app.core.idempotency import (
    REMEMBERED_REFUSALS,
    Ask,
    IdempotencyRow,
    KeyInFlight,
    checked,
    in_flight,
    in_work,
    remembered,
)
from app.core.ids import new_id
from app.core.lasting import anew
from app.core.problems import details

Made = TypeVar("Made")

_KEYS = IdempotencyRow.__table__
_CLAIMED = (
    "tenant_id", "id", "actor_id", "key", "fingerprint", "status", "content_type",
    "answer_sealed", "created_at",
)  # fmt: skip


class KeyTaken(Exception):
    """Somebody else has claimed the key meanwhile: nothing of this may stay."""


class Repeated(Exception):
    """It was asked before under this key; nothing was written, and the answer is the same."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.answer = answer


class Claim(Generic[Made]):
    """A key that is claimed in the statement that writes what it is for, with its answer."""

    def __init__(self, ask: Ask, answer_of: Callable[[Made], Response]) -> None:
        self.ask = ask
        self.answer: Response | None = None
        self._answer_of = answer_of
        self._row_id = new_id()

    def values(self, made: Made, *, tenant_id: int) -> dict[str, Any] | None:
        """What a statement with `claiming` binds, or None where no key was sent."""
        self.answer = self._answer_of(made)
        if self.ask.key is None:
            return None
        return _values(self.ask, self.answer, tenant_id=tenant_id, row_id=self._row_id)

    def keep(self, session: Session, made: Made) -> None:
        """Claim the key in a statement of its own; raises `KeyTaken` where that is too late."""
        values = self.values(made, tenant_id=tenant_of(session))
        if values is None:
            return
        with in_flight():
            kept = session.connection().execute(claiming(), values).first()
        if kept is None:
            raise KeyTaken

    def look(self, session: Session) -> None:
        """Raise `Repeated` where something was answered under the key before."""
        earlier = remembered(session, self.ask)
        if earlier is not None:
            raise Repeated(earlier)

    def amend(self, session: Session, made: Made) -> None:
        """Keep another answer: what was claimed for came about in another way."""
        self.answer = self._answer_of(made)
        if self.ask.key is not None:
            place = answers.place_in(tenant_of(session), self._row_id)
            row = sa.update(IdempotencyRow).where(IdempotencyRow.id == self._row_id)
            session.execute(row.values(answer_sealed=answers.sealed(self.answer, place)))


def claimed(
    session: Session,
    claim: Claim[Made],
    act: Callable[[], object],
    *,
    refused: Callable[[DomainError], None] = lambda _refusal: None,
) -> Response:
    """The same as `once` in fewer statements, for an act that hands its claim down to its write.

    `refused` is told of a refusal that is not a repetition.
    """
    checked(claim.ask)
    try:
        act()
    except Repeated as again:
        _count(claim.ask, "again")
        return again.answer
    except KeyTaken as late:
        return _of_the_first(session, claim.ask, late)
    except KeyInFlight:
        raise
    except DomainError as refusal:
        earlier = remembered(session, claim.ask)
        if earlier is not None:
            _count(claim.ask, "again")
            return earlier
        refused(refusal)
        _count(claim.ask, "first")
        _remember(session, claim.ask, refusal)
        raise
    assert claim.answer is not None  # the act has written
    _count(claim.ask, "first")
    return claim.answer


def _of_the_first(session: Session, ask: Ask, late: KeyTaken) -> Response:
    """What whoever was quicker was answered; refuses where that was asked something else."""
    anew(session)
    earlier = remembered(session, ask)
    if earlier is None:
        raise in_work() from late
    _count(ask, "again")
    return earlier


def claiming() -> ReturningInsert[Any]:
    """Claim a key, with its answer, within a larger statement that binds `Claim.values`."""
    columns = {name: sa.bindparam(f"key_{name}", type_=_KEYS.c[name].type) for name in _CLAIMED}
    statement = insert(IdempotencyRow).values(columns).on_conflict_do_nothing()
    return statement.returning(IdempotencyRow.id)


def _count(ask: Ask, outcome: str) -> None:
    if ask.key is not None:
        metrics.ONCE.labels(outcome).inc()


def _values(ask: Ask, answer: Response, *, tenant_id: int, row_id: UUID) -> dict[str, Any]:
    """What such a statement binds: the answer is known before what it speaks of is written."""
    return {
        "key_tenant_id": tenant_id,
        "key_id": row_id,
        "key_actor_id": ask.actor_id,
        "key_key": ask.key,
        "key_fingerprint": ask.fingerprint,
        "key_status": answer.status_code,
        "key_content_type": answer.content_type,
        "key_answer_sealed": answers.sealed(answer, answers.place_in(tenant_id, row_id)),
        "key_created_at": ask.now,
    }


def _remember(session: Session, ask: Ask, refusal: DomainError) -> None:
    """Keep a refusal under its key, where it is one that stays; the first one counts."""
    if ask.key is None or refusal.status not in REMEMBERED_REFUSALS:
        return
    answer = details(refusal)

    def act(later: Session) -> None:
        values = _values(ask, answer, tenant_id=tenant_of(later), row_id=new_id())
        later.connection().execute(claiming(), values)

    before_commit(session, act, even_if_refused=True)
