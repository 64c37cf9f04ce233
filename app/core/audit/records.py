"""Writing an entry: the one call that features make."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app.core.audit import chain
from app.core.audit.models import AuditEntry
from app.core.db import before_commit
from app.core.ids import new_id

DONE = "done"
NOTHING: Mapping[str, tuple[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts: a person by a session in a role; or, without one, the service or its operator."""

    person_id: UUID | None
    on_behalf_of: UUID | None = None
    role: str = ""  # the role whose grant allowed it
    session_id: UUID | None = None


SYSTEM = Actor(person_id=None, role="system")
OPERATOR = Actor(person_id=None, role="operator")  # somebody at a terminal of the server


def record(  # noqa: PLR0913 - an entry has as many parts
    session: Session,
    *,
    actor: Actor,
    action: str,
    subject: tuple[str, UUID | None],
    scope: UUID | None,
    at: datetime,
    changed: Mapping[str, tuple[str, str]] = NOTHING,
    reason: str = "",
    result: str = DONE,
) -> None:
    """Write down an act with what it did: both are committed, or neither.

    With another `result` than "done" it was refused, and is written down whatever becomes of
    this unit of work. `changed` is before and after by field, masked or in words: an entry stays
    for years, and holds no personal data.
    """
    entry = AuditEntry(
        id=new_id(),
        at=at,
        actor_id=actor.person_id,
        on_behalf_of=actor.on_behalf_of,
        role=actor.role,
        session_id=actor.session_id,
        scope_id=scope,
        action=action,
        subject_kind=subject[0],
        subject_id=subject[1],
        changed={field: list(values) for field, values in changed.items()},
        reason=reason,
        request_id=_request_id(),
        result=result,
    )
    # At the very end, when all other locks are held: whoever writes holds up everybody else.
    before_commit(session, lambda own: chain.append(own, entry), even_if_refused=result != DONE)


def _request_id() -> str:
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
