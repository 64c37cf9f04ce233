"""The schema rulebook, read from the catalogue of a migrated database."""

import re
from collections import defaultdict

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.core.tenancy import CONTROL_TABLES, REFERENCE_TABLES
from app.schema import METADATA, _config
from points_engine.postgres import functions
from tests.support.world import tenant_tables

PREFIXES = {"p": "pk", "u": "uq", "f": "fk", "c": "ck", "x": "ex"}

COLUMNS = """
    SELECT class.relname, attribute.attname, format_type(attribute.atttypid, NULL),
        attribute.attnotnull, attribute.attidentity <> '', attribute.attgenerated <> '',
        pg_get_expr(initial.adbin, initial.adrelid)
    FROM pg_class AS class
    JOIN pg_attribute AS attribute
        ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    LEFT JOIN pg_attrdef AS initial
        ON initial.adrelid = class.oid AND initial.adnum = attribute.attnum
    WHERE class.relkind IN ('r', 'p') AND class.relnamespace = 'public'::regnamespace
    ORDER BY class.relname, attribute.attnum
"""
CONSTRAINTS = """
    SELECT class.relname, con.contype, con.conname,
        ARRAY(SELECT attname::text FROM unnest(con.conkey) WITH ORDINALITY AS key(number, place)
              JOIN pg_attribute ON attrelid = con.conrelid AND attnum = number ORDER BY place),
        target.relname,
        ARRAY(SELECT attname::text FROM unnest(con.confkey) WITH ORDINALITY AS key(number, place)
              JOIN pg_attribute ON attrelid = con.confrelid AND attnum = number ORDER BY place),
        con.confdeltype, con.confupdtype, con.convalidated
    FROM pg_constraint AS con
    JOIN pg_class AS class ON class.oid = con.conrelid
    LEFT JOIN pg_class AS target ON target.oid = con.confrelid
    WHERE con.connamespace = 'public'::regnamespace AND con.contype IN ('p', 'u', 'f', 'c', 'x')
"""
UNIQUE_INDEXES = """
    SELECT class.relname, named.relname,
        ARRAY(SELECT attname::text
              FROM unnest(index.indkey::int[]) WITH ORDINALITY AS key(number, place)
              LEFT JOIN pg_attribute ON attrelid = class.oid AND attnum = number ORDER BY place)
    FROM pg_index AS index
    JOIN pg_class AS class ON class.oid = index.indrelid
    JOIN pg_class AS named ON named.oid = index.indexrelid
    WHERE class.relnamespace = 'public'::regnamespace AND index.indisunique
"""
FUNCTIONS = """
    SELECT proname, prosrc, proargnames[1], format_type(proargtypes[0], NULL), prosecdef,
        has_function_privilege('app', oid, 'EXECUTE'),
        has_function_privilege('worker', oid, 'EXECUTE'),
        has_function_privilege('auditor_ro', oid, 'EXECUTE')
    FROM pg_proc WHERE pronamespace = 'public'::regnamespace
"""
INDEXES = UNIQUE_INDEXES.replace(" AND index.indisunique", " AND NOT index.indisunique")


@pytest.fixture(scope="session")
def columns(catalogue):
    """By table, by column: type, not null, identity, generated, default."""
    found = defaultdict(dict)
    for table, column, *rest in catalogue.rows(COLUMNS):
        found[table][column] = tuple(rest)
    return found


@pytest.fixture(scope="session")
def constraints(catalogue):
    return catalogue.rows(CONSTRAINTS)


@pytest.fixture(scope="session")
def of_tenants(constraints):
    """The constraints of tenant tables."""
    return [row for row in constraints if row[0] in set(tenant_tables())]


def test_the_models_and_the_migrations_make_the_same_database(owner):
    options = {"compare_type": True, "compare_server_default": True}
    with owner.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)

        assert compare_metadata(context, METADATA) == []


def test_the_models_and_the_migrations_make_the_same_checks(constraints):
    migrated = {(row[0], row[2]) for row in constraints if row[1] == "c"}
    tables = [table for metadata in METADATA for table in metadata.tables.values()]

    named = sa.dialects.postgresql.dialect().identifier_preparer.format_constraint
    modelled = {
        (table.name, named(constraint).strip('"'))
        for table in tables
        for constraint in table.constraints
        if isinstance(constraint, sa.CheckConstraint)
    }

    assert migrated == modelled


def test_the_models_and_the_migrations_make_the_same_functions(catalogue):
    migrated = {name: body for name, body, *_ in catalogue.rows(FUNCTIONS)}

    assert migrated.keys() == {"spend"}
    assert functions.SPEND.split("$$")[1] == migrated["spend"]


def test_a_function_begins_with_its_tenant_and_has_no_rights_of_its_own(catalogue):
    for name, _, first, kind, is_definers, *may_call in catalogue.rows(FUNCTIONS):
        assert (first, kind, is_definers) == ("p_tenant", "bigint", False), name
        assert may_call == [True, True, False], name


def test_the_migrations_have_one_head():
    assert len(ScriptDirectory.from_config(_config()).get_heads()) == 1


def test_every_table_is_of_one_of_three_kinds(columns):
    kinds = [set(tenant_tables()), set(REFERENCE_TABLES), set(CONTROL_TABLES)]

    assert columns.keys() == set().union(*kinds)
    assert sum(map(len, kinds)) == len(columns)


