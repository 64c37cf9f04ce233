"""Session tokens: opaque, random, and kept only as a digest.

A token begins with `st_`, so that secret scanners see it. Its first bytes tell whose tenant it
belongs to, so that the look-up happens inside that tenant; a wrong tenant finds nothing.
"""

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass

PREFIX = "st_"
TENANT_BYTES = 8
RANDOM_BYTES = 32
LENGTH = TENANT_BYTES + RANDOM_BYTES


@dataclass(frozen=True, slots=True)
class Token:
    """What a client holds. `digest` is what we keep."""

    text: str
    tenant_id: int

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.text.encode()).digest()


def issue(tenant_id: int) -> Token:
    raw = tenant_id.to_bytes(TENANT_BYTES, "big") + secrets.token_bytes(RANDOM_BYTES)
    return Token(PREFIX + base64.urlsafe_b64encode(raw).rstrip(b"=").decode(), tenant_id)


def read(text: str) -> Token | None:
    """The token, or None when it cannot be one of ours."""
    body = text.removeprefix(PREFIX)
    if body == text or len(text) > 80 or not text.isascii():
        return None
    try:
        raw = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    except (ValueError, binascii.Error):
        return None
    if len(raw) != LENGTH or raw[0] & 0x80:
        return None
    return Token(text, int.from_bytes(raw[:TENANT_BYTES], "big"))
