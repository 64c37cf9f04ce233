"""Walls between tenants, and rights that cannot rewrite history, tried one table at a time."""

import json

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from app.core.db import Database
from points_engine.postgres import APPEND_ONLY as ENGINE_APPEND_ONLY
from tests.support.world import tenant_tables

REFUSED = "42501"
ROLES = ("app", "worker")
APPEND_ONLY = sorted(
    ENGINE_APPEND_ONLY
    | {
        "attendance_list",
        "attendance_list_line",
        "audit_entry",
        "batch",
        "item_price",
        "miss",
        "call_try",
        "consent",
        "handover",
        "phone_claim",
        "phone_release",
        "errand",
        "redemption",
        "redemption_line",
        "role_grant",
        "station_tally",
        "station_visit",
        "stock_count",
        "stock_count_line",
        "stock_move",
        "wechat_code",
    }
)
# What is let go of once it is over; nothing else is ever deleted.
PASSING = {
    "app": {
        "card_pin",
        "activity_task",  # of a draft that is written differently
        "idempotency",
        "import_chunk",
        "item_photo",
        "personal_datum",
        "room_slot",
        "settle_queue",
        "station_exception",
        "station_photo",
        "station_span",
        "super_app_identity",
        "wechat_event",
        "wechat_right",
        "whereabouts",
    },
    "worker": {
        "guest_mark",
        "idempotency",
        "offline_stray",  # that somebody ended
        "redeem_code",
        "refused_scan",
        "settle_queue",
        "wechat_event",
        "call_line",
        "call_try",
        "import_chunk",
        "miss",
        "notice",
        "notice_sending",
        "session",
        "whereabouts",
    },
}
# The worker settles and checks; whose the accounts are is none of its business.
HIDDEN = {
    "app": set(),
    "worker": {
        "card_pin",
        "handover",
        "sale_question",
        "call_try",
        "activity_series",
        "attendance_list",
        "attendance_list_line",
        "batch",
        "calendar_theme",
        "consent",
        "passbook_book",
        "passbook_print",
        "phone_claim",
        "phone_release",
        "whereabouts",
        "delegation",
        "delivery",
        "duty_shift",
        "duty_turn",
        "errand",
        "feedback",
        "guardian_consent",
        "household",
        "household_member",
        "import_batch",
        "import_chunk",
        "import_progress",
        "item",
        "item_photo",
        "item_price",
        "merchant",
        "offline_stray",
        "miss",
        "org_label",
        "org_placement",
        "org_unit",
        "part_time_member",
        "person",
        "personal_datum",
        "recovery_code",
        "registration",
        "role_grant",
        "room_booking",
        "room_slot",
        "service_day",
        "service_document",
        "service_slip",
        "session",
        "shop",
        "staff_credential",
        "station",
        "station_code",
        "station_exception",
        "station_photo",
        "station_room",
        "station_span",
        "station_tally",
        "station_visit",
        "stationed_unit",
        "visit_service",
        "stock_count",
        "stock_count_line",
        "stock_proposal",
    },
}
# A login of one's own cannot become another; the second leg's plays all the roles.
OWN_LOGIN_ONLY = {True: ("SET SESSION AUTHORIZATION owner",), False: ()}
AUDITOR_VIEWS = {
    "account": "account_id tenant_id kind owner_id asset balance allow_negative",
    "txn": "txn_id tenant_id kind source_type source_id reverses_txn_id",
    "entry": "entry_id txn_id tenant_id account_id asset amount account_seq balance_after",
    "earn_event": "event_id tenant_id user_id asset points state txn_id",
    "seal": "tenant_id community_id quarter closed_at root leaf_count first_transfer_id"
    " last_transfer_id previous_root",
    "stock": "item_id tenant_id on_hand",
    "stock_move": "move_id item_id tenant_id delta redemption_id",
    "redemption": "redemption_id tenant_id item_id qty cost member_id manager_id state txn_id"
    " refund_txn_id code_jti",
    "audit_entry": "entry_id tenant_id seq at actor_id on_behalf_of role session_id scope_id action"
    " subject_kind subject_id changed reason request_id result prev_hash hash",
    "checkin": "checkin_id tenant_id activity_id user_id kind accepted code_jti",
}


