"""The part of WeChat's server API that the stand-in speaks."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from app.wechat.standin.logins import union_id
from app.wechat.standin.replies import Refused, reply
from app.wechat.standin.world import World

METHODS = ("GET", "POST", "PUT", "DELETE")  # a wrong one is answered with an errcode, not with 405
APIS = ("/sns/jscode2session", "/cgi-bin/token", "/cgi-bin/stable_token", "/wxa/checksession")


class WechatApi:
    """One method for each API; the checks stand in the order in which WeChat makes them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, flask_app: Flask) -> None:
        """Put every API at its address."""
        views = (self.jscode2session, self.token, self.stable_token, self.checksession)
        for path, view in zip(APIS, views, strict=True):
            flask_app.add_url_rule(path, view_func=view, methods=METHODS)

    def jscode2session(self) -> Response:
        """Exchange a login code for an openid and a session key."""
        _require("GET")
        self._check_caller(request.args, grant_type="authorization_code")
        code = request.args.get("js_code")
        if not code:
            raise Refused(41008)
        registered = self._world.app
        openid, session_key = self._world.logins.redeem(
            code, appid=registered.appid, now=self._world.clock()
        )
        answer: dict[str, object] = {"session_key": session_key, "openid": openid}
        if registered.bound:
            answer["unionid"] = union_id(openid)
        return reply(answer)

    def token(self) -> Response:
        """Give out an access token, a new one each time."""
        _require("GET")
        self._check_caller(request.args, grant_type="client_credential")
        return reply(self._world.tokens.issue_classic(self._world.clock()))

    def stable_token(self) -> Response:
        """Give out the access token that everybody shares."""
        _require("POST")
        body = _json_body()
        self._check_caller(body, grant_type="client_credential")
        force = body.get("force_refresh", False)
        if not isinstance(force, bool):
            raise Refused(47001)
        return reply(self._world.tokens.issue_stable(self._world.clock(), force=force))

    def checksession(self) -> Response:
        """Tell whether a signature was made with the person's current session key."""
        _require("GET")
        asked = request.args
        self._world.tokens.check(asked.get("access_token", ""), self._world.clock())
        if asked.get("sig_method") != "hmac_sha256":
            raise Refused(87009)
        self._world.logins.check_signature(
            asked.get("signature", ""),
            appid=self._world.app.appid,
            openid=asked.get("openid", ""),
        )
        return reply({"errcode": 0, "errmsg": "ok"})

    def _check_caller(self, asked: Mapping[str, Any], *, grant_type: str) -> None:
        """The parameters every credential call has, in a query or in a body."""
        if asked.get("grant_type") != grant_type:
            raise Refused(40002)
        self._world.app.check_credentials(_text(asked, "appid"), _text(asked, "secret"))


def _require(method: str) -> None:
    if request.method != method:
        raise Refused({"GET": 43001, "POST": 43002}[method])


def _text(asked: Mapping[str, Any], name: str) -> str:
    """A parameter that is there and is text; in a JSON body it may be anything."""
    value = asked.get(name)
    return value if isinstance(value, str) else ""


def _json_body() -> dict[str, Any]:
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
