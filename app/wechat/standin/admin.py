"""The stand-in's own addresses: acting for a phone, ordering faults, looking inside.

Requests must be JSON by their content type, so that no web page can post here unnoticed.
"""

import re
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, request

from app.wechat.standin.faults import Fault, FaultUnclear
from app.wechat.standin.replies import reply
from app.wechat.standin.wechat_api import APIS
from app.wechat.standin.world import World

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Admin:
    """One method for each address under `/__sim/`, but for health."""

    def __init__(self, world: World) -> None:
        self._world = world

    def register(self, flask_app: Flask) -> None:
        """Put every address in place."""
        add = flask_app.add_url_rule
        add("/__sim/wx_login", view_func=self.wx_login, methods=["POST"])
        add("/__sim/block", view_func=self.block, methods=["POST"])
        add("/__sim/faults", view_func=self.order_faults, methods=["POST"])
        add("/__sim/faults", view_func=self.clear_faults, methods=["DELETE"])
        add("/__sim/state", view_func=self.state)
        flask_app.register_error_handler(FaultUnclear, _unclear)

    def wx_login(self) -> Response:
        """Give the code a phone would get from `wx.login`, in our mini-program or another."""
        wanted = _wanted()
        openid = _name(wanted, "openid")
        appid = _name(wanted, "appid") if "appid" in wanted else self._world.app.appid
        code = self._world.logins.mint(appid=appid, openid=openid, now=self._world.clock())
        return reply({"code": code})

    def block(self) -> Response:
        """Hold a person to be a risk, or with `"blocked": false` no longer."""
        wanted = _wanted()
        blocked = wanted.get("blocked", True)
        if not isinstance(blocked, bool):
            raise FaultUnclear("blocked is true or false")
        self._world.logins.block(_name(wanted, "openid"), blocked=blocked)
        return reply({"ok": True})

    def order_faults(self) -> Response:
        """Make the next calls of one API go wrong."""
        wanted = _wanted()
        api, times = wanted.get("api"), wanted.get("times", 1)
        if api not in APIS:
            raise FaultUnclear(f"api is one of {', '.join(APIS)}")
        if isinstance(times, bool) or not isinstance(times, int):
            raise FaultUnclear("times is a whole number")
        self._world.faults.add(api, Fault.from_request(wanted), times=times)
        return reply({"ok": True})

    def clear_faults(self) -> Response:
        """Forget every fault that waits, and end the delays under way."""
        self._world.faults.clear()
        return reply({"ok": True})

    def state(self) -> Response:
        """What there is, in numbers."""
        return reply(self._world.summary())


def _wanted() -> Mapping[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        raise FaultUnclear("Send a JSON object, with content type application/json")
    return body


def _name(wanted: Mapping[str, Any], field: str) -> str:
    value = wanted.get(field)
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise FaultUnclear(f"{field} is 1 to 64 letters, digits, - or _")
    return value


def _unclear(error: FaultUnclear) -> Response:
    return reply({"error": str(error)}, status=400)
