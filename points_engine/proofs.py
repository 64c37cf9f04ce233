"""The seal of a quarter, and the proof that somebody's lines are under it.

Every proof shows the last leaf, without its content, at the last place: so the root alone says
how many leaves there are and which transfer ends them, and nobody can cut off the tail.
`verify.py` reads what is written here, and shares no line with it.
"""

import json
import zlib
from base64 import b32encode
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, TypeAlias
from uuid import UUID

from points_engine.errors import SealBroken
from points_engine.leaves import FIELDS, ID, Leaf, Plain, Row, encode, leaf_of, printed_instant
from points_engine.merkle import ROOT_OF_NOTHING, Roots

FORMAT: Final = 1
SEAL: Final = b"\x03"
CODE: Final = "RA1:"
LONGEST_CODE: Final = 4296  # capitals and digits in the largest QR code, 40-L
# Names that every proof repeats, so that a code need not. Part of the format.
DICTIONARY: Final = (
    '{"seal":{"format":1,"tenant_id":1,"community_id":"","quarter":"20Q","root":"","leaf_count":,'
    '"first_transfer":"","last_transfer":"","previous_root":"","sealed_at":""},"seal_hash":"",'
    '"end":{"content":"","path":["",""]},"lines":[{"place":,"salt":"","transfer":{'
    + ",".join(f'"{name}":null' for name in FIELDS)
    + '},"path":["0123456789abcdef"]}]}"T00:00:00.000000+00:00","attendance:station_visit:points"'
).encode()

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """What is published of a closed quarter. Whoever has it can tell every later change."""

    tenant_id: int
    community_id: UUID
    quarter: str
    root: bytes
    leaf_count: int
    first_transfer: UUID | None
    last_transfer: UUID | None
    previous_root: bytes | None
    sealed_at: datetime

    def __post_init__(self) -> None:
        empty = self.leaf_count == 0
        ends = {self.first_transfer is None, self.last_transfer is None}
        if self.leaf_count < 0 or ends != {empty} or (self.root == ROOT_OF_NOTHING) is not empty:
            raise ValueError("a seal names its first and last transfer unless there are none")
        before = self.root if self.previous_root is None else self.previous_root
        if {len(self.root), len(before)} != {32}:
            raise ValueError("a root has 32 bytes")

    def printed(self) -> dict[str, Plain]:
        """Its fields as they are published and hashed."""
        return {
            "format": FORMAT,
            "tenant_id": self.tenant_id,
            "community_id": str(self.community_id),
            "quarter": self.quarter,
            "root": self.root.hex(),
            "leaf_count": self.leaf_count,
            "first_transfer": _text(self.first_transfer),
            "last_transfer": _text(self.last_transfer),
            "previous_root": None if self.previous_root is None else self.previous_root.hex(),
            "sealed_at": printed_instant(self.sealed_at),
        }

    @property
    def seal_hash(self) -> bytes:
        """One number for all of it: root, count, last transfer and the root before."""
        return sha256(SEAL + encode(*self.printed().values())).digest()

    def notice(self) -> Document:
        """What hangs on the wall: `verify.py` compares a proof with it (`--seal`)."""
        return {"seal": self.printed(), "seal_hash": self.seal_hash.hex()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A quarter of a community, and the secret of 32 random bytes behind its salts.

    Rows come in the order (booked_at, id), each once; a row is what `leaves.leaf_of` takes.
    """

    tenant_id: int
    community_id: UUID
    quarter: str
    secret: bytes = field(repr=False)  # whoever prints a period may be writing a log

    def leaves(self, rows: Iterable[Row]) -> Iterator[Leaf]:
        """The leaves, one by one. `ValueError` for a row that is not the next of this period."""
        here = (self.tenant_id, str(self.community_id), self.quarter)
        before = ("", "")
        for place, row in enumerate(rows):
            leaf = leaf_of(row, place=place, secret=self.secret)
            if _period(leaf) != here:
                raise ValueError(f"transfer {leaf.id} is not of {self.quarter} of this community")
            if (now := _order(leaf)) <= before:
                raise ValueError(f"transfer {leaf.id} comes after one that is not before it")
            before = now
            yield leaf

    def seal(
        self, rows: Iterable[Row], *, previous_root: bytes | None, sealed_at: datetime
    ) -> Seal:
        """Close the period over these rows, in one pass."""
        roots, first, last = Roots(), None, None
        for leaf in self.leaves(rows):
            roots.add(leaf.hash)
            first, last = first or leaf.id, leaf.id
        return Seal(
            tenant_id=self.tenant_id,
            community_id=self.community_id,
            quarter=self.quarter,
            root=roots.root(),
            leaf_count=roots.leaf_count,
            first_transfer=UUID(first) if first else None,
            last_transfer=UUID(last) if last else None,
            previous_root=previous_root,
            sealed_at=sealed_at,
        )

    def prove(self, seal: Seal, rows: Iterable[Row], wanted: Collection[UUID]) -> Document:
        """The proof of the wanted transfers, in one pass over all the rows that were sealed.

        `SealBroken` when they are not what was sealed, `ValueError` when one is not among them.
        """
        ids, roots = {str(transfer_id) for transfer_id in wanted}, Roots()
        kept: list[tuple[Leaf, list[bytes]]] = []
        for leaf in self.leaves(rows):
            if leaf.id in ids or leaf.place == seal.leaf_count - 1:
                kept.append((leaf, []))
                roots.add(leaf.hash, kept[-1][1])
            else:
                roots.add(leaf.hash)
        if (roots.finish(), roots.leaf_count) != (seal.root, seal.leaf_count):
            raise SealBroken(f"the transfers of {seal.quarter} are not those that were sealed")
        lines = [(leaf, path) for leaf, path in kept if leaf.id in ids]
        if not lines or len(lines) != len(ids):
            raise ValueError("a wanted transfer is not in this period")
        return proof_document(seal, lines, end=kept[-1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """What is kept of a closed quarter: its seal, and the secret that nobody is told."""

    seal: Seal
    secret: bytes = field(repr=False)

    @property
    def period(self) -> Period:
        return Period(
            tenant_id=self.seal.tenant_id,
            community_id=self.seal.community_id,
            quarter=self.seal.quarter,
            secret=self.secret,
        )

    def again(self, rows: Iterable[Row]) -> Seal:
        """The seal of these rows: the same one if they are what was sealed."""
        before, at = self.seal.previous_root, self.seal.sealed_at
        return self.period.seal(rows, previous_root=before, sealed_at=at)

    def prove(self, rows: Iterable[Row], wanted: Collection[UUID]) -> Document:
        """As `Period.prove`."""
        return self.period.prove(self.seal, rows, wanted)


def proof_document(
    seal: Seal,
    lines: Iterable[tuple[Leaf, Iterable[bytes]]],
    *,
    end: tuple[Leaf, Iterable[bytes]],
) -> Document:
    """The proof as a resident gets it: lines in the order of their places, each with its path."""
    last, path = end
    return {
        **seal.notice(),
        "end": {"content": last.content, "path": _hexes(path)},
        "lines": [
            {
                "place": leaf.place,
                "salt": leaf.salt,
                "transfer": dict(zip(FIELDS, leaf.fields, strict=True)),
                "path": _hexes(path),
            }
            for leaf, path in lines
        ],
    }


def proof_code(proof: Document) -> str:
    """The same proof as a text that fits one QR code, in its alphabet of capitals and digits.

    `ValueError` when it does not fit: several lines, or one with a very long reason.
    """
    text = json.dumps(proof, ensure_ascii=False, separators=(",", ":"))
    packer = zlib.compressobj(level=9, zdict=DICTIONARY)
    packed = packer.compress(text.encode()) + packer.flush()
    code = CODE + b32encode(packed).decode().rstrip("=")
    if len(code) > LONGEST_CODE:
        raise ValueError(f"{len(code)} characters do not fit one QR code")
    return code


def _period(leaf: Leaf) -> tuple[Plain, ...]:
    return (leaf.fields[0], leaf.fields[_COMMUNITY], leaf.fields[_QUARTER])


def _order(leaf: Leaf) -> tuple[str, str]:
    return (str(leaf.fields[_BOOKED_AT]), str(leaf.fields[ID]))


def _hexes(path: Iterable[bytes]) -> list[str]:
    return [one.hex() for one in path]


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


_COMMUNITY: Final = FIELDS.index("community_id")
_QUARTER: Final = FIELDS.index("quarter")
_BOOKED_AT: Final = FIELDS.index("booked_at")
