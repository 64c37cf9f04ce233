"""Reading plain data strictly, so that a typing mistake in a policy is found by its place."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from points_engine.errors import PolicyInvalid

LONGEST_TEXT = 100

Choice = TypeVar("Choice", bound=StrEnum)


class Reader:
    """One mapping of a document, and where in the document it stands."""

    def __init__(self, path: str, section: object) -> None:
        self._path = path
        if not isinstance(section, Mapping):
            raise PolicyInvalid(path or "document", "must be a mapping")
        self._section = section

    def only(self, *names: str) -> None:
        """Refuse every key that is not one of `names`."""
        for key in self._section:
            if key not in names:
                raise self._wrong(str(key), "is not a known key")

    def text(self, name: str) -> str:
        value = self._required(name)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            raise self._wrong(name, f"must be a text of 1 to {LONGEST_TEXT} characters")
        return value

    def number(self, name: str, *, least: int, most: int, default: int | None = None) -> int:
        value = self._section.get(name, default) if default is not None else self._required(name)
        # A bool is an int to Python, and never a number to whoever wrote the document.
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self._wrong(name, f"must be a whole number from {least} to {most}")
        return value

    def limit(self, name: str, *, most: int) -> int | None:
        """A number of at least 1, or None when it is absent or null."""
        if self._section.get(name) is None:
            return None
        return self.number(name, least=1, most=most)

    def day(self, name: str) -> date:
        """A civil day: a date, as YAML reads it, or "YYYY-MM-DD"."""
        value = self._required(name)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError as problem:
            raise self._wrong(name, "must be a day, YYYY-MM-DD") from problem

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        value = self._required(name)
        for choice in choices:
            if value == choice.value:
                return choice
        raise self._wrong(name, f"must be one of {', '.join(choices)}")

    def sections(self, name: str) -> Iterator["Reader"]:
        value = self._required(name)
        if not isinstance(value, list):
            raise self._wrong(name, "must be a list")
        for place, section in enumerate(value):
            yield Reader(f"{self._at(name)}[{place}]", section)

    def _required(self, name: str) -> object:
        if name not in self._section:
            raise self._wrong(name, "is missing")
        return self._section[name]

    def _at(self, name: str) -> str:
        return f"{self._path}.{name}" if self._path else name

    def _wrong(self, name: str, problem: str) -> PolicyInvalid:
        return PolicyInvalid(self._at(name), problem)