class Actor:
    """Says one thing to the database as a role, as one tenant or none, and undoes it."""

    def __init__(self, database):
        self._database = database

    def ask(self, tenant_id, query, **values):
        session = self._database.open(tenant_id)
        try:
            return session.execute(sa.text(query), values).scalar()
        finally:
            session.rollback()
            session.close()

    def readable(self):
        """The tenants' tables this role may read at all."""
        may = "SELECT has_table_privilege(:table, 'SELECT')"
        return [table for table in tenant_tables() if self.ask(None, may, table=table)]

    def refusal(self, tenant_id, statement, **values):
        """The SQLSTATE that the statement is refused with, or None."""
        session = self._database.open(tenant_id)
        try:
            session.execute(sa.text(statement), values)
        except exc.DBAPIError as error:
            return error.orig.sqlstate
        finally:
            session.rollback()
            session.close()
        return None


@pytest.fixture(scope="session", params=ROLES)
def role(request):
    return request.param


@pytest.fixture(scope="session")
def actor(role, settings):
    url = settings.database_url if role == "app" else settings.worker_database_url
    database = Database(url, role=role, pool_size=1)
    yield Actor(database)
    database.engine.dispose()


@pytest.fixture(scope="session")
def auditor(stand, database_name):
    database = Database(stand.url(database_name, "auditor_ro"), role="auditor_ro", pool_size=1)
    yield Actor(database)
    database.engine.dispose()


def test_the_city_has_lived(samples):
    assert [table for table, row in samples.items() if row is None] == []


def test_the_application_reads_every_table_and_the_worker_no_people(actor, role):
    hidden = set(tenant_tables()) - set(actor.readable())

    assert hidden == HIDDEN[role]


def test_who_forgets_the_tenant_sees_nothing(actor, lived_in):
    for table in actor.readable():
        assert actor.ask(None, f"SELECT count(*) FROM {table}") == 0, table


def test_who_names_another_tenant_sees_nothing_of_this_one(actor, lived_in, new_world):
    other, query = new_world(), "SELECT count(*) FROM {} WHERE tenant_id = :t"

    for table in actor.readable():
        seen = actor.ask(other.tenant_id, query.format(table), t=lived_in.tenant_id)
        own = actor.ask(lived_in.tenant_id, query.format(table), t=lived_in.tenant_id)
        assert (seen, own > 0) == (0, True), table


def test_nobody_adds_a_row_to_another_tenant(actor, samples, lived_in, new_world):
    other = new_world()

    for table, row in samples.items():
        foreign = json.dumps({**row, "tenant_id": other.tenant_id})
        whole_row = f"jsonb_populate_record(NULL::{table}, CAST(:row AS jsonb))"
        statement = f"INSERT INTO {table} SELECT ({whole_row}).*"
        for tenant_id in (lived_in.tenant_id, None):
            assert actor.refusal(tenant_id, statement, row=foreign) == REFUSED, table


def test_nobody_moves_a_row_to_another_tenant(actor, lived_in, new_world):
    other = new_world().tenant_id

    for table in tenant_tables():
        statement = f"UPDATE {table} SET tenant_id = :other WHERE tenant_id = :own"
        refused = actor.refusal(lived_in.tenant_id, statement, other=other, own=lived_in.tenant_id)
        assert refused == REFUSED, table


@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET tenant_id = tenant_id", "DELETE FROM {}", "TRUNCATE {} CASCADE"],
    ids=lambda text: text.split()[0],
)
def test_what_happened_is_not_rewritten(actor, role, world, statement):
    over = PASSING[role] if statement.startswith("DELETE") else set()
    for table in set(APPEND_ONLY) - over:
        assert actor.refusal(world.tenant_id, statement.format(table)) == REFUSED, table


def test_nothing_is_deleted_but_what_is_over(actor, role):
    may = {
        table
        for table in tenant_tables()
        if actor.ask(None, "SELECT has_table_privilege(:table, 'DELETE')", table=table)
    }

    assert may == PASSING[role]


def test_nobody_empties_a_table_or_builds_one(stand, actor, world):
    for table in tenant_tables():
        assert actor.refusal(world.tenant_id, f"TRUNCATE {table} CASCADE") == REFUSED, table
    for statement in (
        "CREATE TABLE mine (id int)",
        "ALTER TABLE fact DISABLE ROW LEVEL SECURITY",
        "DROP POLICY own_tenant ON fact",
        *OWN_LOGIN_ONLY[stand.embedded],
        "CREATE ROLE friend",
    ):
        assert actor.refusal(world.tenant_id, statement) == REFUSED, statement


