"""What the engine's tests stand on: a database with its tables, and both implementations."""

import json
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import Phase, settings

from points_engine import MemoryEngine, verify
from points_engine.postgres import PostgresEngine, metadata
from tests.points_engine import make
from tests.support.hands import NOON

SCHEMA = "points_engine_exam"
WORKERS = 4

# `--hypothesis-profile=deep` searches for an hour rather than for seconds.
settings.register_profile("deep", max_examples=5000, stateful_step_count=60, deadline=None)

# For `make mutate`: a change is judged alike every time, and what notices it is not made shorter.
settings.register_profile(
    "mutation", derandomize=True, deadline=None, phases=[Phase.explicit, Phase.generate]
)


def pytest_collection_modifyitems(items):
    """`-m "not database"` is what can be asked of the meaning alone, in a process and no server."""
    for item in items:
        params = item.callspec.params if hasattr(item, "callspec") else {}
        if "books" in item.fixturenames or "postgres" in params.values():
            item.add_marker("database")


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
        books = MemoryEngine(tenant)
    else:
        books = PostgresEngine(request.getfixturevalue("undone"), tenant)
    books.publish(make.HOURS, now=NOON)
    return books


class Committing:
    """The engine on PostgreSQL, each call in a transaction of its own."""

    def __init__(self, books: sa.Engine, tenant: int) -> None:
        self._books, self._tenant = books, tenant

    def __getattr__(self, name):
        def call(*arguments, **named):
            with self._books.begin() as connection:
                return getattr(PostgresEngine(connection, self._tenant), name)(*arguments, **named)

        return call


@pytest.fixture(params=["memory", "postgres"])
def committing(request, tenant) -> MemoryEngine | Committing:
    """The same with what one call did committed before the next: a quarter asks for that."""
    engine = (
        MemoryEngine(tenant)
        if request.param == "memory"
        else Committing(request.getfixturevalue("books"), tenant)
    )
    engine.publish(make.HOURS, now=NOON)
    return engine


@pytest.fixture
def statements(books) -> Iterator[list[str]]:
    """Every statement that is sent to the database while the test runs."""
    sent: list[str] = []

    def note(_connection, _cursor, statement, *_others):
        sent.append(statement)

    sa.event.listen(books, "before_cursor_execute", note)
    yield sent
    sa.event.remove(books, "before_cursor_execute", note)


@pytest.fixture
def verified(tmp_path, capsys):
    """Run the program over a document, and say how it ended and what it said."""

    def run(document, *options, notice=None):
        file = tmp_path / "proof.json"
        text = document if isinstance(document, str) else json.dumps(document)
        file.write_text(text, encoding="utf-8")
        if notice is not None:
            (tmp_path / "seal.json").write_text(json.dumps(notice), encoding="utf-8")
            options = ("--seal", str(tmp_path / "seal.json"))
        status = verify.main([str(file), *options])
        return status, capsys.readouterr().out

    return run
