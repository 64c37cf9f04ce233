"""An authenticated request, against an endpoint that does one primary-key SELECT and nothing else.

Both are asked in process, as a web worker would be: the whole application with its middleware,
its checks of who is asking and its answer as documented; and a Flask view of a few lines with
the same driver, pool and JSON. Who asks is known by a token that is looked up each time.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.core import clock
from app.core.ids import new_id
from app.core.vault import DataKeys
from app.identity import tokens
from app.wechat.standin import DEMO_SECRET
from benchmarks import town
from benchmarks.clients import Done
from benchmarks.figures import Line, at_most, in_turns
from benchmarks.ground import Ground
from config import Settings

SESSIONS, REQUESTS, FIRST_FEW = 10_000, 3000, 50
ASKED = "/api/v1/sessions/current"
SECRET = "a secret of the benchmark, long enough to be one"  # noqa: S105 - it guards nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What one client does: so many requests with one token, about one session."""

    url: str
    token: str
    session_id: UUID
    count: int


def run(ground: Ground) -> Iterator[Line]:
    ground.clear()
    token, session_id = _people(ground, ground.sized(SESSIONS, least=10))
    job = Asking(
        url=ground.url,
        token=token,
        session_id=session_id,
        count=ground.sized(REQUESTS, least=20),
    )
    measured = in_turns(
        ground.pairs,
        {
            "product": partial(ground.measure, ask_product, [job]),
            "floor": partial(ground.measure, ask_floor, [job]),
        },
    )
    product, floor = measured["product"], measured["floor"]
    yield Line(
        name="session, an authenticated request",
        unit="CPU ms a request",
        product=1000 / _middle([turn.per_cpu_second for turn in product]),
        floor=1000 / _middle([turn.per_cpu_second for turn in floor]),
        promise=at_most(3),
        more={
            "product_ms": round(1000 / _middle([turn.per_second for turn in product]), 2),
            "floor_ms": round(1000 / _middle([turn.per_second for turn in floor]), 2),
            "turns": [len(product), len(floor)],
        },
    )


def ask_product(_connection: sa.Connection, job: Asking, go: Callable[[], None]) -> Done:
    """The application as it is served, with its log line for each request, which nobody reads."""
    sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until we end
    app = create_app(
        Settings(
            env="test",
            database_url=job.url,
            secret_key=SECRET,
            data_keys=DataKeys.new().text(),
            wechat_base_url="http://wechat.invalid",
            wechat_secret=DEMO_SECRET,
        )
    )
    return _ask(app.test_client(), job, go)


def ask_floor(_connection: sa.Connection, job: Asking, go: Callable[[], None]) -> Done:
    """One view that reads one row by its key."""
    app = Flask(__name__)
    engine = sa.create_engine(job.url, pool_pre_ping=True)
    query = sa.text("SELECT id, created_at FROM session WHERE tenant_id = :tenant AND id = :id")

    @app.get(ASKED)
    def read() -> dict[str, object]:
        with engine.begin() as connection:
            values = {"tenant": town.TENANT, "id": job.session_id}
            row = connection.execute(query, values).one()
        return {"id": str(row.id), "created_at": row.created_at.isoformat()}

    return _ask(app.test_client(), job, go)


def _ask(client: FlaskClient, job: Asking, go: Callable[[], None]) -> Done:
    headers, latencies = {"Authorization": f"Bearer {job.token}"}, []
    for _ in range(FIRST_FEW):
        assert client.get(ASKED, headers=headers).status_code == 200
    go()
    for _ in range(job.count):
        began = time.perf_counter()
        answer = client.get(ASKED, headers=headers)
        latencies.append(time.perf_counter() - began)
        assert answer.status_code == 200
    return Done(job.count, tuple(latencies))


def _people(ground: Ground, count: int) -> tuple[str, UUID]:
    """So many people with a session each; the token and the id of the last one's."""
    now, unit, token = clock.now(), new_id(), tokens.issue(town.TENANT)
    people = [(new_id(), new_id()) for _ in range(count)]
    later = now + timedelta(days=1)
    with ground.engine.begin() as connection:
        own = {"tenant": town.TENANT}
        connection.execute(
            sa.text("INSERT INTO tenant (id, slug, name) VALUES (:tenant, 'bench', 'Bench')"), own
        )
        connection.execute(sa.text(_UNIT), {**own, "id": unit})
        connection.execute(
            sa.text(_PERSON), [{**own, "id": one, "unit": unit, "now": now} for one, _ in people]
        )
        connection.execute(
            sa.text(_SESSION),
            [
                {
                    **own,
                    "id": id_,
                    "person": one,
                    "now": now,
                    "later": later,
                    "digest": token.digest if one == people[-1][0] else id_.bytes * 2,
                }
                for one, id_ in people
            ],
        )
    return token.text, people[-1][1]


def _middle(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


_UNIT = """
    INSERT INTO org_unit (tenant_id, id, parent_id, kind, name, path)
    VALUES (:tenant, :id, NULL, 'city', 'City', ARRAY[CAST(:id AS uuid)])
"""
_PERSON = """
    INSERT INTO person (tenant_id, id, display_name, kinds, community_id, created_at)
    VALUES (:tenant, :id, '居民', ARRAY['resident'], :unit, :now)
"""
_SESSION = """
    INSERT INTO session (tenant_id, id, token_hash, person_id, staff, created_at, last_seen_at,
        idle_until, absolute_until, auth_level, auth_time, device)
    VALUES (:tenant, :id, :digest, :person, false, :now, :now, :later, :later, 'wechat', :now, '')
"""