def test_nobody_rewrites_what_all_tenants_share(actor):
    for table in ("tenant", "super_app", "staff_name", "wechat_token", "alembic_version"):
        assert actor.refusal(None, f"DELETE FROM {table}") == REFUSED, table
        assert actor.refusal(None, f"TRUNCATE {table} CASCADE") == REFUSED, table


def test_turning_the_walls_off_is_refused_not_obeyed(actor, lived_in):
    off = "SET LOCAL row_security = off"

    assert actor.refusal(lived_in.tenant_id, f"{off}; DELETE FROM settle_queue") == REFUSED
    assert actor.refusal(None, f"{off}; SELECT FROM person") == REFUSED


def test_the_roles_own_nothing_and_stand_above_nobody(catalogue):
    roles = catalogue.rows("""
        SELECT rolname, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
        FROM pg_roles WHERE rolname IN ('app', 'worker', 'auditor_ro')
    """)
    owned = catalogue.column("""
        SELECT relname FROM pg_class
        WHERE pg_get_userbyid(relowner) IN ('app', 'worker', 'auditor_ro')
    """)
    memberships = catalogue.rows("""
        SELECT member.rolname, granted.rolname FROM pg_auth_members
        JOIN pg_roles AS member ON member.oid = pg_auth_members.member
        JOIN pg_roles AS granted ON granted.oid = pg_auth_members.roleid
        WHERE member.rolname IN ('app', 'worker', 'auditor_ro')
    """)

    assert sorted(roles) == [("app", False), ("auditor_ro", False), ("worker", False)]
    assert owned == []
    assert memberships == []


def test_the_owner_is_walled_in_too(lived_in, owner):
    session = owner.open(None)
    try:
        assert session.execute(sa.text("SELECT count(*) FROM person")).scalar() == 0
    finally:
        session.close()


@pytest.mark.parametrize("view", AUDITOR_VIEWS)
def test_the_auditors_views_have_their_columns(catalogue, view):
    columns = catalogue.column(f"""
        SELECT column_name FROM information_schema.columns
        WHERE table_schema = 'auditor' AND table_name = '{view}' ORDER BY ordinal_position
    """)

    assert columns == AUDITOR_VIEWS[view].split()


def test_there_are_no_other_views(catalogue):
    views = catalogue.column("SELECT viewname FROM pg_views WHERE schemaname = 'auditor'")

    assert set(views) == AUDITOR_VIEWS.keys()


def test_the_auditors_views_ask_in_the_name_of_who_asks(catalogue):
    options = catalogue.column("""
        SELECT array_to_string(reloptions, ',') FROM pg_class
        WHERE relnamespace = 'auditor'::regnamespace AND relkind = 'v'
    """)

    assert set(options) == {"security_invoker=true"}


def test_auditors_read_one_tenant_or_all_and_the_books_balance(auditor, lived_in):
    balance = "SELECT sum(amount) FROM auditor.entry WHERE tenant_id = :t"
    visible = "SELECT count(*) FROM auditor.{} WHERE tenant_id = :t"

    for view in AUDITOR_VIEWS:
        assert auditor.ask(None, visible.format(view), t=lived_in.tenant_id) > 0, view
        assert auditor.ask(lived_in.tenant_id, visible.format(view), t=lived_in.tenant_id) > 0
    assert auditor.ask(None, balance, t=lived_in.tenant_id) == 0


def test_auditors_write_nothing_and_read_no_names(catalogue):
    rights = catalogue.rows("""
        SELECT table_name, privilege_type FROM information_schema.table_privileges
        WHERE grantee = 'auditor_ro' AND table_schema IN ('public', 'auditor')
    """)

    assert {right for _table, right in rights} == {"SELECT"}
    assert not {table for table, _right in rights} & {
        "idempotency",
        "person",
        "personal_datum",
        "redeem_code",
        "reservation",
        "session",
        "staff_credential",
        "super_app_identity",
    }


def test_an_auditors_writing_is_refused(auditor, lived_in):
    for view in AUDITOR_VIEWS:
        insert = f"INSERT INTO auditor.{view} SELECT * FROM auditor.{view}"
        for statement in (f"DELETE FROM auditor.{view}", insert):
            assert auditor.refusal(lived_in.tenant_id, statement) is not None, statement
    for table in tenant_tables():
        assert auditor.refusal(lived_in.tenant_id, f"DELETE FROM {table}") == REFUSED
        assert auditor.refusal(lived_in.tenant_id, f"TRUNCATE {table} CASCADE") == REFUSED
