"""Sealing and unsealing one value, and finding it again without unsealing any."""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from app.core.vault.ciphers import ALGORITHMS, NONCE_BYTES, TAG_BYTES, Algorithm
from app.core.vault.errors import SealBroken
from app.core.vault.keys import DataKeys, derived

VERSION = "v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a sealed value belongs. Copied to another row or column, it cannot be unsealed."""

    tenant_id: int
    table: str
    field: str
    row_id: UUID

    @property
    def text(self) -> str:
        return f"{self.tenant_id}|{self.table}|{self.field}|{self.row_id}"


class Vault:
    """Seals with the current key of its keys, and unseals with whichever of them sealed."""

    def __init__(self, keys: DataKeys, *, algorithm: str) -> None:
        self._keys = keys
        self._algorithm = ALGORITHMS[algorithm]

    def seal(self, value: str, place: Place) -> str:
        """The value as text for a column: `v1|alg|kid|nonce|ct|tag`, another one each time."""
        head = f"{VERSION}|{self._algorithm.name}|{self._keys.current}"
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = self._key(self._algorithm, self._keys.current, place.tenant_id)
        sealed = self._algorithm.encrypt(
            key, nonce, plain=value.encode(), bound=_bound(head, place)
        )
        return "|".join((head, *(_to_text(part) for part in (nonce, *sealed))))

    def unseal(self, sealed: str, place: Place) -> str:
        """The value; `SealBroken` when it is not what was sealed, here, with one of our keys."""
        head, nonce, text, tag = _parts(sealed)
        _version, name, kid = head.split("|")
        if name not in ALGORITHMS or kid not in self._keys.keys:
            raise SealBroken("the key is not among ours")
        algorithm = ALGORITHMS[name]
        key = self._key(algorithm, kid, place.tenant_id)
        plain = algorithm.decrypt(key, nonce, sealed=(text, tag), bound=_bound(head, place))
        return plain.decode()

    @property
    def prefix(self) -> str:
        """How everything begins that the current key and cipher have sealed."""
        return f"{VERSION}|{self._algorithm.name}|{self._keys.current}|"

    def blind(self, value: str, *, tenant_id: int, use: str) -> bytes:
        """What a value can be found by: the same for the same value, and worth no guess.

        Phone numbers are few enough to try them all: without the key of the index, which is
        not in the database either, there is nothing to try them against.
        """
        key = derived(self._keys.index, "index", tenant_id, use)
        return hmac.digest(key, value.encode(), "sha256")

    def _key(self, algorithm: Algorithm, kid: str, tenant_id: int) -> bytes:
        use = ("seal", algorithm.name, tenant_id)
        return derived(self._keys.keys[kid], *use, length=algorithm.key_bytes)


def _bound(head: str, place: Place) -> bytes:
    return f"{head}|{place.text}".encode()


def _parts(sealed: str) -> tuple[str, bytes, bytes, bytes]:
    version, *rest = sealed.split("|")
    if version != VERSION or len(rest) != 5:
        raise SealBroken("it is not of the form of a seal")
    try:
        nonce, text, tag = (base64.urlsafe_b64decode(part) for part in rest[2:])
    except (ValueError, binascii.Error) as error:
        raise SealBroken("it is not of the form of a seal") from error
    if len(nonce) != NONCE_BYTES or len(tag) != TAG_BYTES:
        raise SealBroken("it is not of the form of a seal")
    return "|".join((version, *rest[:2])), nonce, text, tag


def _to_text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode()
