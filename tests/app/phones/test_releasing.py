"""A number that changed hands: two members of staff and a day, and then its new owner binds it."""

import pytest
import sqlalchemy as sa

from app.phones.models import PhoneRelease
from tests.app.phones.conftest import NUMBER, acts, proofs
from tests.support.browser import Browser
from tests.support.refusals import refusal


@pytest.fixture
def old(world, press):
    """Whoever had the number before, with proof."""
    wang = world.person("王建国")
    press(wang)
    return wang


@pytest.fixture
def secretary(world):
    return world.staff("community_secretary", name="方书记")


@pytest.fixture
def worker(world):
    return world.staff("community_clerk", name="方社工")


@pytest.fixture
def clerk(world, api, worker):
    return Browser(world, api, worker)


@pytest.fixture
def colleague(world, api, secretary):
    return Browser(world, api, secretary)


@pytest.fixture
def a_day_passes(world, api, hands, worker, secretary):
    """Both have signed in again: a session of staff does not last that long."""

    def pass_():
        hands.move(days=1, minutes=1)
        return Browser(world, api, worker), Browser(world, api, secretary)

    return pass_


@pytest.fixture
def ask(clerk, old):
    def ask(*, by=clerk, person=old, reason="新机主带开户单来过"):
        path = f"/staff/people/{person.id}/phone-release"
        return by.submit(path, shown_on="/staff/phones", reason=reason)

    return ask


def path_of(world):
    with world.own() as session:
        last = sa.select(PhoneRelease.id).order_by(PhoneRelease.id.desc()).limit(1)
        return f"/staff/phones/releases/{session.scalars(last).one()}"


@pytest.fixture
def decide(world):
    def decide(by, decision="release", reason="一天没有异议"):
        path = path_of(world)
        return by.submit(path, shown_on="/staff/phones", decision=decision, reason=reason)

    return decide


def test_a_day_later_a_colleague_lets_it_go_and_the_new_owner_binds_it(
    world, api, old, lin, press, clerk, colleague, ask, decide, a_day_passes
):
    assert refusal(press(lin)) == (409, "phone_at_desk")

    assert ask().location == "/staff/phones"
    seen = api.get("/me/phone", as_=old).json["release"]
    early, own = decide(colleague), decide(clerk)
    clerk, colleague = a_day_passes()
    still_own, done = decide(clerk), decide(colleague)

    assert seen["due_at"] > seen["asked_at"]
    assert (early.status_code, "可以提出异议" in early.text) == (409, True)
    assert (own.status_code, still_own.status_code, done.status_code) == (403, 403, 303)
    assert proofs(world) == set()
    assert api.get("/me/phone", as_=old).json["number"] is None
    assert press(lin).status_code == 200
    assert proofs(world) == {(lin.id, "wechat")}
    told = [one["title"] for one in api.get("/me/messages", as_=old).json["items"]]
    assert told == ["手机号已经移除", "您的手机号换了主人吗"]
    assert [one.reason for one in acts(world, "phone_release.ask")] == ["新机主带开户单来过"]
    assert [one.reason for one in acts(world, "phone_release.complete")] == ["一天没有异议"]
    gone = colleague.submit(
        path_of(world), shown_on="/staff/phones", decision="release", reason="再来一次"
    )
    assert gone.status_code == 404


def test_whoever_has_it_still_says_so_and_keeps_it(world, api, old, press, colleague, ask, decide):
    ask()
    own = Browser(world, api, old)
    assert "号码还是我的" in own.get("/me/phone").text
    assert own.submit("/me/phone/keep", shown_on="/me/phone").status_code == 303
    assert decide(colleague).status_code == 404

    ask()  # pressing the button of WeChat once more is proof as well
    press(old)
    assert refusal(api.delete("/me/phone/release", as_=old)) == (404, "phone_release_unknown")
    ask()
    assert api.delete("/me/phone/release", as_=old).status_code == 204
    ask()
    assert decide(colleague, "stop", "电话打通了，还是他").status_code == 303

    assert proofs(world) == {(old.id, "wechat")}
    assert len(acts(world, "phone_release.stop")) == 4


def test_what_is_refused_changes_nothing(world, api, old, lin, clerk, colleague, ask):
    world.unit("community", "Wenhua", under="East Street")
    far = Browser(world, api, world.staff("community_clerk", at="Wenhua", name="远社工"))

    with world.changes() as changed:
        answers = [
            ask(reason=" "),
            ask(person=lin),  # has no proved number
            ask(by=far),
            ask(by=Browser(world, api, world.staff("station_manager", name="钟站长"))),
        ]

    assert [one.status_code for one in answers] == [422, 404, 404, 403]
    assert "phone_release" not in changed
    ask()
    assert ask(by=colleague).status_code == 409


def test_nobody_lets_their_own_number_go_nor_one_they_wait_for(
    world, api, old, press, ask, colleague, hands
):
    other = world.staff("community_clerk", name="何社工")
    theirs = Browser(world, api, other)
    press(other, "13700001111")
    assert ask(by=theirs, person=other).status_code == 403

    typed = {"number": NUMBER, "name": "何社工"}
    api.post("/me/phone", as_=other, **typed)
    assert ask(by=theirs).status_code == 403
    assert world.row_counts().get("phone_release", 0) == 0


def test_it_is_let_go_of_for_a_fresh_reason_by_who_proved_themself(world, old, ask, clerk, hands):
    hands.move(minutes=6)

    shown, asked = clerk.get(f"/staff/people/{old.id}/phone-release"), ask()

    assert (shown.status_code, asked.status_code) == (403, 403)
    assert "确认身份" in shown.text
    assert world.row_counts().get("phone_release", 0) == 0


def test_of_the_owner_who_objects_and_the_colleague_who_lets_go_one_is_first(
    world, api, old, ask, a_day_passes, crowd
):
    ask()
    _clerk, colleague = a_day_passes()
    crowd.sign_in(old)
    path = path_of(world)

    kept, gone = crowd.at_once(
        [
            lambda client: client.delete("/me/phone/release", as_=old),
            lambda _client: colleague.submit(
                path, shown_on="/staff/phones", decision="release", reason="一天没有异议"
            ),
        ]
    )

    assert (kept.status_code, gone.status_code) in {(204, 404), (404, 303)}
    assert proofs(world) == ({(old.id, "wechat")} if kept.status_code == 204 else set())
