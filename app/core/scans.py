"""What a scanned text is. Each feature knows its own codes; the map lists who is asked.

A text is one of our codes, or an address of ours that ends in one. Failed scans are logged with
their reason, and after five of them a scanner pauses.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import misses
from app.core.errors import Conflict, Invalid, NotFound
from app.core.keys import Keyring

CODE = re.compile(r"[A-Za-z0-9._-]{1,160}")
PATHS = ("/q/", "/staff/lists/")
PURPOSE = "scan"


class CodeMalformed(Invalid):
    code, title = "code_malformed", "Not one of our codes"


class CodeUnknown(NotFound):
    code, title = "code_unknown", "Unknown code"


class CodeExpired(Conflict):
    code, title = "code_expired", "The code has expired"


class CodeUsed(Conflict):
    code, title = "code_used", "The code was used before"


WRONG_CODE = (CodeMalformed, CodeUnknown, CodeExpired, CodeUsed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """What was scanned, a code or an address that ends in one, and who scanned it when.

    `units_with` answers for which units they hold a permission.
    """

    code: str
    person_id: UUID
    zone: str
    now: datetime
    keyring: Keyring
    units_with: Callable[[str], Collection[UUID]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One thing that can be done now: the operation, what a button says, and where to call."""

    operation: str
    label: str
    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a code stands for, what can be done with it, and the page that does it."""

    kind: str
    id: UUID
    title: str
    actions: tuple[Action, ...]
    href: str


Resolver = Callable[[Session, Scan], Found | None]


def code_in(text: str) -> str:
    """The code in a scanned text; raises `CodeMalformed` when there can be none."""
    text = text.strip()
    if "/" in text:
        text = _end_of_address(text)
    if not CODE.fullmatch(text):
        raise CodeMalformed("这不是本系统的二维码，请扫描驿站、活动现场或兑换台上的码。")
    return text


def _end_of_address(text: str) -> str:
    """What follows the last `/q/` of an address, or that of a list; nothing where there is none."""
    try:
        path = urlsplit(text).path
    except ValueError:  # brackets that are no IPv6 address, for one
        return ""
    parts = (path.rpartition(one) for one in PATHS)
    return next((code for _, found, code in parts if found), "")


def resolve(session: Session, scan: Scan, resolvers: Sequence[Resolver]) -> Found:
    """What was scanned; raises `CodeMalformed` or `CodeUnknown`, and logs the miss."""
    with counting(session, person_id=scan.person_id, now=scan.now):
        scan = replace(scan, code=code_in(scan.code))
        for resolver in resolvers:
            found = resolver(session, scan)
            if found is not None:
                return found
        raise CodeUnknown("没有找到这个二维码，可能已经作废。请扫描现场最新的码，或找工作人员。")


def tried_by(person_id: UUID, *, now: datetime) -> misses.Try:
    """A scanner's try, by which their misses are found."""
    return misses.Try(purpose=PURPOSE, subject=person_id, now=now)


@contextmanager
def counting(
    session: Session,
    *,
    person_id: UUID,
    now: datetime,
    guessable: bool = False,
    missed: Sequence[datetime] | None = None,
) -> Iterator[None]:
    """Log a refused code against its scanner, and pause the scanner after a few guesses.

    A code short enough to be `guessable` is judged after the scanner's others, or many guesses
    at once would each see too few before it. A long one is not worth the waiting: nobody hits
    128 bits, however many they try. Of such a scanner it may be known what was `missed` before.
    """
    tried = tried_by(person_id, now=now)
    if guessable:
        misses.one_at_a_time(session, tried)
    if guessable or missed is None:
        misses.refuse_if_paused(session, tried)
    else:
        misses.judge(missed, now=now)
    try:
        yield
    except WRONG_CODE as refusal:
        guess = isinstance(refusal, CodeUnknown)
        misses.note(session, tried, reason=refusal.code, counts=guess)
        refusal.kept()
        raise
