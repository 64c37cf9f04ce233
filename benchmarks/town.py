"""A town to measure in: people with accounts, and facts that wait.

One person's rows are made by the engine itself, and all others are copies of them made by SQL:
so the rows are right whatever columns the engine's tables have.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa

from app.core.ids import new_id
from app.ledger import policies
from benchmarks import stage
from benchmarks.ground import Ground
from points_engine import Fact, FactKind, Policies, Spending, Unit, red_account
from points_engine.postgres import PostgresEngine, metadata

TENANT = 1
ACTIVITY = UUID(int=1)  # an activity of everybody's: its cap is counted for each person
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
DAYS = 28  # over which the facts are spread; then comes the day on which they are settled
NOW = NOON + timedelta(days=DAYS + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Who lives there. Person n lives in community n modulo their number, and so does fact n."""

    communities: tuple[UUID, ...]
    people: tuple[UUID, ...]
    facts: int

    def waiting(self, place: int) -> int:
        """How many facts one of the communities was given."""
        return len(range(place, self.facts, len(self.communities)))


def policies_in_force() -> Policies:
    return Policies([policies.shipped("hours10")])


def build(ground: Ground, *, people: int, facts: int = 0, communities: int = 2) -> Town:
    """A fresh town in the one tenant there is. Its accounts exist, its facts wait."""
    assert people % communities == 0, "fact n is of person n, and both are of one community"
    ground.clear()
    town = Town(
        communities=tuple(new_id() for _ in range(communities)),
        people=tuple(new_id() for _ in range(people)),
        facts=facts,
    )
    with ground.engine.begin() as connection:
        statement = "INSERT INTO tenant (id, slug, name) VALUES (:id, 'bench', 'Bench')"
        connection.execute(sa.text(statement), {"id": TENANT})
        model = _model(connection)
        _settle_in(connection, town, model)
        _open_accounts(connection, model)
        if facts:
            _report(connection, town)
    return town


def attendance(person_id: UUID, community_id: UUID) -> Fact:
    """90 minutes for the environment."""
    return Fact(
        id=(id_ := new_id()),
        kind=FactKind.ATTENDANCE,
        source=f"attendance:{id_}",
        category="environment",
        beneficiary_id=person_id,
        actor_id=person_id,
        community_id=community_id,
        quantity=90,
        activity_id=ACTIVITY,
        evidence={"qr2": "venue"},
        occurred_at=NOON,
        occurred_on=NOON.date(),
        received_at=NOON,
    )


def payment(payer_id: UUID, shop_id: UUID, community_id: UUID) -> Spending:
    """One point for a shop."""
    return Spending(
        payer_id=payer_id,
        shop_id=shop_id,
        community_id=community_id,
        amount=1,
        reference=f"redemption:{new_id()}",
        occurred_on=NOW.date(),
        booked_at=NOW,
        actor_id=payer_id,
        reason="bench",
    )


def settle_all(ground: Ground, town: Town) -> None:
    """Let the engine do it."""
    known = policies_in_force()
    for community_id in town.communities:
        settled = 1
        while settled:
            with ground.engine.begin() as connection:
                books = PostgresEngine(connection, TENANT)
                settled = books.settle(community_id, known, now=NOW, limit=1000).facts


def copy_rows(
    connection: sa.Connection, table: str, *, model: str, each: str, but: Mapping[str, str]
) -> None:
    """Copy the rows of `model` (named t) for each row of `each`, but with these columns.

    Columns that the table does not have are left out: another version may have them.
    """
    names = stage.columns(metadata.tables[table])
    values = ", ".join(but.get(name, f"t.{name}") for name in names)
    connection.exec_driver_sql(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {model} AS t, {each}"
    )


def fill(connection: sa.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Bring in many rows at once."""
    with connection.connection.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def fact_columns(number: str) -> dict[str, str]:
    """What is different in each copied fact, from an SQL expression for its number."""
    id_ = f"CAST('01900000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0') AS uuid)"
    day = f"CAST(mod({number}, {DAYS}) AS int)"
    received = f"CAST('{NOW - timedelta(days=1)}' AS timestamptz)"
    return {
        "id": id_,
        "fact_id": id_,
        "source": f"'attendance:' || {id_}",
        "payload_hash": f"sha256(CAST(CAST({id_} AS text) AS bytea))",
        "occurred_at": f"CAST('{NOON}' AS timestamptz) + make_interval("
        f"days => {day}, secs => {number} / {DAYS})",
        "occurred_on": f"CAST('{NOON.date()}' AS date) + {day}",
        "received_at": received,
        "not_before": received,
    }


def _model(connection: sa.Connection) -> UUID:
    """A person for whom the engine has made every kind of row."""
    person_id, community_id = new_id(), new_id()
    books = PostgresEngine(connection, TENANT)
    books.report(attendance(person_id, community_id))
    connection.exec_driver_sql("CREATE TABLE bench.model_fact AS TABLE fact")
    connection.exec_driver_sql("CREATE TABLE bench.model_settle_queue AS TABLE settle_queue")
    books.settle(community_id, policies_in_force(), now=NOW)
    return person_id


def _settle_in(connection: sa.Connection, town: Town, model: UUID) -> None:
    """Note who lives where, and what their accounts are called."""
    statement = "SELECT unit FROM account WHERE owner_id = :model AND code = 'red_account'"
    units = connection.scalars(sa.text(statement), {"model": model}).all()
    connection.exec_driver_sql(
        "CREATE TABLE bench.person (n int PRIMARY KEY, person_id uuid, lives_in uuid);"
        "CREATE TABLE bench.account_of (person_id uuid, of_unit text, account_id uuid)"
    )
    fill(
        connection,
        "bench.person",
        [
            (number, person_id, town.communities[number % len(town.communities)])
            for number, person_id in enumerate(town.people)
        ],
    )
    fill(
        connection,
        "bench.account_of",
        [
            (person_id, unit, red_account(person_id, Unit(unit)).id_in(TENANT))
            for person_id in town.people
            for unit in units
        ],
    )


def _open_accounts(connection: sa.Connection, model: UUID) -> None:
    copy_rows(
        connection,
        "account",
        model=f"(SELECT * FROM account WHERE owner_id = '{model}' AND code = 'red_account')",
        each="bench.account_of AS a WHERE a.of_unit = t.unit",
        but={
            "id": "a.account_id",
            "owner_id": "a.person_id",
            **dict.fromkeys(("posted", "held", "version"), "0"),
            "last_booked_at": "NULL",
        },
    )


def _report(connection: sa.Connection, town: Town) -> None:
    for table in ("fact", "settle_queue"):
        copy_rows(
            connection,
            table,
            model=f"bench.model_{table}",
            each=f"generate_series(0, {town.facts - 1}) AS f(number)"
            f" JOIN bench.person AS p ON p.n = mod(f.number, {len(town.people)})",
            but={
                **fact_columns("f.number"),
                "beneficiary_id": "p.person_id",
                "actor_id": "p.person_id",
                "community_id": "p.lives_in",
            },
        )
