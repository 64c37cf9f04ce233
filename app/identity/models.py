"""People, how they prove who they are, their sessions, and the roles granted to them."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Moment, TenantRow, belongs_to


class Person(TenantRow):
    """One person, whatever they do here: resident, member, manager, all at once."""

    __tablename__ = "person"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        sa.CheckConstraint("char_length(display_name) BETWEEN 1 AND 40", name="display_name"),
    )

    display_name: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    community_id: Mapped[UUID]
    created_at: Mapped[Moment]


class SuperAppRow(Base):
    """Which tenant a mini-program belongs to, and where its newcomers land."""

    __tablename__ = "super_app"

    platform: Mapped[str] = mapped_column(primary_key=True)
    appid: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("tenant.id"))
    landing_community_id: Mapped[UUID]


class SuperAppIdentity(TenantRow):
    """A person as a super-app knows them."""

    __tablename__ = "super_app_identity"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "platform", "appid", "subject"),
    )

    platform: Mapped[str]
    appid: Mapped[str]
    subject: Mapped[str]
    person_id: Mapped[UUID]


class StaffName(Base):
    """Which tenant a staff name belongs to. Names are unique across tenants."""

    __tablename__ = "staff_name"

    username: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(sa.BigInteger)


class StaffCredential(TenantRow):
    """The name and password (argon2id) a member of staff signs in with."""

    __tablename__ = "staff_credential"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "username"),
    )

    username: Mapped[str]
    password_hash: Mapped[str]
    person_id: Mapped[UUID]


class SessionRow(TenantRow):
    """A signed-in device. Only the token's SHA-256 is kept."""

    __tablename__ = "session"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "token_hash"),
        sa.Index(None, "tenant_id", "person_id"),
    )

    token_hash: Mapped[bytes]
    person_id: Mapped[UUID]
    staff: Mapped[bool]
    created_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    idle_until: Mapped[Moment]
    absolute_until: Mapped[Moment]
    revoked_at: Mapped[Moment | None]


class RoleGrant(TenantRow):
    """A role one person holds in one subtree of the organisation, for a span of days."""

    __tablename__ = "role_grant"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("org_unit", "org_unit_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "role", "org_unit_id", "valid_from"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid_span"),
    )

    person_id: Mapped[UUID]
    role: Mapped[str]
    org_unit_id: Mapped[UUID]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    granted_by: Mapped[UUID | None]
