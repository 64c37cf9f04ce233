"""The one-minute code a member shows: `R` and 128 random bits, or ten digits for typing."""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta

from app.core.keys import Keyring

LIFETIME = timedelta(seconds=60)
REFRESH_AFTER = timedelta(seconds=45)
KEPT = timedelta(days=1)
MOST_LIVE = 2
DIGITS = 10
FORM = re.compile(r"R[A-Za-z0-9_-]{22}")
TYPED = re.compile(r"[0-9]{10}")
PURPOSE = "redeem-digits"


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
