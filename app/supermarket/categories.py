"""What goods may be, what may never be given out, and how much one person may decide: as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

NAMES = Path(__file__).parents[2] / "config" / "goods.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """What an item may be; `dated` must say how long it keeps, a `voucher` is a service."""

    code: str
    name: str
    dated: bool = False
    voucher: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """How much of one item one person may take off the books in a month: pieces, and fen."""

    pieces: int
    fen: int


@cache
def known() -> Mapping[str, Category]:
    """Every category that may be on a shelf, in order."""
    document = _document()["categories"]
    return {code: Category(code=code, **said) for code, said in document.items()}


@cache
def forbidden() -> Mapping[str, str]:
    """What may never be on a shelf, each with what to say about it (rules C.7)."""
    return {code: said["say"] for code, said in _document()["forbidden"].items()}


@cache
def names() -> Mapping[str, str]:
    """What each is called, those that are forbidden included."""
    document = _document()
    every = document["categories"] | document["forbidden"]
    return {code: said["name"] for code, said in every.items()}


@cache
def alone() -> Alone:
    return Alone(**_document()["alone"])


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load(NAMES.read_text(encoding="utf-8"))
    return document
