"""Importing people from a sheet; the floor is the library reading the very same file.

Two lines: a sheet in which one row in a hundred is wrong, until each is named by row and column;
and, for information, a sheet that is right, until its people are written, sealed and housed.
"""

import io
import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from flask import Flask
from openpyxl import load_workbook

from app import create_app
from app.core import edges
from app.core.db import acting_as, transaction
from app.core.ids import new_id
from app.core.tenancy import Tenant
from app.core.vault import DataKeys
from app.identity import services as identity
from app.identity.roles import Grant, Principal
from app.organisation import services as organisation
from app.roster import importing
from benchmarks.figures import Line, Measured, at_most, in_turns
from benchmarks.ground import Ground
from config import Settings
from tests.support.sheets import person, xlsx

PEOPLE, BAD_ONE_IN = 5000, 100
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
_tenants = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A community of a city of its own, and its clerk."""

    tenant_id: int
    community_id: UUID
    clerk: Principal


def run(ground: Ground) -> Iterator[Line]:
    count = ground.sized(PEOPLE, least=BAD_ONE_IN)
    good = [person(number) for number in range(count)]
    bad = [row | ({"身份证号码": "44"} if not n % BAD_ONE_IN else {}) for n, row in enumerate(good)]
    ground.clear()  # cities of an earlier benchmark would have the numbers of these
    app = _application(ground)
    with app.app_context():
        yield _compared(ground, f"import of {count}, 1 % bad, checked", xlsx(bad), write=False)
        yield _compared(ground, f"import of {count}, checked and written", xlsx(good), write=True)
    app.extensions["database"].engine.dispose()


def _compared(ground: Ground, name: str, content: bytes, *, write: bool) -> Line:
    measured = in_turns(
        ground.pairs,
        {"product": lambda: _import(ground, content, write=write), "floor": lambda: _read(content)},
    )
    product, floor = (min(turn.wall for turn in measured[who]) for who in ("product", "floor"))
    promise = None if write else at_most(4)
    return Line(name=name, unit="s", product=product, floor=floor, promise=promise)


def _read(content: bytes) -> Measured:
    """What the library needs: every cell of every row, once."""
    began, cells = time.perf_counter(), 0
    book = load_workbook(io.BytesIO(content), read_only=True)
    for row in book.worksheets[0].iter_rows(values_only=True):
        cells += len(row)
    book.close()
    assert cells > 0
    return Measured(count=1, wall=time.perf_counter() - began)


def _import(ground: Ground, content: bytes, *, write: bool) -> Measured:
    office = _office(ground)
    sheet = importing.Sheet(content=content, kind="people", community_id=office.community_id)
    ground.rest()
    began = time.perf_counter()
    with transaction(office.tenant_id) as session:
        batch = importing.check(session, edges.vault(), sheet, me=office.clerk, now=NOW)
    assert bool(batch.problems) is not write
    if write:
        with transaction(office.tenant_id) as session:
            steps = importing.take_over(session, edges.vault(), batch.id, me=office.clerk, now=NOW)
            assert list(steps)[-1] == batch.rows
    return Measured(count=1, wall=time.perf_counter() - began)


def _application(ground: Ground) -> Flask:
    settings = Settings(
        env="test",
        database_url=ground.url,
        worker_database_url=ground.url,
        owner_database_url=ground.url,
        secret_key="a secret of the benchmarks, long enough to be one",  # noqa: S106
        data_keys=DataKeys.new().text(),
    )
    return create_app(settings)


def _office(ground: Ground) -> Office:
    """Another city for each turn: its people are new to it."""
    tenant_id = next(_tenants)
    with acting_as("owner", ground.url), transaction(None) as session:
        session.add(Tenant(id=tenant_id, slug=f"bench{tenant_id}", name="Bench"))
    with acting_as("owner", ground.url), transaction(tenant_id) as session:
        above = None
        for kind in ("city", "street", "community"):
            unit = organisation.create_unit(
                session, parent_id=above, kind=kind, name=kind, on=NOW.date()
            )
            above = unit.id
        clerk = identity.register_person(
            session, name="黎同志", kinds=["staff"], community_id=unit.id, now=NOW
        )
    return Office(
        tenant_id=tenant_id,
        community_id=unit.id,
        clerk=Principal(
            tenant_id=tenant_id,
            zone="Asia/Shanghai",
            session_id=new_id(),
            person_id=clerk.id,
            community_id=unit.id,
            display_name="黎同志",
            staff=True,
            grants=(Grant("community_clerk", unit.id),),
        ),
    )
