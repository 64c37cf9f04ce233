"""The code by which somebody confirms, a second time, what cannot be undone."""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.core.keys import Keyring

GOOD_FOR = timedelta(minutes=10)
LONGEST_INSTANT = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What is to be confirmed, by whom, in which session: the code is good for nothing else."""

    purpose: str
    tenant_id: int
    person_id: UUID
    session_id: UUID

    def code(self, keyring: Keyring, *, now: datetime) -> str:
        """Good for ten minutes."""
        until = int((now + GOOD_FOR).timestamp())
        return f"{until}.{self._mac(keyring, until)}"

    def is_confirmed_by(self, code: str, keyring: Keyring, *, now: datetime) -> bool:
        until, _, mac = code.partition(".")
        if not (until.isascii() and until.isdecimal() and len(until) <= LONGEST_INSTANT):
            return False
        own = self._mac(keyring, int(until))
        return hmac.compare_digest(mac.encode(), own.encode()) and now.timestamp() < int(until)

    def _mac(self, keyring: Keyring, until: int) -> str:
        key = keyring.key(self.purpose, self.tenant_id)
        said = f"{self.person_id}|{self.session_id}|{until}"
        return hmac.new(key, said.encode(), "sha256").hexdigest()
