"""The authenticator on the phone of a member of staff."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pyotp

from app.identity.models import Person
from tests.support.client import ApiClient


class Authenticator:
    """Learns a secret once, and shows six digits by a clock."""

    def __init__(self, secret: str, now: Callable[[], datetime]) -> None:
        self._totp = pyotp.TOTP(secret)
        self._now = now

    def digits(self, *, steps: int = 0) -> str:
        """What it shows now, or so many steps of its clock away."""
        return self._totp.at(self._now(), counter_offset=steps)


def enrol(
    api: ApiClient, person: Person, now: Callable[[], datetime]
) -> tuple[Authenticator, list[Any]]:
    """Set up the second factor of a member of staff; the authenticator and the recovery codes."""
    drafted = api.post("/me/second-factor", as_=person)
    authenticator = Authenticator(drafted.get_json()["secret"], now)
    confirmed = api.put("/me/second-factor", as_=person, otp=authenticator.digits())
    return authenticator, list(confirmed.get_json()["recovery_codes"])
