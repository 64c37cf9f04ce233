"""The code on a confirmation slip: eight letters and digits that are not taken for one another.

It follows from the slip's own id and the service's secret, so that a lost sheet can be printed
again; what is kept of it is a digest under another key. Neither leads from the rows to the code.
"""

import hashlib
import hmac
from dataclasses import dataclass
from uuid import UUID

from app.core.keys import Keyring

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # without 0, 1, I, L, O
LENGTH = 8
MADE, KEPT = "service-slip", "service-slip-digest"


@dataclass(frozen=True, slots=True)
class SlipCodes:
    """The codes of one tenant."""

    keyring: Keyring
    tenant_id: int

    def of(self, slip_id: UUID) -> str:
        """The code of a slip, as long as the secret is what it was when it was issued."""
        made = self._mac(MADE, slip_id.bytes)
        number, letters = int.from_bytes(made, "big"), []
        for _ in range(LENGTH):
            number, place = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[place])
        return "".join(letters)

    def digest(self, code: str) -> bytes:
        """What is kept: a code this short could be tried out without a key."""
        return self._mac(KEPT, code.encode())

    def _mac(self, purpose: str, said: bytes) -> bytes:
        return hmac.new(self.keyring.key(purpose, self.tenant_id), said, hashlib.sha256).digest()


def read(text: str) -> str | None:
    """The code in what somebody typed, however they grouped it; None when it cannot be one."""
    code = "".join(text.upper().replace("-", "").split())
    fits = len(code) == LENGTH and set(code) <= set(ALPHABET)
    return code if fits else None


def grouped(code: str) -> str:
    """As people read it aloud: four and four."""
    return f"{code[:4]} {code[4:]}"
