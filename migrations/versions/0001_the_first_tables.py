"""The first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_name",
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("username", name=op.f("pk_staff_name")),
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), server_default="Asia/Shanghai", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenant_slug")),
    )
    op.create_table(
        "idempotency",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("answer", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_idempotency_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_idempotency")),
        sa.UniqueConstraint(
            "tenant_id", "actor_id", "key", name=op.f("uq_idempotency_tenant_id_actor_id_key")
        ),
    )
    op.create_index(
        op.f("ix_idempotency_tenant_id_created_at"),
        "idempotency",
        ["tenant_id", "created_at"],
        unique=False,
    )
    op.create_table(
        "miss",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_miss_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_miss")),
    )
    op.create_index(
        op.f("ix_miss_tenant_id_subject_at"), "miss", ["tenant_id", "subject", "at"], unique=False
    )
    op.create_table(
        "org_unit",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("path", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.CheckConstraint(
            "(parent_id IS NULL) = (cardinality(path) = 1)", name=op.f("ck_org_unit_path_from_top")
        ),
        sa.CheckConstraint("path[cardinality(path)] = id", name=op.f("ck_org_unit_path_ends_here")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_org_unit_tenant_id_parent_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_org_unit_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_org_unit")),
        sa.UniqueConstraint(
            "tenant_id",
            "parent_id",
            "name",
            name=op.f("uq_org_unit_tenant_id_parent_id_name"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "super_app",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("appid", sa.String(), nullable=False),
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("landing_community_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_super_app_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("platform", "appid", name=op.f("pk_super_app")),
    )
    op.create_table(
        "activity",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.CheckConstraint("state IN ('published', 'cancelled')", name=op.f("ck_activity_state")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_activity_capacity")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_activity_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "community_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_activity_tenant_id_community_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_activity_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_activity")),
    )
    op.create_index(
        op.f("ix_activity_tenant_id_starts_at_id"),
        "activity",
        ["tenant_id", "starts_at", "id"],
        unique=False,
    )
    op.create_table(
        "person",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("kinds", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "char_length(display_name) BETWEEN 1 AND 40", name=op.f("ck_person_display_name")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "community_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_person_tenant_id_community_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_person_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_person")),
    )
    op.create_table(
        "shop",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lng", sa.Double(), nullable=True),
        sa.Column("crs", sa.String(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= 1440",
            name=op.f("ck_shop_opening_hours"),
        ),
        sa.CheckConstraint("crs IN ('gcj02', 'wgs84')", name=op.f("ck_shop_crs")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "community_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_shop_tenant_id_community_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_shop_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_shop")),
        sa.UniqueConstraint(
            "tenant_id", "community_id", "name", name=op.f("uq_shop_tenant_id_community_id_name")
        ),
    )
    op.create_table(
        "station",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("lng", sa.Double(), nullable=True),
        sa.Column("crs", sa.String(), nullable=False),
        sa.Column("opens_minute", sa.Integer(), nullable=False),
        sa.Column("closes_minute", sa.Integer(), nullable=False),
        sa.Column("services", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("crs IN ('gcj02', 'wgs84')", name=op.f("ck_station_crs")),
        sa.CheckConstraint(
            "0 <= opens_minute AND opens_minute < closes_minute AND closes_minute <= 1440",
            name=op.f("ck_station_opening_hours"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "community_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_station_tenant_id_community_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_station_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_station")),
        sa.UniqueConstraint(
            "tenant_id", "community_id", "name", name=op.f("uq_station_tenant_id_community_id_name")
        ),
    )
    op.create_table(
        "attendance",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'checked_out') = (checked_out_at IS NOT NULL AND minutes IS NOT NULL)",
            name=op.f("ck_attendance_state_says_so"),
        ),
        sa.CheckConstraint(
            "checked_out_at >= checked_in_at", name=op.f("ck_attendance_out_after_in")
        ),
        sa.CheckConstraint("minutes >= 0", name=op.f("ck_attendance_minutes")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "activity_id"],
            ["activity.tenant_id", "activity.id"],
            name=op.f("fk_attendance_tenant_id_activity_id_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_attendance_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_attendance_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_attendance")),
        sa.UniqueConstraint(
            "tenant_id",
            "activity_id",
            "person_id",
            name=op.f("uq_attendance_tenant_id_activity_id_person_id"),
        ),
    )
    op.create_index(
        op.f("ix_attendance_tenant_id_person_id"),
        "attendance",
        ["tenant_id", "person_id"],
        unique=False,
    )
    op.create_table(
        "enrolment",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("activity_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state IN ('confirmed', 'waitlisted')", name=op.f("ck_enrolment_state")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "activity_id"],
            ["activity.tenant_id", "activity.id"],
            name=op.f("fk_enrolment_tenant_id_activity_id_activity"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_enrolment_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_enrolment_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_enrolment")),
        sa.UniqueConstraint(
            "tenant_id",
            "activity_id",
            "person_id",
            name=op.f("uq_enrolment_tenant_id_activity_id_person_id"),
        ),
    )
    op.create_table(
        "item",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_item_points")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "shop_id"],
            ["shop.tenant_id", "shop.id"],
            name=op.f("fk_item_tenant_id_shop_id_shop"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_item_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_item")),
        sa.UniqueConstraint(
            "tenant_id", "shop_id", "sku", name=op.f("uq_item_tenant_id_shop_id_sku")
        ),
    )
    op.create_table(
        "redeem_code",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("digits_hash", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("burnt_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_redeem_code_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_redeem_code_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_redeem_code")),
        sa.UniqueConstraint(
            "tenant_id", "code_hash", name=op.f("uq_redeem_code_tenant_id_code_hash")
        ),
    )
    op.create_index(
        op.f("ix_redeem_code_tenant_id_digits_hash"),
        "redeem_code",
        ["tenant_id", "digits_hash"],
        unique=False,
    )
    op.create_index(
        "ix_redeem_code_unused",
        "redeem_code",
        ["tenant_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("burnt_at IS NULL"),
    )
    op.create_index(
        op.f("ix_redeem_code_tenant_id_person_id_expires_at"),
        "redeem_code",
        ["tenant_id", "person_id", "expires_at"],
        unique=False,
    )
    op.create_table(
        "role_grant",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("org_unit_id", sa.Uuid(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("granted_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to > valid_from", name=op.f("ck_role_grant_valid_span")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "org_unit_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_role_grant_tenant_id_org_unit_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_role_grant_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_role_grant_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "role",
            "org_unit_id",
            "valid_from",
            name=op.f("uq_role_grant_tenant_id_person_id_role_org_unit_id_valid_from"),
        ),
    )
    op.create_table(
        "session",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("staff", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idle_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("absolute_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_session_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_session_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_session")),
        sa.UniqueConstraint(
            "tenant_id", "token_hash", name=op.f("uq_session_tenant_id_token_hash")
        ),
    )
    op.create_index(
        op.f("ix_session_tenant_id_person_id"), "session", ["tenant_id", "person_id"], unique=False
    )
    op.create_table(
        "staff_credential",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_staff_credential_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_staff_credential_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_staff_credential")),
        sa.UniqueConstraint(
            "tenant_id", "username", name=op.f("uq_staff_credential_tenant_id_username")
        ),
    )
    op.create_table(
        "station_code",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_for", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["tenant_id", "station_id"],
            ["station.tenant_id", "station.id"],
            name=op.f("fk_station_code_tenant_id_station_id_station"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_station_code_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_station_code")),
        sa.UniqueConstraint("tenant_id", "code", name=op.f("uq_station_code_tenant_id_code")),
    )
    op.create_index(
        op.f("ix_station_code_tenant_id_station_id"),
        "station_code",
        ["tenant_id", "station_id"],
        unique=False,
    )
    op.create_table(
        "station_visit",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("station_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("service", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_station_visit_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "station_id"],
            ["station.tenant_id", "station.id"],
            name=op.f("fk_station_visit_tenant_id_station_id_station"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_station_visit_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_station_visit")),
        sa.UniqueConstraint(
            "tenant_id",
            "person_id",
            "station_id",
            "day",
            name=op.f("uq_station_visit_tenant_id_person_id_station_id_day"),
        ),
    )
    op.create_table(
        "super_app_identity",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("appid", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_super_app_identity_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_super_app_identity_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_super_app_identity")),
        sa.UniqueConstraint(
            "tenant_id",
            "platform",
            "appid",
            "subject",
            name=op.f("uq_super_app_identity_tenant_id_platform_appid_subject"),
        ),
    )
    op.create_table(
        "redemption",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("shop_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=False),
        sa.Column("code_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("refused_for", sa.String(), nullable=True),
        sa.Column("cost", sa.Integer(), nullable=False),
        sa.Column("balance_after", sa.Integer(), nullable=True),
        sa.Column("transfer_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(state = 'completed') = (transfer_id IS NOT NULL)", name=op.f("ck_redemption_paid")
        ),
        sa.CheckConstraint(
            "(state = 'refused') = (refused_for IS NOT NULL)",
            name=op.f("ck_redemption_refused_for"),
        ),
        sa.CheckConstraint(
            "state = 'refused' OR manager_id <> person_id",
            name=op.f("ck_redemption_never_for_oneself"),
        ),
        sa.CheckConstraint("state IN ('completed', 'refused')", name=op.f("ck_redemption_state")),
        sa.CheckConstraint("cost >= 0", name=op.f("ck_redemption_cost")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "code_id"],
            ["redeem_code.tenant_id", "redeem_code.id"],
            name=op.f("fk_redemption_tenant_id_code_id_redeem_code"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "manager_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_redemption_tenant_id_manager_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_redemption_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "shop_id"],
            ["shop.tenant_id", "shop.id"],
            name=op.f("fk_redemption_tenant_id_shop_id_shop"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_redemption_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_redemption")),
        sa.UniqueConstraint("tenant_id", "code_id", name=op.f("uq_redemption_tenant_id_code_id")),
    )
    op.create_index(
        op.f("ix_redemption_tenant_id_shop_id_at"),
        "redemption",
        ["tenant_id", "shop_id", "at"],
        unique=False,
    )
    op.create_table(
        "stock",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("on_hand", sa.Integer(), nullable=False),
        sa.CheckConstraint("on_hand >= 0", name=op.f("ck_stock_on_hand")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_stock_tenant_id_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_stock_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_stock")),
    )
    op.create_table(
        "redemption_line",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.CheckConstraint("points > 0", name=op.f("ck_redemption_line_points")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_redemption_line_quantity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_redemption_line_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "redemption_id"],
            ["redemption.tenant_id", "redemption.id"],
            name=op.f("fk_redemption_line_tenant_id_redemption_id_redemption"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_redemption_line_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_redemption_line")),
        sa.UniqueConstraint(
            "tenant_id",
            "redemption_id",
            "item_id",
            name=op.f("uq_redemption_line_tenant_id_redemption_id_item_id"),
        ),
    )
    op.create_table(
        "stock_move",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("delta", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("redemption_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(kind = 'redemption') = (redemption_id IS NOT NULL)", name=op.f("ck_stock_move_cause")
        ),
        sa.CheckConstraint("kind IN ('stock_in', 'redemption')", name=op.f("ck_stock_move_kind")),
        sa.CheckConstraint("delta <> 0", name=op.f("ck_stock_move_delta")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "item_id"],
            ["item.tenant_id", "item.id"],
            name=op.f("fk_stock_move_tenant_id_item_id_item"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "redemption_id"],
            ["redemption.tenant_id", "redemption.id"],
            name=op.f("fk_stock_move_tenant_id_redemption_id_redemption"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_stock_move_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_stock_move")),
        sa.UniqueConstraint(
            "tenant_id",
            "item_id",
            "reference",
            name=op.f("uq_stock_move_tenant_id_item_id_reference"),
        ),
    )
    op.create_index(
        op.f("ix_stock_move_tenant_id_redemption_id"),
        "stock_move",
        ["tenant_id", "redemption_id"],
        unique=False,
    )
    op.create_table(
        "account",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_kind", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("guarded", sa.Boolean(), nullable=False),
        sa.Column("posted", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("version", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("last_booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "owner_kind IN ('person', 'community', 'shop')", name=op.f("ck_account_owner_kind")
        ),
        sa.CheckConstraint("unit IN ('minutes', 'score', 'points')", name=op.f("ck_account_unit")),
        sa.CheckConstraint(
            "guarded = (posted IS NOT NULL)", name=op.f("ck_account_guarded_keeps_a_balance")
        ),
        sa.CheckConstraint(
            "held BETWEEN 0 AND coalesce(posted, 0)", name=op.f("ck_account_held_is_there")
        ),
        sa.CheckConstraint("posted >= 0", name=op.f("ck_account_posted_not_below_zero")),
        sa.CheckConstraint(
            "version >= 0 AND (guarded OR version = 0)", name=op.f("ck_account_version")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_account")),
        sa.UniqueConstraint("tenant_id", "id", "unit", name=op.f("uq_account_tenant_id_id_unit")),
        sa.UniqueConstraint(
            "tenant_id",
            "owner_kind",
            "owner_id",
            "unit",
            "code",
            name=op.f("uq_account_tenant_id_owner_kind_owner_id_unit_code"),
        ),
        postgresql_with={"fillfactor": 70},
    )
    op.create_table(
        "fact",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("evidence", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("payload_hash", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("octet_length(payload_hash) = 32", name=op.f("ck_fact_payload_hash")),
        sa.CheckConstraint("quantity BETWEEN 0 AND 1000000", name=op.f("ck_fact_quantity")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_fact")),
        sa.UniqueConstraint("tenant_id", "source", name=op.f("uq_fact_tenant_id_source")),
    )
    op.create_index(
        op.f("ix_fact_tenant_id_beneficiary_id_occurred_at_id"),
        "fact",
        ["tenant_id", "beneficiary_id", "occurred_at", "id"],
        unique=False,
    )
    op.create_table(
        "policy",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("in_force_from", sa.Date(), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "version", name=op.f("pk_policy")),
        sa.UniqueConstraint(
            "tenant_id", "in_force_from", name=op.f("uq_policy_tenant_id_in_force_from")
        ),
    )
    op.create_table(
        "decision",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("rule_id", sa.Text(), nullable=False),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("raw", sa.BigInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("unit IN ('minutes', 'score', 'points')", name=op.f("ck_decision_unit")),
        sa.CheckConstraint("granted BETWEEN 0 AND raw", name=op.f("ck_decision_granted")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fact_id"],
            ["fact.tenant_id", "fact.id"],
            name=op.f("fk_decision_tenant_id_fact_id_fact"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "fact_id", "unit", name=op.f("pk_decision")),
    )
    op.create_table(
        "settle_queue",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("beneficiary_id", sa.Uuid(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_settle_queue_attempts")),
        sa.CheckConstraint(
            "quarantined_at IS NULL OR last_error IS NOT NULL",
            name=op.f("ck_settle_queue_quarantined_for_a_reason"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fact_id"],
            ["fact.tenant_id", "fact.id"],
            name=op.f("fk_settle_queue_tenant_id_fact_id_fact"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "fact_id", name=op.f("pk_settle_queue")),
    )
    op.create_index(
        "ix_settle_queue_due",
        "settle_queue",
        ["tenant_id", "community_id", "not_before", "fact_id"],
        unique=False,
        postgresql_where=sa.text("quarantined_at IS NULL"),
    )
    op.create_index(
        op.f("ix_settle_queue_tenant_id_beneficiary_id"),
        "settle_queue",
        ["tenant_id", "beneficiary_id"],
        unique=False,
    )
    op.create_table(
        "transfer",
        sa.Column("tenant_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(collation="C"), nullable=False),
        sa.Column("source", sa.Text(collation="C"), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("debit_account_id", sa.Uuid(), nullable=False),
        sa.Column("credit_account_id", sa.Uuid(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("fact_id", sa.Uuid(), nullable=True),
        sa.Column("reverses", sa.Uuid(), nullable=True),
        sa.Column("policy_version", sa.Text(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("quarter", sa.Text(), nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("debit_version", sa.BigInteger(), nullable=True),
        sa.Column("debit_balance_after", sa.BigInteger(), nullable=True),
        sa.Column("credit_version", sa.BigInteger(), nullable=True),
        sa.Column("credit_balance_after", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind <> 'earn' OR fact_id IS NOT NULL", name=op.f("ck_transfer_earned_by_a_fact")
        ),
        sa.CheckConstraint(
            "kind <> 'reverse' OR reverses IS NOT NULL", name=op.f("ck_transfer_reverses")
        ),
        sa.CheckConstraint(
            "kind IN ('earn', 'bonus', 'reverse', 'redeem', 'expire', 'donate', 'adjust', 'reward', 'penalty')",
            name=op.f("ck_transfer_kind"),
        ),
        sa.CheckConstraint("quarter ~ '^[0-9]{4}Q[1-4]$'", name=op.f("ck_transfer_quarter")),
        sa.CheckConstraint(
            "(credit_version IS NULL) = (credit_balance_after IS NULL) AND credit_version >= 1 AND credit_balance_after >= 0",
            name=op.f("ck_transfer_credit_side"),
        ),
        sa.CheckConstraint(
            "(debit_version IS NULL) = (debit_balance_after IS NULL) AND debit_version >= 1 AND debit_balance_after >= 0",
            name=op.f("ck_transfer_debit_side"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_transfer_amount")),
        sa.CheckConstraint(
            "debit_account_id <> credit_account_id", name=op.f("ck_transfer_two_accounts")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "credit_account_id", "unit"],
            ["account.tenant_id", "account.id", "account.unit"],
            name="fk_transfer_credit_account",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "debit_account_id", "unit"],
            ["account.tenant_id", "account.id", "account.unit"],
            name="fk_transfer_debit_account",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "fact_id"],
            ["fact.tenant_id", "fact.id"],
            name=op.f("fk_transfer_tenant_id_fact_id_fact"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "reverses"],
            ["transfer.tenant_id", "transfer.id"],
            name=op.f("fk_transfer_tenant_id_reverses_transfer"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_transfer")),
        sa.UniqueConstraint("tenant_id", "reference", name=op.f("uq_transfer_tenant_id_reference")),
    )
    op.create_index(
        "ix_transfer_credit_lines",
        "transfer",
        ["tenant_id", "credit_account_id", "booked_at", "credit_version"],
        unique=False,
        postgresql_where=sa.text("credit_version IS NOT NULL"),
    )
    op.create_index(
        "ix_transfer_debit_lines",
        "transfer",
        ["tenant_id", "debit_account_id", "booked_at", "debit_version"],
        unique=False,
        postgresql_where=sa.text("debit_version IS NOT NULL"),
    )
    op.create_index(
        "uq_transfer_credit_version",
        "transfer",
        ["tenant_id", "credit_account_id", "credit_version"],
        unique=True,
        postgresql_where=sa.text("credit_version IS NOT NULL"),
    )
    op.create_index(
        "uq_transfer_debit_version",
        "transfer",
        ["tenant_id", "debit_account_id", "debit_version"],
        unique=True,
        postgresql_where=sa.text("debit_version IS NOT NULL"),
    )
    op.create_index(
        "uq_transfer_tenant_id_reverses",
        "transfer",
        ["tenant_id", "reverses"],
        unique=True,
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index(
        "uq_transfer_tenant_id_reverses",
        table_name="transfer",
        postgresql_where=sa.text("reverses IS NOT NULL"),
    )
    op.drop_index(
        "uq_transfer_debit_version",
        table_name="transfer",
        postgresql_where=sa.text("debit_version IS NOT NULL"),
    )
    op.drop_index(
        "uq_transfer_credit_version",
        table_name="transfer",
        postgresql_where=sa.text("credit_version IS NOT NULL"),
    )
    op.drop_index(
        "ix_transfer_debit_lines",
        table_name="transfer",
        postgresql_where=sa.text("debit_version IS NOT NULL"),
    )
    op.drop_index(
        "ix_transfer_credit_lines",
        table_name="transfer",
        postgresql_where=sa.text("credit_version IS NOT NULL"),
    )
    op.drop_table("transfer")
    op.drop_index(op.f("ix_settle_queue_tenant_id_beneficiary_id"), table_name="settle_queue")
    op.drop_index(
        "ix_settle_queue_due",
        table_name="settle_queue",
        postgresql_where=sa.text("quarantined_at IS NULL"),
    )
    op.drop_table("settle_queue")
    op.drop_table("decision")
    op.drop_table("policy")
    op.drop_index(op.f("ix_fact_tenant_id_beneficiary_id_occurred_at_id"), table_name="fact")
    op.drop_table("fact")
    op.drop_table("account")
    op.drop_index(op.f("ix_stock_move_tenant_id_redemption_id"), table_name="stock_move")
    op.drop_table("stock_move")
    op.drop_table("redemption_line")
    op.drop_table("stock")
    op.drop_index(op.f("ix_redemption_tenant_id_shop_id_at"), table_name="redemption")
    op.drop_table("redemption")
    op.drop_table("super_app_identity")
    op.drop_table("station_visit")
    op.drop_index(op.f("ix_station_code_tenant_id_station_id"), table_name="station_code")
    op.drop_table("station_code")
    op.drop_table("staff_credential")
    op.drop_index(op.f("ix_session_tenant_id_person_id"), table_name="session")
    op.drop_table("session")
    op.drop_table("role_grant")
    op.drop_index(op.f("ix_redeem_code_tenant_id_person_id_expires_at"), table_name="redeem_code")
    op.drop_index(op.f("ix_redeem_code_tenant_id_digits_hash"), table_name="redeem_code")
    op.drop_index(
        "ix_redeem_code_unused",
        table_name="redeem_code",
        postgresql_where=sa.text("burnt_at IS NULL"),
    )
    op.drop_table("redeem_code")
    op.drop_table("item")
    op.drop_table("enrolment")
    op.drop_index(op.f("ix_attendance_tenant_id_person_id"), table_name="attendance")
    op.drop_table("attendance")
    op.drop_table("station")
    op.drop_table("shop")
    op.drop_table("person")
    op.drop_index(op.f("ix_activity_tenant_id_starts_at_id"), table_name="activity")
    op.drop_table("activity")
    op.drop_table("super_app")
    op.drop_table("org_unit")
    op.drop_index(op.f("ix_miss_tenant_id_subject_at"), table_name="miss")
    op.drop_table("miss")
    op.drop_index(op.f("ix_idempotency_tenant_id_created_at"), table_name="idempotency")
    op.drop_table("idempotency")
    op.drop_table("tenant")
    op.drop_table("staff_name")
