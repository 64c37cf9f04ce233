"""Cursors: where a page ended, so that the next one starts there at the same cost."""

import base64
import binascii
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

import marshmallow as ma

from app.core.bodies import CONTROL, Schema
from app.core.errors import Invalid

Item = TypeVar("Item")
DEFAULT_LIMIT = 20
LARGEST_LIMIT = 100
LARGEST_WHOLE = 2**63 - 1
LONGEST_CURSOR = 400  # a name of sixty letters of four bytes each, an id, and room to spare


class PageRequest(Schema):
    """Which part of a list is wanted."""

    limit = ma.fields.Integer(
        load_default=DEFAULT_LIMIT, validate=ma.validate.Range(min=1, max=LARGEST_LIMIT)
    )
    cursor = ma.fields.String(
        load_default=None,
        validate=ma.validate.Regexp(
            rf"^[A-Za-z0-9_-]{{1,{LONGEST_CURSOR}}}$", error="cursor 无效。"
        ),
    )


def listed(item: type[Schema]) -> type[Schema]:
    """The answer of a list operation: some items, and the cursor of the rest."""
    name = item.__name__.removesuffix("Answer") + "Page"
    fields: dict[str, Any] = {
        "items": ma.fields.List(ma.fields.Nested(item), required=True),
        "next_cursor": ma.fields.String(required=True, allow_none=True),
    }
    made: type[Schema] = type(name, (Schema,), fields)
    return made


@dataclass(frozen=True, slots=True)
class Page(Generic[Item]):
    """Some items of a list in stable order, and where the rest begins."""

    items: Sequence[Item]
    next_cursor: str | None


def page(rows: Sequence[Item], *, limit: int, key: Callable[[Item], Sequence[str]]) -> Page[Item]:
    """Cut `rows`, read one more than `limit`, and say where the next page starts."""
    items = rows[:limit]
    return Page(items, _encode(key(items[-1])) if len(rows) > limit else None)


def _encode(key: Sequence[str]) -> str:
    raw = json.dumps(list(key), separators=(",", ":"), ensure_ascii=False).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(cursor: str | None, parts: Sequence[Callable[[str], Any]]) -> tuple[Any, ...] | None:
    """The key a cursor stands for, each part read by its own reader; None for the first page."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = json.loads(raw)
        return tuple(read(_text(value)) for read, value in zip(parts, values, strict=True))
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError) as error:
        raise Invalid("翻页位置无效，请从第一页重新开始。", errors={"cursor": ["无效"]}) from error


def instant(text: str) -> datetime:
    """Reads an instant of a cursor."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("an instant has a zone")
    return moment.astimezone(UTC)


def whole(text: str) -> int:
    """Reads a whole number of a cursor, no larger than the database counts."""
    if not text.isascii() or not text.isdigit() or int(text) > LARGEST_WHOLE:
        raise ValueError("not a whole number")
    return int(text)


def measure(text: str) -> float:
    """Reads a distance of a cursor."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("not a measure")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or CONTROL.search(value):
        raise ValueError("not text")
    return value
