"""Reading people, sessions and grants. Nothing here writes."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get, tenant_of
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
    """A session with what each request needs of its person and their tenant."""

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
    device_hash: bytes | None = None
    password_given: bool = False


# Every request asks this, so it is written out: an ORM would spend more time than PostgreSQL.
_BEARER = sa.text("""
    SELECT session.tenant_id, session.id, session.person_id, session.staff, session.created_at,
        session.last_seen_at, session.idle_until, session.absolute_until, session.revoked_at,
        session.auth_level, session.auth_time, session.device,
        person.community_id, person.display_name, tenant.zone, tenant.second_factor,
        session.device_hash, session.password_given
    FROM session
    JOIN person ON person.tenant_id = session.tenant_id AND person.id = session.person_id
    JOIN tenant ON tenant.id = session.tenant_id
    WHERE session.tenant_id = :tenant AND session.token_hash = :digest
""")


def get_bearer(session: Session, digest: bytes) -> Bearer | None:
    """Whose token has this digest, in one statement."""
    values = {"tenant": tenant_of(session), "digest": digest}
    found = session.connection().execute(_BEARER, values).first()
    return None if found is None else Bearer(*found)


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
