"""What is hashed of a transfer when its quarter is sealed.

What is hashed is what is printed: every field is a text, a whole number or nothing, and stands
in the proof as it went into the hash. A leaf has two storeys. The *content* hashes the fields
under a salt of the leaf's own; the leaf binds place, transfer and content. So the leaf of a
stranger can be shown without a word of what is in it.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final, TypeAlias, cast
from uuid import UUID

from points_engine import canonical
from points_engine.ledger import Transfer
from points_engine.merkle import leaf_hash

FIELDS: Final = (
    "tenant_id",
    "id",
    "kind",
    "reference",
    "source",
    "unit",
    "debit_account_id",
    "credit_account_id",
    "amount",
    "community_id",
    "quarter",
    "occurred_on",
    "booked_at",
    "policy_version",
    "fact_id",
    "reverses",
    "actor_id",
    "reason",
    "debit_version",
    "debit_balance_after",
    "credit_version",
    "credit_balance_after",
)
ID: Final = FIELDS.index("id")
CONTENT: Final = b"\x02"  # a leaf begins with 0, a node with 1, a seal with 3
SECRET_BYTES: Final = 32

Plain: TypeAlias = str | int | None
# One transfer as its values: in the order of FIELDS, or by their names.
Row: TypeAlias = Sequence[object] | Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A transfer at its place (the first is 0) among the leaves of its quarter."""

    place: int
    salt: str
    fields: tuple[Plain, ...]

    @property
    def id(self) -> str:
        return str(self.fields[ID])

    @property
    def content(self) -> str:
        """What its fields hash to: all that a stranger may see of them."""
        return sha256(CONTENT + encode(self.salt, *self.fields)).hexdigest()

    @property
    def hash(self) -> bytes:
        """What stands in the tree."""
        return leaf_hash(encode(self.place, self.id, self.content))


def leaf_of(row: Row, *, place: int, secret: bytes) -> Leaf:
    """The leaf of a transfer that came as a row.

    `secret` is random and the quarter's own. Who has it can guess at the leaves of strangers.
    """
    if len(secret) != SECRET_BYTES:
        raise ValueError(f"a secret of {SECRET_BYTES} bytes is needed")
    values = [row[name] for name in FIELDS] if isinstance(row, Mapping) else row
    if len(values) != len(FIELDS):
        raise ValueError(f"a transfer has {len(FIELDS)} fields, not {len(values)}")
    printed = tuple([value if type(value) in _PLAIN else _printed(value) for value in values])
    fields = cast("tuple[Plain, ...]", printed)
    salt = hmac.digest(secret, str(fields[ID]).encode(), "sha256").hex()
    return Leaf(place, salt, fields)


def row_of(transfer: Transfer, tenant_id: int) -> tuple[object, ...]:
    """The values of a transfer in the order of `FIELDS`."""
    named = {
        "tenant_id": tenant_id,
        "kind": transfer.kind.value,
        "unit": transfer.unit.value,
        "debit_account_id": transfer.debit.id_in(tenant_id),
        "credit_account_id": transfer.credit.id_in(tenant_id),
    }
    return tuple([named[name] if name in named else getattr(transfer, name) for name in FIELDS])


def encode(*values: Plain) -> bytes:
    """The canonical bytes of what is printed: as `canonical.encode`, and three times as fast."""
    framed = [canonical.VERSION]
    for value in values:
        if value is None:
            framed.append(_NOTHING)
        elif isinstance(value, str):
            body = value.encode()
            framed += _TEXTS[len(body)] if len(body) < _SHORT else _head(b"s", len(body)), body
        else:
            body = b"%d" % value
            framed += _head(b"i", len(body)), body
    return b"".join(framed)


@lru_cache(maxsize=1024)  # a batch is booked at one instant
def printed_instant(instant: datetime) -> str:
    """An instant as it is printed: in UTC, to the microsecond, always of one length."""
    if instant.utcoffset() is None:
        raise ValueError("an instant has a time zone")
    return instant.astimezone(UTC).isoformat(timespec="microseconds")


def _printed(value: object) -> str:
    # By the exact type: an instant is a day too, and an enumeration is not what it prints.
    if type(value) is UUID:
        return str(value)
    if type(value) is datetime:
        return printed_instant(value)
    if type(value) is date:
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not printed in a proof")


def _head(tag: bytes, length: int) -> bytes:
    return tag + length.to_bytes(4, "big")


_PLAIN: Final = frozenset({str, int, type(None)})  # a truth value is not a number here
_SHORT: Final = 256
_TEXTS: Final = [_head(b"s", length) for length in range(_SHORT)]
_NOTHING: Final = _head(b"n", 0)
