"""Columns of plain values as array literals.

Adapting a list takes the driver about as long as judging a fact; joining its texts takes a
fifth of that.
"""

from collections.abc import Iterable


def plain(values: Iterable[object]) -> str:
    """An array of numbers, identifiers, days or codes; None becomes NULL.

    Only for values that cannot contain what an array literal gives a meaning to.
    """
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def codes(values: Iterable[str]) -> str:
    """An array of identifiers or codes that are texts already."""
    return "{" + ",".join(values) + "}"


def numbers(values: Iterable[int]) -> str:
    """An array of whole numbers."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Iterable[str]) -> str:
    """An array of any texts."""
    listed = list(values)
    joined = '","'.join(listed)
    # Hardly ever is there anything to be quoted, and one look at all of them tells.
    if "\\" in joined or joined.count('"') != 2 * max(len(listed) - 1, 0):
        return array_of(listed)
    return '{"' + joined + '"}' if listed else "{}"


def array_of(values: Iterable[object]) -> str:
    """An array of anything, whatever its texts hold; None becomes NULL."""
    return "{" + ",".join(["NULL" if value is None else _quoted(value) for value in values]) + "}"


def _quoted(value: object) -> str:
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
