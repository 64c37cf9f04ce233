"""People and where they belong: the tree by day, registrations, households, delegates, imports."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SET_TENANT = "nullif(current_setting('app.tenant', true), '')"
OWN = f"tenant_id = {SET_TENANT}::bigint"
APPEND = "SELECT, INSERT"
CHANGE = "SELECT, INSERT, UPDATE"
APP = {
    "org_label": CHANGE,
    "org_placement": CHANGE,
    "stationed_unit": CHANGE,
    "part_time_member": CHANGE,
    "registration": CHANGE,
    "household": CHANGE,
    "household_member": CHANGE,
    "delegation": CHANGE,
    "guardian_consent": CHANGE,
    "import_batch": CHANGE,
    "import_chunk": "SELECT, INSERT, DELETE",  # what is taken over, or dropped, is let go of
    "import_progress": CHANGE,
}
# What the worker reads to check that the tree is one: which unit stands where, and no names.
COMPARED = {
    "org_unit": "tenant_id, id, parent_id, kind, path",
    "org_placement": "tenant_id, id, unit_id, parent_id, from_day, to_day",
    "household_member": "tenant_id, id, person_id, from_day, to_day",
}
UNIT_KINDS = (
    "'city', 'street', 'community', 'grid', 'building', 'entrance', 'working_committee', "
    "'joint_working_committee', 'party_committee', 'joint_committee', 'branch', 'group', 'unit'"
)
CHECKS = {
    "org_unit": {
        "kind": f"kind IN ({UNIT_KINDS})",
        "city_on_top": "(kind = 'city') = (parent_id IS NULL)",
        "name": r"char_length(name) <= 60 AND name ~ '\S'",
    },
    "person": {"card_no": "card_no ~ '^[0-9A-Z]{4,20}$'"},
}
# Every unit stands where it stands from the day on which that began to be written down.
STANDING = """
    INSERT INTO org_placement (tenant_id, id, unit_id, parent_id, from_day, reason)
    SELECT tenant_id, gen_random_uuid(), id, parent_id, CURRENT_DATE, '设立' FROM org_unit
