"""One byte string for one value, so that a hash means the same thing everywhere and for ever.

Every part carries its type and its length. Joining fields with a separator would let two
different contents share a hash; a leading version byte lets the encoding change later.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import singledispatch
from hashlib import sha256
from uuid import UUID

VERSION = b"\x01"


def encode(*values: object) -> bytes:
    """The canonical bytes of a sequence of values. `TypeError` for a type without a rule."""
    return VERSION + b"".join(_framed(*_typed(value)) for value in values)


def digest(*values: object) -> bytes:
    """SHA-256 of the canonical bytes: 32 bytes."""
    return sha256(encode(*values)).digest()


def _framed(tag: bytes, body: bytes) -> bytes:
    return tag + len(body).to_bytes(4, "big") + body


@singledispatch
def _typed(value: object) -> tuple[bytes, bytes]:
    raise TypeError(f"no canonical encoding for {type(value).__name__}")


@_typed.register
def _(_value: None) -> tuple[bytes, bytes]:
    return b"n", b""


@_typed.register
def _(value: int) -> tuple[bytes, bytes]:
    return b"i", str(int(value)).encode()


@_typed.register
def _(value: str) -> tuple[bytes, bytes]:
    return b"s", value.encode()


@_typed.register
def _(value: bytes) -> tuple[bytes, bytes]:
    return b"b", value


@_typed.register
def _(value: UUID) -> tuple[bytes, bytes]:
    return b"u", value.bytes


@_typed.register
def _(value: date) -> tuple[bytes, bytes]:
    return b"d", value.isoformat().encode()


@_typed.register
def _(value: datetime) -> tuple[bytes, bytes]:
    return b"t", value.astimezone(UTC).isoformat(timespec="microseconds").encode()


@_typed.register
def _(value: Mapping) -> tuple[bytes, bytes]:  # type: ignore[type-arg]  # singledispatch takes no parameters
    parts = (_framed(*_typed(part)) for pair in sorted(value.items()) for part in pair)
    return b"m", b"".join(parts)


@_typed.register
def _(value: list) -> tuple[bytes, bytes]:  # type: ignore[type-arg]  # singledispatch takes no parameters
    return b"l", b"".join(_framed(*_typed(part)) for part in value)