def test_every_tenant_table_begins_with_its_tenant(columns):
    for table in tenant_tables():
        kind, not_null, *_ = columns[table]["tenant_id"]
        assert (next(iter(columns[table])), kind, not_null) == ("tenant_id", "bigint", True), table


def test_every_key_of_a_tenant_table_begins_with_its_tenant(of_tenants):
    keys = [row for row in of_tenants if row[1] in {"p", "u", "x"}]

    assert [row[:4] for row in keys if row[3][0] != "tenant_id" or len(row[3]) < 2] == []
    assert {row[0] for row in keys if row[1] == "p"} == set(tenant_tables())


def test_every_index_of_a_tenant_table_begins_with_its_tenant(catalogue):
    indexes = [*catalogue.rows(UNIQUE_INDEXES), *catalogue.rows(INDEXES)]
    of_tenants = [row for row in indexes if row[0] in set(tenant_tables())]

    assert [row for row in of_tenants if row[2][0] != "tenant_id" or len(row[2]) < 2] == []


def test_every_reference_stays_within_its_tenant(of_tenants):
    for table, kind, name, own, target, theirs, *_ in of_tenants:
        if kind != "f":
            continue
        if target == "tenant":
            assert (own, theirs) == (["tenant_id"], ["id"]), name
        else:
            assert own[0] == theirs[0] == "tenant_id", name
            assert len(own) >= 2, name
            assert target in tenant_tables(), (table, name)


def test_nothing_shared_refers_to_what_is_a_tenants(constraints):
    shared = REFERENCE_TABLES | CONTROL_TABLES
    references = [row for row in constraints if row[1] == "f" and row[0] in shared]

    assert [row[2] for row in references if row[4] not in shared] == []


def test_no_reference_rewrites_its_row_when_another_goes(constraints):
    actions = {(row[6], row[7]) for row in constraints if row[1] == "f"}

    assert actions == {("a", "a")}


def test_every_constraint_holds_for_every_row(constraints):
    assert [row[2] for row in constraints if not row[8]] == []


def test_every_constraint_and_index_is_named_by_the_convention(constraints, catalogue):
    odd = [
        row[2]
        for row in constraints
        if row[0] != "alembic_version"
        and not re.match(rf"{PREFIXES[row[1]]}_{row[0]}(_|$)", row[2])
    ]
    odd += [
        name
        for table, name, _columns in catalogue.rows(INDEXES)
        if not name.startswith(f"ix_{table}_")
    ]

    assert odd == []


def test_no_name_was_cut_short(constraints, catalogue):
    names = [row[2] for row in constraints] + [row[1] for row in catalogue.rows(INDEXES)]

    assert [name for name in names if len(name) > 62] == []


def test_ids_are_made_by_the_application(columns, catalogue):
    made_here = [
        (table, column)
        for table, of_table in columns.items()
        for column, (_kind, _not_null, identity, generated, initial) in of_table.items()
        if identity or generated or re.search(r"nextval|uuid|random|now", initial or "")
    ]

    assert made_here == []
    assert catalogue.column("SELECT relname FROM pg_class WHERE relkind = 'S'") == []


def test_the_database_does_nothing_by_itself(catalogue):
    ours = "SELECT oid FROM pg_namespace WHERE nspname IN ('public', 'auditor')"
    tables = f"SELECT oid FROM pg_class WHERE relnamespace IN ({ours})"

    for found in (
        f"SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgrelid IN ({tables})",
        f"SELECT rulename FROM pg_rewrite WHERE rulename <> '_RETURN' AND ev_class IN ({tables})",
        f"SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhrelid IN ({tables})",
        f"SELECT proname FROM pg_proc WHERE pronamespace IN ({ours}) AND proname <> 'spend'",
        "SELECT evtname FROM pg_event_trigger",
    ):
        assert catalogue.column(found) == [], found


def test_no_extension_is_needed(catalogue):
    assert catalogue.column("SELECT extname FROM pg_extension") == ["plpgsql"]


def test_instants_have_a_zone_and_text_has_no_length(columns):
    kinds = {kind for of_table in columns.values() for kind, *_ in of_table.values()}

    assert kinds <= {
        "bigint",
        "boolean",
        "bytea",
        "character varying",
        "date",
        "double precision",
        "integer",
        "jsonb",
        "text",
        "text[]",
        "timestamp with time zone",
        "uuid",
        "uuid[]",
    }


def test_every_tenant_table_is_walled_in_reading_and_writing(catalogue):
    walled = catalogue.column("""
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND relrowsecurity AND relforcerowsecurity
    """)
    policies = catalogue.rows("""
        SELECT tablename, qual, with_check FROM pg_policies
        WHERE policyname = 'own_tenant' AND cmd = 'ALL' AND permissive = 'PERMISSIVE'
            AND roles = '{public}'
    """)

    assert sorted(walled) == tenant_tables()
    assert sorted(table for table, *_ in policies) == tenant_tables()
    assert {(reading, writing) for _table, reading, writing in policies} == {(WALL, WALL)}


WALL = "(tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::bigint)"


def test_the_other_policies_let_auditors_read_and_nobody_else(catalogue):
    others = catalogue.rows("""
        SELECT DISTINCT cmd, roles::text FROM pg_policies WHERE policyname <> 'own_tenant'
    """)

    assert others == [("SELECT", "{auditor_ro}")]
