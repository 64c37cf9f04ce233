"""Import: a sheet is checked and kept sealed; then all of it is taken over, or nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit, clock, tidying
from app.core.db import add, get
from app.core.ids import new_id
from app.core.vault import Place, Sealed, Vault
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.roster import matching, sheets
from app.roster.checking import Checked, PersonRow, Problem, UnitRow, check_people, check_units
from app.roster.columns import Column, UnitColumn, table
from app.roster.errors import NO_BATCH, BatchNotReady, BatchUnknown
from app.roster.matching import Matched
from app.roster.models import ImportBatch, ImportChunk, ImportProgress
from app.roster.writing import Writing, grids_of, write_units

AT_ONCE = 500
WANTED_FOR = timedelta(days=7)
MOST_PROBLEMS = 2000  # that are kept; who has more begins with these


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What somebody uploads: a file, what it is a list of, and of which community."""

    content: bytes
    kind: str
    community_id: UUID


def check(
    session: Session, vault: Vault, sheet: Sheet, *, me: Principal, now: datetime
) -> ImportBatch:
    """Read a sheet, name every problem in it, and keep its rows sealed until they are wanted."""
    _community(session, me, sheet.community_id)
    rows = sheets.read(sheet.content)
    if sheet.kind == "units":
        checked = check_units(table(rows, UnitColumn))
        found: list[Matched] = []
    else:
        grids = grids_of(session, sheet.community_id)
        today = clock.civil_day(now, me.zone)
        checked = check_people(table(rows, Column), today=today, grids=frozenset(grids))
        found = _matched(session, vault, checked, community_id=sheet.community_id, grids=grids)
    batch = add(session, _batch(sheet, checked, found, me=me, now=now))
    if not batch.problems:
        _keep(session, vault, batch, rows=checked.units or checked.people)
    add(session, ImportProgress(id=batch.id, through=0, noted_at=now))
    return batch


def take_over(
    session: Session, vault: Vault, batch_id: UUID, *, me: Principal, now: datetime
) -> Iterator[int]:
    """Write a checked batch, and say from time to time how many rows are through.

    It is one unit of work: whoever is stopped half-way has written nothing. Again, it finds
    everybody known and changes nothing.
    """
    batch = batch_of(session, me, batch_id, lock=True)
    if batch.state != "checked" or batch.problems or not batch.rows:
        raise BatchNotReady("这次导入不能写入：请先改正表格里的问题，再上传一次。")
    rows = [row for chunk in _chunks(session, batch_id) for row in _rows(vault, chunk)]
    if batch.kind == "units":
        units = [UnitRow(**row) for row in rows]
        created = write_units(session, units, batch, me=me, now=now)
        yield len(rows)
    else:
        writing = Writing(session=session, vault=vault, batch=batch, me=me, now=now)
        found = writing.match([PersonRow(**row) for row in rows], at_once=AT_ONCE)
        created = writing.register(found)
        for start in range(0, len(found), AT_ONCE):
            writing.tell(found[start : start + AT_ONCE])
            yield min(start + AT_ONCE, len(found))
        writing.house(found)
    _finish(session, batch, created=created, me=me, now=now)


def drop(session: Session, batch_id: UUID, *, me: Principal) -> None:
    """Let go of a batch that is not wanted; what was sealed of it is gone."""
    batch = batch_of(session, me, batch_id, lock=True)
    if batch.state == "checked":
        batch.state = "dropped"
        _forget_rows(session, batch.id)


def forget_unwanted(session: Session, *, now: datetime) -> int:
    """Drop some batches that nobody took over in a week: what is in them is about people."""
    old = sa.select(ImportBatch.id).where(
        ImportBatch.state == "checked", ImportBatch.created_at < now - WANTED_FOR
    )
    some = old.order_by(ImportBatch.created_at).limit(tidying.AT_ONCE)
    dropped = sa.update(ImportBatch).where(ImportBatch.id.in_(some)).values(state="dropped")
    ids = session.scalars(dropped.returning(ImportBatch.id)).all()
    session.execute(sa.delete(ImportChunk).where(ImportChunk.batch_id.in_(ids)))
    return len(ids)


