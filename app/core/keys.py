"""Keys for codes, one for each purpose and tenant, derived from the service's secret."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Keyring:
    """Derives keys. The key id tells which secret a code was made with."""

    secret: str

    @property
    def kid(self) -> str:
        return hashlib.sha256(b"kid:" + self.secret.encode()).hexdigest()[:4]

    def key(self, purpose: str, tenant_id: int) -> bytes:
        info = f"{purpose}:{tenant_id}".encode()
        return hmac.digest(self.secret.encode(), info, "sha256")
