"""What arrives: bodies in the documented form and no other, and text that is text."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import IO, Any, NoReturn

import marshmallow as ma
from flask import Request
from webargs.flaskparser import FlaskParser, is_json_request

from app.core.errors import Invalid, Malformed
from app.core.wording import speak_chinese

speak_chinese()  # before any schema is written: schemas copy the messages

DEEPEST = 16
LARGEST_BODY = 64 * 1024
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Wsgi = Callable[..., Iterable[bytes]]


class Schema(ma.Schema):
    """A body or an answer. Unknown fields are refused; order is as written."""

    class Meta:
        unknown = ma.RAISE


class Text(ma.fields.String):
    """Text a person may have typed: no control characters, never longer than `most`.

    Spaces around it are dropped, but for a password, where they may be meant.
    """

    def __init__(self, *, most: int, least: int = 1, strip: bool = True, **kwargs: Any) -> None:
        self._strip = strip
        super().__init__(validate=ma.validate.Length(min=least, max=most), **kwargs)

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> str:
        text: str = super()._deserialize(value, *args, **kwargs)
        if CONTROL.search(text):
            raise ma.ValidationError("含有不能使用的控制字符。")
        return text.strip() if self._strip else text


class StrictParser(FlaskParser):
    """Reads a request as documented, and refuses the rest in our own words."""

    DEFAULT_UNKNOWN_BY_LOCATION = {  # noqa: RUF012 - the library's way to say it
        **FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION,
        "query": ma.RAISE,
    }

    def _raw_load_json(self, req: Request) -> Any:
        if not req.get_data(cache=True):
            return {}
        if not is_json_request(req):
            raise Malformed("请以 JSON 格式提交（Content-Type: application/json）。")
        return strict_json(req.get_data(cache=True))

    def handle_error(self, error: ma.ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        raise Invalid("有内容填写不正确，请检查标出的字段。", errors=_fields(error))


def _fields(error: ma.ValidationError) -> dict[str, Any]:
    """Messages by field, without the location webargs puts around them."""
    messages: dict[str, Any] = error.normalized_messages()  # type: ignore[no-untyped-call]  # it has none
    inner = messages.get("json", messages.get("query", messages))
    return inner if isinstance(inner, dict) else {"body": inner}


def strict_json(body: bytes) -> Any:
    """Parse JSON as RFC 8259 has it, without the extras Python allows.

    Duplicate names, NaN, deep nesting and huge numbers are refused, not interpreted.
    """
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
        depth = _depth(value)
    except (ValueError, RecursionError) as error:
        raise Malformed("提交的内容不是有效的 JSON。") from error
    if depth > DEEPEST:
        raise Malformed("提交的内容嵌套太深。")
    return value


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name appears twice")
    if any(CONTROL.search(name) for name in found):
        raise ValueError("a name is not text")  # an answer that quotes it could not be sent
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 0


def arriving(wsgi_app: Wsgi) -> Wsgi:
    """The same application; a body the web server cannot read is a refusal to it."""

    def served(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["wsgi.input"] = _Arriving(environ["wsgi.input"])
        return wsgi_app(environ, start_response)

    return served


class _Arriving:
    """A body that is read while it arrives."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Each web server has its own exceptions for a broken chunk; to us they are one thing."""
        try:
            return self._stream.read(size)
        except Exception as error:
            raise Malformed("提交的内容没有完整送达，请检查网络后重新提交。") from error
