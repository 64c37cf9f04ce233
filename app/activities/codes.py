"""The code on a venue's screen: it changes every 15 seconds and dies 30 after it appeared.

It is taken in its own step of 15 seconds; in the next one, because people are slower than
screens; and in the one before, because the host that drew it may be ahead of the one that
checks it.

`1.<kid>.<activity>.<step>.<mac>`. The MAC covers the purpose, the tenant, the activity and
whether it is for coming or going, so a code opens nothing else.
"""

import base64
import binascii
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from app.core.keys import Keyring
from app.core.scans import CodeExpired, CodeMalformed, CodeUnknown, code_in

STEP_SECONDS = 15
MAC_BYTES = 16
PURPOSE = "activity-qr"
EXPIRED = "这个活动码已经过期，请对准现场屏幕重新扫一次。"
FORM = re.compile(r"1\.([0-9a-f]{4})\.([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([A-Za-z0-9_-]{22})")


class Direction(StrEnum):
    """Coming or going."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueCode:
    """A code as read. It proves nothing until `direction_of` has checked its MAC."""

    kid: str
    activity_id: UUID
    step: int
    mac: bytes

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The parts of a venue code, or None when the text is not one."""
        parts = FORM.fullmatch(text)
        if parts is None:
            return None
        try:
            activity_id = UUID(bytes=_unpacked(parts[2]))
            return cls(
                kid=parts[1], activity_id=activity_id, step=int(parts[3]), mac=_unpacked(parts[4])
            )
        except (ValueError, binascii.Error):
            return None

    def direction_of(self, keyring: Keyring, tenant_id: int) -> Direction | None:
        """Which way the code is for, or None when we did not make it."""
        if self.kid != keyring.kid:
            return None
        for direction in Direction:
            made = _mac(
                keyring,
                tenant_id=tenant_id,
                activity_id=self.activity_id,
                direction=direction,
                step=self.step,
            )
            if hmac.compare_digest(made, self.mac):
                return direction
        return None

    @property
    def shown_at(self) -> datetime:
        """When it began to hang on the screen."""
        return datetime.fromtimestamp(self.step * STEP_SECONDS, UTC)

    def is_fresh(self, now: datetime) -> bool:
        """Of this step or one beside it, by the server's clock."""
        return abs(self.step - _step(now)) <= 1


def ours(text: str | None, *, keyring: Keyring, tenant_id: int) -> tuple[VenueCode, Direction]:
    """A venue code that we made, and which way it is for; how old it is the caller asks.

    Raises `CodeMalformed`, `CodeUnknown`, and `CodeExpired` for one of another secret: it is
    taken for one of the secret before, for a change of secrets must not look like guessing.
    """
    code = VenueCode.read(code_in(text or ""))
    if code is None:
        raise CodeMalformed("这不是活动现场的二维码，请扫描现场屏幕上的码。")
    if code.kid != keyring.kid:
        raise CodeExpired(EXPIRED)
    direction = code.direction_of(keyring, tenant_id)
    if direction is None:
        raise CodeUnknown("没有找到这个活动码，请扫描现场屏幕上正在显示的码。")
    return code, direction


def issue(
    keyring: Keyring, *, tenant_id: int, activity_id: UUID, direction: Direction, now: datetime
) -> tuple[str, datetime]:
    """The code of this step, and the instant from which a new one is shown."""
    step = _step(now)
    mac = _mac(
        keyring, tenant_id=tenant_id, activity_id=activity_id, direction=direction, step=step
    )
    text = f"1.{keyring.kid}.{_packed(activity_id.bytes)}.{step}.{_packed(mac)}"
    return text, datetime.fromtimestamp((step + 1) * STEP_SECONDS, UTC)


def _step(now: datetime) -> int:
    return int(now.timestamp()) // STEP_SECONDS


def _mac(
    keyring: Keyring, *, tenant_id: int, activity_id: UUID, direction: Direction, step: int
) -> bytes:
    said = f"1|{PURPOSE}|{keyring.kid}|{tenant_id}|{activity_id}|{direction}|{step}"
    key = keyring.key(PURPOSE, tenant_id)
    return hmac.digest(key, said.encode(), "sha256")[:MAC_BYTES]


def _packed(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unpacked(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "==")
