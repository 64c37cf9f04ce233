"""How WeChat words its answers: HTTP 200, JSON, and an errmsg that ends in the request's name."""

import json
from collections.abc import Mapping
from datetime import datetime
from random import Random

from flask import Response

ERRMSG = {
    -1: "system error",
    40001: "invalid credential, access_token is invalid or not latest",
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40029: "invalid code",
    40097: "invalid args",
    40125: "invalid appsecret",
    40163: "code been used",
    40164: "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist",
    40226: "code blocked",
    40243: "appsecret is frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit mustslower retry next minute",
    47001: "data format error",
    47002: "data format error, non-ASCII text must be UTF-8",
    87009: "invalid signature",
}


class Refused(Exception):
    """WeChat answers with this errcode and does nothing."""

    def __init__(self, errcode: int) -> None:
        super().__init__(f"errcode {errcode}")
        self.errcode = errcode


def reply(body: Mapping[str, object], *, status: int = 200) -> Response:
    """A JSON answer, its text in UTF-8 as it is."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, content_type="application/json; charset=utf-8")


def refusal(errcode: int, *, now: datetime, random: Random) -> Response:
    """An answer that names an error; the first part of its tail is the time of the request."""
    tail = f"{int(now.timestamp()):08x}-{random.getrandbits(32):08x}-{random.getrandbits(32):08x}"
    text = ERRMSG.get(errcode, "request refused")
    return reply({"errcode": errcode, "errmsg": f"{text} rid: {tail}"})
