"""Logging in, access tokens, and telephone numbers."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request

from app.wechat.standin.asked import bearing, json_body, require, text
from app.wechat.standin.logins import union_id
from app.wechat.standin.replies import Refused, reply
from app.wechat.standin.views import OK, Views
from app.wechat.standin.world import World


class LoginApi:
    """One method for each API; the checks stand in the order in which WeChat makes them."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def views(self) -> Views:
        return {
            "/sns/jscode2session": self.jscode2session,
            "/cgi-bin/token": self.token,
            "/cgi-bin/stable_token": self.stable_token,
            "/wxa/checksession": self.checksession,
            "/wxa/business/getuserphonenumber": self.phone_number,
        }

    def jscode2session(self) -> Response:
        """Exchange a login code for an openid and a session key."""
        require("GET")
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
        require("GET")
        self._check_caller(request.args, grant_type="client_credential")
        self._check_limits("/cgi-bin/token")
        return reply(self._world.tokens.issue_classic(self._world.clock()))

    def stable_token(self) -> Response:
        """Give out the access token that everybody shares."""
        require("POST")
        body = json_body()
        self._check_caller(body, grant_type="client_credential")
        force = body.get("force_refresh", False)
        if not isinstance(force, bool):
            raise Refused(47001)
        self._check_limits("/cgi-bin/stable_token")
        return reply(self._world.tokens.issue_stable(self._world.clock(), force=force))

    def checksession(self) -> Response:
        """Tell whether a signature was made with the person's current session key."""
        require("GET")
        asked = request.args
        self._world.tokens.check(asked.get("access_token", ""), self._world.clock())
        if asked.get("sig_method") != "hmac_sha256":
            raise Refused(87009)
        self._world.logins.check_signature(
            asked.get("signature", ""),
            appid=self._world.app.appid,
            openid=asked.get("openid", ""),
        )
        return reply(OK)

    def phone_number(self) -> Response:
        """Exchange the code of the phone button for the number; where asked, only its owner's."""
        body, now = bearing(self._world), self._world.clock()
        if not self._world.app.verified:
            raise Refused(48001)
        number = self._world.phones.redeem(text(body, "code"), openid=body.get("openid"), now=now)
        watermark = {"timestamp": int(now.timestamp()), "appid": self._world.app.appid}
        info = {
            "phoneNumber": number,
            "purePhoneNumber": number,
            "countryCode": "86",
            "watermark": watermark,
        }
        return reply({**OK, "phone_info": info})

    def _check_caller(self, asked: Mapping[str, Any], *, grant_type: str) -> None:
        """The parameters every credential call has, in a query or in a body."""
        if asked.get("grant_type") != grant_type:
            raise Refused(40002)
        self._world.app.check_credentials(text(asked, "appid"), text(asked, "secret"))

    def _check_limits(self, api: str) -> None:
        self._world.app.check_ip()
        self._world.quotas.use(api, self._world.clock())
