"""Every refusal has a name of its own, for programs, and every one can leave the service."""

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from app.core.errors import DomainError, from_engine
from points_engine import (
    AlreadyReversed,
    HoldEnded,
    InsufficientPoints,
    NothingToProve,
    NotOwed,
    NotReversible,
    PeriodBusy,
    PeriodNotReady,
    PointsError,
    ReferenceConflict,
    SourceConflict,
)

ROOT = Path(app.__file__).parent
STATUSES = {400, 401, 403, 404, 409, 422, 429, 503}

# What only a program can do wrong, a person who publishes a policy, or one who tampers with
# the books: never a client.
PROGRAMMERS_MISTAKES = {
    "FactInvalid",
    "HoldUnknown",
    "PolicyConflict",
    "PolicyInvalid",
    "SealBroken",
    "TransferInvalid",
}
OF_CLIENTS = [
    HoldEnded("redemption:1", state="released"),
    InsufficientPoints(balance=1, needed=2),
    ReferenceConflict("redemption:1"),
    SourceConflict("visit:1"),
    NotReversible("expire:1"),
    AlreadyReversed("redemption:1", by="return:1"),
    NotOwed(owed=1, repaid=2),
    PeriodNotReady("2026Q1", "can be closed after 2025Q4"),
    PeriodBusy("2026Q1"),
    NothingToProve("2026Q1"),
]


def every_subclass(root: type) -> Iterator[type]:
    for child in root.__subclasses__():
        yield child
        yield from every_subclass(child)


def refusals() -> list[type[DomainError]]:
    for module in pkgutil.walk_packages(app.__path__, "app."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    return [one for one in every_subclass(DomainError) if one.__module__.startswith("app.")]


def test_every_refusal_has_a_code_of_its_own():
    codes = Counter(refusal.__dict__.get("code") for refusal in refusals())

    assert [code for code, times in codes.items() if times > 1 or code is None] == []
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in codes)


def test_every_refusal_says_in_english_what_it_is_and_has_a_status_clients_understand():
    for refusal in refusals():
        assert refusal.title[0].isupper(), refusal
        assert refusal.status in STATUSES, refusal


def test_every_refusal_is_raised_somewhere():
    # One that nobody raises is a promise in the documentation that nobody keeps.
    sources = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.rglob("*.py"))
    families = {refusal.__base__ for refusal in refusals()}

    unheard = [
        refusal.__name__
        for refusal in refusals()
        if refusal not in families and not re.search(rf"(?<!class )\b{refusal.__name__}\(", sources)
    ]

    assert unheard == []


def test_every_refusal_of_the_engine_that_a_client_can_cause_is_one_of_ours():
    of_engine = {one.__name__ for one in every_subclass(PointsError)}

    assert {type(one).__name__ for one in OF_CLIENTS} == of_engine - PROGRAMMERS_MISTAKES
    for refusal in OF_CLIENTS:
        assert isinstance(from_engine(refusal), DomainError)


def test_a_mistake_of_ours_is_not_dressed_up_as_the_clients():
    mistake = PointsError("off by one")

    with pytest.raises(PointsError) as raised:
        from_engine(mistake)

    assert raised.value is mistake
