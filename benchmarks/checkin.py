"""A check-in over HTTP, against an endpoint of the same server that inserts one row and commits.

Each check-in is a person's first, with a token of their own and the code that the venue's screen
shows at that moment. Then two thousand people come to one activity within a minute, each at a
moment of their own, whether or not the one before has been answered.
"""

import http.client
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from statistics import median
from uuid import UUID

import sqlalchemy as sa

from app.activities import codes
from app.activities.codes import Direction
from app.core import clock
from app.core.ids import new_id
from app.core.keys import Keyring
from app.identity import tokens
from benchmarks import cpu, served, town
from benchmarks.clients import Done, measure
from benchmarks.figures import Line, Measured, at_least, at_most, in_turns, rates, wall_rates
from benchmarks.ground import Ground

CLIENTS, COUNT, FIRST_FEW = 8, 300, 20
CROWD, WITHIN_SECONDS, HANDS = 2000, 60.0, 32
UNANSWERED = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who comes, with the token of their phone."""

    id: UUID
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coming:
    """What one client does: everybody of these checks in, the first few unmeasured."""

    port: int
    activity_id: UUID
    people: tuple[Person, ...]
    first_few: int


def run(ground: Ground) -> Iterator[Line]:
    count, few = ground.sized(COUNT, least=10), ground.sized(FIRST_FEW, least=2)
    turns = CLIENTS * (count + few) * ground.pairs
    crowd = ground.sized(CROWD, least=20)
    ground.clear()
    served.lay_floor(ground)
    activity_id, people = _prepare(ground, count=turns + crowd)
    with served.served(ground) as (port, master):
        everybody = iter(people)
        coming = Coming(port=port, activity_id=activity_id, people=(), first_few=few)
        turn = partial(_turn, ground, master=master)
        measured = in_turns(
            ground.pairs,
            {
                "product": lambda: turn(check_in, _share(coming, everybody, count + few)),
                "floor": lambda: turn(insert, _share(coming, iter(people), count + few)),
            },
        )
        yield from _lines(measured["product"], measured["floor"])
        yield _crowd(ground, replace(coming, people=tuple(everybody)))


def check_in(_connection: sa.Connection, job: Coming, go: Callable[[], None]) -> Done:
    """Everybody checks in, one after the other."""
    keyring = Keyring(served.SECRET)
    return _post(job, go, lambda person: _arrival(job, person, keyring))


def insert(_connection: sa.Connection, job: Coming, go: Callable[[], None]) -> Done:
    """One row for everybody."""
    return _post(job, go, _row)


Asked = tuple[str, bytes, dict[str, str]]


def _arrival(job: Coming, person: Person, keyring: Keyring) -> Asked:
    code, _ = codes.issue(
        keyring,
        tenant_id=town.TENANT,
        activity_id=job.activity_id,
        direction=Direction.IN,
        now=clock.now(),
    )
    headers = {
        "Authorization": f"Bearer {person.token}",
        "Content-Type": "application/json",
        "Idempotency-Key": f"arrival-{person.id}",
    }
    path = f"/api/v1/activities/{job.activity_id}/check-ins"
    return path, json.dumps({"code": code}).encode(), headers


def _row(person: Person) -> Asked:
    body = {"person": str(person.id), "at": clock.now().isoformat()}
    return served.FLOOR, json.dumps(body).encode(), {"Content-Type": "application/json"}


def _post(job: Coming, go: Callable[[], None], asked: Callable[[Person], Asked]) -> Done:
    connection, latencies = http.client.HTTPConnection(served.HOST, job.port), []
    for number, person in enumerate(job.people):
        if number == job.first_few:
            go()
        path, body, headers = asked(person)
        began = time.perf_counter()
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        latencies.append(time.perf_counter() - began)
        assert answer.status == http.HTTPStatus.CREATED, said
    connection.close()
    counted = latencies[job.first_few :]
    return Done(len(counted), tuple(counted))


def _turn(
    ground: Ground,
    task: Callable[[sa.Connection, Coming, Callable[[], None]], Done],
    jobs: Sequence[Coming],
    *,
    master: int,
) -> Measured:
    """The web's processors count beside the database's."""
    ground.rest()
    before = cpu.family_seconds(master)
    measured = measure(ground.url, task, jobs, postmaster=ground.postmaster)
    web = cpu.family_seconds(master) - before
    return replace(measured, server_cpu=measured.server_cpu + web)


def _share(coming: Coming, people: Iterator[Person], each: int) -> list[Coming]:
    return [
        replace(coming, people=tuple(next(people) for _ in range(each))) for _ in range(CLIENTS)
    ]


def _lines(product: Sequence[Measured], floor: Sequence[Measured]) -> Iterator[Line]:
    things = "requests"
    yield wall_rates(
        f"checkin, {CLIENTS} clients", product, floor, things=things, promise=at_least(0.5)
    )
    yield rates(f"checkin, {CLIENTS} clients, by CPU", product, floor, things=things)
    yield Line(
        name=f"checkin, {CLIENTS} clients, p99 against the floor's",
        unit="ms",
        product=1000 * median(turn.latency(99) for turn in product),
        floor=1000 * median(turn.latency(99) for turn in floor),
        promise=at_most(4),
        more={"turns": [len(product), len(floor)]},
    )


def _crowd(ground: Ground, coming: Coming) -> Line:
    """Everybody within a minute: how many attendances there are for how many people."""
    before = _attendances(ground)
    seconds = WITHIN_SECONDS * min(1.0, ground.scale)
    moments = sorted(random.uniform(0, seconds) for _ in coming.people)  # noqa: S311 - no secret
    began = time.monotonic()
    with ThreadPoolExecutor(HANDS) as hands:
        late = [
            hands.submit(_come, coming, person, at=began + moment)
            for person, moment in zip(coming.people, moments, strict=True)
        ]
        answers = [each.result() for each in late]
    took = [seconds for _, seconds in answers]
    return Line(
        name=f"checkin, {len(coming.people)} people within {seconds:.0f} s",
        unit="attendances for people",
        product=_attendances(ground) - before,
        floor=len(coming.people),
        promise=at_least(1),
        more={
            "refused": sum(status != http.HTTPStatus.CREATED for status, _ in answers),
            "p50_ms": round(1000 * median(took), 1),
            "p99_ms": round(1000 * sorted(took)[int(len(took) * 0.99) - 1], 1),
        },
    )


def _come(coming: Coming, person: Person, *, at: float) -> tuple[int, float]:
    """The status, and the seconds since the moment somebody came: waiting for a hand counts."""
    time.sleep(max(0.0, at - time.monotonic()))
    connection = http.client.HTTPConnection(served.HOST, coming.port)
    try:
        path, body, headers = _arrival(coming, person, Keyring(served.SECRET))
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status, time.monotonic() - at
    except OSError:
        return UNANSWERED, time.monotonic() - at
    finally:
        connection.close()


def _attendances(ground: Ground) -> int:
    with ground.engine.connect() as connection:
        found: int = connection.scalar(sa.text("SELECT count(*) FROM attendance"))
        return found


def _prepare(ground: Ground, *, count: int) -> tuple[UUID, list[Person]]:
    """An activity that is running, and so many people with a session each."""
    now, unit, activity = clock.now(), new_id(), new_id()
    own = {"tenant": town.TENANT, "now": now, "unit": unit, "later": now + timedelta(days=1)}
    people, rows = [], []
    for _ in range(count):
        token = tokens.issue(town.TENANT)
        people.append(Person(id=(person := new_id()), token=token.text))
        rows.append({**own, "id": new_id(), "person": person, "digest": token.digest})
    with ground.engine.begin() as connection:
        connection.execute(sa.text(_TENANT), own)
        connection.execute(sa.text(_UNIT), own)
        connection.execute(sa.text(_ACTIVITY), {**own, "id": activity, "places": count})
        connection.execute(sa.text(_PERSON), rows)
        connection.execute(sa.text(_SESSION), rows)
    return activity, people


_TENANT = "INSERT INTO tenant (id, slug, name) VALUES (:tenant, 'bench', 'Bench')"
_UNIT = """
    INSERT INTO org_unit (tenant_id, id, parent_id, kind, name, path)
    VALUES (:tenant, :unit, NULL, 'city', 'City', ARRAY[CAST(:unit AS uuid)])
"""
_ACTIVITY = """
    INSERT INTO activity (tenant_id, id, community_id, title, category, place, starts_at, ends_at,
        capacity, state, published_at)
    VALUES (:tenant, :id, :unit, '大扫除', 'environment', '广场', :now, :later, :places,
        'published', :now)
"""
_PERSON = """
    INSERT INTO person (tenant_id, id, display_name, kinds, community_id, created_at)
    VALUES (:tenant, :person, '居民', ARRAY['resident'], :unit, :now)
"""
_SESSION = """
    INSERT INTO session (tenant_id, id, token_hash, person_id, staff, created_at, last_seen_at,
        idle_until, absolute_until, auth_level, auth_time, device)
    VALUES (:tenant, :id, :digest, :person, false, :now, :now, :later, :later, 'wechat', :now, '')
"""
