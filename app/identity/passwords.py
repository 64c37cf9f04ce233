"""Staff passwords: argon2id, with the same work done whether or not the name exists."""

from functools import cache

from argon2 import Parameters, PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

LOCKED = "locked"  # no password has this digest


class Passwords:
    """Digests at one cost. A service has one of these; those of the tests are cheap."""

    def __init__(self, cost: Parameters = profiles.RFC_9106_LOW_MEMORY) -> None:
        self._hasher = PasswordHasher.from_parameters(cost)
        self._nobodys = cache(lambda: self._hasher.hash("a password that nobody has"))

    def digest(self, password: str) -> str:
        return self._hasher.hash(password)

    def matches(self, digest: str | None, password: str) -> bool:
        """Whether the password is right. An unknown name (None) costs as much, and is wrong."""
        try:
            self._hasher.verify(digest or self._nobodys(), password)
        except (VerificationError, InvalidHashError):
            return False
        return digest is not None
