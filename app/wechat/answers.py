"""Reading WeChat's answer to a login, strictly: what is not as promised is no answer."""

import json
import re
from typing import Any, TypeGuard

from app.wechat.errors import (
    LoginBlocked,
    LoginCodeInvalid,
    WechatBusy,
    WechatMisconfigured,
    WechatRefusal,
)
from app.wechat.superapp import Identity

SOON, NEXT_MINUTE, MUCH_LATER = 5, 60, 3600

SYSTEM_BUSY = -1
DAILY_LIMIT = 45009
MINUTE_LIMIT = 45011
CODE_INVALID = frozenset({40029, 40163, 41008})
PERSON_BLOCKED = 40226
NOT_ON_IP_LIST = 40164

_RETRY_AFTER = {SYSTEM_BUSY: SOON, MINUTE_LIMIT: NEXT_MINUTE, DAILY_LIMIT: MUCH_LATER}
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{1,128}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_TRACE_ID = re.compile(r" rid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})$")
_REFUSED_IP = re.compile(r"^invalid ip ([0-9]{1,3}(?:\.[0-9]{1,3}){3}) ")

Outcome = Identity | WechatRefusal


def read_login(status: int, body: bytes) -> Outcome:
    """Who logged in, or why nobody did. The session key that comes along is not looked at."""
    if status != 200:
        return WechatBusy(f"WeChat answered with HTTP status {status}", retry_after=SOON)
    try:
        answer = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return _malformed()
    if not isinstance(answer, dict):
        return _malformed()
    errcode = _errcode(answer.get("errcode", 0))
    if errcode is None:
        return _malformed()
    return _identity(answer) if errcode == 0 else _refusal(errcode, answer.get("errmsg"))


def _errcode(value: object) -> int | None:
    """WeChat sends it as a number, and in places as a string."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _identity(answer: dict[str, Any]) -> Outcome:
    subject, union = answer.get("openid"), answer.get("unionid")
    if not _is_subject(subject) or not (union is None or _is_subject(union)):
        return _malformed()
    return Identity(subject_id=subject, union_id=union)


def _is_subject(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _SUBJECT.fullmatch(value) is not None


def _refusal(errcode: int, errmsg: object) -> WechatRefusal:
    text = errmsg if isinstance(errmsg, str) else ""
    trace_id = _first_group(_TRACE_ID, text)
    if errcode in CODE_INVALID:
        message = "WeChat does not accept this login code: fetch a new one"
        return LoginCodeInvalid(message, errcode=errcode, trace_id=trace_id)
    if errcode == PERSON_BLOCKED:
        message = "WeChat does not let this person log in"
        return LoginBlocked(message, errcode=errcode, trace_id=trace_id)
    if errcode in _RETRY_AFTER:
        return WechatBusy(
            "WeChat is busy, or asked too often",
            retry_after=_RETRY_AFTER[errcode],
            errcode=errcode,
            trace_id=trace_id,
        )
    message = f"WeChat refuses this service with errcode {errcode}{_hint(errcode, text)}"
    return WechatMisconfigured(message, errcode=errcode, trace_id=trace_id)


def _hint(errcode: int, errmsg: str) -> str:
    ip = _first_group(_REFUSED_IP, errmsg) if errcode == NOT_ON_IP_LIST else None
    return f": add {ip} to the IP list in WeChat's console" if ip else ""


def _first_group(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(1) if found else None


def _malformed() -> WechatBusy:
    return WechatBusy("WeChat's answer cannot be read", retry_after=SOON)
