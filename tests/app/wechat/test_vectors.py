"""What WeChat has published: signatures and envelopes that must come out as they stand there."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from app.wechat import crypto, pushes
from app.wechat.crypto import SealBroken
from app.wechat.pushes import PushSecrets
from app.wechat.superapp import Echo, Event, Received, Reject

APPID = "wx0123456789abcdef"
TOKEN = "AAAAA"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
TIMESTAMP, NONCE = "1714112445", "415670741"
NOW = datetime.fromtimestamp(int(TIMESTAMP), UTC)
MESSAGE = (
    '{"ToUserName":"gh_0123456789ab","FromUserName":"oTestOpenid0000000000000001",'
    '"CreateTime":1714112445,"MsgType":"event","Event":"debug_demo","debug_str":"hello world"}'
)
SIGNATURE = "6c5c811b55cc85e0e1b54100749188c20beb3f5d"
MSG_SIGNATURE = "29d8d127a1e6158003a522217231df58855e87ab"
ENCRYPT = (
    "Q3stYC6hdFzMh9T8HCvyDDcGTqfzJMTBcYEkv3wB6eXVN4dvCoIJLW8Rvj5k3MOjE8in2OtelLn4VxpDPNNxpcDY39Nw"
    "YPY+rXRr3LxiYLrNm3P4/pETQYVejbl1OCVNCe4uM+C5p0E4/gKiDtcmisbbWakUoOdItAPUv4QM6Oi10hpiTqnffwRJ"
    "R4NSQiyZNCM5s5rc3QJNDWQQvsF1uAa1y2l9wa6nqA0SC95owSPLZU06Xl9wu18zqNWmUD9MWqRin4zRtIMb20UQSBmR"
    "c0V7NmYDy87RjJO0K04aUDQ="
)
SECRETS = PushSecrets(appid=APPID, token=TOKEN, aes_key=AES_KEY)


def received(method="POST", body=b"", *, at=NOW, **query):
    base = {"timestamp": TIMESTAMP, "nonce": NONCE, "signature": SIGNATURE}
    return Received(method=method, query=base | query, body=body, at=at)


def sealed(sealed=ENCRYPT, *, msg_signature=MSG_SIGNATURE, xml=False, **more):
    body = json.dumps({"ToUserName": "gh_0123456789ab", "Encrypt": sealed}).encode()
    if xml:
        body = f"<xml><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    return received(body=body, encrypt_type="aes", msg_signature=msg_signature, **more)


def test_a_session_is_signed_with_the_key_as_text():
    signed = crypto.session_signature('{"foo":"bar"}', session_key="o0q0otL8aEzpcZL/FT9WsQ==")

    assert signed == "654571f79995b2ce1e149e53c0a33dc39c0a74090db514261454e8dbe432aa0b"


def test_data_in_clear_are_signed():
    raw = (
        '{"nickName":"Band","gender":1,"language":"zh_CN","city":"Guangzhou",'
        '"province":"Guangdong","country":"CN","avatarUrl":"http://wx.qlogo.cn/mmopen/vi_32/'
        "1vZvI39NWFQ9XM4LtQpFrQJ1xlgZxx3w7bQxKARol6503Iuswjjn6nIGBiaycAjAtpujxyzYsrztuuICqIM5ibXQ/0"
        '"}'
    )

    signed = crypto.data_signature(raw, session_key="HyVFkGl5F5OQWJZZaNzBBg==")

    assert signed == "75e81ceda165f4ffa64f4068af58c64b8f54b88c"


SEALED_DATA = (
    "CiyLU1Aw2KjvrjMdj8YKliAjtP4gsMZMQmRzooG2xrDcvSnxIMXFufNstNGTyaGS9uT5geRa0W4oTOb1WT7fJlAC+oNP"
    "dbB+3hVbJSRgv+4lGOETKUQz6OYStslQ142dNCuabNPGBzlooOmB231qMM85d2/fV6ChevvXvQP8Hkue1poOFtnEtpyx"
    "VLW1zAo6/1Xx1COxFvrc2d7UL/lmHInNlxuacJXwu0fjpXfz/YqYzBIBzD6WUfTIF9GRHpOn/Hz7saL8xz+W//FRAUid"
    "1OksQaQx4CMs8LOddcQhULW4ucetDf96JcR3g0gfRK4PC7E/r7Z6xNrXd2UIeorGj5Ef7b1pJAYB6Y5anaHqZ9J6nKEB"
    "vB4DnNLIVWSgARns/8wR2SiRS7MNACwTyrGvt9ts8p12PKFdlqYTopNHR1Vf7XjfhQlVsAJdNiKdYmYVoKlaRv85IfVu"
    "nYzO0IKXsyl7JCUjCpoG20f0a04COwfneQAGGwd5oa+T8yO5hzuyDb/XcxxmK01EpqOyuxINew=="
)
OPENING = {"iv": "r7BXXKkLb8qrSNn05n0qiA==", "session_key": "tiihtNczf5v6AKRyjwEUhQ=="}


def test_data_sealed_with_the_session_key_are_opened():
    data = crypto.unseal_data(SEALED_DATA, appid="wx4f4bc4dec97d474b", **OPENING)

    assert data["openId"] == "oGZUI0egBJY1zhBYw2KhdUfwVJJE"
    assert data["watermark"] == {"timestamp": 1477314187, "appid": "wx4f4bc4dec97d474b"}


def test_data_of_another_mini_program_are_not_believed():
    with pytest.raises(SealBroken):
        crypto.unseal_data(SEALED_DATA, appid="wxsomebodyelse01", **OPENING)


@pytest.mark.parametrize("change", [{"iv": "AAAA"}, {"session_key": "?"}, {"iv": ""}])
def test_data_that_cannot_be_opened_are_refused(change):
    with pytest.raises(SealBroken):
        crypto.unseal_data(SEALED_DATA, appid="wx4f4bc4dec97d474b", **(OPENING | change))


def test_the_address_is_signed():
    signed = crypto.signature("AAAAA", "1714036504", "1514711492")

    assert signed == "f464b24fc39322e44b38aa78f5edd27bd1441696"


def test_a_message_is_sealed_as_published_and_opened_again():
    made = crypto.seal(MESSAGE.encode(), aes_key=AES_KEY, appid=APPID, random=b"0123456789abcdef")

    assert made == ENCRYPT
    assert crypto.unseal(ENCRYPT, aes_key=AES_KEY, appid=APPID) == MESSAGE.encode()
    assert crypto.signature(TOKEN, TIMESTAMP, NONCE) == SIGNATURE
    assert crypto.signature(TOKEN, TIMESTAMP, NONCE, ENCRYPT) == MSG_SIGNATURE


def test_the_address_answers_with_the_bare_echo():
    assert pushes.read(received("GET", echostr="4375120948345356249"), SECRETS) == Echo(
        "4375120948345356249"
    )


@pytest.mark.parametrize("xml", [False, True], ids=["json", "xml"])
def test_a_sealed_event_is_read(xml):
    (event,) = pushes.read(sealed(xml=xml), SECRETS)

    assert isinstance(event, Event)
    assert (event.name, event.subject_id) == ("debug_demo", "oTestOpenid0000000000000001")
    assert event.happened_at == NOW


@pytest.mark.parametrize(
    ("asked", "secrets"),
    [
        (sealed(), PushSecrets(appid="wxsomebodyelse01", token=TOKEN, aes_key=AES_KEY)),
        (sealed(), PushSecrets(appid=APPID, token="BBBBB", aes_key=AES_KEY)),
        (sealed(), PushSecrets(appid=APPID, token="", aes_key=AES_KEY)),
        (sealed(), PushSecrets(appid=APPID, token=TOKEN)),
        (sealed(msg_signature="0" * 40), SECRETS),
        (sealed(sealed=ENCRYPT[:-4] + "AAA="), SECRETS),
        (sealed(signature="0" * 40), SECRETS),
        (sealed(signature="键"), SECRETS),
        (sealed(at=NOW + timedelta(minutes=6)), SECRETS),
        (sealed(at=NOW - timedelta(minutes=6)), SECRETS),
        (received(body=MESSAGE.encode()), SECRETS),
        (received(body=b"[]"), SECRETS),
        (received(body=b""), SECRETS),
        (received(body=b"\xff\xfe"), SECRETS),
        (received(body=b"[" * 60_000), SECRETS),
        (received(body=b"<xml"), SECRETS),
        (received("GET", signature="0" * 40, echostr="x"), SECRETS),
    ],
    ids=range(17),
)
def test_what_is_not_from_wechat_for_us_and_of_now_is_rejected(asked, secrets):
    assert isinstance(pushes.read(asked, secrets), Reject)


PLAIN = PushSecrets(appid=APPID, token=TOKEN)
EVENT = {
    "ToUserName": "gh_1",
    "FromUserName": "oA",
    "CreateTime": "1714112445",
    "MsgType": "event",
    "Event": "subscribe_msg_popup_event",
}
ITEM = {"TemplateId": "tA", "SubscribeStatusString": "accept", "PopupScene": "0"}


def told(document):
    body = document if isinstance(document, str) else json.dumps(document)
    return pushes.read(received(body=body.encode()), PLAIN)


@pytest.mark.parametrize(
    ("listed", "items"),
    [(ITEM, [ITEM]), ([ITEM, {**ITEM, "TemplateId": "tB"}], [ITEM, {**ITEM, "TemplateId": "tB"}])],
    ids=["an object", "an array"],
)
def test_one_template_comes_as_an_object_and_several_as_an_array(listed, items):
    (event,) = told({**EVENT, "List": listed})

    assert event.content["items"] == items


def test_xml_says_the_same_as_json():
    item = "".join(f"<{key}><![CDATA[{value}]]></{key}>" for key, value in ITEM.items())
    head = "".join(f"<{key}>{value}</{key}>" for key, value in EVENT.items())
    lists = f"<List>{item}</List>"
    wrapped = f"<SubscribeMsgPopupEvent>{lists}</SubscribeMsgPopupEvent>"
    twice = wrapped.replace(lists, lists + lists.replace("tA", "tB"))

    one, several = told(f"<xml>{head}{wrapped}</xml>"), told(f"<xml>{head}{twice}</xml>")

    assert one == told({**EVENT, "List": ITEM})
    assert several == told({**EVENT, "List": [ITEM, {**ITEM, "TemplateId": "tB"}]})


@pytest.mark.parametrize("label", [100, "100"])
def test_a_verdict_on_a_picture_has_its_label_as_text_or_number(label):
    event = {**EVENT, "Event": "wxa_media_check", "trace_id": "690b03d2-1"}
    (read,) = told({**event, "result": {"suggest": "pass", "label": label}})

    assert read.content == {"trace_id": "690b03d2-1", "suggest": "pass", "label": 100}


def test_an_entity_in_xml_is_not_expanded():
    bomb = '<!DOCTYPE x [<!ENTITY a "oooo">]><xml><MsgType>event</MsgType></xml>'

    assert isinstance(told(bomb), Reject)


@pytest.mark.parametrize(
    "change", [{"Event": 5}, {"Event": "a b"}, {"FromUserName": "o A"}, {"CreateTime": "soon"}]
)
def test_an_event_says_what_whose_and_when(change):
    assert isinstance(told(EVENT | change), Reject)


def test_a_letter_to_customer_service_is_no_event():
    assert told({**EVENT, "MsgType": "text", "Content": "你好"}) == ()


def test_the_same_event_again_has_the_same_key_and_another_has_not():
    (first,), (again,) = told({**EVENT, "List": ITEM}), told({**EVENT, "List": ITEM})
    others = [
        {**EVENT, "List": {**ITEM, "TemplateId": "tB"}},
        {**EVENT, "FromUserName": "oB", "List": ITEM},
        {**EVENT, "CreateTime": 1714112446, "List": ITEM},
        {**EVENT, "MsgId": "24", "List": ITEM},
    ]

    assert first.key == again.key
    assert len({first.key, *(told(other)[0].key for other in others)}) == 5


def test_secrets_are_not_shown():
    assert repr(SECRETS) == f"PushSecrets({APPID})"
