"""The stage: rows that are put back before each turn, and the rows that the product wrote there.

The floor of a benchmark writes the same rows into the same tables. Which rows those are is not
said anywhere: the product does its work once, step by step, and what each step left behind is
kept. So a floor follows whatever tables and columns the engine has.
"""

from collections.abc import Callable, Iterator

import sqlalchemy as sa

from benchmarks.ground import Ground
from points_engine.postgres import metadata

TABLES = metadata.sorted_tables  # what is referred to comes first


def columns(table: sa.Table) -> list[str]:
    """The columns that somebody writes."""
    return [column.name for column in table.columns if column.computed is None]


def keep(ground: Ground) -> None:
    """Remember every row of the engine as it is now."""
    with ground.engine.begin() as connection:
        for table in TABLES:
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS bench.kept_{table.name}")
            connection.exec_driver_sql(f"CREATE TABLE bench.kept_{table.name} AS TABLE {table}")


def restore(ground: Ground) -> None:
    """Put back what was kept, into tables as fresh as they were: every turn begins alike."""
    with ground.engine.begin() as connection:
        names = ", ".join(table.name for table in TABLES)
        connection.exec_driver_sql(f"TRUNCATE {names} CASCADE")
        for table in TABLES:
            listed = ", ".join(columns(table))
            connection.exec_driver_sql(
                f"INSERT INTO {table} ({listed}) SELECT {listed} FROM bench.kept_{table.name}"
            )


def record(ground: Ground, step: Callable[[int], bool]) -> int:
    """Take steps from what was kept until one says it was the last; answer how many.

    After each, the rows it has left behind are those whose version is younger than the step.
    """
    restore(ground)
    with ground.engine.begin() as connection:
        for table in TABLES:
            connection.exec_driver_sql(_STAGE.format(table=table.name))
    number, more = 0, True
    while more:
        before = _moment(ground)
        more = step(number)
        with ground.engine.begin() as connection:
            for table in TABLES:
                for statement in _notes(table):
                    connection.execute(sa.text(statement), {"step": number, "before": before})
        number += 1
    _index(ground)
    return number


def statements(ground: Ground) -> list[str]:
    """What writes the rows of one step (`:step`) once more, each table in as few as it can be."""
    with ground.engine.connect() as connection:
        return [each for table in TABLES for each in _copies(connection, table)]


# `fresh`: the row was not there before, so it is inserted; otherwise it is changed.
_STAGE = """
    DROP TABLE IF EXISTS bench.wrote_{table}, bench.deleted_{table};
    CREATE TABLE bench.wrote_{table} AS
        SELECT 0 AS step, false AS fresh, t.* FROM {table} AS t LIMIT 0;
    CREATE TABLE bench.deleted_{table} AS SELECT 0 AS step, t.* FROM {table} AS t LIMIT 0
"""


def _notes(table: sa.Table) -> Iterator[str]:
    same = _same_key(table, "k", "t")
    yield f"""
        INSERT INTO bench.wrote_{table}
        SELECT :step,
               NOT EXISTS (SELECT FROM bench.kept_{table} AS k WHERE {same})
               AND NOT EXISTS (SELECT FROM bench.wrote_{table} AS k WHERE {same}),
               t.*
        FROM {table} AS t
        WHERE age(t.xmin) < age(CAST(CAST(:before AS text) AS xid))
    """
    yield f"""
        INSERT INTO bench.deleted_{table}
        SELECT :step, k.* FROM bench.kept_{table} AS k
        WHERE NOT EXISTS (SELECT FROM {table} AS t WHERE {same})
          AND NOT EXISTS (SELECT FROM bench.deleted_{table} AS t WHERE {same})
    """


def _moment(ground: Ground) -> str:
    """The number of a transaction: what is written later is younger."""
    with ground.engine.begin() as connection:
        found: str = connection.scalar(
            sa.text("SELECT CAST(CAST(pg_current_xact_id() AS xid) AS text)")
        )
        return found


def _index(ground: Ground) -> None:
    with ground.engine.begin() as connection:
        for table in TABLES:
            for what in ("wrote", "deleted"):
                connection.exec_driver_sql(f"CREATE INDEX ON bench.{what}_{table} (step)")
                connection.exec_driver_sql(f"ANALYZE bench.{what}_{table}")


def _copies(connection: sa.Connection, table: sa.Table) -> Iterator[str]:
    wrote, deleted = f"bench.wrote_{table}", f"bench.deleted_{table}"
    if _any(connection, f"{wrote} WHERE fresh"):
        listed = ", ".join(columns(table))
        yield (
            f"INSERT INTO {table} ({listed})"
            f" SELECT {listed} FROM {wrote} WHERE step = :step AND fresh"
        )
    if _any(connection, f"{wrote} WHERE NOT fresh"):
        changes = ", ".join(f"{name} = w.{name}" for name in _changed(connection, table))
        yield (
            f"UPDATE {table} AS t SET {changes} FROM {wrote} AS w"
            f" WHERE w.step = :step AND NOT w.fresh AND {_same_key(table, 't', 'w')}"
        )
    if _any(connection, deleted):
        yield (
            f"DELETE FROM {table} AS t USING {deleted} AS d"
            f" WHERE d.step = :step AND {_same_key(table, 't', 'd')}"
        )


def _changed(connection: sa.Connection, table: sa.Table) -> list[str]:
    """The columns that any step has changed in any row that was there before."""
    wrote = f"bench.wrote_{table}"
    listed = ", ".join(columns(table))
    earlier = f"(SELECT {listed} FROM bench.kept_{table} UNION ALL SELECT {listed} FROM {wrote})"
    return [
        name
        for name in columns(table)
        if _any(
            connection,
            f"{wrote} AS w JOIN {earlier} AS e ON {_same_key(table, 'e', 'w')}"
            f" WHERE NOT w.fresh AND w.{name} IS DISTINCT FROM e.{name}",
        )
    ]


def _same_key(table: sa.Table, one: str, other: str) -> str:
    return " AND ".join(f"{one}.{key.name} = {other}.{key.name}" for key in table.primary_key)


def _any(connection: sa.Connection, where: str) -> bool:
    return bool(connection.scalar(sa.text(f"SELECT EXISTS (SELECT FROM {where})")))
