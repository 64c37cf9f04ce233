"""Households and who belonged to them when; delegates; guardians' consent."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.closed import listed
from app.core.db import Moment, TenantRow, belongs_to
from app.households.kinds import Act, Consent, Deed, Kinship, Relation


class Household(TenantRow):
    """The people behind one door of a community, grid, building or entrance."""

    __tablename__ = "household"
    __table_args__ = (
        belongs_to("org_unit", "unit_id"),
        sa.UniqueConstraint("tenant_id", "unit_id", "door"),
        sa.CheckConstraint(r"char_length(door) <= 60 AND door ~ '\S'", name="door"),
    )

    unit_id: Mapped[UUID]
    door: Mapped[str]
    created_at: Mapped[Moment]


class HouseholdMember(TenantRow):
    """Somebody in a household, from one day until before another. In one at a time."""

    __tablename__ = "household_member"
    __table_args__ = (
        belongs_to("household", "household_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "entered_by"),
        sa.CheckConstraint("to_day >= from_day", name="span"),
        sa.Index(
            "ix_household_member_person",
            "tenant_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("to_day IS NULL"),
        ),
        sa.Index(
            "ix_household_member_head",
            "tenant_id",
            "household_id",
            unique=True,
            postgresql_where=sa.text("is_head AND to_day IS NULL"),
        ),
        sa.Index(None, "tenant_id", "person_id", "from_day"),
        sa.Index(None, "tenant_id", "household_id"),
    )

    household_id: Mapped[UUID]
    person_id: Mapped[UUID]
    is_head: Mapped[bool]
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    entered_by: Mapped[UUID | None]


class Delegation(TenantRow):
    """Who may act for whom, in which matters, how far a day, and how they came to agree.

    Nobody witnesses their own mandate; what was agreed on a phone needs no witness.
    """

    __tablename__ = "delegation"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("person", "delegate_id"),
        belongs_to("person", "witnessed_by"),
        belongs_to("person", "revoked_by"),
        sa.CheckConstraint("person_id <> delegate_id", name="another"),
        sa.CheckConstraint("witnessed_by <> delegate_id", name="witness_apart"),
        sa.CheckConstraint(f"relation IN ({listed(Relation)})", name="relation"),
        sa.CheckConstraint(
            f"cardinality(acts) > 0 AND acts <@ ARRAY[{listed(Act)}]::text[]", name="acts"
        ),
        sa.CheckConstraint("daily_limit BETWEEN 0 AND 1000", name="daily_limit"),
        sa.CheckConstraint("to_day > from_day", name="span"),
        sa.CheckConstraint(f"consent IN ({listed(Consent)})", name="consent"),
        sa.CheckConstraint("(consent = 'online') = (witnessed_by IS NULL)", name="witnessed"),
        sa.CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
        sa.Index(
            "ix_delegation_open",
            "tenant_id",
            "person_id",
            "delegate_id",
            unique=True,
            postgresql_where=sa.text("revoked_at IS NULL"),
        ),
        sa.Index(None, "tenant_id", "delegate_id"),
    )

    person_id: Mapped[UUID]
    delegate_id: Mapped[UUID]
    relation: Mapped[str]
    acts: Mapped[list[str]] = mapped_column(ARRAY(sa.Text))
    daily_limit: Mapped[int]
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    consent: Mapped[str]
    witnessed_by: Mapped[UUID | None]
    created_at: Mapped[Moment]
    revoked_at: Mapped[Moment | None]
    revoked_by: Mapped[UUID | None]


class Errand(TenantRow):
    """One thing a delegate did for somebody: by which mandate, what, and about what."""

    __tablename__ = "errand"
    __table_args__ = (
        belongs_to("delegation", "mandate_id"),
        belongs_to("person", "person_id"),
        belongs_to("person", "delegate_id"),
        sa.UniqueConstraint("tenant_id", "person_id", "deed", "about_id"),
        sa.CheckConstraint("person_id <> delegate_id", name="another"),
        sa.CheckConstraint(f"deed IN ({listed(Deed)})", name="deed"),
        sa.Index(None, "tenant_id", "delegate_id", "on_day"),
    )

    mandate_id: Mapped[UUID]
    person_id: Mapped[UUID]
    delegate_id: Mapped[UUID]
    deed: Mapped[str]
    about_id: Mapped[UUID]  # the registration, or the activity
    on_day: Mapped[date]
    at: Mapped[Moment]


class GuardianConsent(TenantRow):
    """A guardian's consent that a minor takes part, witnessed by staff, until it is withdrawn."""

    __tablename__ = "guardian_consent"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("person", "guardian_id"),
        belongs_to("person", "witnessed_by"),
        belongs_to("person", "withdrawn_by"),
        sa.CheckConstraint("person_id <> guardian_id", name="another"),
        sa.CheckConstraint(
            "witnessed_by <> guardian_id AND witnessed_by <> person_id", name="witness_apart"
        ),
        sa.CheckConstraint(f"kinship IN ({listed(Kinship)})", name="kinship"),
        sa.CheckConstraint("consent IN ('in_person', 'paper')", name="consent"),
        sa.CheckConstraint("withdrawn_on >= from_day", name="span"),
        sa.CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_by IS NULL)", name="withdrawn"),
        sa.Index(
            "ix_guardian_consent_open",
            "tenant_id",
            "person_id",
            "guardian_id",
            unique=True,
            postgresql_where=sa.text("withdrawn_on IS NULL"),
        ),
    )

    person_id: Mapped[UUID]
    guardian_id: Mapped[UUID]
    kinship: Mapped[str]
    consent: Mapped[str]
    witnessed_by: Mapped[UUID]
    from_day: Mapped[date]
    withdrawn_on: Mapped[date | None]
    withdrawn_by: Mapped[UUID | None]
