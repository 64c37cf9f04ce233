"""Settling is killed at every statement and at any moment: what is drained then is the same."""

import multiprocessing
import random
import select
import socket
import threading
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa

from points_engine import MemoryEngine, Unit
from points_engine.postgres import PostgresEngine, verify
from tests.points_engine import make, settler
from tests.points_engine.conftest import SCHEMA
from tests.points_engine.make import DAY, POLICIES
from tests.support.hands import NOON

pytestmark = pytest.mark.slow

KILLS = 300
WITHIN = 30  # seconds, in which a process that is not killed has answered
PLAIN = {"sslmode": "disable", "gssencmode": "disable"}  # no questions before the first word
ENDS = ["the process", "the backend"]


class Town:
    """A tenant whose facts wait, and the same facts settled by nobody who can be killed."""

    def __init__(self, books, url, facts):
        self.tenant, self.town, self.books = make.some_tenant(), make.a_town(), books
        self._url = sa.make_url(url).render_as_string(hide_password=False)
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["pytest", "tests.points_engine.settler"])
        chance = random.Random(2026)
        self.people = [make.someone() for _ in range(5)]
        told = [
            self.town.attendance(
                chance.choice(self.people),
                chance.randrange(200),
                at=NOON - timedelta(seconds=chance.randrange(600)),
            )
            for _ in range(facts)
        ]
        self.twin = MemoryEngine(self.tenant)
        self.twin.report_many(told)
        while self.twin.settle(
            self.town.community, POLICIES, now=NOON, limit=settler.LIMIT
        ).claimed:
            pass
        with books.begin() as connection:
            PostgresEngine(connection, self.tenant).report_many(told)

    @contextmanager
    def settling(self, place):
        """A process that settles; it stops at the boundary number `place`."""
        ours, theirs = self._context.Pipe()
        asked = (self._url, SCHEMA, self.tenant, self.town.community, place, theirs)
        process = self._context.Process(target=settler.work, args=asked)
        process.start()
        theirs.close()
        with closing(ours):
            assert ours.poll(WITHIN)
            assert ours.recv() == "begun"
            yield process, ours
            process.join(WITHIN)
        assert process.exitcode is not None

    def kill_at(self, place, end):
        """Whether there was something to kill at that boundary."""
        with self.settling(place) as (process, told):
            assert told.poll(WITHIN)
            if told.recv() == "done":
                return False
            if end == "the process":
                process.kill()
            else:
                self.cut_off()
                told.send("go on")
                assert told.recv() in {"cut off", "done"}  # done: there was nothing left to say
        return True

    def kill_after(self, seconds):
        with self.settling(settler.NEVER) as (process, told):
            told.poll(seconds)
            process.kill()

    def cut_off(self):
        """End the backends of everybody else who is in these books, as an operator may."""
        with self.books.connect().execution_options(isolation_level="AUTOCOMMIT") as operator:
            operator.execute(
                sa.text("""
                    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                    WHERE application_name = :name
                """),
                {"name": settler.name(self.tenant)},
            )

    def waiting(self):
        with self.books.connect() as connection:
            query = "SELECT count(*) FROM settle_queue WHERE tenant_id = :t"
            return connection.scalar(sa.text(query), {"t": self.tenant})

    def drain(self):
        settler.settle(self.books, self.tenant, self.town.community)

    def is_undisturbed(self):
        """Nothing waits, the books add up, and say of everybody what the twin's say."""
        with self.books.connect() as connection:
            assert verify(connection, self.tenant) == []
            engine = PostgresEngine(connection, self.tenant)
            return self.waiting() == 0 and told(engine, self.people) == told(self.twin, self.people)


def told(engine, people):
    """Every line of everybody, with its version in the order, and every decision."""
    lines = [
        [(line.reference, line.amount, line.balance_after, line.quarter) for line in page]
        for page in (engine.lines(who, limit=10_000) for who in people)
    ]
    decisions = [
        [(each.source, each.judgement) for each in page]
        for page in (engine.decisions_of(who, limit=10_000) for who in people)
    ]
    return [sorted(page) for page in lines], decisions, [engine.balances(w, on=DAY) for w in people]


