"""Reading people, sessions and grants. Nothing here writes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from app.core import clock
from app.core.db import get, tenant_of
from app.core.tenancy import Tenant
from app.core.worded import Worded
from app.identity import units
from app.identity.models import (
    Person,
    RoleGrant,
    SessionRow,
    StaffCredential,
    StaffName,
    SuperAppRow,
)
from app.identity.roles import Grant


def get_person(session: Session, person_id: UUID) -> Person | None:
    return get(session, Person, person_id)


def lock_person(session: Session, person_id: UUID) -> Person | None:
    """Hold the person until the transaction ends. Rows that refer to them may still be added."""
    return get(session, Person, person_id, lock=True)


def names_of(session: Session, person_ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        sa.select(Person.id, Person.display_name).where(Person.id.in_(person_ids))
    )
    return {row.id: row.display_name for row in rows}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A person as a list shows them."""

    id: UUID
    name: str
    kinds: tuple[str, ...]
    community_id: UUID
    card_no: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Whom somebody sees: everybody of these communities, and these people besides."""

    communities: Collection[UUID]
    people: Collection[UUID] = ()


def listed(session: Session, person_ids: Collection[UUID], *, reach: Reach) -> list[Listed]:
    """Those of these people who are within somebody's reach, the earliest first."""
    query = sa.select(Person).where(Person.id.in_(person_ids), _within(reach))
    return [_listed(row) for row in session.scalars(query.order_by(Person.id))]


def list_within(session: Session, reach: Reach, *, limit: int) -> list[Listed]:
    """The people within somebody's reach, the earliest first."""
    query = sa.select(Person).where(_within(reach))
    return [_listed(row) for row in session.scalars(query.order_by(Person.id).limit(limit))]


def people_below(communities: sa.Select[tuple[UUID]]) -> sa.Select[UUID]:
    """Who belongs to these communities, for a statement about them."""
    return sa.select(Person.id).where(Person.community_id.in_(communities))


def name_of_community(session: Session, community_id: UUID) -> str:
    """The name of a unit."""
    return units.names_of(session, {community_id}).get(community_id, "")


def community_of(session: Session, person_id: UUID) -> UUID | None:
    return session.scalar(sa.select(Person.community_id).where(Person.id == person_id))


def get_app(session: Session, *, platform: str, appid: str) -> SuperAppRow | None:
    return session.scalar(sa.select(SuperAppRow).filter_by(platform=platform, appid=appid))


def get_tenant_of_staff(session: Session, username: str) -> int | None:
    return session.scalar(sa.select(StaffName.tenant_id).filter_by(username=username))


def get_credential(session: Session, username: str) -> StaffCredential | None:
    return session.scalar(sa.select(StaffCredential).filter_by(username=username))


