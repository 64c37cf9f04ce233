"""What a resident writes for others is looked at first; what cannot be asked waits for a person."""

import pytest

from app.core import edges
from app.identity import elsewhere, texts
from app.wechat.superapp import Scene, Verdict


class Says:
    """A platform that says one thing, or nothing for too long."""

    def __init__(self, verdict=None):
        self.verdict, self.asked = verdict, []

    def check_text(self, subject_id, scene, text):
        self.asked.append((subject_id, scene, text))
        if self.verdict is None:
            raise TimeoutError
        return self.verdict


@pytest.fixture
def lin(world):
    return world.person()


@pytest.fixture
def ask(app, world, lin, monkeypatch):
    def ask(text, platform):
        if platform is not None:
            monkeypatch.setitem(app.extensions["super_apps"], ("wechat", world.appid), platform)
        with world.work() as session:
            accounts = elsewhere.accounts_of(session, edges.vault(), lin.id)
        with app.app_context():
            return texts.verdict_on(text, accounts, scene=Scene.COMMENT)

    return ask


@pytest.mark.parametrize("verdict", Verdict)
def test_the_platforms_word_counts(world, lin, ask, verdict):
    platform = Says(verdict)

    assert ask("谢谢大家", platform) is verdict
    assert platform.asked == [(world.openid_of(lin), Scene.COMMENT, "谢谢大家")]


def test_nothing_needs_no_look_and_what_nobody_answers_is_for_a_person(ask):
    assert ask("  ", Says()) is Verdict.PASS
    assert ask("谢谢大家", Says()) is Verdict.REVIEW


def test_of_whom_no_platform_knows_a_person_decides(ask):
    assert ask("谢谢大家", None) is Verdict.REVIEW
