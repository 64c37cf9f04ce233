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
    40037: "invalid template_id",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40159: "invalid length for path, or the data is not json string",
    40163: "code been used",
    40164: "invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist",
    40165: "invalid weapp pagepath",
    40169: "invalid length for scene, or the data is not json string",
    40189: "invalid width",
    40226: "code blocked",
    40243: "appsecret is frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43101: "user refuse to accept the msg",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45029: "qrcode count out of limit",
    45011: "api minute-quota reach limit mustslower retry next minute",
    47001: "data format error",
    47002: "data format error, non-ASCII text must be UTF-8",
    48001: "api unauthorized",
    48006: "forbid to clear quota because of reaching the limit",
    61010: "code is expired",
    76021: "cgi_path not found",
    85079: "miniprogram has no online release",
    87009: "invalid signature",
}


class Refused(Exception):
    """WeChat answers with this errcode and does nothing."""

    def __init__(self, errcode: int, *, words: str = "") -> None:
        super().__init__(f"errcode {errcode}")
        self.errcode = errcode
        self.words = words or ERRMSG.get(errcode, "request refused")


def reply(body: Mapping[str, object], *, status: int = 200) -> Response:
    """A JSON answer, its text in UTF-8 as it is."""
    text = json.dumps(body, ensure_ascii=False)
    return Response(text, status=status, content_type="application/json; charset=utf-8")


def refusal(refused: Refused, *, now: datetime, random: Random) -> Response:
    """An answer that names an error; the first part of its tail is the time of the request."""
    tail = f"{int(now.timestamp()):08x}-{random.getrandbits(32):08x}-{random.getrandbits(32):08x}"
    return reply({"errcode": refused.errcode, "errmsg": f"{refused.words} rid: {tail}"})
