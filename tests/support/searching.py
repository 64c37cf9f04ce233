"""Looking through a whole database for what must not stand there."""

import sqlalchemy as sa

from tests.support.world import World

COLUMNS = """
    SELECT class.relname, attribute.attname, format_type(attribute.atttypid, NULL)
    FROM pg_class AS class
    JOIN pg_attribute AS attribute
        ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    WHERE class.relkind = 'r' AND class.relnamespace = 'public'::regnamespace
"""


def standing_in(world: World, value: str) -> set[tuple[str, str]]:
    """The tables and columns in which it can be read, whatever their type."""
    found = set()
    with world.own() as session:
        for table, column, kind in session.execute(sa.text(COLUMNS)).all():
            where = f"strpos({column}::text, :value) > 0"
            if kind == "bytea":
                where = f"position(convert_to(:value, 'UTF8') IN {column}) > 0"
            query = sa.text(f"SELECT 1 FROM {table} WHERE {where} LIMIT 1")
            if session.execute(query, {"value": value}).first():
                found.add((table, column))
    return found
