"""What is sealed is known to be: to the database, which takes nothing else, and to the rotation."""

import re

import sqlalchemy as sa

CHECKS = """
    SELECT class.relname, pg_get_constraintdef(con.oid)
    FROM pg_constraint AS con JOIN pg_class AS class ON class.oid = con.conrelid
    WHERE con.connamespace = 'public'::regnamespace AND con.contype = 'c'
"""
TEXTS = """
    SELECT class.relname, attribute.attname
    FROM pg_class AS class
    JOIN pg_attribute AS attribute
        ON attribute.attrelid = class.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
    WHERE class.relkind = 'r' AND class.relnamespace = 'public'::regnamespace
        AND format_type(attribute.atttypid, NULL) IN ('text', 'character varying')
"""


def declared(app):
    return {(one.model.__tablename__, one.column) for one in app.extensions["sealed"]}


def test_what_the_database_takes_only_sealed_is_sealed_anew_by_the_rotation(app, catalogue):
    checked = {
        (table, found.group(1))
        for table, check in catalogue.rows(CHECKS)
        if (found := re.search(r"\(?\(?(\w+)\)?(?:::text)? ~~ 'v1\|%'", check))
    }

    assert checked == declared(app)


def test_nothing_sealed_stands_where_the_rotation_does_not_look(app, lived_in, catalogue):
    texts = catalogue.rows(TEXTS)
    with lived_in.own() as session:
        sealed = {
            (table, column)
            for table, column in texts
            if session.scalar(sa.text(f"SELECT 1 FROM {table} WHERE {column} LIKE 'v1|%' LIMIT 1"))
        }

    assert len(sealed) > 5
    assert sealed <= declared(app)
