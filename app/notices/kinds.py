"""The notices there are, with their words, and the closed lists of what becomes of them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

WORDS = Path(__file__).parents[2] / "config" / "notices.yaml"
_GAP = re.compile(r"\{([a-z_]+)\}")


class Calling(StrEnum):
    """Whether somebody whom WeChat does not reach is called."""

    NEVER = "never"
    UNREACHED = "unreached"


class SendState(StrEnum):
    """How far a notice is on its way to WeChat. What is `UNKNOWN` may have arrived."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    CALLED = "called"
    LEFT = "left"


class Missed(StrEnum):
    """Why WeChat did not reach somebody."""

    NO_ACCOUNT = "no_account"
    NO_RIGHT = "no_right"
    REFUSED = "refused"
    FAILED = "failed"


class Step(StrEnum):
    """How somebody is reached whom WeChat does not reach: first a call, then a visit."""

    PHONE = "phone"
    VISIT = "visit"


class LineState(StrEnum):
    """How a line of the call list stands. `READ` is by themselves, before anybody called."""

    OPEN = "open"
    REACHED = "reached"
    READ = "read"


class Outcome(StrEnum):
    """What came of a try."""

    REACHED = "reached"
    MISSED = "missed"


def listed(kinds: type[StrEnum]) -> str:
    """The members of a closed list, as a CHECK has them."""
    return ", ".join(f"'{kind.value}'" for kind in kinds)


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A notice: its title, its sentence with gaps, and whether it is worth a call."""

    title: str
    text: str
    calling: Calling

    @property
    def gaps(self) -> frozenset[str]:
        return frozenset(_GAP.findall(self.text))

    def said(self, words: Mapping[str, str]) -> str:
        """The sentence with its gaps filled in. What is no gap of ours stays as it is."""
        return _GAP.sub(lambda gap: words.get(gap.group(1), ""), self.text)


@cache
def templates() -> Mapping[str, Template]:
    """Every notice, by its name."""
    document = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return {
        name: Template(title=one["title"], text=one["text"], calling=Calling(one["call"]))
        for name, one in document.items()
    }
