"""What the product asks of a super app, whichever one a resident happens to use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to a platform: `union_id` is set when several of our apps share people."""

    subject_id: str
    union_id: str | None = None


@dataclass(frozen=True, slots=True)
class Phone:
    """A number the platform vouches for: without its country's prefix, and that prefix."""

    number: str
    country: str


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a person has to agree to before they can be told something: once, or each time."""

    template_id: str
    lasting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What somebody is to be told: our name for the template, our words, and the page it opens."""

    template: str
    words: Mapping[str, str]
    page: str = ""


class Delivery(StrEnum):
    """What became of a message. What is `UNKNOWN` may have arrived, and is not sent again."""

    SENT = "sent"
    REFUSED = "refused"  # the person has not allowed it, or not any more
    RETRY = "retry"
    TOMORROW = "tomorrow"  # today's quota is used up
    BAD = "bad"  # the message or the configuration is wrong: trying again is no use
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    """What a check says. Whatever the check could not find out, a person has to look at."""

    PASS = "pass"  # noqa: S105 - no password
    REVIEW = "review"
    RISKY = "risky"


class Scene(IntEnum):
    """Where a text or picture is to stand."""

    PROFILE = 1
    COMMENT = 2
    FORUM = 3
    SOCIAL_LOG = 4


@dataclass(frozen=True, slots=True)
class Echo:
    """The platform asks whether the address is ours: answer with exactly this."""

    text: str


@dataclass(frozen=True, slots=True)
class Reject:
    """What did not come from the platform, or not just now. The reason is for the log."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something the platform tells us. The same event, told again, has the same key."""

    key: bytes
    name: str
    subject_id: str
    happened_at: datetime
    content: Mapping[str, Any] = field(default_factory=dict)


Told = Echo | Reject | tuple[Event, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """A request at our callback address, as it came."""

    method: str
    query: Mapping[str, str]
    body: bytes
    at: datetime


class SuperApp(Protocol):
    """One platform. It answers, or raises one of the refusals in `app.wechat.errors`."""

    @property
    def platform(self) -> str:
        """The platform's short name, stored beside every subject it vouches for."""

    @property
    def tells_answers(self) -> bool:
        """Whether the platform tells us what people answer, so that no phone need be believed."""

    def login(self, code: str) -> Identity:
        """Exchange the code a phone was given for who its owner is; a code works once."""

    def phone(self, subject_id: str, proof: Mapping[str, str]) -> Phone:
        """The number that the person agreed to show; the proof works once, and for them only."""

    def code_image(self, page: str, token: str, *, env: str = "release") -> bytes:
        """A picture of the code that opens `page` with our token."""

    def parse_scan(self, payload: Mapping[str, str]) -> str | None:
        """Our token in what a phone scanned or was opened with; None where it is not ours."""

    def agreement(self, template: str) -> Agreement | None:
        """What has to be agreed to for this notice of ours; None where it is not sent there."""

    def notify(self, subject_id: str, message: Message) -> Delivery:
        """Tell somebody something where the platform shows its messages; it never raises."""

    def check_text(self, subject_id: str, scene: Scene, text: str) -> Verdict:
        """Whether a text may be shown to others; it never raises."""

    def check_media(self, subject_id: str, scene: Scene, url: str) -> str | None:
        """Have a picture looked at: under which name the verdict will come; None if it will not."""

    def parse_callback(self, received: Received) -> Told:
        """What the platform tells us, once it is certain that it is the platform."""


SuperApps = Mapping[tuple[str, str], SuperApp]  # by platform and mini-program
