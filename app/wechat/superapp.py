"""What the product asks of a super app, whichever one a resident happens to use."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Identity:
    """Who somebody is to a platform: `union_id` is set when several of our apps share people."""

    subject_id: str
    union_id: str | None = None


class SuperApp(Protocol):
    """One platform. It answers, or raises one of the refusals in `app.wechat.errors`."""

    @property
    def platform(self) -> str:
        """The platform's short name, stored beside every subject it vouches for."""

    def login(self, code: str) -> Identity:
        """Exchange the code a phone was given for who its owner is; a code works once."""
