"""How strictly an answer to a login is read."""

import pytest

from app.wechat.answers import read_login
from app.wechat.errors import LoginBlocked, LoginCodeInvalid, WechatBusy, WechatMisconfigured
from app.wechat.superapp import Identity


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"openid":"oA","session_key":"k"}', Identity("oA")),
        (b'{"errcode":0,"errmsg":"ok","openid":"oA","session_key":"k"}', Identity("oA")),
        (b'{"errcode":"0","openid":"oA","unionid":"uA"}', Identity("oA", "uA")),
        (b'{"openid":"oA","unionid":null,"new_field":[1]}', Identity("oA")),
    ],
)
def test_a_person_is_read(body, expected):
    assert read_login(200, body) == expected


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        ("40029", LoginCodeInvalid),
        ('"40029"', LoginCodeInvalid),
        ("40163", LoginCodeInvalid),
        ("41008", LoginCodeInvalid),
        ("40226", LoginBlocked),
        ("-1", WechatBusy),
        ('"-1"', WechatBusy),
        ("45009", WechatBusy),
        ("45011", WechatBusy),
        *((str(code), WechatMisconfigured) for code in (40001, 40013, 40125, 40164, 40243, 89503)),
        ("99999", WechatMisconfigured),
    ],
)
def test_every_errcode_has_its_refusal(errcode, kind):
    outcome = read_login(200, b'{"errcode":%s,"errmsg":"x"}' % errcode.encode())

    assert type(outcome) is kind
    assert outcome.errcode == int(errcode.strip('"'))
    assert outcome.trace_id is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'"oA"',
        b'{"openid":5}',
        b'{"openid":""}',
        b'{"openid":"o A"}',
        b'{"openid":"oA\\n"}',
        b'{"openid":"oA","unionid":7}',
        b'{"openid":"%s"}' % (b"o" * 129),
        b'{"errcode":null,"openid":"oA"}',
        b'{"errcode":true,"openid":"oA"}',
        b'{"errcode":40029.0}',
        b'{"errcode":"many"}',
        b'{"errcode":%s}' % (b"9" * 5000),
        b'{"openid":"o\xff"}',
        b"[" * 60_000,
        b"<html></html>",
    ],
    ids=lambda body: repr(body[:30]),
)
def test_anything_else_is_no_answer(body):
    assert isinstance(read_login(200, body), WechatBusy)


@pytest.mark.parametrize("status", [204, 301, 403, 500, 502])
def test_only_http_200_is_an_answer(status):
    assert isinstance(read_login(status, b'{"openid":"oA"}'), WechatBusy)


def test_the_name_of_the_request_is_kept():
    tail = b" rid: 65f0a1b2-0badcafe-12345678"
    outcome = read_login(200, b'{"errcode":40029,"errmsg":"invalid code%s"}' % tail)

    assert outcome.trace_id == "65f0a1b2-0badcafe-12345678"


def test_nothing_wechat_wrote_is_repeated():
    outcome = read_login(200, b'{"errcode":40164,"errmsg":"invalid ip <secret> not in list"}')

    assert "secret" not in str(outcome)
