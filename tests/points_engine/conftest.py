"""What the engine's tests stand on: a database with its tables, and both implementations."""

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import settings

from points_engine import MemoryEngine
from points_engine.postgres import PostgresEngine, metadata
from tests.points_engine import make

SCHEMA = "points_engine_exam"
WORKERS = 4

# `--hypothesis-profile=deep` searches for an hour rather than for seconds.
settings.register_profile("deep", max_examples=5000, stateful_step_count=60, deadline=None)


@pytest.fixture(scope="session")
def books(database_url) -> Iterator[sa.Engine]:
    """The engine's tables, in a schema of their own. Each test is a tenant of its own."""
    engine = sa.create_engine(
        database_url,
        pool_size=WORKERS,
        connect_args={"options": f"-c search_path={SCHEMA}"},
    )
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
        connection.execute(sa.text(f"CREATE SCHEMA {SCHEMA}"))
        metadata.create_all(connection)
    yield engine
    engine.dispose()


@pytest.fixture
def tenant() -> int:
    return make.some_tenant()


@pytest.fixture
def town() -> make.Town:
    return make.a_town()


@pytest.fixture
def undone(books) -> Iterator[sa.Connection]:
    """A transaction that leaves nothing behind."""
    with books.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture(params=["memory", "postgres"])
def engine(request, tenant) -> MemoryEngine | PostgresEngine:
    """One implementation after the other: they sit the same exam."""
    if request.param == "memory":
        return MemoryEngine(tenant)
    return PostgresEngine(request.getfixturevalue("undone"), tenant)


@pytest.fixture
def statements(books) -> Iterator[list[str]]:
    """Every statement that is sent to the database while the test runs."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_others):
        sent.append(statement)

    sa.event.listen(books, "before_cursor_execute", note)
    yield sent
    sa.event.remove(books, "before_cursor_execute", note)
