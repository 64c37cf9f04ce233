"""The address at which WeChat tells us things: kept once, answered at once, worked off later."""

import json
import time
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from app.core.db import Database, acting_as
from app.core.queue import Bell
from app.wechat import jobs, queries
from app.wechat.client import WechatClient
from app.wechat.outfit import Outfit
from app.wechat.standin import (
    DEMO_PUSH_AES_KEY,
    DEMO_PUSH_TOKEN,
    DEMO_SECRET,
    PushTo,
    RegisteredApp,
)
from app.wechat.superapp import Verdict
from tests.app.wechat.support import running
from tests.support.refusals import refusal
from tests.support.serving import address_of, listening, serving

ME = "oCallbackResident"
TEMPLATE, ANOTHER = "tmplA", "tmplB"
SECONDS = 5


@pytest.fixture(params=["json", "xml"])
def form(request):
    return request.param


@pytest.fixture(params=["sealed", "in clear"])
def aes_key(request):
    return DEMO_PUSH_AES_KEY if request.param == "sealed" else ""


@pytest.fixture
def listening_world(app, world, hands, monkeypatch):
    """Our service behind a socket, which knows the world's mini-program."""

    def open_for(aes_key):
        outfit = Outfit(now=hands, push_token=DEMO_PUSH_TOKEN, push_aes_key=aes_key)
        client = WechatClient(world.appid, DEMO_SECRET, base_url="http://nowhere", outfit=outfit)
        monkeypatch.setitem(app.extensions["super_apps"], ("wechat", world.appid), client)

    with listening() as listener, serving(app, listener):
        yield f"{address_of(listener)}/api/v1/wechat/{world.appid}/messages", open_for


@pytest.fixture
def standin(listening_world, world, hands):
    """Makes a WeChat that pushes to our address."""
    url, open_for = listening_world

    def pushing(*, aes_key=DEMO_PUSH_AES_KEY, xml=False, appid=None, token=DEMO_PUSH_TOKEN):
        open_for(aes_key)
        push = PushTo(url=url, token=token, aes_key=aes_key, xml=xml)
        return running(hands, registered=RegisteredApp(appid=appid or world.appid, push=push))

    return pushing


def events_of(world):
    query = "SELECT name, content FROM wechat_event WHERE tenant_id = :t ORDER BY id"
    with world.own() as session:
        return [tuple(row) for row in session.execute(sa.text(query), {"t": world.tenant_id})]


def rights_of(world):
    with world.work() as session:
        return queries.rights_of(session, appid=world.appid, subject_blind=world.blind_of(ME))


@pytest.fixture
def work_off(world, settings):
    """What the worker does, as the role it has."""

    def work_off():
        with as_worker(world, settings):
            return jobs.work_off_tenant(world.tenant_id)

    return work_off


@contextmanager
def as_worker(world, settings):
    with world.app.app_context(), acting_as("worker", settings.worker_database_url):
        yield


def test_the_address_answers_wechats_question(standin):
    with standin() as sim:
        answer = sim.post("/__sim/pushes", ask_back=True).json()

    assert answer == {"is_right": True}


def test_somebody_who_does_not_know_the_token_is_refused(api, world, standin):
    with standin(token="another token") as sim, world.changes() as changed:
        right = sim.post("/__sim/pushes", ask_back=True).json()
        pushed = sim.answer_popup(ME, **{TEMPLATE: "accept"})

    assert (right, pushed) == ({"is_right": False}, {"acknowledged": False})
    assert changed == {}
    asked = api.post(f"/wechat/{world.appid}/messages", Event="x")
    assert refusal(asked) == (403, "push_refused")


def test_an_event_is_kept_whatever_its_form(world, standin, form, aes_key, bell):
    with standin(aes_key=aes_key, xml=form == "xml") as sim:
        pushed = sim.answer_popup(ME, **{TEMPLATE: "accept", ANOTHER: "reject"})

    ((name, content),) = events_of(world)
    assert pushed == {"acknowledged": True}
    assert name == "subscribe_msg_popup_event"
    assert [item["TemplateId"] for item in content["items"]] == [TEMPLATE, ANOTHER]
    assert bell.rung == [jobs.work_off_events]


def test_an_event_that_is_pushed_three_times_is_kept_and_counts_once(world, standin, work_off):
    with standin() as sim:
        sim.post("/__sim/subscribe", openid=ME, choices={TEMPLATE: "accept"}, times=3)
        pushes = sim.get("/__sim/pushes").json()["pushes"]

    assert [push["acknowledged"] for push in pushes] == [True] * 3
    assert len(events_of(world)) == 1
    assert (work_off(), work_off()) == (1, 0)
    assert rights_of(world) == {TEMPLATE: 1}


