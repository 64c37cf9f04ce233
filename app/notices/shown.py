"""Notices and lines of the call list, as pages and programs are shown them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core import masking
from app.core.paging import Page
from app.core.telling.models import Notice
from app.core.telling.templates import templates
from app.identity import queries as identity
from app.identity import units
from app.identity.roles import Principal
from app.notices import queries, services
from app.notices.kinds import LineState, Missed, Outcome, Step
from app.notices.models import CallLine, CallTry

MOST_LINES = 100


def messages(
    session: Session, *, person_id: UUID, cursor: str | None, limit: int
) -> Page[dict[str, Any]]:
    """A page of what a person was told, in words."""
    found = queries.list_notices(session, person_id, cursor=cursor, limit=limit)
    return Page([_message(notice) for notice in found.items], found.next_cursor)


def waiting_lines(session: Session, me: Principal) -> list[dict[str, Any]]:
    """The call list of a member of staff."""
    reach = services.reach_of(session, me)
    return lines(session, queries.lines_within(session, reach, limit=MOST_LINES))


def lines(session: Session, found: Sequence[CallLine]) -> list[dict[str, Any]]:
    """Each line with its person's name, masked where names are, and what was tried."""
    notices = queries.notices_of(session, [line.notice_id for line in found])
    tries = queries.tries_of(session, [line.id for line in found])
    people = {line.person_id for line in found}
    people |= {one.tried_by for each in tries.values() for one in each}
    names = identity.names_of(session, people)
    communities = units.names_of(session, {line.community_id for line in found})
    return [
        {
            **_message(notices[line.notice_id]),
            "id": line.id,
            "name": _masked(names[line.person_id]),
            "person_id": line.person_id,
            "community": communities.get(line.community_id, ""),
            "missed": Missed(line.missed),
            "step": Step(line.step),
            "state": LineState(line.state),
            "tries": [_try(one, names) for one in tries.get(line.id, ())],
        }
        for line in found
    ]


def _masked(name: str) -> str:
    """A name as others see it; what was sealed is shown masked already."""
    return name if "*" in name else masking.name(name)


def _message(notice: Notice) -> dict[str, Any]:
    template = templates()[notice.template]
    return {
        "id": notice.id,
        "title": template.title,
        "text": template.said(notice.words),
        "path": notice.path,
        "at": notice.at,
        "read_at": notice.read_at,
    }


def _try(one: CallTry, names: dict[UUID, str]) -> dict[str, Any]:
    return {
        "step": Step(one.step),
        "outcome": Outcome(one.outcome),
        "by": names[one.tried_by],
        "at": one.at,
    }
