"""The mini-programs the stand-in knows, and how it tells that a caller is one of them."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from app.wechat.standin.replies import Refused
from config.settings import DEMO_APPID

DEMO_SECRET = "demo-secret-for-the-standin-only"  # noqa: S105 - public: it opens nothing else
DEMO_PUSH_TOKEN = "DemoPushTokenOfTheStandin"  # noqa: S105 - as above
DEMO_PUSH_AES_KEY = "DemoPushKeyOfTheStandin000000000000000000AA"
DEMO_TEMPLATES = Path(__file__).parents[3] / "config" / "wechat" / "demo.yaml"
HERE = "127.0.0.1"
PAGES = frozenset(
    {"pages/index/index", "pages/passbook/index", "pages/messages/index", "pages/scan/index"}
)


@dataclass(frozen=True, slots=True)
class KnownTemplate:
    """A subscribe-message template: the names of its fields, and whether one yes is for good."""

    fields: tuple[str, ...]
    lasting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTo:
    """Where and how events are pushed. Without an AES key they go in clear."""

    url: str
    token: str = DEMO_PUSH_TOKEN
    aes_key: str = DEMO_PUSH_AES_KEY
    xml: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredApp:
    """A mini-program; `bound` to an open platform, its people have a union id as well.

    With an `ip_list`, only callers from there are given tokens. `many_codes` is how many codes
    there may ever be of the kinds that are counted.
    """

    appid: str = DEMO_APPID
    secret: str = DEMO_SECRET
    bound: bool = False
    verified: bool = True
    ip_list: frozenset[str] = frozenset()
    pages: frozenset[str] = PAGES
    templates: Mapping[str, KnownTemplate] = field(default_factory=dict)
    push: PushTo | None = None
    many_codes: int = 100_000
    sent_events: bool = False

    @property
    def original_id(self) -> str:
        """The name under which events are addressed to it."""
        return "gh_" + self.appid[-12:]

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

    def check_ip(self) -> None:
        """Refuse a token to a caller off the list; whoever calls here does so from this machine."""
        if self.ip_list and HERE not in self.ip_list:
            raise Refused(40164)


def demo_templates() -> dict[str, KnownTemplate]:
    """The templates our demo is configured with, as WeChat's console would have them."""
    document = yaml.safe_load(DEMO_TEMPLATES.read_text(encoding="utf-8"))
    return {
        one["id"]: KnownTemplate(fields=tuple(one["fields"]), lasting=one.get("lasting", False))
        for one in document.values()
    }