@pytest.fixture
def town_of(books, database_url):
    return lambda facts: Town(books, database_url, facts)


@pytest.mark.parametrize("end", ENDS)
def test_killed_at_every_statement_of_two_batches(town_of, end):
    place = 0
    killed = True
    while killed:
        town = town_of(2 * settler.LIMIT)
        killed = town.kill_at(place, end)
        assert town.waiting() in {0, settler.LIMIT, 2 * settler.LIMIT}, place
        town.drain()
        assert town.is_undisturbed(), place
        place += 1

    assert place > 25  # two batches of a dozen statements, with their ends


def test_many_kills_in_one_drain(town_of):
    town, chance = town_of(3500), random.Random(2026)
    left = [town.waiting()]

    for number in range(KILLS):
        end = chance.choice([*ENDS, "any moment"])
        if end == "any moment":
            town.kill_after(chance.random() / 50)
        else:
            assert town.kill_at(chance.randrange(26), end), number
        left.append(town.waiting())

    assert left[-1] > 0, "the drain ended before the kills"
    assert len(set(left)) > KILLS / 4, "the kills came too early"
    town.drain()
    assert town.is_undisturbed()


class Deaf:
    """Stands between a client and the database, and hangs up on the answer to COMMIT."""

    def __init__(self, url):
        self._url = sa.make_url(url)
        self._door = socket.create_server(("127.0.0.1", 0))
        host, port = self._door.getsockname()
        self.url = self._url.set(host=host, port=port, query=PLAIN)
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self._thread.start()

    def _pass_on(self):
        client, _ = self._door.accept()
        with closing(client), closing(self._server()) as server:
            said = b"something"
            while said and b"COMMIT" not in said:
                said = self._pass_one_on(client, server)
            # The server has done it, and nobody is told.
            answered = b"" if said else b"COMMIT"
            while b"COMMIT" not in answered:
                answered += server.recv(65536)

    def _pass_one_on(self, client, server):
        """What one side says to the other; of the client's last words, which they were."""
        ready, _, _ = select.select([client, server], [], [], WITHIN)
        assert ready, "both sides are waiting"
        if server in ready:
            client.sendall(server.recv(65536))
            return b"something"
        said = client.recv(65536)
        server.sendall(said)
        return said

    def close(self):
        self._thread.join(WITHIN)
        self._door.close()
        assert not self._thread.is_alive()

    def _server(self):
        folder, port = self._url.query.get("host", self._url.host), self._url.port or 5432
        if str(folder).startswith("/"):
            server = socket.socket(socket.AF_UNIX)
            server.connect(f"{folder}/.s.PGSQL.{port}")
            return server
        return socket.create_connection((self._url.host, port))


@pytest.fixture
def deaf(database_url):
    deaf = Deaf(database_url)
    seen_as = {"options": f"-c search_path={SCHEMA}"}
    engine = sa.create_engine(deaf.url, poolclass=sa.NullPool, connect_args=seen_as)
    yield engine
    deaf.close()


def test_a_batch_whose_commit_was_not_heard_is_settled_once(town_of, deaf):
    town = town_of(2 * settler.LIMIT)

    with pytest.raises(sa.exc.OperationalError):
        settler.settle(deaf, town.tenant, town.town.community)

    assert town.waiting() == settler.LIMIT
    town.drain()
    assert town.is_undisturbed()


def test_a_payment_whose_commit_was_not_heard_is_paid_once(town_of, deaf):
    town = town_of(2 * settler.LIMIT)
    town.drain()
    who = max(town.people, key=lambda who: town.twin.balances(who, on=DAY)[Unit.POINTS].posted)
    asked = town.town.spending(who, 3)

    with pytest.raises(sa.exc.OperationalError), deaf.begin() as connection:
        PostgresEngine(connection, town.tenant).spend(asked)
    with town.books.begin() as connection:
        again = PostgresEngine(connection, town.tenant).spend(asked)

    assert town.twin.spend(asked).debit_balance_after == again.debit_balance_after
    assert town.is_undisturbed()
