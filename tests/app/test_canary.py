"""A canary: what is planted about one person comes up nowhere but before that person.

Not in a log, a job, a key or value of Redis, an address, an error, or an answer to anybody
else; and in PostgreSQL only where it is sealed.
"""

import io
import zipfile
from uuid import uuid4

import flask
import pytest
import sqlalchemy as sa
from redis import Redis

from app.core import worker as workers
from app.core.db import acting_as
from app.core.queue import Bell
from app.identity import consents, sessions
from app.identity.fields import Field
from app.identity.kinds import Purpose
from app.ledger import jobs
from app.ledger import services as ledger
from tests.browser.worker import own_redis
from tests.support.browser import Browser
from tests.support.fixtures import METRICS_TOKEN
from tests.support.searching import standing_in

PLANTED = {
    "name": "金丝雀羽",
    "phone": "19912345678",
    "typed phone": "19887654321",
    "typed name": "金丝雀翎",
    "id number": "11010519491231002X",
    "birth date": "1949-12-31",
    "party": "金丝雀支部党员",
    "latitude": "31.2993791",
    "longitude": "120.6195851",
}
HERE = {"lat": 31.2993791, "lng": 120.6195851, "crs": "gcj02"}


class Answers:
    """Everything the application answered, to whom, and under which address."""

    def __init__(self, app, owner_id):
        self._owner_id = owner_id
        self.to_others, self.refusals, self.addresses = [], [], []
        flask.request_finished.connect(self._hear, app)

    def _hear(self, _app, response, **_more):
        request, known = flask.request, flask.g.get("identified")
        headers = "\n".join(f"{name}: {value}" for name, value in response.headers.items())
        said = f"{headers}\n{text_of(response.get_data())}"
        self.addresses += [request.url, response.headers.get("Location", "")]
        if response.status_code >= 400:
            self.refusals.append(said)
        elif request.path != "/api/v1/sessions" and not (
            known is not None and known.person_id == self._owner_id
        ):
            for typed in filter(None, request.form.values()):
                said = said.replace(typed, "")  # a field that is shown again as it was filled in
            self.to_others.append(said)


def text_of(body):
    """What can be read in it, in a workbook as well."""
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist())


@pytest.fixture
def redis_url(stand, request):
    return own_redis(stand.redis_url, request.config)


@pytest.fixture
def redis(redis_url):
    with Redis.from_url(redis_url) as redis:
        redis.flushdb()
        yield redis
        redis.flushdb()


@pytest.fixture
def bell(app, redis, redis_url, monkeypatch):
    """The real queue, in a Redis that is read afterwards."""
    monkeypatch.setitem(app.extensions, "queue", Bell(redis_url))


@pytest.fixture
def canary(world, api):
    """Somebody of whom everything is known."""
    person = world.person("新居民", points=40)
    world.know(
        person,
        {
            Field.NAME: PLANTED["name"],
            Field.PHONE: PLANTED["phone"],
            Field.ID_NUMBER: PLANTED["id number"],
            Field.BIRTH_DATE: PLANTED["birth date"],
            Field.PARTY: PLANTED["party"],
        },
    )
    return person


@pytest.fixture
def answers(app, canary):
    return Answers(app, canary.id)


def test_a_canary_sings_nowhere(
    app, world, api, canary, counter, phone, answers, redis, redis_url, log_lines, monkeypatch
):
    openid = world.openid_of(canary)
    token = sign_in(world, api, phone(openid))
    live_a_day(world, api, canary, counter)
    let_others_look(world, api, canary, monkeypatch)
    let_jobs_run_and_fail(app, redis_url, monkeypatch)
    go_wrong(api, canary, token)
    watched = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    assert app.test_client().get("/metrics", headers=watched).status_code == 200

    planted = {**PLANTED, "openid": openid, "token": token}
    heard = {
        "a log": "\n".join(log_lines()),
        "Redis": dump_of(redis),
        "an address": "\n".join(answers.addresses),
        "a refusal": "\n".join(answers.refusals),
        "an answer to somebody else": "\n".join(answers.to_others),
    }
    assert all(heard.values())
    sung = [
        (what, where)
        for what, value in planted.items()
        for where, text in heard.items()
        if value in text
    ]
    assert sung == []
    found = {what: standing_in(world, value) for what, value in planted.items()}
    assert {what: places for what, places in found.items() if places} == {}


def sign_in(world, api, login_code):
    wechat = {"platform": "wechat", "appid": world.appid, "code": login_code}
    started = api.post("/sessions", **wechat)
    assert started.status_code == 201
    assert api.post("/sessions", **wechat).status_code == 401  # used up
    return started.json["token"]


