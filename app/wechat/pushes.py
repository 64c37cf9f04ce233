"""What arrives at our callback address: whether it is WeChat and for us, and what it says.

JSON and XML, in clear and sealed, come out as the same events.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.etree import ElementTree as ET

from app.wechat import crypto
from app.wechat.answers import is_subject, number_of
from app.wechat.superapp import Echo, Event, Received, Reject, Told

FRESH = timedelta(minutes=5)
LATEST_SECOND = 4_102_444_800  # the year 2100: no event says a later one

_NAME = re.compile(r"[A-Za-z0-9_]{1,64}")
_TEXTS = ("TemplateId", "SubscribeStatusString", "PopupScene", "MsgID", "ErrorCode", "ErrorStatus")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSecrets:
    """What WeChat's console and we have agreed on. Without an AES key messages come in clear."""

    appid: str
    token: str = ""
    aes_key: str = ""

    def __repr__(self) -> str:
        return f"PushSecrets({self.appid})"


def read(received: Received, secrets: PushSecrets) -> Told:
    """What WeChat says, once it is certain that it is WeChat."""
    flaw = _flaw(received, secrets)
    if flaw is not None:
        return Reject(flaw)
    if received.method == "GET":
        return Echo(received.query.get("echostr", ""))
    try:
        document = _document(received, secrets)
    except (ValueError, RecursionError, ET.ParseError) as error:
        return Reject(f"cannot be read: {type(error).__name__}")
    return _events(document)


def _flaw(received: Received, secrets: PushSecrets) -> str | None:
    """Why this cannot have come from WeChat just now."""
    query = received.query
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not secrets.token:
        return "no push token is configured"
    if not crypto.is_signed(query.get("signature", ""), secrets.token, timestamp, nonce):
        return "the signature is wrong"
    sent_at = _instant(timestamp)
    if sent_at is None or abs(received.at - sent_at) > FRESH:
        return "the timestamp is not of now"
    return None


def _document(received: Received, secrets: PushSecrets) -> Mapping[str, Any]:
    """The event's fields. Where a key is agreed on, nothing in clear is believed.

    The plain signature does not cover the body: whoever saw one could send any body with it.
    """
    outer = _parsed(received.body)
    sealed = outer.get("Encrypt")
    if not secrets.aes_key:
        if sealed is not None:
            raise ValueError("sealed, and no key is agreed on")
        return outer
    query = received.query
    if not isinstance(sealed, str):
        raise ValueError("in clear, though a key is agreed on")  # noqa: TRY004 - as below
    timestamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    given = query.get("msg_signature", "")
    if not crypto.is_signed(given, secrets.token, timestamp, nonce, sealed):
        raise ValueError("the message's signature is wrong")
    return _parsed(crypto.unseal(sealed, aes_key=secrets.aes_key, appid=secrets.appid))


def _parsed(body: bytes) -> Mapping[str, Any]:
    text = body.decode("utf-8").strip()
    found = _from_xml(text) if text.startswith("<") else json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - of what arrived, not of a programmer
    return found


def _from_xml(text: str) -> dict[str, Any]:
    """The same object as JSON would have been: an event's own element is taken away."""
    if "<!" in text.replace("<![CDATA[", ""):
        raise ValueError("declarations have no place in an event")
    found = _value(ET.fromstring(text))  # noqa: S314 - without declarations there is nothing to expand
    if not isinstance(found, dict):
        raise ValueError("no object")  # noqa: TRY004 - as above
    for inner in ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent"):
        wrapped = found.pop(inner, None)
        if isinstance(wrapped, dict):
            found.update(wrapped)
    return found


def _value(element: ET.Element) -> object:
    """Text, or an object whose repeated members are lists."""
    if len(element) == 0:
        return (element.text or "").strip()
    found: dict[str, Any] = {}
    for child in element:
        value = _value(child)
        before = found.get(child.tag)
        if child.tag not in found:
            found[child.tag] = value
        elif isinstance(before, list):
            before.append(value)
        else:
            found[child.tag] = [before, value]
    return found


def _events(document: Mapping[str, Any]) -> Told:
    name, subject = document.get("Event"), document.get("FromUserName")
    happened_at = _instant(document.get("CreateTime"))
    if document.get("MsgType") != "event":
        return ()  # a letter to customer service, for one: true, and none of our business
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        return Reject("the event has no name")
    if not is_subject(subject) or happened_at is None:
        return Reject("the event does not say whose or when")
    content = _content(document)
    key = _key(document, content)
    event = Event(key=key, name=name, subject_id=subject, happened_at=happened_at, content=content)
    return (event,)


def _content(document: Mapping[str, Any]) -> dict[str, Any]:
    """Of what an event says, what we use: an item for each template, or a verdict."""
    items = [
        {text: item[text] for text in _TEXTS if isinstance(item.get(text), str)}
        for item in _listed(document.get("List"))
    ]
    content: dict[str, Any] = {"items": items} if items else {}
    trace_id, result = document.get("trace_id"), document.get("result")
    if isinstance(trace_id, str) and isinstance(result, dict):
        content["trace_id"] = trace_id[:64]
        content["suggest"] = str(result.get("suggest", ""))[:16]
        content["label"] = number_of(result.get("label"))  # a string here, a number elsewhere
    return content


def _listed(value: object) -> Iterator[Mapping[str, Any]]:
    """One template comes as an object, several as an array."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def _key(document: Mapping[str, Any], content: Mapping[str, Any]) -> bytes:
    """What tells this event from all others, so that it counts once however often it comes."""
    if document.get("MsgId"):
        parts = ["id", str(document["MsgId"])]
    else:
        parts = [str(document[name]) for name in ("FromUserName", "CreateTime", "Event")]
        parts += [str(content.get("trace_id", ""))]
        parts += [f"{one.get('TemplateId')}:{one.get('MsgID')}" for one in content.get("items", ())]
    return hashlib.sha256("\n".join(parts).encode()).digest()


def _instant(value: object) -> datetime | None:
    """Unix seconds, as a number or as text."""
    text = str(value)
    if not (text.isascii() and text.isdigit() and len(text) <= 10) or int(text) > LATEST_SECOND:
        return None
    return datetime.fromtimestamp(int(text), UTC)
