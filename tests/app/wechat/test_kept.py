"""What is kept: codes drawn once, verdicts that are waited for, settings that are checked."""

from dataclasses import replace
from datetime import timedelta

import pytest

from app import create_app
from app.core.telling.templates import templates as notices
from app.wechat import images, services, templates
from app.wechat.errors import WechatBusy
from app.wechat.images import Wanted
from app.wechat.standin import DEMO_TEMPLATES
from app.wechat.superapp import Verdict
from config import SettingsInvalid
from tests.support.hands import NOON

API = "/wxa/getwxacodeunlimit"


@pytest.fixture
def draw(world, connect):
    """Draws a code of the world's with a client of the stand-in."""
    client = connect()

    def draw(scene="a.Zk3vQ9"):
        wanted = Wanted(appid=world.appid, page="pages/scan/index", token=scene)
        with world.app.app_context():
            return images.draw(world.tenant_id, client, wanted)

    return draw


def test_a_code_is_drawn_once(sim, draw):
    first, again, other = draw(), draw(), draw("another")

    assert first == again != other
    assert sim.calls(API) == 2


def test_a_code_that_was_drawn_is_there_while_wechat_is_not(sim, draw):
    drawn = draw()
    sim.fault(api=API, http=500, times=10)

    assert draw() == drawn
    with pytest.raises(WechatBusy):
        draw("another")


def test_a_verdict_that_does_not_come_within_half_an_hour_is_a_persons(world):
    def verdict(minutes):
        with world.work() as session:
            return services.media_verdict(
                session, trace_id="t", asked_at=NOON, now=NOON + timedelta(minutes=minutes)
            )

    assert (verdict(29), verdict(30)) == (None, Verdict.REVIEW)


@pytest.mark.parametrize("key", ["short", "键" * 43, "!" * 43])
def test_a_push_key_that_is_none_is_refused_at_the_start(settings, key):
    with pytest.raises(SettingsInvalid, match="WECHAT_PUSH_AES_KEY must be the 43"):
        create_app(replace(settings, wechat_push_aes_key=key))


@pytest.mark.parametrize(
    "text",
    ["- a", "goods: {id: t}", "goods: {id: t, page: p, fields: {colour1: x}}", "goods: [", "5"],
)
def test_templates_that_cannot_be_understood_are_refused_at_the_start(settings, tmp_path, text):
    file = tmp_path / "templates.yaml"
    file.write_text(text, encoding="utf-8")

    with pytest.raises(SettingsInvalid, match="WECHAT_TEMPLATES cannot be understood"):
        create_app(replace(settings, wechat_templates=file))


def test_templates_that_are_not_there_are_refused_and_none_are_none(settings, tmp_path):
    with pytest.raises(SettingsInvalid, match="WECHAT_TEMPLATES cannot be read"):
        create_app(replace(settings, wechat_templates=tmp_path / "nothing.yaml"))
    assert templates.read(None) == {}


def test_the_templates_of_the_demo_name_notices_there_are():
    ours = templates.read(DEMO_TEMPLATES)

    assert ours.keys() <= notices().keys()