@dataclass(frozen=True, slots=True)
class Bearer:
    """A session with what each request needs of its person and their tenant.

    `beside` is what was found with it, where something was asked beside.
    """

    tenant_id: int
    id: UUID
    person_id: UUID
    staff: bool
    created_at: datetime
    last_seen_at: datetime
    idle_until: datetime
    absolute_until: datetime
    revoked_at: datetime | None
    auth_level: str
    auth_time: datetime
    device: str
    community_id: UUID
    display_name: str
    zone: str
    second_factor: bool
    device_hash: bytes | None
    password_given: bool
    grants: tuple[Grant, ...]  # of staff: those in force
    beside: Mapping[str, Any] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What else is asked in the statement that finds a bearer, and what that binds."""

    statement: sa.Select[Any]
    values: Mapping[str, Any]


_S, _P, _T, _G = (model.__table__ for model in (SessionRow, Person, Tenant, RoleGrant))
# Every request asks this: the columns of `Bearer` in their order, but for the tenant.
_BEARER_COLUMNS = (
    *(_S.c[name] for name in ("id", "person_id", "staff", "created_at", "last_seen_at")),
    *(_S.c[name] for name in ("idle_until", "absolute_until", "revoked_at", "auth_level")),
    *(_S.c.auth_time, _S.c.device, _P.c.community_id, _P.c.display_name),
    *(_T.c.zone, _T.c.second_factor, _S.c.device_hash, _S.c.password_given),
)
_BEARERS = _S.join(_P, sa.and_(_P.c.tenant_id == _S.c.tenant_id, _P.c.id == _S.c.person_id)).join(
    _T, _T.c.id == _S.c.tenant_id
)
_BY_TOKEN = sa.and_(
    _S.c.tenant_id == sa.bindparam("tenant", type_=sa.BigInteger()),
    _S.c.token_hash == sa.bindparam("digest", type_=sa.LargeBinary()),
)
_DAY = sa.cast(
    sa.func.timezone(_T.c.zone, sa.bindparam("now", type_=sa.DateTime(timezone=True))), sa.Date
)
_ORDER = (_G.c.role, _G.c.org_unit_id)
_HELD = (
    sa.select(
        sa.func.array_agg(aggregate_order_by(_G.c.role, *_ORDER)).label("roles"),
        sa.func.array_agg(aggregate_order_by(_G.c.org_unit_id, *_ORDER)).label("units"),
    )
    .where(
        _S.c.staff,
        _G.c.tenant_id == _S.c.tenant_id,
        _G.c.person_id == _S.c.person_id,
        _G.c.state == "active",
        _G.c.valid_from <= _DAY,
        sa.or_(_G.c.valid_to.is_(None), _G.c.valid_to > _DAY),
    )
    .lateral("held")
)
_BEARER = Worded(
    sa.select(*_BEARER_COLUMNS, _HELD.c.roles, _HELD.c.units)
    .select_from(_BEARERS.join(_HELD, sa.true()))
    .where(_BY_TOKEN)
)
# Who asks, and on which device, in what is asked beside.
ASKER: sa.ColumnElement[UUID] = sa.literal_column("session.person_id", sa.Uuid())
ASKERS_DEVICE: sa.ColumnElement[bytes] = sa.literal_column("session.device_hash", sa.LargeBinary())


def asked_beside(query: sa.Select[Any]) -> sa.Select[Any]:
    """The statement that finds a bearer, and with it the one row of another query, as JSON or null.

    The query may speak of the bearer, and bind `tenant` for theirs.
    """
    found = in_one_column(query).scalar_subquery()
    return sa.select(*_BEARER_COLUMNS, found).select_from(_BEARERS).where(_BY_TOKEN)


def in_one_column(query: sa.Select[Any]) -> sa.Select[Any]:
    """The rows of a query as JSON: a client pays for each column, whatever is in it."""
    row = sa.func.row_to_json(sa.literal_column("one"))
    return sa.select(row).select_from(query.subquery("one"))


def get_bearer(
    session: Session, digest: bytes, *, now: datetime, beside: Beside | None = None
) -> Bearer | None:
    """Whose token has this digest, with the grants in force.

    One statement, and for staff who ask something beside another one.
    """
    tenant_id = tenant_of(session)
    values = {"tenant": tenant_id, "digest": digest}
    if beside is None:
        rows = _BEARER.rows(session, {**values, "now": now})
        return _bearer(rows[0], tenant_id) if rows else None
    found = session.connection().execute(beside.statement, {**values, **beside.values}).first()
    if found is None:
        return None
    bearer = replace(_bearer([*found[:-1], None, None], tenant_id), beside=found[-1])
    day = clock.civil_day(now, bearer.zone)
    grants = list_grants(session, bearer.person_id, on=day) if bearer.staff else ()
    return replace(bearer, grants=grants)


def get_session(session: Session, session_id: UUID) -> SessionRow | None:
    return get(session, SessionRow, session_id)


def get_credential_of(session: Session, person_id: UUID) -> StaffCredential | None:
    """The account a person signs in with as staff: the first, should they have several."""
    query = sa.select(StaffCredential).filter_by(person_id=person_id)
    return session.scalars(query.order_by(StaffCredential.id).limit(1)).first()


def lock_credential_of(session: Session, person_id: UUID) -> StaffCredential | None:
    """The same, held until the transaction ends."""
    found = get_credential_of(session, person_id)
    return found and get(session, StaffCredential, found.id, lock=True)


def list_sessions(session: Session, person_id: UUID, *, now: datetime) -> list[SessionRow]:
    """The person's sessions that still live, the newest first."""
    query = sa.select(SessionRow).where(
        SessionRow.person_id == person_id,
        SessionRow.revoked_at.is_(None),
        SessionRow.idle_until > now,
        SessionRow.absolute_until > now,
    )
    return list(session.scalars(query.order_by(SessionRow.created_at.desc())))


def list_grants(session: Session, person_id: UUID, *, on: date) -> tuple[Grant, ...]:
    """The grants in force on a civil day."""
    rows = session.scalars(
        sa.select(RoleGrant)
        .filter_by(person_id=person_id)
        .where(
            RoleGrant.state == "active",
            RoleGrant.valid_from <= on,
            sa.or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > on),
        )
        .order_by(RoleGrant.role, RoleGrant.org_unit_id)
    )
    return tuple(Grant(row.role, row.org_unit_id) for row in rows)


def _bearer(found: Sequence[Any], tenant_id: int) -> Bearer:
    said = list(found)
    said[-2:] = [tuple(map(Grant, said[-2] or (), said[-1] or ()))]
    return Bearer(tenant_id, *said)


def _within(reach: Reach) -> sa.ColumnElement[bool]:
    return sa.or_(Person.community_id.in_(reach.communities), Person.id.in_(reach.people))


def _listed(row: Person) -> Listed:
    return Listed(
        id=row.id,
        name=row.display_name,
        kinds=tuple(row.kinds),
        community_id=row.community_id,
        card_no=row.card_no,
    )


def devices_of(session: Session, person_id: UUID) -> set[bytes | None]:
    """From where a person has signed in lately; None stands for what gave itself no name."""
    rows = session.scalars(
        sa.select(SessionRow.device_hash).where(SessionRow.person_id == person_id).distinct()
    )
    return set(rows)
