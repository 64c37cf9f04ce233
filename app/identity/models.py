"""People, how they prove who they are, their sessions, and the roles granted to them."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Moment, TenantRow, belongs_to
from app.identity.ranks import CITY_ROLES

_CITY_ROLES = ", ".join(f"'{role}'" for role in sorted(CITY_ROLES))


class Person(TenantRow):
    """One person, whatever they do here: resident, member, manager, all at once."""

    __tablename__ = "person"
    __table_args__ = (
        belongs_to("org_unit", "community_id"),
        sa.CheckConstraint("char_length(display_name) BETWEEN 1 AND 40", name="display_name"),
        # Partial: who looks a person up by their id must never be led into it, at any size.
        sa.Index(
            "ix_person_card_no",
            "tenant_id",
            "card_no",
            unique=True,
            postgresql_where=sa.text("card_no IS NOT NULL"),
        ),
        sa.CheckConstraint("card_no ~ '^[0-9A-Z]{4,20}$'", name="card_no"),
    )

    display_name: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    community_id: Mapped[UUID]
    created_at: Mapped[Moment]
    card_no: Mapped[str | None]  # of the printed passbook card
    large_type: Mapped[bool | None]  # in which size they read; None until they have said so
    erased_at: Mapped[Moment | None]  # then nothing but the id is left of them
    cooling_until: Mapped[Moment | None]  # until when nothing is redeemed: the number is new


class PersonalDatum(TenantRow):
    """One personal datum, sealed; `blind` and `tail` find it without opening any."""

    __tablename__ = "personal_datum"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "field"),
        *(sa.Index(None, "tenant_id", "field", column) for column in ("blind", "tail")),
        sa.Index(
            "uq_personal_datum_id_number",
            "tenant_id",
            "blind",
            unique=True,
            postgresql_where=sa.text("field = 'id_number'"),
        ),
        sa.CheckConstraint(
            "field IN ('name', 'phone', 'id_number', 'birth_date', 'party')", name="field"
        ),
        # A family may share a number somebody wrote down; one that was proved is one person's.
        sa.Index(
            "uq_personal_datum_proved_phone",
            "tenant_id",
            "blind",
            unique=True,
            postgresql_where=sa.text("field = 'phone' AND verified_at IS NOT NULL"),
        ),
        sa.CheckConstraint(
            "(verified_at IS NULL) = (verified_how IS NULL)"
            " AND (verified_at IS NULL OR field = 'phone')"
            " AND verified_how IN ('wechat', 'in_person', 'call')",
            name="verified",
        ),
        sa.CheckConstraint("sealed LIKE 'v1|%'", name="sealed"),
    )

    person_id: Mapped[UUID]
    field: Mapped[str]
    sealed: Mapped[str]
    blind: Mapped[bytes | None]
    tail: Mapped[bytes | None]
    set_at: Mapped[Moment]
    verified_at: Mapped[Moment | None]
    verified_how: Mapped[str | None]


class Consent(TenantRow):
    """What somebody agreed to, in which version of its text; what is withdrawn stays as such."""

    __tablename__ = "consent"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.Index(
            "uq_consent_open",
            "tenant_id",
            "person_id",
            "purpose",
            "version",
            unique=True,
            postgresql_where=sa.text("withdrawn_at IS NULL"),
        ),
        sa.Index(None, "tenant_id", "person_id"),
        sa.CheckConstraint("how IN ('page', 'api')", name="how"),
        sa.CheckConstraint("withdrawn_at >= given_at", name="withdrawn_later"),
    )

    person_id: Mapped[UUID]
    purpose: Mapped[str]
    version: Mapped[str]
    given_at: Mapped[Moment]
    how: Mapped[str]
    withdrawn_at: Mapped[Moment | None]


class Whereabouts(TenantRow):
    """Where somebody's phone was, sealed, for the deed that says so; kept for thirty days."""

    __tablename__ = "whereabouts"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "purpose", "subject_id"),
        *(sa.Index(None, "tenant_id", column) for column in ("person_id", "taken_at")),
        sa.CheckConstraint("purpose IN ('check_in', 'check_out')", name="purpose"),
        sa.CheckConstraint("sealed LIKE 'v1|%'", name="sealed"),
    )

    person_id: Mapped[UUID]
    purpose: Mapped[str]
    subject_id: Mapped[UUID]  # the row of the deed
    sealed: Mapped[str]
    taken_at: Mapped[Moment]


class SuperAppRow(Base):
    """Which tenant a mini-program belongs to, and where its newcomers land."""

    __tablename__ = "super_app"

    platform: Mapped[str] = mapped_column(primary_key=True)
    appid: Mapped[str] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(sa.BigInteger, sa.ForeignKey("tenant.id"))
    landing_community_id: Mapped[UUID]


