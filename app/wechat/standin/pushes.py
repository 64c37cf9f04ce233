"""Events on their way to the mini-program's server: signed, sealed, and tried three times."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from threading import Lock
from typing import Any
from xml.sax.saxutils import escape

import httpx

from app.wechat import crypto
from app.wechat.standin.registry import PushTo, RegisteredApp

SECONDS = 5.0  # a server that takes longer has not understood
TRIES = 3
MEDIA_DELAY = 2.0
WRAPPED = {
    "subscribe_msg_popup_event": "SubscribeMsgPopupEvent",
    "subscribe_msg_change_event": "SubscribeMsgChangeEvent",
    "subscribe_msg_sent_event": "SubscribeMsgSentEvent",
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An event, and when it is due."""

    event: Mapping[str, Any]
    due_at: datetime


class Pushes:
    """What is to be pushed, and how it went. It calls the configured address and no other."""

    def __init__(
        self, registered: RegisteredApp, *, clock: Callable[[], datetime], random: Random
    ) -> None:
        self._app = registered
        self._clock = clock
        self._random = random
        self._lock = Lock()
        self._waiting: list[_Waiting] = []
        self._log: list[dict[str, Any]] = []
        self.media_delay = MEDIA_DELAY

    def later(self, event: Mapping[str, Any], *, seconds: float) -> None:
        """Push an event once so much time has passed."""
        with self._lock:
            self._waiting.append(_Waiting(event, self._clock() + timedelta(seconds=seconds)))

    def deliver_due(self) -> int:
        """Push what is due by now; how many events that were."""
        now = self._clock()
        with self._lock:
            due = [one for one in self._waiting if one.due_at <= now]
            self._waiting = [one for one in self._waiting if one.due_at > now]
        for one in due:
            self.push(one.event)
        return len(due)

    def push(self, event: Mapping[str, Any], *, times: int = 1) -> bool:
        """Push an event now; whether it was acknowledged. `times` pretends that it was not."""
        to = self._app.push
        if to is None:
            return False
        document = {
            "ToUserName": self._app.original_id,
            "CreateTime": int(self._clock().timestamp()),
            "MsgType": "event",
            **event,
        }
        heard = 0
        for tried in range(TRIES):
            acknowledged = self._knock(to, document)
            self._note(event, acknowledged=acknowledged, tried=tried + 1)
            heard += acknowledged
            if heard >= times:
                return True
        return False

    def ask_back(self) -> bool:
        """Whether the address answers as one does who knows the token."""
        to = self._app.push
        if to is None:
            return False
        query = {**self._signed(to), "echostr": str(self._random.getrandbits(60))}
        answer = self._send(httpx.Request("GET", to.url, params=query))
        return answer is not None and answer == (200, query["echostr"])

    def log(self) -> list[dict[str, Any]]:
        with self._lock:
            return list(self._log)

    def summary(self) -> dict[str, object]:
        with self._lock:
            return {"pushes": len(self._log), "pushes_waiting": len(self._waiting)}

    def _knock(self, to: PushTo, document: Mapping[str, Any]) -> bool:
        plain = xml_of(document) if to.xml else json.dumps(document, ensure_ascii=False)
        query = {**self._signed(to), "openid": str(document["FromUserName"])}
        body = plain
        if to.aes_key:
            sealed = crypto.seal(
                plain.encode(),
                aes_key=to.aes_key,
                appid=self._app.appid,
                random=self._random.randbytes(16),
            )
            query["encrypt_type"] = "aes"
            signed = (to.token, query["timestamp"], query["nonce"], sealed)
            query["msg_signature"] = crypto.signature(*signed)
            envelope = {"ToUserName": self._app.original_id, "Encrypt": sealed}
            body = xml_of(envelope) if to.xml else json.dumps(envelope)
        kind = "text/xml" if to.xml else "application/json"
        headers = {"Content-Type": kind}
        request = httpx.Request(
            "POST", to.url, params=query, content=body.encode(), headers=headers
        )
        answer = self._send(request)
        return answer is not None and answer[0] == 200 and answer[1].strip() in {"success", ""}

    def _signed(self, to: PushTo) -> dict[str, str]:
        timestamp = str(int(self._clock().timestamp()))
        nonce = str(self._random.getrandbits(30))
        signature = crypto.signature(to.token, timestamp, nonce)
        return {"signature": signature, "timestamp": timestamp, "nonce": nonce}

    def _send(self, request: httpx.Request) -> tuple[int, str] | None:
        try:
            with httpx.Client(timeout=SECONDS, trust_env=False) as client:
                answer = client.send(request)
                return answer.status_code, answer.text
        except httpx.TransportError:
            return None

    def _note(self, event: Mapping[str, Any], *, acknowledged: bool, tried: int) -> None:
        line = {"event": event["Event"], "tried": tried, "acknowledged": acknowledged}
        with self._lock:
            self._log.append(line)


def xml_of(document: Mapping[str, Any]) -> str:
    """The same event as XML: what is in a list goes into an element named for the event."""
    fields = dict(document)
    wrapper = WRAPPED.get(str(fields.get("Event")))
    if wrapper:
        fields[wrapper] = {"List": fields.pop("List")}
    return f"<xml>{_elements(fields)}</xml>"


def _elements(fields: Mapping[str, Any]) -> str:
    return "".join(
        f"<{name}>{_content(one)}</{name}>"
        for name, value in fields.items()
        for one in (value if isinstance(value, list) else [value])
    )


def _content(value: object) -> str:
    if isinstance(value, Mapping):
        return _elements(value)
    return escape(str(value)) if isinstance(value, int) else f"<![CDATA[{value}]]>"
