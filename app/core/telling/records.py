"""Writing down what people are told: any number of notices in one statement.

Whoever tells is in the middle of something, and may hold what others wait for.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.telling.models import Notice, NoticeSending, SendState
from app.core.telling.templates import templates

_NOTICE, _SENDING = Notice.__table__, NoticeSending.__table__
_TOLD = ("id", "person_id", "community_id", "template", "about", "words", "path", "at")

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
        _check(each)
    rows = json.dumps([_row(each, now=now) for each in tellings])
    written = session.execute(_WRITE, {"tenant": tenant_of(session), "rows": rows, "now": now})
    return len(written.all())


def noting(happened: sa.CTE) -> tuple[sa.CTE, ...]:
    """Tell one person something within a larger statement, once `happened` has a row.

    The statement binds `tenant` and `noted`, and is given these by `add_cte`.
    """
    tenant = sa.bindparam("tenant", type_=sa.BigInteger())
    now = sa.bindparam("notice_at", type_=_NOTICE.c.at.type)
    words = [sa.bindparam(f"notice_{name}", type_=_NOTICE.c[name].type) for name in _TOLD]
    row = sa.select(tenant, *words).where(sa.exists().select_from(happened))
    fresh = (
        insert(Notice)
        .from_select(["tenant_id", *_TOLD], row)
        .on_conflict_do_nothing()
        .returning(_NOTICE.c.id)
        .cte("told")
    )
    way = sa.select(
        tenant,
        sa.bindparam("notice_sending_id", type_=_SENDING.c.id.type),
        fresh.c.id,
        sa.literal(SendState.WAITING.value),
        sa.literal(0),
        sa.bindparam("notice_due_at", type_=_SENDING.c.due_at.type),
        now,
    )
    columns = ["tenant_id", "id", "notice_id", "state", "tries", "due_at", "changed_at"]
    return (insert(NoticeSending).from_select(columns, way).cte("sending"),)


def noted(telling: Telling, *, community_id: UUID, now: datetime) -> dict[str, object]:
    """What a statement with `noting` binds; the person belongs to that community."""
    _check(telling)
    return {
        "notice_id": new_id(),
        "notice_sending_id": new_id(),
        "notice_person_id": telling.person_id,
        "notice_community_id": community_id,
        "notice_template": telling.template,
        "notice_about": telling.about,
        "notice_words": Jsonb(dict(telling.words)),
        "notice_path": telling.path,
        "notice_at": now,
        "notice_due_at": telling.from_ or now,
    }


def _check(telling: Telling) -> None:
    gaps = templates()[telling.template].gaps
    assert gaps <= telling.words.keys(), "a notice has a word for each of its gaps"


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
