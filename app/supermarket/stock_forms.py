"""How a form about stock is read, and how it ends: it leads on, or its page says why not."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID

from flask import Response, request
from flask.typing import ResponseReturnValue

from app.core import edges
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.identity.access import lead_on

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def concluded(
    deed: Callable[[], Response],
    page: Callable[[str], str],
    onward: Callable[[Mapping[str, Any]], str],
) -> ResponseReturnValue:
    """Do it and lead on; where it is refused, show its page with the reason."""
    try:
        answer = deed()
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(page(refusal.detail), refusal)
    said = answer.get_json()
    if answer.status_code != 201:
        return page(said["detail"]), answer.status_code
    edges.note_done()
    return lead_on(onward(said))


def key() -> str | None:
    """The number this form was given when it was shown."""
    return request.form.get("idempotency_key")


def fields(prefix: str) -> Iterator[tuple[str, UUID]]:
    """The fields that begin so and end with an id."""
    for field in request.form:
        named = field.removeprefix(prefix)
        if field.startswith(prefix) and ID.fullmatch(named):
            yield field, UUID(named)
