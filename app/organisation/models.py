"""Units of the organisation, where they stood when, and who has registered with them."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from app.core.closed import listed
from app.core.db import Moment, TenantRow, belongs_to
from app.organisation.kinds import Nature, RegistrationState, UnitKind

UNIT_KINDS = listed(UnitKind)


class OrgUnit(TenantRow):
    """One place in the tree. `path` holds the ids from the top down to itself."""

    __tablename__ = "org_unit"
    __table_args__ = (
        belongs_to("org_unit", "parent_id"),
        sa.UniqueConstraint("tenant_id", "parent_id", "name", postgresql_nulls_not_distinct=True),
        sa.CheckConstraint("path[cardinality(path)] = id", name="path_ends_here"),
        sa.CheckConstraint("(parent_id IS NULL) = (cardinality(path) = 1)", name="path_from_top"),
        sa.CheckConstraint(f"kind IN ({UNIT_KINDS})", name="kind"),
        sa.CheckConstraint("(kind = 'city') = (parent_id IS NULL)", name="city_on_top"),
        sa.CheckConstraint(r"char_length(name) <= 60 AND name ~ '\S'", name="name"),
        sa.CheckConstraint("closed_on IS NULL OR kind <> 'city'", name="city_stays_open"),
        sa.CheckConstraint(
            r"(closed_on IS NULL) = (closed_for = '') AND char_length(closed_for) <= 200",
            name="closed_says_why",
        ),
    )

    parent_id: Mapped[UUID | None]
    kind: Mapped[str]
    name: Mapped[str]
    path: Mapped[list[UUID]] = mapped_column(ARRAY(sa.Uuid))
    closed_on: Mapped[date | None]  # from that day on it takes up nothing new
    closed_for: Mapped[str] = mapped_column(server_default="")


class OrgPlacement(TenantRow):
    """Under which unit a unit stood from one day until before another."""

    __tablename__ = "org_placement"
    __table_args__ = (
        belongs_to("org_unit", "unit_id"),
        belongs_to("org_unit", "parent_id"),
        belongs_to("person", "placed_by"),
        sa.CheckConstraint("to_day >= from_day", name="span"),
        sa.CheckConstraint("unit_id <> parent_id", name="not_under_itself"),
        sa.Index(
            "ix_org_placement_open",
            "tenant_id",
            "unit_id",
            unique=True,
            postgresql_where=sa.text("to_day IS NULL"),
        ),
        sa.Index(None, "tenant_id", "unit_id", "from_day"),
    )

    unit_id: Mapped[UUID]
    parent_id: Mapped[UUID | None]
    from_day: Mapped[date]
    to_day: Mapped[date | None]
    placed_by: Mapped[UUID | None]
    reason: Mapped[str]


class OrgLabel(TenantRow):
    """What a tenant calls a kind of unit, where that is not what everybody calls it."""

    __tablename__ = "org_label"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "kind"),
        sa.CheckConstraint(f"kind IN ({UNIT_KINDS})", name="kind"),
        sa.CheckConstraint("char_length(label) BETWEEN 1 AND 20", name="label"),
    )

    kind: Mapped[str]
    label: Mapped[str]


class StationedUnit(TenantRow):
    """What is known of a unit beside its place in the tree; its id is the unit's."""

    __tablename__ = "stationed_unit"
    __table_args__ = (
        belongs_to("org_unit", "id"),
        belongs_to("person", "contact_id"),
        sa.CheckConstraint(f"nature IN ({listed(Nature)})", name="nature"),
    )

    nature: Mapped[str]
    contact_id: Mapped[UUID | None]
    created_at: Mapped[Moment]


class PartTimeMember(TenantRow):
    """Who of a stationed unit has a seat in a joint committee, for a span of days."""

    __tablename__ = "part_time_member"
    __table_args__ = (
        belongs_to("stationed_unit", "unit_id"),
        belongs_to("org_unit", "committee_id"),
        belongs_to("person", "person_id"),
        sa.CheckConstraint("to_day >= from_day", name="span"),
        sa.Index(
            "ix_part_time_member_open",
            "tenant_id",
            "committee_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("to_day IS NULL"),
        ),
    )

    unit_id: Mapped[UUID]
    committee_id: Mapped[UUID]
    person_id: Mapped[UUID]
    from_day: Mapped[date]
    to_day: Mapped[date | None]


class Registration(TenantRow):
    """双报到: a member, or a unit, with a community. One of a person is in force at a time.

    `asked_by` and `decided_by` are people; a delegate who asked is `asked_by`.
    """

    __tablename__ = "registration"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("stationed_unit", "unit_id"),
        belongs_to("org_unit", "community_id"),
        belongs_to("registration", "moved_from_id"),
        belongs_to("person", "asked_by"),
        belongs_to("person", "decided_by"),
        sa.CheckConstraint(f"state IN ({listed(RegistrationState)})", name="state"),
        sa.CheckConstraint("num_nonnulls(person_id, unit_id) = 1", name="one_registers"),
        sa.CheckConstraint("(state = 'proposed') = (decided_by IS NULL)", name="decided"),
        sa.CheckConstraint(
            "(state IN ('refused', 'moved', 'closed')) = (until IS NOT NULL)", name="over"
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'suspended', 'moved') OR since IS NOT NULL", name="in_force"
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'refused') OR since IS NULL", name="not_in_force"
        ),
        sa.CheckConstraint("until >= coalesce(since, asked_on)", name="span"),
        sa.CheckConstraint(
            r"state NOT IN ('refused', 'suspended') OR reason ~ '\S'", name="says_why"
        ),
        sa.Index(
            "ix_registration_person_in_force",
            "tenant_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("state IN ('accepted', 'suspended')"),
        ),
        sa.Index(
            "ix_registration_person_asked",
            "tenant_id",
            "person_id",
            unique=True,
            postgresql_where=sa.text("state = 'proposed'"),
        ),
        sa.Index(
            "ix_registration_unit_open",
            "tenant_id",
            "unit_id",
            "community_id",
            unique=True,
            postgresql_where=sa.text("state IN ('proposed', 'accepted', 'suspended')"),
        ),
        sa.Index(None, "tenant_id", "community_id", "state", "id"),
    )

    person_id: Mapped[UUID | None]
    unit_id: Mapped[UUID | None]
    community_id: Mapped[UUID]
    state: Mapped[str]
    asked_on: Mapped[date]
    asked_by: Mapped[UUID]
    since: Mapped[date | None]
    until: Mapped[date | None]
    decided_by: Mapped[UUID | None]
    reason: Mapped[str]
    moved_from_id: Mapped[UUID | None]
