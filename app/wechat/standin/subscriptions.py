"""Who may be sent which subscribe messages, and what was sent."""

import re
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from threading import Lock
from typing import Any

from app.wechat.standin.registry import KnownTemplate
from app.wechat.standin.replies import Refused

_HAN = "\u3400-\u9fff"
_AT = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_ON = r"(\d{4}\u5e74\d{1,2}\u6708\d{1,2}\u65e5|\d{4}-\d{1,2}-\d{1,2})"
# Every type with what its value looks like, as the documentation of the console has it.
VALUES = {
    "thing": r"[\s\S]{1,20}",
    "number": r"-?\d{1,32}|(?=.{3,33}$)-?\d+\.\d+",
    "letter": r"[A-Za-z]{1,32}",
    "symbol": rf"[^\w{_HAN}\s]{{1,5}}",
    "character_string": r"[\x20-\x7e]{1,32}",
    "time": rf"({_ON} )?{_AT}(~({_ON} )?{_AT})?",
    "date": rf"{_ON}( {_AT})?(~{_ON}( {_AT})?)?",
    "amount": r"[¥￥$€£]?\d{1,10}(\.\d+)?\u5143?",
    "phone_number": r"[\d+\-() ]{1,17}",
    "car_number": rf"[{_HAN}A-Z0-9][A-Z0-9]{{0,6}}[{_HAN}A-Z0-9]?",
    "name": rf"[^{_HAN}]{{1,20}}|[\s\S]{{1,10}}",
    "phrase": rf"[{_HAN}]{{1,5}}",
    "enum": r"[\s\S]{1,20}",
}


class Invalid(Refused):
    """A field that is missing or does not fit; the words name it."""

    def __init__(self, words: str) -> None:
        super().__init__(47003, words=f"argument invalid! {words}")


class Subscriptions:
    """Rights by person and template, and an outbox for whoever looks on."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._rights: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._outbox: list[dict[str, Any]] = []

    def agree(self, openid: str, template_id: str) -> None:
        with self._lock:
            self._rights[openid, template_id] += 1

    def withdraw(self, openid: str, template_id: str) -> None:
        with self._lock:
            self._rights[openid, template_id] = 0

    def send(self, message: Mapping[str, Any], *, lasting: bool, now: datetime) -> int:
        """Use a right up and deliver; the answer is the message's number."""
        whose = (str(message["touser"]), str(message["template_id"]))
        with self._lock:
            if self._rights[whose] < 1:
                raise Refused(43101)
            if not lasting:
                self._rights[whose] -= 1
            self._outbox.append({**message, "at": now.isoformat()})
            return len(self._outbox)

    def outbox(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._outbox)

    def summary(self) -> dict[str, object]:
        with self._lock:
            return {"sent": len(self._outbox), "rights": sum(self._rights.values())}


def check(data: object, template: KnownTemplate) -> None:
    """Refuse data that are not exactly the template's fields with values of their types."""
    if not isinstance(data, dict):
        raise Invalid("data must be an object")
    for key in template.fields:
        given = data.get(key)
        value = given.get("value") if isinstance(given, dict) else None
        if value is None or value == "":
            raise Invalid(f"data.{key}.value is empty")
        kind = key.rstrip("0123456789")
        if not isinstance(value, str) or not re.fullmatch(VALUES[kind], value):
            raise Invalid(f"data.{key}.value invalid")
    for key in data.keys() - set(template.fields):
        raise Invalid(f"data.{key}.value invalid")