def note_progress(session: Session, batch_id: UUID, *, through: int, now: datetime) -> None:
    """Say how far it is: in a unit of work of its own, for whoever looks meanwhile."""
    session.execute(
        sa.update(ImportProgress)
        .where(ImportProgress.id == batch_id)
        .values(through=through, noted_at=now)
    )


def progress_of(session: Session, batch_id: UUID) -> int:
    return session.scalar(sa.select(ImportProgress.through).filter_by(id=batch_id)) or 0


def batch_of(session: Session, me: Principal, batch_id: UUID, *, lock: bool = False) -> ImportBatch:
    """A batch of one's own communities; another one does not exist."""
    batch = get(session, ImportBatch, batch_id, lock=lock)
    path = organisation.path_of(session, batch.community_id) if batch else ()
    if batch is None or not me.may(Permission.PEOPLE_IMPORT, path):
        raise BatchUnknown(NO_BATCH)
    return batch


def _community(session: Session, me: Principal, community_id: UUID) -> None:
    path = organisation.path_of(session, community_id)
    if community_id not in organisation.list_communities(session) or not me.may(
        Permission.PEOPLE_IMPORT, path
    ):
        raise BatchUnknown("没有找到这个社区，请在您负责的社区里选择。")


def _matched(
    session: Session,
    vault: Vault,
    checked: Checked,
    *,
    community_id: UUID,
    grids: Mapping[str, UUID],
) -> list[Matched]:
    found: list[Matched] = []
    for start in range(0, len(checked.people), AT_ONCE):
        rows = checked.people[start : start + AT_ONCE]
        found += matching.match(session, vault, rows, community_id=community_id, grids=grids)
    checked.problems.extend(
        Problem(one.row.number, *one.problem) for one in found if one.problem is not None
    )
    return found


def _batch(
    sheet: Sheet, checked: Checked, found: Sequence[Matched], *, me: Principal, now: datetime
) -> ImportBatch:
    known = sum(one.person_id is not None for one in found)
    problems = sorted(checked.problems, key=lambda problem: problem.row)[:MOST_PROBLEMS]
    return ImportBatch(
        id=new_id(),
        kind=sheet.kind,
        community_id=sheet.community_id,
        state="checked",
        rows=checked.rows,
        created=checked.rows - known,
        updated=known,
        problems=[problem.as_row() for problem in problems],
        created_by=me.person_id,
        created_at=now,
    )


def _keep(
    session: Session, vault: Vault, batch: ImportBatch, *, rows: Sequence[PersonRow | UnitRow]
) -> None:
    for number, start in enumerate(range(0, len(rows), AT_ONCE)):
        chunk = ImportChunk(id=new_id(), batch_id=batch.id, number=number, sealed="")
        chunk.tenant_id = batch.tenant_id
        text = json.dumps([asdict(row) for row in rows[start : start + AT_ONCE]])
        chunk.sealed = vault.seal(text, _place(chunk))
        add(session, chunk)


def _chunks(session: Session, batch_id: UUID) -> list[ImportChunk]:
    query = sa.select(ImportChunk).filter_by(batch_id=batch_id)
    return list(session.scalars(query.order_by(ImportChunk.number)))


def _rows(vault: Vault, chunk: ImportChunk) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(vault.unseal(chunk.sealed, _place(chunk)))
    return found


def _place(chunk: ImportChunk) -> Place:
    return Place(tenant_id=chunk.tenant_id, table="import_chunk", field="rows", row_id=chunk.id)


def _finish(
    session: Session, batch: ImportBatch, *, created: int, me: Principal, now: datetime
) -> None:
    batch.state, batch.done_at = "done", now
    batch.created, batch.updated = created, batch.rows - created
    _forget_rows(session, batch.id)
    path = organisation.path_of(session, batch.community_id)
    audit.record(
        session,
        actor=me.actor(Permission.PEOPLE_IMPORT, path),
        action="people.import",
        subject=("import_batch", batch.id),
        scope=batch.community_id,
        at=now,
        changed={"created": ("", str(created)), "updated": ("", str(batch.rows - created))},
    )


def _forget_rows(session: Session, batch_id: UUID) -> None:
    session.execute(sa.delete(ImportChunk).where(ImportChunk.batch_id == batch_id))


SEALED = (Sealed(model=ImportChunk, column="sealed", place=_place),)
