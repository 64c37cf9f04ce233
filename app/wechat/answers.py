"""Reading WeChat's answers, strictly: what is not as promised is no answer."""

import json
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from app.wechat.errors import (
    LoginBlocked,
    LoginCodeInvalid,
    WechatBusy,
    WechatDeclined,
    WechatMisconfigured,
    WechatRefusal,
)
from app.wechat.superapp import Identity

SOON, NEXT_MINUTE, MUCH_LATER = 5, 60, 3600

SYSTEM_BUSY = -1
DAILY_LIMIT = 45009
MINUTE_LIMIT = 45011
TOO_FAST = 44990
CODE_INVALID = frozenset({40029, 40163, 41008})
PERSON_BLOCKED = 40226
NOT_ON_IP_LIST = 40164
TOKEN_REFUSED = frozenset({40001, 40014, 42001})
# What an operator has to put right: credentials, the IP list, permissions, a punished account.
FOR_THE_OPERATOR = (
    TOKEN_REFUSED
    | {40002, 40013, 40125, 40164, 40243, 41001, 41002, 41004, 48001, 48004, 50002, 50004}
    | set(range(89501, 89508))
)

Answer = Mapping[str, Any]

_RETRY_AFTER = {
    SYSTEM_BUSY: SOON,
    TOO_FAST: SOON,
    MINUTE_LIMIT: NEXT_MINUTE,
    DAILY_LIMIT: MUCH_LATER,
}
_TOO_MANY_REQUESTS = 429
_SUBJECT = re.compile(r"[A-Za-z0-9_-]{1,128}")
_NUMBER = re.compile(r"-?[0-9]{1,9}")
_TRACE_ID = re.compile(r" rid: ([0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8})$")
_REFUSED_IP = re.compile(r"^invalid ip ([0-9]{1,3}(?:\.[0-9]{1,3}){3}) ")
_FIELD = re.compile(r"\bdata\.([a-z_]{1,20}[0-9]{1,3})\.value\b")


def read_answer(status: int, body: bytes) -> Answer | WechatRefusal:
    """The object WeChat answered with, or why there is none of use."""
    if status != 200:
        refused = status == _TOO_MANY_REQUESTS
        message = f"WeChat answered with HTTP status {status}"
        return WechatBusy(message, retry_after=NEXT_MINUTE if refused else SOON, undone=refused)
    try:
        answer = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        return malformed()
    if not isinstance(answer, dict):
        return malformed()
    errcode = number_of(answer.get("errcode", 0))
    if errcode is None:
        return malformed()
    return answer if errcode == 0 else refusal_of(errcode, answer.get("errmsg"))


def read_login(status: int, body: bytes) -> Identity | WechatRefusal:
    """Who logged in, or why nobody did. The session key that comes along is not looked at."""
    answer = read_answer(status, body)
    return _login_refusal(answer) if isinstance(answer, WechatRefusal) else _identity(answer)


def number_of(value: object) -> int | None:
    """What WeChat sends as a number, and in places as a string."""
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def refusal_of(errcode: int, errmsg: object) -> WechatRefusal:
    """What an errcode means to whoever called, whichever API it was."""
    text = errmsg if isinstance(errmsg, str) else ""
    trace_id = _first_group(_TRACE_ID, text)
    if errcode in _RETRY_AFTER:
        return WechatBusy(
            "WeChat is busy, or asked too often",
            retry_after=_RETRY_AFTER[errcode],
            errcode=errcode,
            trace_id=trace_id,
        )
    if errcode in FOR_THE_OPERATOR:
        message = f"WeChat refuses this service with errcode {errcode}{_hint(errcode, text)}"
        return WechatMisconfigured(message, errcode=errcode, trace_id=trace_id)
    field = _first_group(_FIELD, text)
    message = f"WeChat declined the call with errcode {errcode}" + (
        f" for {field}" if field else ""
    )
    return WechatDeclined(message, errcode=errcode, trace_id=trace_id, field=field)


def malformed() -> WechatBusy:
    return WechatBusy("WeChat's answer cannot be read", retry_after=SOON)


def is_subject(value: object) -> TypeGuard[str]:
    """Whether this can be somebody's openid."""
    return isinstance(value, str) and _SUBJECT.fullmatch(value) is not None


def _identity(answer: Answer) -> Identity | WechatRefusal:
    subject, union = answer.get("openid"), answer.get("unionid")
    if not is_subject(subject) or not (union is None or is_subject(union)):
        return malformed()
    return Identity(subject_id=subject, union_id=union)


def _login_refusal(refusal: WechatRefusal) -> WechatRefusal:
    """A refusal in the words of logging in; what is not about the code is the operator's."""
    if not isinstance(refusal, WechatDeclined):
        return refusal
    kind, message = _of_login(refusal.errcode)
    return kind(message, errcode=refusal.errcode, trace_id=refusal.trace_id)


def _of_login(errcode: int | None) -> tuple[type[WechatRefusal], str]:
    if errcode in CODE_INVALID:
        return LoginCodeInvalid, "WeChat does not accept this login code: fetch a new one"
    if errcode == PERSON_BLOCKED:
        return LoginBlocked, "WeChat does not let this person log in"
    return WechatMisconfigured, f"WeChat refuses this service with errcode {errcode}"


def _hint(errcode: int, errmsg: str) -> str:
    ip = _first_group(_REFUSED_IP, errmsg) if errcode == NOT_ON_IP_LIST else None
    return f": add {ip} to the IP list in WeChat's console" if ip else ""


def _first_group(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found.group(1) if found else None
