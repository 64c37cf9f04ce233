"""Where somebody's phone was when they checked in: sealed, with their consent, for thirty days.

Evidence about one deed, and no more: it is read by a permission of its own, for a reason that is
written down.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core import audit, tidying
from app.core.db import tenant_of
from app.core.errors import NotFound
from app.core.ids import new_id
from app.core.vault import Place, Sealed, Vault
from app.identity import queries, units
from app.identity.errors import ReasonMissing
from app.identity.models import Whereabouts
from app.identity.roles import Permission, Principal

KEPT = timedelta(days=30)
READ = "person.read_location"
SHORTEST_REASON = 2


class Deed(StrEnum):
    """What somebody was at."""

    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a phone said it was, and at which deed."""

    deed: Deed
    taken_at: datetime
    lat: float
    lng: float
    crs: str
    accuracy_m: float | None


def keep(
    session: Session,
    vault: Vault,
    *,
    person_id: UUID,
    deed: tuple[Deed, UUID],
    location: Mapping[str, Any],
    now: datetime,
) -> None:
    """Keep where the phone was; the first time counts. Whoever calls has asked for the consent."""
    row = Whereabouts(
        tenant_id=tenant_of(session),
        id=new_id(),
        person_id=person_id,
        purpose=deed[0],
        subject_id=deed[1],
        taken_at=now,
    )
    parts = {name: location.get(name) for name in ("lat", "lng", "crs", "accuracy_m")}
    row.sealed = vault.seal(json.dumps(parts), _place(row))
    columns = [column.key for column in sa.inspect(Whereabouts).column_attrs]
    values = {column: getattr(row, column) for column in columns}
    session.execute(insert(Whereabouts).values(**values).on_conflict_do_nothing())


def of_person(session: Session, vault: Vault, person_id: UUID) -> list[Spot]:
    """All that is kept, the latest first."""
    query = sa.select(Whereabouts).filter_by(person_id=person_id)
    rows = session.scalars(query.order_by(Whereabouts.taken_at.desc(), Whereabouts.id.desc()))
    return [
        Spot(
            deed=Deed(row.purpose),
            taken_at=row.taken_at,
            **json.loads(vault.unseal(row.sealed, _place(row))),
        )
        for row in rows
    ]


def within_reach(session: Session, me: Principal, person_id: UUID) -> str:
    """The shown name of somebody whose whereabouts the caller may ask to see."""
    person = queries.get_person(session, person_id)
    path = units.path_of(session, person.community_id) if person else ()
    if person is None or not me.may(Permission.LOCATION_READ, path):
        raise NotFound("没有找到这位居民，或者不在您的管理范围内，请核对后重试。")
    return person.display_name


def read(
    session: Session, vault: Vault, *, me: Principal, person_id: UUID, reason: str, now: datetime
) -> list[Spot]:
    """Where somebody was, for a reason that is written down with who asked."""
    within_reach(session, me, person_id)
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing("请写明查看的原因，再重试。", errors={"reason": ["请填写原因。"]})
    community_id = queries.community_of(session, person_id)
    path = units.path_of(session, community_id) if community_id else ()
    audit.record(
        session,
        actor=me.actor(Permission.LOCATION_READ, path),
        action=READ,
        subject=("person", person_id),
        scope=community_id,
        at=now,
        reason=reason.strip(),
    )
    return of_person(session, vault, person_id)


def forget(session: Session, *, person_id: UUID) -> None:
    """Let go of all of it."""
    session.execute(sa.delete(Whereabouts).where(Whereabouts.person_id == person_id))


def forget_old(session: Session, *, now: datetime) -> int:
    """Let go of some that is thirty days old; how much that was."""
    old = sa.select(Whereabouts.id).where(Whereabouts.taken_at <= now - KEPT)
    some = old.order_by(Whereabouts.taken_at).limit(tidying.AT_ONCE)
    gone = sa.delete(Whereabouts).where(Whereabouts.id.in_(some)).returning(Whereabouts.id)
    return len(session.scalars(gone).all())


def _place(row: Whereabouts) -> Place:
    return Place(tenant_id=row.tenant_id, table=row.__tablename__, field="spot", row_id=row.id)


SEALED = (Sealed(model=Whereabouts, column="sealed", place=_place),)
