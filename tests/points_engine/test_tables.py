"""The tables obey the rules that let tenants be spread over several servers one day."""

import pytest
import sqlalchemy as sa

from points_engine.postgres import APPEND_ONLY, GRANTS, metadata

TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)


@pytest.fixture(params=TABLES, ids=lambda table: table.name)
def table(request):
    return request.param


def test_every_key_begins_with_the_tenant(table):
    keys = [each for each in table.constraints if isinstance(each, sa.UniqueConstraint)]
    unique = [each for each in table.indexes if each.unique]

    for key in [table.primary_key, *keys, *unique]:
        assert next(iter(key.columns)).name == "tenant_id", key.name


def test_every_reference_stays_inside_the_tenant(table):
    for reference in table.foreign_key_constraints:
        first = reference.elements[0]
        assert (first.parent.name, first.column.name) == ("tenant_id", "tenant_id")
        assert reference.ondelete is None


def test_every_constraint_has_a_name(books, table):
    found = sa.inspect(books)
    named = [
        found.get_pk_constraint(table.name),
        *found.get_foreign_keys(table.name),
        *found.get_unique_constraints(table.name),
        *found.get_check_constraints(table.name),
    ]

    written = {each.name for each in table.constraints}
    assert {each["name"] for each in named} == written


def test_nothing_is_numbered_by_the_database(table):
    assert all(column.identity is None for column in table.columns)
    assert all(column.autoincrement is not True for column in table.columns)


def test_every_table_says_what_may_be_done_to_it(table):
    assert set(GRANTS) == set(metadata.tables)
    assert (GRANTS[table.name] == ("SELECT", "INSERT")) == (table.name in APPEND_ONLY)


def test_no_sequence_and_no_trigger_was_made(books):
    with books.begin() as connection:
        made = connection.execute(
            sa.text(
                "SELECT c.relname FROM pg_class c"
                " WHERE relnamespace = CAST(current_schema() AS regnamespace) AND relkind = 'S'"
                " UNION ALL"
                " SELECT tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
                " WHERE relnamespace = CAST(current_schema() AS regnamespace) AND NOT tgisinternal"
            )
        ).all()

    assert made == []