def test_rights_add_up_and_are_withdrawn_in_the_settings(world, standin, hands, work_off):
    with standin() as sim:
        for _ in range(2):
            sim.answer_popup(ME, **{TEMPLATE: "accept", ANOTHER: "accept"})
            hands.move(seconds=1)
        work_off()
        before = rights_of(world)
        no = {"openid": ME, "choices": {TEMPLATE: "reject"}, "in_settings": True}
        sim.post("/__sim/subscribe", **no)
        work_off()

    assert before == {TEMPLATE: 2, ANOTHER: 2}
    assert rights_of(world) == {TEMPLATE: 0, ANOTHER: 2}


def test_saying_no_to_the_popup_takes_nothing_away(world, standin, hands, work_off):
    with standin() as sim:
        sim.answer_popup(ME, **{TEMPLATE: "accept"})
        hands.move(seconds=1)
        sim.answer_popup(ME, **{TEMPLATE: "reject"})
    work_off()

    assert rights_of(world) == {TEMPLATE: 1}


def test_wechat_is_answered_while_nobody_works_and_the_bell_is_dead(
    app, world, standin, monkeypatch, work_off
):
    monkeypatch.setitem(app.extensions, "queue", Bell("redis://127.0.0.1:1/0"))
    with standin() as sim:
        began = time.perf_counter()
        pushed = sim.answer_popup(ME, **{TEMPLATE: "accept"})
        took = time.perf_counter() - began

    assert pushed == {"acknowledged": True}
    assert took < SECONDS
    assert rights_of(world) == {}
    work_off()  # as the sweeper does, which needs no bell
    assert rights_of(world) == {TEMPLATE: 1}


def test_what_could_not_be_kept_is_not_acknowledged_and_comes_again(
    app, world, standin, monkeypatch
):
    gone = Database("postgresql+psycopg://localhost:1/nothing", role="app")
    with standin() as sim:
        with monkeypatch.context() as patch:
            patch.setitem(app.extensions, "database", gone)
            refused = sim.answer_popup(ME, **{TEMPLATE: "accept"})
        sim.answer_popup(ME, **{TEMPLATE: "accept"})
        pushes = sim.get("/__sim/pushes").json()["pushes"]

    assert refused == {"acknowledged": False}
    assert [push["acknowledged"] for push in pushes] == [False, False, False, True]


def test_an_event_for_another_mini_program_is_refused(world, standin):
    with standin(appid="wxsomebodyelse01") as sim, world.changes() as changed:
        pushed = sim.answer_popup(ME, **{TEMPLATE: "accept"})

    assert pushed == {"acknowledged": False}
    assert changed == {}


def test_an_address_of_no_mini_program_leads_nowhere(api):
    assert refusal(api.post("/wechat/wxnobody/messages")) == (404, "not_found")
    assert refusal(api.get("/wechat/wxnobody/messages")) == (404, "not_found")


def test_the_verdict_on_a_picture_comes_as_an_event(world, standin, hands):
    with standin() as sim:
        sim.phone_login(ME)
        asked = {"media_type": 2, "version": 2, "scene": 4, "openid": ME}
        api = "/wxa/media_check_async"
        names = [
            sim.ask(api, media_url=f"https://red.example/{word}.jpg", **asked).json()["trace_id"]
            for word in ("good", "风险样例")
        ]
        hands.move(seconds=3)
        delivered = sim.post("/__sim/pushes").json()
    labels = [content["label"] for _name, content in events_of(world)]

    with world.work() as session:
        found = [queries.media_verdict(session, name) for name in (*names, "unheard")]
    assert delivered == {"delivered": 2}
    assert sorted(labels) == [100, 20003]
    assert found == [Verdict.PASS, Verdict.RISKY, None]


def test_nothing_of_whom_it_is_about_is_logged(world, standin, caplog):
    caplog.set_level("DEBUG")
    with standin() as sim:
        sim.answer_popup(ME, **{TEMPLATE: "accept"})
        sim.answer_popup(ME, **{ANOTHER: "accept"})
    with standin(token="another token") as sim:
        sim.answer_popup(ME, **{TEMPLATE: "accept"})

    ours = [record for record in caplog.records if record.name.startswith("app.")]
    assert [record for record in ours if ME in str(record.__dict__)] == []
    assert "the signature is wrong" in caplog.text


def test_events_that_took_effect_are_let_go_of_after_a_month(
    world, standin, hands, settings, work_off
):
    with standin() as sim:
        sim.answer_popup(ME, **{TEMPLATE: "accept"})
        work_off()
        hands.move(seconds=1)
        sim.answer_popup(ME, **{ANOTHER: "accept"})
    hands.move(days=31)

    with as_worker(world, settings):
        jobs.forget_events([world.tenant_id])

    ((_name, content),) = events_of(world)
    assert content["items"][0]["TemplateId"] == ANOTHER
    assert json.dumps(rights_of(world)) == json.dumps({TEMPLATE: 1})
