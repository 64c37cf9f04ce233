"""The stand-in's own addresses: acting for a phone, ordering faults, looking inside.

Requests must be JSON by their content type, so that no web page can post here unnoticed.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask, Response, request

from app.wechat.standin.faults import Fault, FaultUnclear
from app.wechat.standin.replies import reply
from app.wechat.standin.world import World

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")

_PHONE = re.compile(r"[0-9]{5,15}")
CHOICES = {"accept", "reject"}


class Admin:
    """One method for each address under `/__sim/`, but for health."""

    def __init__(self, world: World, *, apis: Sequence[str]) -> None:
        self._world = world
        self._apis = apis

    def register(self, flask_app: Flask) -> None:
        """Put every address in place."""
        add = flask_app.add_url_rule
        add("/__sim/wx_login", view_func=self.wx_login, methods=["POST"])
        add("/__sim/block", view_func=self.block, methods=["POST"])
        add("/__sim/faults", view_func=self.order_faults, methods=["POST"])
        add("/__sim/faults", view_func=self.clear_faults, methods=["DELETE"])
        add("/__sim/state", view_func=self.state)
        add("/__sim/phone_code", view_func=self.phone_code, methods=["POST"])
        add("/__sim/subscribe", view_func=self.subscribe, methods=["POST"])
        add("/__sim/outbox", view_func=self.outbox)
        add("/__sim/pushes", view_func=self.list_pushes)
        add("/__sim/pushes", view_func=self.deliver, methods=["POST"])
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
        if not isinstance(api, str) or api not in self._apis:
            raise FaultUnclear(f"api is one of {', '.join(self._apis)}")
        if isinstance(times, bool) or not isinstance(times, int):
            raise FaultUnclear("times is a whole number")
        self._world.faults.add(api, Fault.from_request(wanted), times=times)
        return reply({"ok": True})

    def clear_faults(self) -> Response:
        """Forget every fault that waits, and end the delays under way."""
        self._world.faults.clear()
        return reply({"ok": True})

    def phone_code(self) -> Response:
        """Give the code that the phone button gives when its owner agrees."""
        wanted = _wanted()
        number = wanted.get("phone")
        if not isinstance(number, str) or not _PHONE.fullmatch(number):
            raise FaultUnclear("phone is 5 to 15 digits")
        openid, now = _name(wanted, "openid"), self._world.clock()
        return reply({"code": self._world.phones.mint(openid=openid, number=number, now=now)})

    def subscribe(self) -> Response:
        """Answer the popup, or with `"in_settings": true` change one's mind; the event follows."""
        wanted = _wanted()
        openid, choices = _name(wanted, "openid"), wanted.get("choices")
        if not isinstance(choices, dict) or not set(choices.values()) <= CHOICES or not choices:
            raise FaultUnclear("choices says accept or reject for each template")
        in_settings = wanted.get("in_settings") is True
        for template_id, choice in choices.items():
            self._choose(openid, template_id, choice, in_settings=in_settings)
        items = [_chosen(one, choice, in_settings) for one, choice in choices.items()]
        event = {
            "FromUserName": openid,
            "Event": f"subscribe_msg_{'change' if in_settings else 'popup'}_event",
            "List": items[0] if len(items) == 1 else items,
        }
        times = wanted.get("times", 1)
        return reply({"acknowledged": self._world.pushes.push(event, times=times)})

    def _choose(self, openid: str, template_id: str, choice: str, *, in_settings: bool) -> None:
        if choice == "accept" and not in_settings:
            self._world.subscriptions.agree(openid, template_id)
        elif choice == "reject" and in_settings:
            self._world.subscriptions.withdraw(openid, template_id)

    def outbox(self) -> Response:
        """Every message that was delivered."""
        return reply({"messages": self._world.subscriptions.outbox()})

    def list_pushes(self) -> Response:
        """Every try to push an event, and whether it was acknowledged."""
        return reply({"pushes": self._world.pushes.log()})

    def deliver(self) -> Response:
        """Push what is due; with `"ask_back": true`, ask whether the address is the right one."""
        wanted = _wanted()
        if wanted.get("ask_back") is True:
            return reply({"is_right": self._world.pushes.ask_back()})
        return reply({"delivered": self._world.pushes.deliver_due()})

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


def _chosen(template_id: str, choice: str, in_settings: bool) -> dict[str, str]:  # noqa: FBT001
    item = {"TemplateId": template_id, "SubscribeStatusString": choice}
    return item if in_settings else {**item, "PopupScene": "0"}


def _unclear(error: FaultUnclear) -> Response:
    return reply({"error": str(error)}, status=400)
