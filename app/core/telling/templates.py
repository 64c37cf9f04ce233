"""The notices there are, with their words: data, in `config/notices.yaml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

import yaml

WORDS = Path(__file__).parents[3] / "config" / "notices.yaml"
_GAP = re.compile(r"\{([a-z_]+)\}")


class Calling(StrEnum):
    """Whether somebody whom WeChat does not reach is called."""

    NEVER = "never"
    UNREACHED = "unreached"


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
