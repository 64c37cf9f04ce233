"""The application the tests talk to, a clock they set, and a city of their own."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import pytest
from argon2 import profiles
from flask import Flask

from app import create_app
from app.core import clock
from app.core.db import Database
from app.core.vault import DataKeys
from app.identity.passwords import Passwords
from app.wechat.client import WechatClient
from app.wechat.standin import DEMO_SECRET, create_standin
from config import Settings
from tests.support.bell import RecordedBell
from tests.support.client import ApiClient
from tests.support.counter import Counter
from tests.support.crowd import Crowd
from tests.support.hands import Hands
from tests.support.handset import Handset
from tests.support.servers import Stand
from tests.support.world import World

NewWorld = Callable[[], World]

CROWD = 24  # threads, and a connection for each
METRICS_TOKEN = "whoever watches the tests"
SECRET = "a secret of the tests, long enough to be one"
DATA_KEYS = DataKeys.new().text()  # for one process: it has a database of its own


def settings_for(stand: Stand, database_name: str) -> Settings:
    """What the application is told when it works in this database."""
    return Settings(
        env="test",
        database_url=stand.url(database_name, "app"),
        worker_database_url=stand.url(database_name, "worker"),
        owner_database_url=stand.url(database_name, "owner"),
        redis_url=stand.redis_url,
        secret_key=SECRET,
        data_keys=DATA_KEYS,
        wechat_base_url="http://standin.test",
        wechat_secret=DEMO_SECRET,
        metrics_token=METRICS_TOKEN,
    )


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """An application that acts as the role `app`, and hashes passwords cheaply."""
    app = create_app(settings)
    app.extensions["passwords"] = Passwords(profiles.CHEAPEST)
    yield app
    app.extensions["database"].engine.dispose()


@contextmanager
def owning(settings: Settings) -> Iterator[Database]:
    """The owner of the tables, for what only a migration or an operator does."""
    database = Database(settings.owner_database_url or "", role="owner")
    yield database
    database.engine.dispose()


@pytest.fixture(scope="session")
def settings(
    stand: Stand, database_name: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    return settings_for(stand, database_name).with_changes(var=tmp_path_factory.mktemp("var"))


@pytest.fixture(scope="session")
def app(settings: Settings) -> Iterator[Flask]:
    """One application for the whole process."""
    with application(settings) as app:
        yield app


@pytest.fixture(scope="session")
def owner(settings: Settings) -> Iterator[Database]:
    with owning(settings) as database:
        yield database


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    hands = Hands()
    monkeypatch.setattr(clock, "now", hands)
    return hands


@pytest.fixture
def bell(app: Flask, monkeypatch: pytest.MonkeyPatch) -> RecordedBell:
    """A bell that remembers being rung, and wakes nobody."""
    bell = RecordedBell()
    monkeypatch.setitem(app.extensions, "queue", bell)
    return bell


@pytest.fixture
def new_world(app: Flask, owner: Database, hands: Hands, bell: RecordedBell) -> NewWorld:
    """Founds another city, for tests about two of them."""
    return lambda: World(app=app, owner=owner, now=hands)


@pytest.fixture
def world(new_world: NewWorld) -> World:
    return new_world()


@pytest.fixture
def api(world: World) -> ApiClient:
    return ApiClient(world)


@pytest.fixture
def crowd(
    app: Flask, settings: Settings, api: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Crowd]:
    """Threads that act at once, with a connection for each: they are to meet at the rows."""
    database = Database(settings.database_url or "", role="app", pool_size=CROWD)
    monkeypatch.setitem(app.extensions, "database", database)
    yield Crowd(api, threads=CROWD)
    database.engine.dispose()


@pytest.fixture
def counter(world: World, api: ApiClient) -> Counter:
    return Counter.open(world, api)


@pytest.fixture
def phone(world: World, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> Iterator[Handset]:
    """Called, `wx.login` on the phone of an openid: a fresh code from a stand-in of the test's."""
    standin = create_standin(clock=hands, appid=world.appid, sim_admin=True)
    transport = httpx.WSGITransport(standin)
    client = WechatClient(
        world.appid, DEMO_SECRET, base_url="http://standin.test", transport=transport
    )
    monkeypatch.setitem(world.app.extensions["super_apps"], ("wechat", world.appid), client)
    with httpx.Client(transport=transport, base_url="http://standin.test") as sim:
        yield Handset(sim)
