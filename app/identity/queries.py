"""Reading people, sessions and grants. Nothing here writes."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import get, tenant_of
from app.identity.models import (
    Person,
    RoleGrant,
    SessionRow,
    StaffCredential,
    StaffName,
    SuperAppIdentity,
    SuperAppRow,
)
from app.identity.roles import Grant


@dataclass(frozen=True, slots=True)
class VouchedPerson:
    """A person, with the name of their account at a super-app."""

    id: UUID
    subject: str
    name: str
    kinds: tuple[str, ...]


def get_person(session: Session, person_id: UUID) -> Person | None:
    return get(session, Person, person_id)


def lock_person(session: Session, person_id: UUID) -> None:
    """Hold the person until the transaction ends. Rows that refer to them may still be added."""
    query = sa.select(Person.id).where(Person.id == person_id)
    session.execute(query.with_for_update(key_share=True))


def names_of(session: Session, person_ids: set[UUID]) -> dict[UUID, str]:
    rows = session.execute(
        sa.select(Person.id, Person.display_name).where(Person.id.in_(person_ids))
    )
    return {row.id: row.display_name for row in rows}


def name_of_community(session: Session, community_id: UUID) -> str:
    """The name of a unit. The tree belongs to a feature above this one, hence by its name."""
    unit = sa.table("org_unit", sa.column("tenant_id"), sa.column("id"), sa.column("name"))
    query = sa.select(unit.c.name).where(
        unit.c.tenant_id == tenant_of(session), unit.c.id == community_id
    )
    return session.scalar(query) or ""


def get_app(session: Session, *, platform: str, appid: str) -> SuperAppRow | None:
    return session.scalar(sa.select(SuperAppRow).filter_by(platform=platform, appid=appid))


def list_people_vouched(session: Session, *, platform: str, prefix: str) -> list[VouchedPerson]:
    """People whose super-app account begins with `prefix`: the demo's own."""
    rows = session.execute(
        sa.select(Person.id, SuperAppIdentity.subject, Person.display_name, Person.kinds)
        .join(Person, Person.id == SuperAppIdentity.person_id)
        .where(
            SuperAppIdentity.platform == platform,
            SuperAppIdentity.subject.startswith(prefix, autoescape=True),
        )
        .order_by(SuperAppIdentity.subject)
    )
    return [VouchedPerson(row.id, row.subject, row.display_name, tuple(row.kinds)) for row in rows]


def get_tenant_of_staff(session: Session, username: str) -> int | None:
    return session.scalar(sa.select(StaffName.tenant_id).filter_by(username=username))


def get_identity(
    session: Session, *, platform: str, appid: str, subject: str
) -> SuperAppIdentity | None:
    return session.scalar(
        sa.select(SuperAppIdentity).filter_by(platform=platform, appid=appid, subject=subject)
    )


def get_credential(session: Session, username: str) -> StaffCredential | None:
    return session.scalar(sa.select(StaffCredential).filter_by(username=username))


def get_session(session: Session, digest: bytes) -> SessionRow | None:
    return session.scalar(sa.select(SessionRow).filter_by(token_hash=digest))


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
            RoleGrant.valid_from <= on,
            sa.or_(RoleGrant.valid_to.is_(None), RoleGrant.valid_to > on),
        )
        .order_by(RoleGrant.role, RoleGrant.org_unit_id)
    )
    return tuple(Grant(row.role, row.org_unit_id) for row in rows)
