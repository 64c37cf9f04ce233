"""Showing somebody's datum to somebody else: by a permission that reaches them, for a reason."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import audit
from app.core.errors import NotFound
from app.core.vault import Vault
from app.identity import personal, queries, units
from app.identity.errors import NoNumber, ReasonMissing
from app.identity.fields import SENSITIVE, Field, masked
from app.identity.roles import Permission, Principal

SHORTEST_REASON = 2
UNMASK, CALLING = "person.unmask", "电话通知"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose datum somebody wants to see in full, and why."""

    person_id: UUID
    field: Field
    reason: str


def read(session: Session, vault: Vault, *, me: Principal, asked: Asked, at: datetime) -> str:
    """A datum of somebody else in full, for a reason that is written down with who asked.

    Somebody whom the caller's permission does not reach is not there, like somebody who never
    was; that it was tried is written down where there is such a person.
    """
    reason = asked.reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing("请写明查看的原因，再重试。", errors={"reason": ["请填写原因。"]})
    person = queries.get_person(session, asked.person_id)
    if person is None:
        raise _nothing()
    path = units.path_of(session, person.community_id)
    may = me.may(_permission_for(asked.field), path)
    value = _value(session, vault, asked) if may else None
    audit.record(
        session,
        actor=me.actor(_permission_for(asked.field), path),
        action=UNMASK,
        subject=("person", person.id),
        scope=person.community_id,
        at=at,
        changed={"field": ("", asked.field)},
        reason=reason,
        result=audit.DONE if value is not None else NotFound.code,
    )
    if value is None:
        raise _nothing()
    return value


def to_call(
    session: Session,
    vault: Vault,
    *,
    me: Principal,
    person_id: UUID,
    path: Collection[UUID],
    at: datetime,
) -> str:
    """The number of somebody whom the caller has to ring: for that, and for nothing else.

    Who may is for the call list to say. That it was read is written down like any other look.
    """
    value = _value(session, vault, Asked(person_id=person_id, field=Field.PHONE, reason=CALLING))
    audit.record(
        session,
        actor=me.actor(Permission.CALL_DIAL, path),
        action=UNMASK,
        subject=("person", person_id),
        scope=queries.community_of(session, person_id),
        at=at,
        changed={"field": ("", Field.PHONE)},
        reason=CALLING,
        result=audit.DONE if value is not None else NoNumber.code,
    )
    if value is None:
        raise NoNumber("没有登记这位居民的电话，请上门通知，顺便请本人登记号码。")
    return value


def glimpse(
    session: Session, vault: Vault, *, me: Principal, person_id: UUID
) -> tuple[str, dict[Field, str]]:
    """The shown name of somebody within reach, and what of them the caller may ask to see."""
    person = queries.get_person(session, person_id)
    path = units.path_of(session, person.community_id) if person else ()
    if person is None or not me.may(Permission.PERSON_UNMASK, path):
        raise _nothing()
    known = personal.read_own(session, vault, person_id=person_id)
    allowed = [field for field in known if me.may(_permission_for(field), path)]
    return person.display_name, {field: masked(field, known[field]) for field in allowed}


def _value(session: Session, vault: Vault, asked: Asked) -> str | None:
    return personal.read_own(session, vault, person_id=asked.person_id).get(asked.field)


def _nothing() -> NotFound:
    return NotFound("没有找到这项内容，请核对后重试。")


def _permission_for(field: Field) -> Permission:
    sensitive = field in SENSITIVE
    return Permission.PERSON_UNMASK_SENSITIVE if sensitive else Permission.PERSON_UNMASK
