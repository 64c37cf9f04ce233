"""Every statement says whose rows it means: row security is the second wall, not the first."""

import re
from uuid import uuid4

import pytest
from sqlalchemy import event

from app.commands import violations_of
from tests.support.browser import Browser
from tests.support.world import tenant_tables

TABLES = re.compile(
    rf"\b(?:FROM|JOIN|INTO|UPDATE)\s+({'|'.join(tenant_tables())})\b", re.IGNORECASE
)
LIST = re.compile(r"^\s*SELECT\b.*?\bFROM\b", re.IGNORECASE | re.DOTALL)
TENANT = re.compile(r"\btenant_id\b")


def nameless(statement):
    """Whether it touches more tables of tenants than it names the tenant for.

    What a statement selects does not count: that the tenant is read is no condition.
    """
    touched = TABLES.findall(statement)
    conditions = LIST.sub("FROM", statement, count=1)
    if re.match(r"\s*(UPDATE|DELETE)\b", statement, re.IGNORECASE):
        conditions = statement.partition(" WHERE ")[2]
    return bool(touched) and len(TENANT.findall(conditions)) < len(touched)


@pytest.fixture
def said(app):
    """Every statement the application sends from here on, once."""
    statements = {}
    engine = app.extensions["database"].engine

    def hear(_connection, _cursor, statement, _parameters, _context, _many):
        statements[statement] = None

    event.listen(engine, "before_cursor_execute", hear)
    yield statements
    event.remove(engine, "before_cursor_execute", hear)


@pytest.mark.parametrize(
    ("statement", "guilty"),
    [
        ("SELECT station.tenant_id, station.id FROM station WHERE station.id = 1", True),
        ("SELECT station.id FROM station WHERE station.tenant_id = 1", False),
        ("SELECT a.id FROM station JOIN shop ON true WHERE station.tenant_id = 1", True),
        ("UPDATE session SET tenant_id = 1 WHERE id = 2", True),
        ("UPDATE session SET id = 1 WHERE session.tenant_id = 2", False),
        ("DELETE FROM settle_queue WHERE fact_id = 1", True),
        ("INSERT INTO fact (tenant_id, id) VALUES (1, 2)", False),
        ("SELECT slug FROM tenant", False),
    ],
)
def test_a_statement_without_its_tenant_is_noticed(statement, guilty):
    assert nameless(statement) is guilty


def test_the_whole_journey_names_its_tenant_in_every_statement(
    api, world, hands, phone, said, counter
):
    lin, secretary = world.person(points=20), world.staff("community_secretary")
    username = world.employ(counter.manager, password="a password of the journey")
    station, activity = world.station(lat=31.0, lng=118.0), world.activity()
    for openid in (world.openid_of(lin), "oNewcomer000000000000000journey"):
        api.post("/sessions", platform="wechat", appid=world.appid, code=phone(openid))
    api.post("/staff-sessions", username=username, password="a password of the journey")
    api.post("/staff-sessions", username=username, password="wrong")
    for path in ("/me", "/sessions", "/sessions/current", "/me/balances", "/me/passbook"):
        api.get(path, as_=lin)
    for path in ("/stations", "/shops", "/activities", f"/shops/{counter.shop.id}/items"):
        api.get(path, as_=lin)
    near = {"lat": 31.0, "lng": 118.0, "crs": "wgs84"}
    api.post("/stations/search", as_=lin, near=near, kind="neighborhood_pioneer", open_now=True)
    api.post("/shops/search", as_=lin, near=near)
    api.get(f"/stations/{station.id}/code", as_=secretary)
    api.post("/scans", as_=lin, text=world.code_of(station))
    api.post("/scans", as_=lin, text="S" + "x" * 22)
    api.post("/station-visits", as_=lin, key=uuid4().hex, code=world.code_of(station))
    api.post("/station-visits", as_=lin, code=world.code_of(station))
    api.post(f"/activities/{activity.id}/enrolments", as_=lin)
    shown = api.get(f"/activities/{activity.id}/venue-code", as_=secretary).json["code"]
    api.post(f"/activities/{activity.id}/check-ins", as_=lin, code=shown)
    hands.move(minutes=90)
    leaving = world.venue_code(activity, "out")
    api.post(f"/activities/{activity.id}/check-outs", as_=lin, key=uuid4().hex, code=leaving)
    world.settle()
    key, code = uuid4().hex, counter.code(lin)
    counter.redeem(code, key=key)
    counter.redeem(code, key=key)
    counter.redeem(api.post("/me/redeem-codes", as_=lin).json["digits"], quantity=99)
    api.get("/me/passbook", as_=lin)
    api.delete("/sessions/current", as_=lin)

    assert len(said) > 60
    assert [statement for statement in said if nameless(statement)] == []


def test_every_page_names_its_tenant_in_every_statement(api, world, said, counter):
    lin, secretary = world.person(points=20), world.staff("community_secretary")
    station, activity = world.station(), world.activity()
    code = world.code_of(station)

    phone = Browser(world, api, lin)
    for path in ("/me", "/me/numbers", "/passbook", "/scan", f"/q/{code}", "/activities"):
        assert phone.get(path).status_code == 200, path
    for path in (f"/activities/{activity.id}", "/redeem-code", "/redeem-code/fresh"):
        assert phone.get(path).status_code == 200, path
    assert phone.get(f"/arrive/{world.venue_code(activity)}").status_code == 200
    for person, paths in {
        counter.manager: ("/staff", f"/counter/{counter.shop.id}"),
        secretary: ("/staff", "/venue", f"/venue/{activity.id}", f"/venue/{activity.id}/code"),
    }.items():
        for path in paths:
            assert Browser(world, api, person).get(path).status_code == 200, path
    assert Browser(world, api, counter.manager).get("/counter").status_code == 303

    assert [statement for statement in said if nameless(statement)] == []


def test_every_check_of_the_books_names_its_tenant(app, world, said):
    with app.app_context():
        violations_of(world.tenant_id)

    assert [statement for statement in said if nameless(statement)] == []
