"""Reading plain data strictly, so that a typing mistake in a policy is found by its place."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from points_engine.errors import PolicyInvalid

LONGEST_TEXT = 100
PER_CENT = 100

Choice = TypeVar("Choice", bound=StrEnum)


class Reader:
    """One mapping of a document, and where in the document it stands."""

    def __init__(self, path: str, section: object) -> None:
        self._path = path
        if not isinstance(section, Mapping):
            raise PolicyInvalid(path or "document", "must be a mapping")
        self._section = section

    def __contains__(self, name: str) -> bool:
        """Whether the document says anything there: null says nothing."""
        return self._section.get(name) is not None

    def only(self, *names: str) -> None:
        """Refuse every key that is not one of `names`."""
        for key in self._section:
            if key not in names:
                raise self.wrong(str(key), "is not a known key")

    def text(self, name: str, default: str | None = None) -> str:
        if default is not None and name not in self._section:
            return default
        value = self._required(name)
        if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TEXT:
            raise self.wrong(name, f"must be a text of 1 to {LONGEST_TEXT} characters")
        return value

    def number(self, name: str, *, least: int, most: int, default: int | None = None) -> int:
        value = self._section.get(name, default) if default is not None else self._required(name)
        # A bool is an int to Python, and never a number to whoever wrote the document.
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(name, f"must be a whole number from {least} to {most}")
        return value

    def limit(self, name: str, *, most: int) -> int | None:
        """A number of at least 1, or None when it is absent or null."""
        return self.number(name, least=1, most=most) if name in self else None

    def flag(self, name: str) -> bool:
        """Yes or no; no when it is absent."""
        value = self._section.get(name, False)
        if not isinstance(value, bool):
            raise self.wrong(name, "must be true or false")
        return value

    def factor(self, name: str, *, least: int, most: int) -> int:
        """A factor such as 1.5, as whole per cents; the bounds are per cents, too."""
        value = self._required(name)
        # `str` of a float is the shortest text that means it: what somebody typed.
        exact = Decimal(str(value)) * PER_CENT if _is_number(value) else Decimal("nan")
        if not exact.is_finite() or exact != int(exact) or not least <= exact <= most:
            bounds = f"{plain_factor(least)} to {plain_factor(most)}"
            raise self.wrong(name, f"must be a number from {bounds}, of two decimals at most")
        return int(exact)

    def day(self, name: str) -> date:
        """A civil day: a date, as YAML reads it, or "YYYY-MM-DD"."""
        value = self._required(name)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError as problem:
            raise self.wrong(name, "must be a day, YYYY-MM-DD") from problem

    def choice(self, name: str, choices: type[Choice]) -> Choice:
        value = self._required(name)
        for choice in choices:
            if value == choice.value:
                return choice
        raise self.wrong(name, f"must be one of {', '.join(choices)}")

    def words(self, name: str) -> tuple[str, ...]:
        """A list of texts, none of them twice; empty when it is absent."""
        value = self._section.get(name, [])
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.wrong(name, "must be a list of words")
        for place, word in enumerate(value):
            if not word or word in value[:place]:
                raise self.wrong(f"{name}[{place}]", "says nothing, or what is said already")
        return tuple(value)

    def numbers(self, name: str, *, count: int, most: int) -> tuple[int, ...]:
        """A list of so many whole numbers that rise."""
        value = self._required(name)
        if not isinstance(value, list) or not _rises(value, most) or len(value) != count:
            raise self.wrong(name, f"must be a list of {count} whole numbers that rise")
        return tuple(value)

    def rising(self, name: str, *, most: int) -> tuple[int, ...]:
        """Any number of whole numbers that rise; none when it is absent."""
        value = self._section.get(name, [])
        if not isinstance(value, list) or not _rises(value, most):
            raise self.wrong(name, f"must be a list of whole numbers up to {most} that rise")
        return tuple(value)

    def section(self, name: str) -> "Reader":
        return Reader(self.at(name), self._required(name))

    def sections(self, name: str) -> Iterator["Reader"]:
        value = self._required(name)
        if not isinstance(value, list):
            raise self.wrong(name, "must be a list")
        for place, section in enumerate(value):
            yield Reader(f"{self.at(name)}[{place}]", section)

    def at(self, name: str) -> str:
        """Where in the document `name` stands."""
        return f"{self._path}.{name}" if self._path else name

    def wrong(self, name: str, problem: str) -> PolicyInvalid:
        """The refusal that names the place."""
        return PolicyInvalid(self.at(name), problem)

    def _required(self, name: str) -> object:
        if name not in self._section:
            raise self.wrong(name, "is missing")
        return self._section[name]


def plain_factor(per_cent: int) -> int | float:
    """Whole per cents as the number that `Reader.factor` reads back."""
    whole, rest = divmod(per_cent, PER_CENT)
    return per_cent / PER_CENT if rest else whole


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rises(value: list[object], most: int) -> bool:
    numbers = [each for each in value if type(each) is int and 0 < each <= most]
    return len(numbers) == len(value) and numbers == sorted(set(numbers))