def live_a_day(world, api, canary, counter):
    """She comes to a station, gives time, and takes rice home."""
    version = consents.texts()[Purpose.LOCATION].version
    api.post("/me/consents", as_=canary, purpose="location", version=version)
    activity, wall = world.activity(), world.code_of(world.station())
    came = api.post("/station-visits", as_=canary, code=wall, location=HERE, key=uuid4().hex)
    path = f"/activities/{activity.id}"
    api.post(f"{path}/enrolments", as_=canary)
    checked = api.post(
        f"{path}/check-ins",
        as_=canary,
        code=world.venue_code(activity),
        location=HERE,
        key=uuid4().hex,
    )
    sold = counter.redeem(counter.code(canary))
    assert (came.status_code, checked.status_code, sold.status_code) == (201, 201, 201)
    assert counter.redeem(counter.code(canary), quantity=10).status_code == 409
    typed = {"number": PLANTED["typed phone"], "name": PLANTED["typed name"]}
    assert api.post("/me/phone", as_=canary, **typed).status_code == 200
    own = api.get("/me/data", as_=canary).get_data(as_text=True)
    for planted in ("phone", "typed phone", "latitude", "longitude"):
        assert PLANTED[planted].removeprefix("+86") in own


def let_others_look(world, api, canary, monkeypatch):
    """Staff search, open her file, bring sheets with her in them and take lists away."""
    secretary = world.staff("community_secretary", name="方书记")
    desk = Browser(world, api, secretary)
    for asked in (PLANTED["phone"], PLANTED["name"]):
        found = desk.submit("/staff/people", shown_on="/staff/people", q=asked)
        assert str(canary.id) in found.get_data(as_text=True)
    assert desk.get(f"/staff/people/{canary.id}").status_code == 200
    assert "待核对手机号" in desk.get("/staff/phones").get_data(as_text=True)
    sheet = f"姓名,手机号,身份证号\n{PLANTED['name']},{PLANTED['phone']},{PLANTED['id number']}\n"
    sheet += f"{PLANTED['name']},1,{PLANTED['id number']}\n"
    checked = desk.submit(
        "/staff/people/import",
        shown_on="/staff/people/import",
        kind="people",
        community_id=str(world.units["Mingde"]),
        file=(io.BytesIO(sheet.encode()), "people.csv"),
    )
    assert checked.status_code == 303
    assert desk.get(checked.location).status_code == 200
    for form in ("csv", "xlsx"):
        taken = desk.submit("/staff/people/export", shown_on="/staff/people", form=form)
        assert taken.status_code == 200
    auditor = Browser(world, api, world.staff("auditor", at="city", name="审计员"))
    assert auditor.get("/staff/audit").status_code == 200


def let_jobs_run_and_fail(app, redis_url, monkeypatch):
    """The worker takes what the bell rang for; once it fails with her name in its mouth."""
    settings = app.config["SETTINGS"]
    with app.app_context(), acting_as("worker", settings.worker_database_url):
        workers.work(redis_url, burst=True)
        with monkeypatch.context() as broken:
            broken.setattr(ledger, "communities_waiting", _cry)
            app.extensions["queue"].enqueue(jobs.settle_waiting)
            workers.work(redis_url, burst=True)


def _cry(*_args, **_more):
    raise LookupError(" ".join(PLANTED.values()))


def go_wrong(api, canary, token):
    """Requests that are refused, with what is planted in them."""
    api.bearing(f"{token}x")
    api.post("/scans", as_=canary, text=PLANTED["phone"])
    api.post("/station-visits", as_=canary, code=PLANTED["id number"])
    api.post("/me/redeem-codes", as_=canary, surprise=PLANTED["name"])
    api.post_raw("/scans", as_=canary, data=f'{{"text": "{PLANTED["name"]}'.encode())
    api.post("/staff-sessions", username=PLANTED["phone"], password=PLANTED["name"])


def dump_of(redis):
    """Every key and value there is."""
    readers = {
        b"string": lambda key: [redis.get(key)],
        b"hash": lambda key: [part for pair in redis.hgetall(key).items() for part in pair],
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"set": redis.smembers,
        b"zset": lambda key: redis.zrange(key, 0, -1),
        b"stream": lambda key: [repr(redis.xrange(key)).encode()],
    }
    parts = []
    for key in redis.scan_iter():
        parts += [key, *readers[redis.type(key)](key)]
    return b"\n".join(parts).decode("utf-8", "replace")


def test_the_search_of_the_database_would_find_it(world, canary):
    with world.own() as session:
        session.execute(
            sa.text("UPDATE person SET display_name = :name WHERE id = :id"),
            {"name": PLANTED["name"], "id": canary.id},
        )
        sessions.start(session, canary, staff=False, now=world.now())

    assert standing_in(world, PLANTED["name"]) == {("person", "display_name")}
