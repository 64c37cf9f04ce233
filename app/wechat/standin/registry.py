"""The mini-programs the stand-in knows, and how it tells that a caller is one of them."""

import hmac
from dataclasses import dataclass

from app.wechat.standin.replies import Refused

DEMO_SECRET = "demo-secret-for-the-standin-only"  # noqa: S105 - public: it opens nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredApp:
    """A mini-program; `bound` to an open platform, its people have a union id as well."""

    appid: str
    secret: str
    bound: bool = False

    def check_credentials(self, appid: str, secret: str) -> None:
        """Refuse a caller who is not this mini-program, in the order WeChat looks."""
        if not appid:
            raise Refused(41002)
        if not secret:
            raise Refused(41004)
        if appid != self.appid:
            raise Refused(40013)
        if not hmac.compare_digest(secret.encode(), self.secret.encode()):
            raise Refused(40125)
