"""What a terminal holds while it has no network: one text, signed, without a name or a number.

Cards are told apart by a slow digest with a salt of the slice's own: the page knows the card that
is shown to it, and whoever finds the terminal reads no numbers.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.core.keys import Keyring
from app.supermarket.errors import SliceForged, SliceUnknown

ROUNDS, DIGEST = 10_000, 16  # of PBKDF2; bytes
SIGNED, SALTED = "offline-slice", "offline-cards"
LOST = "这台设备上已经没有这笔用的备用额度，请保留签字的登记纸，找社区核对。"
FORGED = "这台设备上的备用额度被改动过，不能同步。请保留签字的登记纸，找社区核对。"


@dataclass(frozen=True, slots=True)
class Signed:
    """A slice as its terminal keeps it, byte for byte, and what proves that it is ours."""

    text: str
    mac: str


def salt(slice_id: UUID, keyring: Keyring, tenant_id: int) -> bytes:
    """Made from a secret, so that it need not be kept."""
    key = keyring.key(SALTED, tenant_id)
    return hmac.new(key, slice_id.bytes, hashlib.sha256).digest()[:DIGEST]


def card_digest(number: str, salted: bytes) -> str:
    """By what the page knows a card."""
    return hashlib.pbkdf2_hmac("sha256", number.encode(), salted, ROUNDS, DIGEST).hex()


def sign(content: Mapping[str, Any], keyring: Keyring, tenant_id: int) -> Signed:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
    return Signed(text, _mac(text, keyring, tenant_id))


def slice_in(signed: Signed, keyring: Keyring, tenant_id: int) -> UUID:
    """Which slice it is.

    Raises `SliceUnknown` where the terminal has lost it, and `SliceForged` unless every letter is
    as we signed it for this city.
    """
    if not signed.text:
        raise SliceUnknown(LOST)
    if not hmac.compare_digest(signed.mac, _mac(signed.text, keyring, tenant_id)):
        raise SliceForged(FORGED)
    return UUID(json.loads(signed.text)["slice"])


def _mac(text: str, keyring: Keyring, tenant_id: int) -> str:
    key = keyring.key(SIGNED, tenant_id)
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
