"""How WeChat looks at a request, in its order: method, token, body, and then the parameters."""

import json
from collections.abc import Mapping
from typing import Any

from flask import request

from app.wechat.standin.replies import Refused
from app.wechat.standin.world import World


def require(method: str) -> None:
    if request.method != method:
        raise Refused({"GET": 43001, "POST": 43002}[method])


def bearing(world: World) -> dict[str, Any]:
    """The body of a POST that carries an access token."""
    require("POST")
    world.tokens.check(request.args.get("access_token", ""), world.clock())
    return json_body()


def text(asked: Mapping[str, Any], name: str) -> str:
    """A parameter that is there and is text; in a JSON body it may be anything."""
    value = asked.get(name)
    return value if isinstance(value, str) else ""


def whole(asked: Mapping[str, Any], name: str, default: int) -> int:
    """A parameter that is a whole number, or left out."""
    value = asked.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(47001)
    return value


def json_body() -> dict[str, Any]:
    """The body as WeChat reads it, whatever its content type says."""
    raw = request.get_data()
    if not raw:
        raise Refused(44002)
    if b"\\u" in raw:
        raise Refused(47002)
    try:
        body = json.loads(raw.decode("utf-8"))
    except (ValueError, RecursionError):
        raise Refused(47001) from None
    if not isinstance(body, dict):
        raise Refused(47001)
    return body
