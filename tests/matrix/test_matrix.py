"""The permission matrix: every route × every role × every relation, and nothing left out."""

import re
from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from uuid import uuid4

import pytest

from app.core.doors import PUBLIC
from app.identity.roles import RESIDENT, ROLES, Permission
from tests.architecture.test_map import OF_LIBRARIES, permission_of
from tests.matrix.scene import Scene, Undone
from tests.matrix.table import (
    AT_THE_COUNTER,
    BELOW,
    NAMED,
    OF_TENANT,
    PERSONAL,
    ROUTES,
    Asked,
    Relation,
)

# These hold every permission between them. All are asked about everything with `-m slow`.
FEW = [
    "resident",
    "community_secretary",
    "shop_manager",
    "merchant",
    "system_admin",
    "security_admin",
    "audit_admin",
]
EVERYBODY = [
    *((role, False) for role in FEW),
    *(pytest.param(role, True, marks=pytest.mark.slow) for role in ["resident", *ROLES]),
]
# What is denied is denied before the thing is looked for: in every run two of each are enough.
AT_THE_DOOR = {None, Relation.OWN, Relation.NONE}
VARIABLE = re.compile(r"<(?:uuid:|int:)?([a-z_]+)>")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
DENIED_CODES = {"staff_only", "forbidden"}
SIGNED_OUT_CODES = {"sign_in_first", "session_ended"}


class Fate(StrEnum):
    """What becomes of a request."""

    DENIED = "is told that this is not for them"
    ABSENT = "is told what one is told of things that never were"
    PRESENT = "is served, or refused for a reason of the thing itself"


@dataclass(frozen=True, slots=True)
class Cell:
    """One route, asked by one role about a thing in one relation."""

    endpoint: str
    method: str
    rule: str
    permission: str
    relation: Relation | None


def cells(app):
    """Every route, and for those about a thing every relation."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OF_LIBRARIES:
            continue
        permission = permission_of(app.view_functions[rule.endpoint])
        relations = list(Relation) if ROUTES[rule.endpoint].about else [None]
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            for relation in relations:
                yield Cell(rule.endpoint, method, rule.rule, permission, relation)


def expected(cell, role):
    """What follows from the roles and from what the route is about."""
    about = ROUTES[cell.endpoint].about
    if cell.permission == PUBLIC:
        return Fate.PRESENT
    if cell.permission not in RESIDENT | ROLES.get(role, frozenset()):
        return Fate.DENIED
    if about is None:
        return Fate.PRESENT
    if about in PERSONAL:
        counter = AT_THE_COUNTER.get(about) in ROLES.get(role, frozenset())
        seen = BELOW if counter else {Relation.OWN}
    elif cell.permission in RESIDENT:
        seen = OF_TENANT
    else:
        seen = BELOW
    return Fate.PRESENT if cell.relation in seen else Fate.ABSENT


class Asker:
    """Sends what a cell says, as a browser or as a program, and undoes what came of it."""

    def __init__(self, scene, database):
        self._scene, self._database = scene, database
        self._client = scene.world.app.test_client()
        page = self._client.get("/staff/login", headers={"X-Request-ID": "one-and-the-same"})
        self._csrf = TOKEN.search(page.text).group(1)
        self._cookies = {
            "form": self._client.get_cookie("form").value,
            "session": scene.token,
            "device": "the-browser-of-the-matrix",
        }

    def ask(self, cell):
        route = ROUTES[cell.endpoint]
        relation = cell.relation or Relation.OWN
        thing = self._scene.things[route.about][relation] if route.about else ""
        asked = Asked(
            thing=thing,
            code=self._scene.code_for(relation),
            person_id=str(self._scene.neighbour.id),
            place_id=str(self._scene.world.units["Mingde"]),
            appid=self._scene.world.appid,
        )
        sent = route.sent(asked) if route.sent else {}
        path = VARIABLE.sub(lambda found: self._named(found.group(1), route, relation), cell.rule)
        for name, value in self._cookies.items():  # whatever the last answer did to them
            self._client.set_cookie(name, value)
        with self._database.one_request():
            return self._send(cell, path, sent)

    def _named(self, variable, route, relation):
        return self._scene.things[NAMED.get(variable, route.about or "nothing")][relation]

    def _send(self, cell, path, sent):
        headers = {"X-Request-ID": "one-and-the-same"}
        if not path.startswith("/api/"):
            form = None if cell.method == "GET" else {**sent, "csrf_token": self._csrf}
            return self._client.open(path, method=cell.method, data=form, headers=headers)
        headers |= {"Authorization": f"Bearer {self._scene.token}", "Idempotency-Key": uuid4().hex}
        body = sent if sent or cell.method in {"POST", "PUT"} else None
        return self._client.open(path, method=cell.method, json=body, headers=headers)


def is_denied(answer):
    if answer.status_code != 403:
        return False
    if answer.mimetype == "application/problem+json":
        return answer.json["code"] in DENIED_CODES
    return any(f'mono">{code}' in answer.text for code in DENIED_CODES)


def is_signed_out(answer):
    """Whether who asks was not known: then the cell says nothing, and is wrong."""
    if answer.mimetype == "application/problem+json":
        return answer.json["code"] in SIGNED_OUT_CODES
    return answer.status_code == 302 and "login" in answer.location


def substance(answer):
    """All of an answer but a browser's cookies and a form's token, which are new each time.

    A page says its own address where one may switch to large type: whoever asked knows that.
    """
    kept = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]
    text = TOKEN.sub("", answer.data.decode(errors="replace")).replace(
        f'value="{answer.request.path}"', ""
    )
    return answer.status_code, [one for one in kept if one[0] != "Content-Length"], text


def fate_of(answer, of_nothing):
    if is_denied(answer):
        return Fate.DENIED
    if of_nothing is not None and substance(answer) == substance(of_nothing):
        return Fate.ABSENT
    return answer if answer.status_code >= 500 or is_signed_out(answer) else Fate.PRESENT


@pytest.fixture
def database(app, settings, monkeypatch):
    database = Undone(settings.database_url)
    yield database
    database.close()


def test_every_route_is_in_the_table_and_no_other(app):
    there = {rule.endpoint for rule in app.url_map.iter_rules()} - OF_LIBRARIES

    assert ROUTES.keys() == there


def test_the_few_hold_every_permission_between_them():
    held = RESIDENT.union(*(ROLES[role] for role in FEW if role in ROLES))

    assert held == set(Permission)


@pytest.mark.parametrize(("role", "thorough"), EVERYBODY)
def test_every_cell_of_the_matrix(
    app, world, new_world, database, monkeypatch, role, thorough, record_property
):
    scene = Scene(world, new_world(), role=role)
    monkeypatch.setitem(app.extensions, "database", database)
    asker, of_nothing, wrong, count = Asker(scene, database), {}, {}, Counter()

    for cell in sorted(cells(app), key=lambda one: one.relation is not Relation.NONE):
        route, wanted = (cell.endpoint, cell.method), expected(cell, role)
        if wanted is Fate.DENIED and not thorough and cell.relation not in AT_THE_DOOR:
            continue
        answer = asker.ask(cell)
        if cell.relation is Relation.NONE:
            of_nothing[route] = answer
        found = fate_of(answer, of_nothing.get(route))
        count[wanted.name] += 1
        if found != wanted:
            wrong[cell.endpoint, cell.method, cell.relation] = (wanted.name, str(found))

    record_property("cells", {"asked": count.total(), "wrong": len(wrong), **count})
    assert wrong == {}
