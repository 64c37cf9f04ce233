"""The keys of the vault: read from a file outside the database, derived for each tenant and use.

The file is a small JSON document:

    {"current": "k1", "keys": {"k1": "… 32 random bytes in base64 …"}, "index": "… 32 more …"}

What is sealed names its key. To rotate, add a key, make it the current one, and seal anew what
older ones sealed; then they can go. The key of the index stays: what it made cannot be unmade.
"""

import base64
import binascii
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.core.vault.errors import KeysInvalid

KEY_BYTES = 32
LEAST_VARIETY = 12  # different bytes among the 32 of a key that was drawn at random
KID = re.compile(r"[a-z0-9]{1,16}")
REMEMBERED = 4096  # keys: some uses for each tenant


@dataclass(frozen=True, slots=True)
class DataKeys:
    """The main keys by their ids, which of them seals from now on, and the key of the index."""

    current: str
    keys: Mapping[str, bytes] = field(repr=False)
    index: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.current not in self.keys:
            raise KeysInvalid("the current key is not among the keys")
        everyone = [*self.keys.values(), self.index]
        if any(len(set(key)) < LEAST_VARIETY for key in everyone):
            raise KeysInvalid("a key must be drawn at random: one of them is not")
        if len(set(everyone)) < len(everyone):
            raise KeysInvalid("every key must be another one, and that of the index as well")

    @classmethod
    def read(cls, text: str) -> "DataKeys":
        """The keys of a document; `KeysInvalid` says what is wrong without quoting it."""
        try:
            document = json.loads(text)
        except ValueError as error:
            raise KeysInvalid("they are not a JSON document") from error
        if not isinstance(document, dict) or document.keys() != {"current", "keys", "index"}:
            raise KeysInvalid('they must have "current", "keys" and "index", and nothing else')
        keys = document["keys"]
        if not isinstance(keys, dict) or not all(KID.fullmatch(kid) for kid in keys):
            raise KeysInvalid("a key's id has up to 16 small letters and digits")
        return cls(
            current=str(document["current"]),
            keys={kid: _decoded(key) for kid, key in keys.items()},
            index=_decoded(document["index"]),
        )

    @classmethod
    def new(cls) -> "DataKeys":
        """Keys that nobody has had before."""
        return cls("k1", {"k1": secrets.token_bytes(KEY_BYTES)}, secrets.token_bytes(KEY_BYTES))

    def with_another(self) -> "DataKeys":
        """The same keys and a new one, which is the current one from then on."""
        number = len(self.keys) + 1
        while f"k{number}" in self.keys:
            number += 1
        kid = f"k{number}"
        return DataKeys(kid, {**self.keys, kid: secrets.token_bytes(KEY_BYTES)}, self.index)

    def text(self) -> str:
        """The document `read` reads."""
        keys = {kid: base64.b64encode(key).decode() for kid, key in self.keys.items()}
        index = base64.b64encode(self.index).decode()
        return json.dumps({"current": self.current, "keys": keys, "index": index}, indent=1)


@lru_cache(maxsize=REMEMBERED)
def derived(key: bytes, *use: object, length: int = KEY_BYTES) -> bytes:
    """The key for one use, by HKDF-SHA-256: none tells anything about another."""
    info = "|".join(("red account", *map(str, use))).encode()
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info).derive(key)


def _decoded(text: Any) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (TypeError, ValueError, binascii.Error) as error:
        raise KeysInvalid("a key is not in base64") from error
    if len(key) != KEY_BYTES:
        raise KeysInvalid(f"a key has {KEY_BYTES} bytes, and one of them has {len(key)}")
    return key
