"""A settling process that can be stopped before any statement it sends, to be killed there."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from multiprocessing.connection import Connection
from uuid import UUID

import sqlalchemy as sa

from points_engine.postgres import PostgresEngine
from tests.points_engine.make import POLICIES
from tests.support.hands import NOON

LIMIT = 7
NEVER = 1_000_000  # more statements than there are: whoever is to stop there goes on


class CutOff(Exception):
    """The settler goes no further."""


@contextmanager
def counted(connection: sa.Connection, step) -> Iterator[None]:
    """Call `step` before each statement of the transaction, before its end, and after it."""
    listening = {
        "before_cursor_execute": lambda *_: step(),
        "commit": lambda *_: step(),
    }
    for name, listener in listening.items():
        sa.event.listen(connection, name, listener)
    yield
    for name, listener in listening.items():
        sa.event.remove(connection, name, listener)


def settle(engine: sa.Engine, tenant: int, community: UUID, step=lambda: None) -> None:
    """Settle until nothing is left, as a worker does, and call `step` at every boundary."""
    settled = True
    while settled:
        with engine.connect() as connection, counted(connection, step):
            books = PostgresEngine(connection, tenant)
            settled = books.settle(community, POLICIES, now=NOON, limit=LIMIT).claimed
            connection.commit()
            step()


def name(tenant: int) -> str:
    """What the backends of a tenant's settlers are called."""
    return f"settler {tenant}"


def work(url: str, schema: str, tenant: int, community: UUID, place: int, told: Connection):
    """Settle in a process of one's own; at the boundary number `place` say so, and wait there."""
    seen_as = {"options": f"-c search_path={schema}", "application_name": name(tenant)}
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=seen_as)
    numbers = count()

    def step():
        number = next(numbers)
        if number == place:
            told.send("there")
            told.recv()
        if number > place:
            raise CutOff  # it was cut off between two transactions, and would not notice

    told.send("begun")
    try:
        settle(engine, tenant, community, step)
    except (CutOff, sa.exc.OperationalError):
        told.send("cut off")
    else:
        told.send("done")
