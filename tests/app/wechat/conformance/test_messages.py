"""Subscribe messages: a right for each, fields that fit, and never the same one twice."""

import pytest

from app.wechat.errors import WechatBusy
from app.wechat.superapp import Delivery, Message
from tests.app.wechat.conformance.conftest import LASTING, MIXED, THING

ME = "oDemoResident01"
API = "/cgi-bin/message/subscribe/send"
WORDS = {"what": "大米 1 袋", "state": "已领取", "number": "RA-0042", "at": "2026年3月2日 12:00"}


@pytest.fixture
def resident(sim):
    """Somebody WeChat knows."""
    sim.phone_login(ME)
    return sim


def send(client, template="thing", page="", **words):
    return client.notify(ME, Message(template=template, words=WORDS | words, page=page))


def test_one_right_is_good_for_one_message(resident, client):
    resident.answer_popup(ME, **{THING: "accept"})

    assert [send(client), send(client)] == [Delivery.SENT, Delivery.REFUSED]
    assert [sent["data"] for sent in resident.outbox()] == [{"thing1": {"value": "大米 1 袋"}}]


def test_rights_add_up(resident, client):
    for _ in range(2):
        resident.answer_popup(ME, **{THING: "accept", MIXED: "accept"})

    found = [send(client), send(client), send(client, "mixed")]

    assert found == [Delivery.SENT] * 3


def test_a_lasting_right_is_not_used_up_and_can_be_withdrawn(resident, client):
    resident.answer_popup(ME, **{LASTING: "accept"})
    found = [send(client, "lasting") for _ in range(3)]
    resident.post("/__sim/subscribe", openid=ME, choices={LASTING: "reject"}, in_settings=True)

    assert found == [Delivery.SENT] * 3
    assert send(client, "lasting") is Delivery.REFUSED


def test_saying_no_gives_no_right(resident, client):
    resident.answer_popup(ME, **{THING: "reject"})

    assert send(client) is Delivery.REFUSED


def test_what_is_sent_says_state_and_language_and_where_it_leads(resident, client):
    resident.answer_popup(ME, **{MIXED: "accept"})

    send(client, "mixed")

    (sent,) = resident.outbox()
    assert sent["data"] == {
        "thing1": {"value": "大米 1 袋"},
        "phrase2": {"value": "已领取"},
        "character_string3": {"value": "RA-0042"},
        "time4": {"value": "2026年3月2日 12:00"},
    }
    assert (sent["miniprogram_state"], sent["lang"]) == ("formal", "zh_CN")
    assert sent["page"] == "pages/index/index"


def test_twenty_characters_go_out_whole_and_twenty_one_are_cut(resident, client):
    for words in ("字" * 20, "字" * 21):
        resident.answer_popup(ME, **{THING: "accept"})
        send(client, what=words)

    assert [sent["data"]["thing1"]["value"] for sent in resident.outbox()] == [
        "字" * 20,
        "字" * 19 + "…",
    ]


@pytest.mark.parametrize(
    "words",
    [{"state": "已领1件"}, {"number": "编号42"}, {"what": ""}, {"at": "下午三点"}, {"what": "🎉"}],
)
def test_words_that_do_not_fit_are_never_sent(resident, client, words):
    assert send(client, "mixed", **words) is Delivery.BAD
    assert resident.calls(API) == 0


def test_a_message_without_words_for_a_field_is_never_sent(resident, client):
    assert client.notify(ME, Message(template="mixed", words={"what": "x"})) is Delivery.BAD
    assert client.notify(ME, Message(template="nothing", words=WORDS)) is Delivery.BAD
    assert resident.calls(API) == 0


DATA = {
    "thing1": {"value": "大米"},
    "phrase2": {"value": "已领取"},
    "character_string3": {"value": "RA-0042"},
    "time4": {"value": "15:01"},
}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"thing1": {"value": "字" * 21}}, "data.thing1.value invalid"),
        ({"thing1": {"value": ""}}, "data.thing1.value is empty"),
        ({"phrase2": {"value": "领1件"}}, "data.phrase2.value invalid"),
        ({"phrase2": {"value": "一二三四五六"}}, "data.phrase2.value invalid"),
        ({"character_string3": {"value": "编号42"}}, "data.character_string3.value invalid"),
        ({"time4": {"value": "25:01"}}, "data.time4.value invalid"),
        ({"time4": "15:01"}, "data.time4.value is empty"),
        ({"thing1.DATA": {"value": "x"}}, "data.thing1.DATA.value invalid"),
    ],
)
def test_the_stand_in_names_the_field_that_does_not_fit(resident, change, told):
    asked = {"touser": ME, "template_id": MIXED, "data": DATA | change}
    answer = resident.ask(API, **asked).json()

    assert answer["errcode"] == 47003
    assert answer["errmsg"].startswith(f"argument invalid! {told} rid: ")


