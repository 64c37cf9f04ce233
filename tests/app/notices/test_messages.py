"""What people read: their own messages, and whether they have."""

import pytest

from app.wechat.client import WechatClient
from app.wechat.outfit import Outfit
from app.wechat.standin import DEMO_SECRET
from tests.app.notices.conftest import OURS
from tests.support.client import NOWHERE
from tests.support.refusals import refusal


def messages(api, person, **query):
    return api.get("/me/messages", as_=person, **query).json


def test_goods_taken_are_told_to_whoever_paid(api, world, counter, bell):
    lin = world.person(points=40)

    counter.redeem(counter.code(lin))

    (message,) = messages(api, lin)["items"]
    assert message["title"] == "兑换成功"
    assert f"您在{counter.shop.name}兑换了大米×1，用去 16 分，结余 24 分。" in message["text"]
    assert (message["read_at"], message["path"]) == (None, "/passbook")
    assert "send_waiting" in {job.__name__ for job in bell.rung}


def test_a_refused_redemption_tells_nothing(api, world, counter):
    lin = world.person(points=2)

    counter.redeem(counter.code(lin))

    assert messages(api, lin)["items"] == []


def test_the_latest_stands_first_and_the_rest_on_further_pages(api, post, lin):
    for number in range(5):
        post.tell(lin, about=str(number), points=str(number))

    first = messages(api, lin, limit=3)
    rest = messages(api, lin, limit=3, cursor=first["next_cursor"])

    found = [one["text"][3] for one in (*first["items"], *rest["items"])]
    assert found == ["4", "3", "2", "1", "0"]
    assert rest["next_cursor"] is None


def test_reading_one_reads_those_before_it_and_is_remembered(api, post, lin, hands):
    for number in range(3):
        post.tell(lin, about=str(number))
    listed = messages(api, lin)["items"]

    read = api.post(f"/me/messages/{listed[1]['id']}/read", as_=lin).json
    at = hands().isoformat()
    hands.move(minutes=1)
    again = api.post(f"/me/messages/{listed[1]['id']}/read", as_=lin).json

    assert (read, again) == ({"read": 2, "unread": 1}, {"read": 0, "unread": 1})
    assert [one["read_at"] for one in messages(api, lin)["items"]] == [None, at, at]


def test_nobody_reads_what_others_were_told(api, post, world, lin):
    other = world.person()
    post.tell(other)
    (message,) = messages(api, other)["items"]
    api.request_id = "one-and-the-same"

    with world.changes() as changed:
        answers = [
            api.post(f"/me/messages/{id_}/read", as_=lin) for id_ in (message["id"], NOWHERE)
        ]

    assert messages(api, lin)["items"] == []
    assert {refusal(answer) for answer in answers} == {(404, "message_unknown")}
    assert answers[0].data == answers[1].data
    assert changed == {}


def test_the_page_says_what_is_new_until_it_was_read(browser, post, lin):
    post.tell(lin)
    before = browser.get("/messages").text
    home = browser.get("/me").text
    form = before.split('action="/messages/')[1].split("/read")[0]

    answer = browser.submit(f"/messages/{form}/read", shown_on="/messages")

    assert "您有 44 分到 2026年12月31日 为止有效。" in before
    assert "未读" in before
    assert "1 条未读" in home
    assert answer.location == "/messages"
    assert "未读" not in browser.get("/messages").text


def test_an_empty_page_says_what_will_stand_there(browser):
    assert "还没有消息" in browser.get("/messages").text


@pytest.fixture
def report(api, world, lin):
    def report(*, appid=None, **choices):
        answers = [{"template": name, "answer": word} for name, word in choices.items()]
        return api.post(
            "/me/subscriptions",
            as_=lin,
            platform="wechat",
            appid=appid or world.appid,
            choices=answers,
        )

    return report


def test_where_wechat_tells_us_nothing_a_phones_word_counts(report, post, lin, sim):
    first = report(points_expiring="accept", goods_taken="reject")
    second = report(points_expiring="acceptWithAudio", unheard_of="accept")

    assert (first.json, second.json) == ({"credited": 1}, {"credited": 1})
    assert post.rights(lin) == 2


def test_where_wechat_tells_us_itself_a_phones_word_is_a_hint(
    report, post, world, lin, monkeypatch
):
    client = WechatClient(
        world.appid,
        DEMO_SECRET,
        base_url="http://nowhere",
        outfit=Outfit(templates=OURS, push_token="agreed"),
    )
    monkeypatch.setitem(world.app.extensions["super_apps"], ("wechat", world.appid), client)

    assert report(points_expiring="accept").json == {"credited": 0}
    assert post.rights(lin) == 0


def test_only_ones_own_mini_program_is_reported_of(report, sim):
    assert refusal(report(appid="wxnobody", goods_taken="accept")) == (404, "app_account_unknown")


def test_whoever_is_forgotten_allows_nothing_and_was_told_nothing_in_words(post, world, lin, sim):
    post.agree(lin, at=sim)
    post.tell(lin, about="a", advice="金丝雀")
    keepings = world.app.extensions["keepings"]
    with world.work() as session:
        (exported,) = [
            list(one.export(session, lin.id)) for one in keepings if one.key == "messages"
        ]
        for one in keepings:
            one.forget(session, lin.id, world.now())
    post.send()

    assert [row["title"] for row in exported] == ["积分快到期"]
    assert "金丝雀" in exported[0]["text"]
    assert not world.holds_text("金丝雀")
    assert not world.holds_text(world.openid_of(lin))
    assert sim.outbox() == []
