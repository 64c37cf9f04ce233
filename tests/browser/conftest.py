"""Real browsers at the real application: its own port, its own database, a queue that rings."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from socket import socket
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect, sync_playwright
from rq import Queue

from app.core import clock
from app.core.db import Database
from app.demo import load
from app.wechat.client import WechatClient
from app.wechat.outfit import Outfit
from app.wechat.standin import DEMO_APPID, DEMO_SECRET, create_standin
from config import Settings
from tests.browser.city import PASSWORD, City
from tests.browser.worker import Worker, own_redis
from tests.support.fixtures import application, owning, settings_for
from tests.support.hands import NOON, Hands
from tests.support.serving import PATIENT, address_of, listening, serving
from tests.support.visitor import (
    COUNTER,
    PATIENCE_MS,
    PHONE,
    QUIET,
    Decoder,
    Visitor,
    find_chromium,
    may_be_missing,
)

Visit = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = find_chromium(playwright)
        if chromium is None and may_be_missing():
            pytest.skip("there is no Chromium on this machine; `apt install chromium` brings one")
        expect.set_options(timeout=PATIENCE_MS)
        browser = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def listener() -> Iterator[socket]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="session")
def database_name(stand, template, database_name) -> Iterator[str]:
    """A database of the browser's own: what else was left waiting is not settled here."""
    name = f"{database_name}_browser"
    stand.create(name, template=template)
    yield name
    stand.drop(name)


@pytest.fixture(scope="session")
def settings(request, stand, database_name, listener) -> Settings:
    return replace(
        settings_for(stand, database_name),
        public_url=address_of(listener),
        redis_url=own_redis(stand.redis_url, request.config),
    )


@pytest.fixture(scope="session")
def app(settings, listener) -> Iterator[Flask]:
    with application(settings) as app, serving(app, listener):
        yield app


@pytest.fixture(scope="session")
def owner(settings) -> Iterator[Database]:
    with owning(settings) as database:
        yield database


@pytest.fixture(scope="session")
def worker(settings) -> Iterator[Worker]:
    """The worker: another application, as it would be another process."""
    with application(settings) as app:
        yield Worker(app)


@pytest.fixture
def hands(monkeypatch) -> Hands:
    """Tomorrow at noon: browsers go by their own clock, and drop a cookie that has run out."""
    tomorrow = clock.now().date() + timedelta(days=1)
    hands = Hands(datetime.combine(tomorrow, NOON.timetz()))
    monkeypatch.setattr(clock, "now", hands)
    return hands


@pytest.fixture
def bell(app, worker, monkeypatch) -> Queue:
    """The real queue, and nothing in it yet.

    It has nobody between who gives up: this machine may be busier than a bell has patience.
    """
    worker.queue.empty()
    monkeypatch.setitem(app.extensions, "queue", worker.queue)
    return worker.queue


@pytest.fixture
def wechat(app, world, hands, monkeypatch) -> Iterator[None]:
    """A WeChat of the test's own, on a port, that knows this world's mini-program."""
    with _wechat(app, world.appid, clock=hands, monkeypatch=monkeypatch):
        yield


@contextmanager
def _wechat(
    app: Flask, appid: str, *, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    standin = create_standin(clock=clock, appid=appid, sim_admin=True)
    with listening() as listener, serving(standin, listener):
        url = address_of(listener)
        client = WechatClient(appid, DEMO_SECRET, base_url=url, outfit=Outfit(budget=PATIENT))
        settings = replace(app.config["SETTINGS"], wechat_appid=appid, wechat_base_url=url)
        monkeypatch.setitem(app.config, "SETTINGS", settings)
        monkeypatch.setitem(app.extensions["super_apps"], ("wechat", appid), client)
        yield
        client.close()


@pytest.fixture
def demo(app, bell, hands, monkeypatch) -> Iterator[str]:
    """The demo city, as a newcomer finds it; answers the password of its staff."""
    with app.app_context():
        load.load(scale="small", password=PASSWORD)
    with _wechat(app, DEMO_APPID, clock=hands, monkeypatch=monkeypatch):
        yield PASSWORD


@pytest.fixture
def city(world, wechat) -> City:
    return City(world=world)


@pytest.fixture
def visit(browser, settings) -> Iterator[Visit]:
    """A browser for one more person; in the end none of them may have complained."""
    visitors: list[Visitor] = []

    def arrive(**device: Any) -> Visitor:
        visitors.append(Visitor(browser, settings.public_url, **device))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.leave()


@pytest.fixture(scope="session")
def decoder(browser) -> Decoder:
    return Decoder(browser)


@pytest.fixture
def phone(visit, city, api) -> Visitor:
    """The resident's phone, signed in."""
    return visit(**PHONE).known_by(api.token(city.resident))


@pytest.fixture
def till(visit, city, api) -> Visitor:
    """The counter's browser, with the manager signed in."""
    return visit(**COUNTER).known_by(api.token(city.manager, staff=True))


@pytest.fixture
def screen(visit, city, api) -> Visitor:
    """The browser of the venue's screen, with the secretary signed in."""
    return visit(**COUNTER).known_by(api.token(city.secretary, staff=True))
