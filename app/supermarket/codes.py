"""The one-minute code a member shows: `R` and 128 random bits, or ten digits for typing."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from app.core.keys import Keyring

LIFETIME = timedelta(seconds=60)
REFRESH_AFTER = timedelta(seconds=45)
KEPT = timedelta(days=1)
MOST_LIVE = 2
DIGITS = 10
FORM = re.compile(r"R[A-Za-z0-9_-]{22}")
TYPED = re.compile(r"[0-9]{10}")
PURPOSE = "redeem-digits"
# A pick-up code: eight of what nobody mistakes for each other (rules B, pickup_code).
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
PICKUP = re.compile(f"[{LETTERS}]{{8}}")
PICKUP_LENGTH = 8
MADE, KEPT_AS = "pickup-code", "pickup-digest"
VOUCHER_MADE, VOUCHER_KEPT_AS = "voucher-code", "voucher-digest"


@dataclass(frozen=True, slots=True)
class Issued:
    """A new code in clear: shown to its owner, never kept."""

    text: str
    digits: str


def issue() -> Issued:
    return Issued(
        "R" + secrets.token_urlsafe(16),
        "".join(secrets.choice("0123456789") for _ in range(DIGITS)),
    )


def is_scanned(text: str) -> bool:
    return FORM.fullmatch(text) is not None


def is_typed(text: str) -> bool:
    return TYPED.fullmatch(text) is not None


def digest(text: str) -> bytes:
    """What is kept of a scanned code: enough to know it again, not to show it."""
    return hashlib.sha256(text.encode()).digest()


def digits_digest(digits: str, keyring: Keyring, tenant_id: int) -> bytes:
    """Ten digits can be tried out, so their digest needs a key."""
    return hmac.new(keyring.key(PURPOSE, tenant_id), digits.encode(), hashlib.sha256).digest()


def grouped(digits: str) -> str:
    """As people read them aloud: 4, 3, 3."""
    return f"{digits[:4]} {digits[4:7]} {digits[7:]}"


def pickup(reservation_id: UUID, keyring: Keyring, tenant_id: int) -> str:
    """The pick-up code of a reservation: made from a secret, so that it need not be kept."""
    return _letters(keyring.key(MADE, tenant_id), reservation_id)


def voucher(voucher_id: UUID, keyring: Keyring, tenant_id: int) -> str:
    """The code of a service voucher, of the same letters and as many."""
    return _letters(keyring.key(VOUCHER_MADE, tenant_id), voucher_id)


def voucher_digest(code: str, keyring: Keyring, tenant_id: int) -> bytes:
    """What is kept of it."""
    return hmac.new(keyring.key(VOUCHER_KEPT_AS, tenant_id), code.encode(), hashlib.sha256).digest()


def pickup_digest(code: str, keyring: Keyring, tenant_id: int) -> bytes:
    """What is kept of it: eight letters can be tried out, so their digest needs a key."""
    return hmac.new(keyring.key(KEPT_AS, tenant_id), code.encode(), hashlib.sha256).digest()


def is_pickup(text: str) -> bool:
    return PICKUP.fullmatch(text) is not None


def in_fours(code: str) -> str:
    """As people read it aloud."""
    return f"{code[:4]} {code[4:]}"


def _letters(key: bytes, what: UUID) -> str:
    made = hmac.new(key, what.bytes, hashlib.sha256).digest()
    number, code = int.from_bytes(made), ""
    for _ in range(PICKUP_LENGTH):
        number, place = divmod(number, len(LETTERS))
        code += LETTERS[place]
    return code
