"""Writing down what people are told: any number of notices in one statement.

Whoever tells is in the middle of something, and may hold what others wait for.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.telling.templates import templates

# Written out, so that it is one statement: the notices that are new, each with its way to WeChat.
# Where people belong is a matter above this one, hence by its name.
_WRITE = sa.text("""
    WITH new AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (
            id uuid, sending_id uuid, person_id uuid, template text, about text, words jsonb,
            path text, due_at timestamptz
        )
    ), fresh AS (
        INSERT INTO notice (
            tenant_id, id, person_id, community_id, template, about, words, path, at
        )
        SELECT :tenant, new.id, new.person_id, person.community_id, new.template, new.about,
            new.words, new.path, :now
        FROM new JOIN person ON person.tenant_id = :tenant AND person.id = new.person_id
        ON CONFLICT DO NOTHING
        RETURNING id
    )
    INSERT INTO notice_sending (tenant_id, id, notice_id, state, tries, due_at, changed_at)
    SELECT :tenant, new.sending_id, new.id, 'waiting', 0, new.due_at, :now
    FROM new JOIN fresh ON fresh.id = new.id
    RETURNING id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What a person is told: which notice, about which thing, in which words.

    The same person is told of the same thing once. `path` is the page that shows it. WeChat is
    asked to send it `from_` that instant on; in the app it stands at once.
    """

    person_id: UUID
    template: str
    about: str
    words: Mapping[str, str]
    path: str = "/messages"
    from_: datetime | None = None


def notify(session: Session, telling: Telling, *, now: datetime) -> bool:
    """Tell somebody something, with what it tells of; False when they were told before.

    It stands in the app at once. WeChat follows when the worker gets to it.
    """
    return notify_many(session, [telling], now=now) == 1


def notify_many(session: Session, tellings: Sequence[Telling], *, now: datetime) -> int:
    """Tell many people at once; how many things were told that had not been before."""
    if not tellings:
        return 0
    for each in tellings:
        gaps = templates()[each.template].gaps
        assert gaps <= each.words.keys(), "a notice has a word for each of its gaps"
    rows = json.dumps([_row(each, now=now) for each in tellings])
    written = session.execute(_WRITE, {"tenant": tenant_of(session), "rows": rows, "now": now})
    return len(written.all())


def _row(telling: Telling, *, now: datetime) -> dict[str, object]:
    return {
        "id": str(new_id()),
        "sending_id": str(new_id()),
        "person_id": str(telling.person_id),
        "template": telling.template,
        "about": telling.about,
        "words": dict(telling.words),
        "path": telling.path,
        "due_at": (telling.from_ or now).isoformat(),
    }
