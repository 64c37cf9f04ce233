"""Settlement takes no data: it finds what waits, and doing it twice is doing it once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from app.core.db import Database, transaction
from app.core.ids import new_id
from app.core.queue import ring_after_commit
from app.ledger import jobs, services


def visit(api, world, person):
    return api.post(
        "/station-visits", as_=person, code=world.code_of(world.station(name=str(new_id())))
    )


def test_what_was_reported_is_pending_until_it_is_settled(api, world):
    lin = world.person()
    visit(api, world, lin)

    before = api.get("/me/balances", as_=lin).json["points"]
    settled = world.settle()
    after = api.get("/me/balances", as_=lin).json["points"]

    assert settled == 1
    assert (before["available"], before["pending"]) == (0, 2)
    assert (after["available"], after["pending"]) == (2, 0)


def test_ringing_twice_settles_once(api, world):
    lin = world.person()
    visit(api, world, lin)

    assert (world.settle(), world.settle()) == (1, 0)
    assert world.points_of(lin) == 2
    assert world.violations() == []


def test_every_community_is_settled(world):
    lin = world.person()
    world.unit("community", "Wenhua", under="East Street")
    with world.work() as session:
        for community in ("Mingde", "Wenhua"):
            services.report(session, world.visit_fact(lin, community=community))

    assert world.settle() == 2
    assert world.points_of(lin) == 4


def test_more_facts_than_a_batch_are_all_settled(app, world):
    lin = world.person()
    with world.work() as session:
        for _ in range(8):
            services.report(session, world.visit_fact(lin))

    with app.app_context():
        assert jobs.settle_tenant(world.tenant_id, limit=3) == 8
    assert world.points_of(lin) == 16


def test_four_workers_at_once_settle_each_fact_once(app, settings, world, monkeypatch):
    people = [world.person() for _ in range(5)]
    with world.work() as session:
        for person in people * 8:
            services.report(session, world.visit_fact(person))
    workers = Database(settings.worker_database_url, role="worker", pool_size=4)

    def work(_number):
        with app.app_context():
            return jobs.settle_tenant(world.tenant_id, limit=4)

    with monkeypatch.context() as patch, ThreadPoolExecutor(4) as pool:
        patch.setitem(app.extensions, "database", workers)
        settled = list(pool.map(work, range(4)))
    workers.engine.dispose()

    assert world.settle() + sum(settled) == 40
    assert [world.points_of(person) for person in people] == [16] * 5
    assert world.violations() == []


def test_the_bell_rings_after_the_commit(world, bell, app):
    with app.app_context():
        with transaction(world.tenant_id) as session:
            ring_after_commit(session, jobs.settle_waiting)
            assert bell.rung == []

        assert bell.rung == [jobs.settle_waiting]


def test_the_bell_is_silent_when_the_work_was_undone(world, bell, app):
    class ChangeOfMind(Exception):
        pass

    def change_of_mind():
        with app.app_context(), transaction(world.tenant_id) as session:
            ring_after_commit(session, jobs.settle_waiting)
            services.report(session, world.visit_fact(world.person()))
            raise ChangeOfMind

    with pytest.raises(ChangeOfMind):
        change_of_mind()

    assert bell.rung == []
    assert world.row_counts()["fact"] == 0


def test_a_city_that_cannot_be_settled_keeps_no_other_waiting(app, new_world, caplog):
    cities = before, broken, after = new_world(), new_world(), new_world()
    people = {city.tenant_id: city.person() for city in cities}
    for city in cities:
        with city.work() as session:
            services.report(session, city.visit_fact(people[city.tenant_id]))
    spoil = """
        UPDATE policy SET document = said.document, digest = md5(CAST(said.document AS text))
        FROM (
            SELECT version, document || '{"novel": 1}' AS document FROM policy WHERE tenant_id = :t
        ) AS said
        WHERE tenant_id = :t AND policy.version = said.version
    """
    with broken.own() as session:
        session.execute(sa.text(spoil), {"t": broken.tenant_id})

    with app.app_context():
        jobs.settle_waiting()

    told = [record.tenant for record in caplog.records if record.msg == "settlement failed"]
    assert broken.tenant_id in told
    assert [city.points_of(people[city.tenant_id]) for city in (before, after)] == [2, 2]