class SuperAppIdentity(TenantRow):
    """A person as a super-app knows them: `subject_blind` finds what the vault alone can read."""

    __tablename__ = "super_app_identity"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "platform", "appid", "subject_blind"),
        sa.CheckConstraint("subject_sealed LIKE 'v1|%'", name="subject_sealed"),
    )

    platform: Mapped[str]
    appid: Mapped[str]
    subject_blind: Mapped[bytes]
    subject_sealed: Mapped[str]
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
        sa.CheckConstraint(
            "totp_last_step IS NULL OR totp_secret IS NOT NULL", name="step_of_a_secret"
        ),
        sa.CheckConstraint("totp_secret LIKE 'v1|%'", name="totp_secret"),
        sa.CheckConstraint("totp_draft LIKE 'v1|%'", name="totp_draft"),
    )

    username: Mapped[str]
    password_hash: Mapped[str]
    person_id: Mapped[UUID]
    totp_secret: Mapped[str | None] = mapped_column(sa.Text)  # sealed; none: not set up yet
    totp_draft: Mapped[str | None] = mapped_column(sa.Text)  # sealed; shown, and not yet confirmed
    totp_last_step: Mapped[int | None] = mapped_column(sa.BigInteger)
    password_given: Mapped[bool] = mapped_column(server_default=sa.false())  # by somebody else


class RecoveryCode(TenantRow):
    """What gets a member of staff in once, without their authenticator. Only a digest is kept."""

    __tablename__ = "recovery_code"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "code_hash"),
    )

    person_id: Mapped[UUID]
    code_hash: Mapped[bytes]
    used_at: Mapped[Moment | None]


class SessionRow(TenantRow):
    """A signed-in device. Only the token's SHA-256 is kept."""

    __tablename__ = "session"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "token_hash"),
        *(sa.Index(None, "tenant_id", column) for column in ("person_id", "device_hash")),
        sa.Index("ix_session_over", "tenant_id", sa.text("LEAST(revoked_at, absolute_until)")),
        sa.CheckConstraint(
            "CASE WHEN staff THEN auth_level IN ('password', 'two_factor')"
            " ELSE auth_level IN ('wechat', 'scanned') AND NOT password_given END",
            name="auth_level",
        ),
    )

    token_hash: Mapped[bytes]
    person_id: Mapped[UUID]
    staff: Mapped[bool]
    created_at: Mapped[Moment]
    last_seen_at: Mapped[Moment]
    idle_until: Mapped[Moment]
    absolute_until: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    auth_level: Mapped[str]
    auth_time: Mapped[Moment]
    device: Mapped[str]  # what kind it is, in words
    device_hash: Mapped[bytes | None]  # which one it is, where it says so
    password_given: Mapped[bool] = mapped_column(server_default=sa.false())  # begun with such a one


class RoleGrant(TenantRow):
    """A role one person holds in one subtree of the organisation, for a span of days.

    Who granted and approved it stays with it; nobody means an operator at a terminal.
    """

    __tablename__ = "role_grant"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("org_unit", "org_unit_id"),
        belongs_to("person", "granted_by"),
        belongs_to("person", "approved_by"),
        belongs_to("person", "refused_by"),
        belongs_to("person", "ended_by"),
        sa.Index(
            "uq_role_grant_open",
            "tenant_id",
            "person_id",
            "role",
            "org_unit_id",
            "valid_from",
            unique=True,
            postgresql_where=sa.text("state IN ('proposed', 'active')"),
        ),
        sa.Index(None, "tenant_id", "person_id"),
        sa.Index(None, "tenant_id", "org_unit_id"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="valid_span"),
        sa.CheckConstraint("state IN ('proposed', 'active', 'refused', 'ended')", name="state"),
        sa.CheckConstraint("person_id <> granted_by", name="granted_to_another"),
        sa.CheckConstraint(
            "approved_by <> granted_by AND approved_by <> person_id", name="approved_by_a_third"
        ),
        sa.CheckConstraint("refused_by <> person_id", name="refused_by_another"),
        sa.CheckConstraint(
            "(state = 'refused') = (refused_by IS NOT NULL)"
            " AND (state = 'ended') = (ended_at IS NOT NULL)"
            " AND (decided_at IS NOT NULL) = (num_nonnulls(approved_by, refused_by) = 1)",
            name="state_says_so",
        ),
        sa.CheckConstraint(
            f"state NOT IN ('active', 'ended') OR role NOT IN ({_CITY_ROLES})"
            " OR granted_by IS NULL OR approved_by IS NOT NULL",
            name="four_eyes",
        ),
    )

    person_id: Mapped[UUID]
    role: Mapped[str]
    org_unit_id: Mapped[UUID]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # the first day on which it gives nothing any more
    state: Mapped[str]
    granted_by: Mapped[UUID | None]
    granted_at: Mapped[Moment]
    reason: Mapped[str] = mapped_column(sa.Text)
    approved_by: Mapped[UUID | None]
    refused_by: Mapped[UUID | None]
    decided_at: Mapped[Moment | None]
    ended_by: Mapped[UUID | None]
    ended_at: Mapped[Moment | None]