"""


def upgrade() -> None:
    op.create_table(
        "org_label",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('city', 'street', 'community', 'grid', 'building', 'entrance', 'working_committee', 'joint_working_committee', 'party_committee', 'joint_committee', 'branch', 'group', 'unit')",
            name=op.f("ck_org_label_kind"),
        ),
        sa.CheckConstraint("char_length(label) BETWEEN 1 AND 20", name=op.f("ck_org_label_label")),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_org_label_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_org_label")),
        sa.UniqueConstraint("tenant_id", "kind", name=op.f("uq_org_label_tenant_id_kind")),
    )
    op.create_table(
        "household",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("door", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "char_length(door) <= 60 AND door ~ '\\S'", name=op.f("ck_household_door")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_household_tenant_id_unit_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_household_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_household")),
        sa.UniqueConstraint(
            "tenant_id", "unit_id", "door", name=op.f("uq_household_tenant_id_unit_id_door")
        ),
    )
    op.create_table(
        "delegation",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column("relation", sa.String(), nullable=False),
        sa.Column("acts", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("witnessed_by", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(consent = 'online') = (witnessed_by IS NULL)", name=op.f("ck_delegation_witnessed")
        ),
        sa.CheckConstraint(
            "cardinality(acts) > 0 AND acts <@ ARRAY['read', 'redeem', 'check_in', 'register']::text[]",
            name=op.f("ck_delegation_acts"),
        ),
        sa.CheckConstraint(
            "consent IN ('online', 'in_person', 'paper')", name=op.f("ck_delegation_consent")
        ),
        sa.CheckConstraint(
            "relation IN ('family', 'grid_worker')", name=op.f("ck_delegation_relation")
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck_delegation_revoked")
        ),
        sa.CheckConstraint(
            "daily_limit BETWEEN 0 AND 1000", name=op.f("ck_delegation_daily_limit")
        ),
        sa.CheckConstraint("person_id <> delegate_id", name=op.f("ck_delegation_another")),
        sa.CheckConstraint("to_day > from_day", name=op.f("ck_delegation_span")),
        sa.CheckConstraint("witnessed_by <> delegate_id", name=op.f("ck_delegation_witness_apart")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "delegate_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_delegation_tenant_id_delegate_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_delegation_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "revoked_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_delegation_tenant_id_revoked_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "witnessed_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_delegation_tenant_id_witnessed_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_delegation_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_delegation")),
    )
    op.create_index(
        "ix_delegation_open",
        "delegation",
        ["tenant_id", "person_id", "delegate_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_index(
        op.f("ix_delegation_tenant_id_delegate_id"),
        "delegation",
        ["tenant_id", "delegate_id"],
        unique=False,
    )
    op.create_table(
        "guardian_consent",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("guardian_id", sa.Uuid(), nullable=False),
        sa.Column("kinship", sa.String(), nullable=False),
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("witnessed_by", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("withdrawn_on", sa.Date(), nullable=True),
        sa.Column("withdrawn_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "consent IN ('in_person', 'paper')", name=op.f("ck_guardian_consent_consent")
        ),
        sa.CheckConstraint(
            "kinship IN ('parent', 'grandparent', 'guardian')",
            name=op.f("ck_guardian_consent_kinship"),
        ),
        sa.CheckConstraint(
            "(withdrawn_on IS NULL) = (withdrawn_by IS NULL)",
            name=op.f("ck_guardian_consent_withdrawn"),
        ),
        sa.CheckConstraint("person_id <> guardian_id", name=op.f("ck_guardian_consent_another")),
        sa.CheckConstraint("withdrawn_on >= from_day", name=op.f("ck_guardian_consent_span")),
        sa.CheckConstraint(
            "witnessed_by <> guardian_id AND witnessed_by <> person_id",
            name=op.f("ck_guardian_consent_witness_apart"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "guardian_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_guardian_consent_tenant_id_guardian_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_guardian_consent_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "withdrawn_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_guardian_consent_tenant_id_withdrawn_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "witnessed_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_guardian_consent_tenant_id_witnessed_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_guardian_consent_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_guardian_consent")),
    )
    op.create_index(
        "ix_guardian_consent_open",
        "guardian_consent",
        ["tenant_id", "person_id", "guardian_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_on IS NULL"),
    )
    op.create_table(
        "household_member",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("is_head", sa.Boolean(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("entered_by", sa.Uuid(), nullable=True),
        sa.CheckConstraint("to_day >= from_day", name=op.f("ck_household_member_span")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "entered_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_household_member_tenant_id_entered_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "household_id"],
            ["household.tenant_id", "household.id"],
            name=op.f("fk_household_member_tenant_id_household_id_household"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_household_member_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_household_member_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_household_member")),
    )
    op.create_index(
        "ix_household_member_head",
        "household_member",
        ["tenant_id", "household_id"],
        unique=True,
        postgresql_where=sa.text("is_head AND to_day IS NULL"),
    )
    op.create_index(
        "ix_household_member_person",
        "household_member",
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("to_day IS NULL"),
    )
    op.create_index(
        op.f("ix_household_member_tenant_id_household_id"),
        "household_member",
        ["tenant_id", "household_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_household_member_tenant_id_person_id_from_day"),
        "household_member",
        ["tenant_id", "person_id", "from_day"],
        unique=False,
    )
    op.create_table(
        "import_batch",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("created", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'done') = (done_at IS NOT NULL)", name=op.f("ck_import_batch_done")
        ),
        sa.CheckConstraint("kind IN ('people', 'units')", name=op.f("ck_import_batch_kind")),
        sa.CheckConstraint(
            "state IN ('checked', 'done', 'dropped')", name=op.f("ck_import_batch_state")
        ),
        sa.CheckConstraint(
            "created + updated <= rows", name=op.f("ck_import_batch_no_more_than_there_are")
        ),
        sa.CheckConstraint(
            "rows >= 0 AND created >= 0 AND updated >= 0", name=op.f("ck_import_batch_counts")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "community_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_import_batch_tenant_id_community_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "created_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_import_batch_tenant_id_created_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_import_batch_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_import_batch")),
    )
    op.create_index(
        op.f("ix_import_batch_tenant_id_created_by_id"),
        "import_batch",
        ["tenant_id", "created_by", "id"],
        unique=False,
    )
    op.create_table(
        "org_placement",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("placed_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.CheckConstraint("to_day >= from_day", name=op.f("ck_org_placement_span")),
        sa.CheckConstraint("unit_id <> parent_id", name=op.f("ck_org_placement_not_under_itself")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_org_placement_tenant_id_parent_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "placed_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_org_placement_tenant_id_placed_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_org_placement_tenant_id_unit_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_org_placement_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_org_placement")),
    )
    op.create_index(
        "ix_org_placement_open",
        "org_placement",
        ["tenant_id", "unit_id"],
        unique=True,
        postgresql_where=sa.text("to_day IS NULL"),
    )
    op.create_index(
        op.f("ix_org_placement_tenant_id_unit_id_from_day"),
        "org_placement",
        ["tenant_id", "unit_id", "from_day"],
        unique=False,
    )
    op.create_table(
        "stationed_unit",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("nature", sa.String(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "nature IN ('organ', 'institution', 'enterprise', 'social', 'new')",
            name=op.f("ck_stationed_unit_nature"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "contact_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_stationed_unit_tenant_id_contact_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_stationed_unit_tenant_id_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_stationed_unit_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_stationed_unit")),
    )
    op.create_table(
        "import_chunk",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "batch_id"],
            ["import_batch.tenant_id", "import_batch.id"],
            name=op.f("fk_import_chunk_tenant_id_batch_id_import_batch"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_import_chunk_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_import_chunk")),
        sa.UniqueConstraint(
            "tenant_id",
            "batch_id",
            "number",
            name=op.f("uq_import_chunk_tenant_id_batch_id_number"),
        ),
    )
    op.create_table(
        "import_progress",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("through >= 0", name=op.f("ck_import_progress_through")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"],
            ["import_batch.tenant_id", "import_batch.id"],
            name=op.f("fk_import_progress_tenant_id_id_import_batch"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_import_progress_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_import_progress")),
    )
    op.create_table(
        "part_time_member",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("committee_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.CheckConstraint("to_day > from_day", name=op.f("ck_part_time_member_span")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "committee_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_part_time_member_tenant_id_committee_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_part_time_member_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["stationed_unit.tenant_id", "stationed_unit.id"],
            name=op.f("fk_part_time_member_tenant_id_unit_id_stationed_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_part_time_member_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_part_time_member")),
    )
    op.create_index(
        "ix_part_time_member_open",
        "part_time_member",
        ["tenant_id", "committee_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("to_day IS NULL"),
    )
    op.create_table(
        "registration",
        sa.Column("tenant_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("moved_from_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL)", name=op.f("ck_registration_decided")
        ),
        sa.CheckConstraint(
            "(state IN ('refused', 'moved', 'closed')) = (until IS NOT NULL)",
            name=op.f("ck_registration_over"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'accepted', 'suspended', 'refused', 'moved', 'closed')",
            name=op.f("ck_registration_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('accepted', 'suspended', 'moved') OR since IS NOT NULL",
            name=op.f("ck_registration_in_force"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('proposed', 'refused') OR since IS NULL",
            name=op.f("ck_registration_not_in_force"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('refused', 'suspended') OR reason ~ '\\S'",
            name=op.f("ck_registration_says_why"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(person_id, unit_id) = 1", name=op.f("ck_registration_one_registers")
        ),
        sa.CheckConstraint("until >= coalesce(since, asked_on)", name=op.f("ck_registration_span")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "asked_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_registration_tenant_id_asked_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "community_id"],
            ["org_unit.tenant_id", "org_unit.id"],
            name=op.f("fk_registration_tenant_id_community_id_org_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "decided_by"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_registration_tenant_id_decided_by_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "moved_from_id"],
            ["registration.tenant_id", "registration.id"],
            name=op.f("fk_registration_tenant_id_moved_from_id_registration"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "person_id"],
            ["person.tenant_id", "person.id"],
            name=op.f("fk_registration_tenant_id_person_id_person"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "unit_id"],
            ["stationed_unit.tenant_id", "stationed_unit.id"],
            name=op.f("fk_registration_tenant_id_unit_id_stationed_unit"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_registration_tenant_id_tenant")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_registration")),
    )
    op.create_index(
        "ix_registration_person_asked",
        "registration",
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_index(
        "ix_registration_person_in_force",
        "registration",
        ["tenant_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('accepted', 'suspended')"),
    )
    op.create_index(
        op.f("ix_registration_tenant_id_community_id_state_id"),
        "registration",
        ["tenant_id", "community_id", "state", "id"],
        unique=False,
    )
    op.create_index(
        "ix_registration_unit_open",
        "registration",
        ["tenant_id", "unit_id", "community_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('proposed', 'accepted', 'suspended')"),
    )
    op.add_column("person", sa.Column("card_no", sa.String(), nullable=True))
    op.add_column(
        "person",
        sa.Column("large_type", sa.Boolean(), nullable=True),
    )
    op.create_index(
        "ix_person_card_no",
        "person",
        ["tenant_id", "card_no"],
        unique=True,
        postgresql_where=sa.text("card_no IS NOT NULL"),
    )
    op.add_column("redeem_code", sa.Column("delegation_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_redeem_code_delegation",
        "redeem_code",
        ["tenant_id", "delegation_id"],
        unique=False,
        postgresql_where=sa.text("delegation_id IS NOT NULL"),
    )
    op.create_foreign_key(
        op.f("fk_redeem_code_tenant_id_delegation_id_delegation"),
        "redeem_code",
        "delegation",
        ["tenant_id", "delegation_id"],
        ["tenant_id", "id"],
    )
    for table, checks in CHECKS.items():
        for name, condition in checks.items():
            op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.execute("ALTER TABLE org_unit NO FORCE ROW LEVEL SECURITY")
    op.execute(STANDING)
    op.execute("ALTER TABLE org_unit FORCE ROW LEVEL SECURITY")
    for table, rights in APP.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_tenant ON {table} USING ({OWN}) WITH CHECK ({OWN})")
        op.execute(f"GRANT {rights} ON {table} TO app")
    for table, columns in COMPARED.items():
        op.execute(f"GRANT SELECT ({columns}) ON {table} TO worker")


def downgrade() -> None:
    op.execute(f"REVOKE SELECT ({COMPARED['org_unit']}) ON org_unit FROM worker")
    for table, checks in CHECKS.items():
        for name in checks:
            op.drop_constraint(op.f(f"ck_{table}_{name}"), table)
    op.drop_constraint(
        op.f("fk_redeem_code_tenant_id_delegation_id_delegation"), "redeem_code", type_="foreignkey"
    )
    op.drop_index(
        "ix_redeem_code_delegation",
        table_name="redeem_code",
        postgresql_where=sa.text("delegation_id IS NOT NULL"),
    )
    op.drop_column("redeem_code", "delegation_id")
    op.drop_index("ix_person_card_no", table_name="person")
    op.drop_column("person", "large_type")
    op.drop_column("person", "card_no")
    op.drop_index(
        "ix_registration_unit_open",
        table_name="registration",
        postgresql_where=sa.text("state IN ('proposed', 'accepted', 'suspended')"),
    )
    op.drop_index(
        op.f("ix_registration_tenant_id_community_id_state_id"), table_name="registration"
    )
    op.drop_index(
        "ix_registration_person_in_force",
        table_name="registration",
        postgresql_where=sa.text("state IN ('accepted', 'suspended')"),
    )
    op.drop_index(
        "ix_registration_person_asked",
        table_name="registration",
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.drop_table("registration")
    op.drop_index(
        "ix_part_time_member_open",
        table_name="part_time_member",
        postgresql_where=sa.text("to_day IS NULL"),
    )
    op.drop_table("part_time_member")
    op.drop_table("import_progress")
    op.drop_table("import_chunk")
    op.drop_table("stationed_unit")
    op.drop_index(op.f("ix_org_placement_tenant_id_unit_id_from_day"), table_name="org_placement")
    op.drop_index(
        "ix_org_placement_open",
        table_name="org_placement",
        postgresql_where=sa.text("to_day IS NULL"),
    )
    op.drop_table("org_placement")
    op.drop_index(op.f("ix_import_batch_tenant_id_created_by_id"), table_name="import_batch")
    op.drop_table("import_batch")
    op.drop_index(
        op.f("ix_household_member_tenant_id_person_id_from_day"), table_name="household_member"
    )
    op.drop_index(op.f("ix_household_member_tenant_id_household_id"), table_name="household_member")
    op.drop_index(
        "ix_household_member_person",
        table_name="household_member",
        postgresql_where=sa.text("to_day IS NULL"),
    )
    op.drop_index(
        "ix_household_member_head",
        table_name="household_member",
        postgresql_where=sa.text("is_head AND to_day IS NULL"),
    )
    op.drop_table("household_member")
    op.drop_index(
        "ix_guardian_consent_open",
        table_name="guardian_consent",
        postgresql_where=sa.text("withdrawn_on IS NULL"),
    )
    op.drop_table("guardian_consent")
    op.drop_index(op.f("ix_delegation_tenant_id_delegate_id"), table_name="delegation")
    op.drop_index(
        "ix_delegation_open",
        table_name="delegation",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_table("delegation")
    op.drop_table("household")
    op.drop_table("org_label")