def test_data_as_a_string_and_a_missing_key_are_refused(resident):
    asked = {"touser": ME, "template_id": MIXED}
    without = {key: value for key, value in DATA.items() if key != "time4"}

    assert resident.ask(API, **asked, data=str(DATA)).json()["errcode"] == 47003
    assert "data.time4.value is empty" in resident.ask(API, **asked, data=without).json()["errmsg"]


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"touser": "oNobody"}, 40003),
        ({"template_id": "tmplOfNobody"}, 40037),
        ({"page": "pages/not-released"}, 41030),
        ({"miniprogram_state": "released"}, 40097),
        ({"lang": "fr"}, 40097),
        ({}, 43101),
    ],
)
def test_the_stand_in_checks_in_wechats_order(resident, change, errcode):
    asked = {"touser": ME, "template_id": MIXED, "data": DATA, "page": "pages/index/index"}

    assert resident.ask(API, **(asked | change)).json()["errcode"] == errcode


@pytest.mark.parametrize("method", ["get", "escaped", "empty", "list"])
def test_a_body_of_another_form_is_refused_before_its_contents(resident, method):
    token = resident.stable_token()["access_token"]
    path = f"{API}?access_token={token}"
    answers = {
        "get": lambda: resident.get(API, access_token=token),
        "escaped": lambda: resident.post_raw(path, b'{"touser":"\\u5927"}'),
        "empty": lambda: resident.post_raw(path, b""),
        "list": lambda: resident.post_raw(path, b"[]"),
    }

    errcodes = {"get": 43002, "escaped": 47002, "empty": 44002, "list": 47001}
    assert answers[method]().json()["errcode"] == errcodes[method]


def test_a_page_that_is_not_released_costs_the_link_and_not_the_message(resident, client):
    resident.answer_popup(ME, **{THING: "accept"})

    assert send(client, page="pages/new/index?a=b") is Delivery.SENT
    (sent,) = resident.outbox()
    assert "page" not in sent


def test_an_unknown_template_or_person_is_for_an_operator_and_not_repeated(resident, client):
    assert send(client, "unknown") is Delivery.BAD
    assert client.notify("oNobody", Message(template="thing", words=WORDS)) is Delivery.BAD
    assert resident.calls(API) == 2


@pytest.mark.parametrize(
    ("fault", "delivery"),
    [
        ({"preset": "busy"}, Delivery.RETRY),
        ({"preset": "minute"}, Delivery.RETRY),
        ({"preset": "quota"}, Delivery.TOMORROW),
        ({"errcode": 45168}, Delivery.RETRY),
        ({"errcode": 43104}, Delivery.BAD),
        ({"errcode": 48001}, Delivery.RETRY),
        ({"http": 429}, Delivery.RETRY),
        ({"http": 502}, Delivery.UNKNOWN),
        ({"drop": True}, Delivery.UNKNOWN),
        ({"body": "malformed"}, Delivery.UNKNOWN),
        ({"body": "oversized"}, Delivery.UNKNOWN),
    ],
)
def test_a_message_that_may_have_gone_out_is_told_apart_from_one_that_has_not(
    resident, client, fault, delivery
):
    resident.answer_popup(ME, **{THING: "accept"})
    resident.fault(api=API, **fault)

    assert send(client) is delivery
    assert resident.calls(API) == 1


def test_an_answer_that_is_lost_is_not_asked_for_again(resident, client):
    resident.answer_popup(ME, **{THING: "accept"})
    resident.answer_popup(ME, **{THING: "accept"})
    resident.fault(api=API, preset="timeout-after-accept")

    assert send(client) is Delivery.UNKNOWN
    assert len(resident.outbox()) == 1
    assert resident.calls(API) == 1


def test_nobody_listening_means_that_nothing_went_out(connect, scripted):
    client = connect(transport=scripted(None))

    with pytest.raises(WechatBusy):
        client.link("pages/index/index", "")
