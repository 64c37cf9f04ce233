"""What is over is let go of, by the sweeper, and only that."""

from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core import misses, tidying
from app.core.db import acting_as, add
from app.core.misses import Try
from app.identity import sessions
from app.identity.models import SessionRow
from app.notices import jobs as notices
from app.roster.models import ImportBatch, ImportChunk

OLD_KEYS = """
    INSERT INTO idempotency (tenant_id, id, actor_id, key, fingerprint, created_at)
    SELECT :t, gen_random_uuid(), gen_random_uuid(), 'key of ' || number, '', :now
    FROM generate_series(1, :keys) AS number
"""


@pytest.fixture
def sweep(app, settings):
    """What the sweeper tidies in these cities, in the role it has."""

    def sweep(*cities):
        tenant_ids = [city.tenant_id for city in cities]
        with app.app_context(), acting_as("worker", settings.worker_database_url):
            for let_go in app.extensions["tidying"]:
                let_go(tenant_ids)

    return sweep


def test_codes_that_lapsed_unused_are_let_go_of_and_used_ones_kept(world, counter, hands, sweep):
    lin = world.person(points=40)
    counter.redeem(counter.code(lin))
    counter.code(lin)
    hands.move(days=2)
    counter.code(lin)

    with world.changes() as changed:
        sweep(world)

    assert changed["redeem_code"] == 1
    assert world.row_counts()["redeem_code"] == 2
    assert world.violations() == []


def test_a_refused_redemption_keeps_its_code(world, counter, hands, sweep):
    counter.redeem(counter.code(world.person()))
    hands.move(days=2)

    sweep(world)

    assert world.row_counts()["redeem_code"] == 1
    assert world.violations() == []


def test_a_key_is_remembered_for_three_days_and_let_go_of_later(world, counter, hands, sweep):
    lin, key = world.person(points=40), uuid4().hex
    shown = counter.code(lin)
    first = counter.redeem(shown, key=key)
    hands.move(days=2, hours=23)
    sweep(world)
    remembered = counter.redeem(shown, key=key)

    hands.move(days=2)
    sweep(world)
    forgotten = counter.redeem(shown, key=key)

    assert remembered.data == first.data
    assert forgotten.status_code != 201
    assert world.points_of(lin) == 24


def test_more_than_a_batch_is_let_go_of_at_once_in_every_city(new_world, hands, sweep):
    cities = new_world(), new_world()
    for city in cities:
        with city.own() as session:
            values = {"t": city.tenant_id, "now": city.now(), "keys": tidying.AT_ONCE + 1}
            session.execute(sa.text(OLD_KEYS), values)
    hands.move(days=4)

    sweep(*cities)

    assert [city.row_counts()["idempotency"] for city in cities] == [0, 0]


def test_a_session_is_let_go_of_a_month_after_it_is_over(world, hands, sweep):
    lin = world.person()
    with world.work() as session:
        ended = sessions.start(session, lin, staff=False, now=world.now()).token
        sessions.end_all_of(session, lin.id, now=world.now())
        ran_out = sessions.start(session, lin, staff=True, now=world.now()).token
    hands.move(days=29)
    with world.work() as session:
        living = sessions.start(session, lin, staff=False, now=world.now()).token
    sweep(world)
    assert world.row_counts()["session"] == 3

    hands.move(days=2)
    sweep(world)

    with world.work() as session:
        kept = session.scalars(sa.select(SessionRow.token_hash)).all()
    assert kept == [living.digest]
    assert {ended.digest, ran_out.digest}.isdisjoint(kept)


def test_what_failed_is_remembered_for_half_a_year(world, hands, sweep):
    with world.work() as session:
        failed = Try(purpose="scan", subject="a", now=world.now())
        misses.note(session, failed, reason="code_unknown", counts=True)
    hands.move(days=183)
    sweep(world)
    assert world.row_counts()["miss"] == 1

    hands.move(days=1)
    sweep(world)

    assert world.row_counts()["miss"] == 0


def test_what_was_told_a_year_ago_goes_with_whatever_became_of_it(app, api, world, hands, sweep):
    lin, caller = world.person(), world.staff("grid_worker")

    def tell(about):
        world.tell(lin, about=about)
        with app.app_context():
            notices.send_of_tenant(world.tenant_id)

    tell("long ago")
    (line,) = api.get("/call-list", as_=caller).json["items"]
    api.post(f"/call-list/{line['id']}/tries", as_=caller, step="phone", outcome="missed")
    hands.move(days=366)
    tell("lately")
    sweep(world)
    assert world.row_counts()["notice"] == 2

    hands.move(days=1)
    sweep(world)

    told = {"notice": 1, "notice_sending": 1, "call_line": 1, "call_try": 0}
    counted = world.row_counts()
    assert {table: counted[table] for table in told} == told


def test_a_sheet_that_nobody_took_over_is_dropped_after_a_week(world, hands, sweep):
    clerk = world.staff("community_clerk")
    with world.own() as session:
        batch = add(
            session,
            ImportBatch(
                kind="people",
                community_id=world.units["Mingde"],
                state="checked",
                rows=1,
                created=1,
                updated=0,
                problems=[],
                created_by=clerk.id,
                created_at=world.now(),
            ),
        )
        add(session, ImportChunk(batch_id=batch.id, number=0, sealed="v1|sealed"))
    hands.move(days=7)
    sweep(world)
    assert world.row_counts()["import_chunk"] == 1

    hands.move(minutes=1)
    sweep(world)

    assert world.row_counts()["import_chunk"] == 0
    with world.own() as session:
        assert session.scalars(sa.select(ImportBatch.state)).all() == ["dropped"]
