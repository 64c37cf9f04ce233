"""The pages of importing a sheet: upload, what is wrong with it, and taking it over."""

from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock, edges
from app.core.db import transaction
from app.core.doors import takes_file
from app.core.errors import DomainError
from app.core.forms import id_in
from app.core.problems import shown_on
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, DutyGroup, Permission, Principal
from app.organisation import queries as organisation
from app.roster import importing, labels
from app.roster.errors import BatchUnknown, SheetUnreadable
from app.roster.sheets import MOST_BYTES

bp = Blueprint("import_pages", __name__, template_folder="templates")

DUTIES = (
    Duty(
        permission=Permission.PEOPLE_IMPORT,
        path="/staff/people/import",
        group=DutyGroup.PEOPLE,
        title="导入名册",
        text="上传 xlsx 或 csv，先检查，再一次写入",
    ),
)


@bp.get("/staff/people/import")
@page_requires(Permission.PEOPLE_IMPORT)
def show_import() -> ResponseReturnValue:
    """Where a sheet is uploaded."""
    return _upload(problem=None)


@bp.post("/staff/people/import")
@takes_file(MOST_BYTES)
@page_requires(Permission.PEOPLE_IMPORT)
def upload() -> ResponseReturnValue:
    """Check a sheet; nothing is written but that it was checked."""
    me = current_principal()
    try:
        sheet = _sheet()
        with transaction(me.tenant_id) as session:
            batch = importing.check(session, edges.vault(), sheet, me=me, now=clock.now())
    except DomainError as refusal:
        return shown_on(_upload(problem=refusal.detail), refusal)
    return redirect(f"/staff/people/import/{batch.id}", code=303)


@bp.get("/staff/people/import/<uuid:batch_id>")
@page_requires(Permission.PEOPLE_IMPORT)
def show_batch(batch_id: UUID) -> ResponseReturnValue:
    """What was found in a sheet, row by row; or that it is written."""
    return _batch(batch_id, problem=None)


@bp.get("/staff/people/import/<uuid:batch_id>/progress")
@page_requires(Permission.PEOPLE_IMPORT)
def show_progress(batch_id: UUID) -> ResponseReturnValue:
    """How far it is, for the page that waits."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        batch = importing.batch_of(session, me, batch_id)
        through = importing.progress_of(session, batch_id)
    return render_template("roster/_progress.html", through=through, rows=batch.rows)


@bp.post("/staff/people/import/<uuid:batch_id>")
@page_requires(Permission.PEOPLE_IMPORT)
def take_over(batch_id: UUID) -> ResponseReturnValue:
    """Write all of a checked sheet, or none of it."""
    me, now = current_principal(), clock.now()
    try:
        with transaction(me.tenant_id) as session:
            for through in importing.take_over(session, edges.vault(), batch_id, me=me, now=now):
                _tell(me, batch_id, through)
    except DomainError as refusal:
        return shown_on(_batch(batch_id, problem=refusal.detail), refusal)
    return redirect(f"/staff/people/import/{batch_id}", code=303)


@bp.post("/staff/people/import/<uuid:batch_id>/drop")
@page_requires(Permission.PEOPLE_IMPORT)
def drop(batch_id: UUID) -> ResponseReturnValue:
    """Let go of a sheet that is not wanted."""
    me = current_principal()
    with transaction(me.tenant_id) as session:
        importing.drop(session, batch_id, me=me)
    return redirect("/staff/people/import", code=303)


def _tell(me: Principal, batch_id: UUID, through: int) -> None:
    """In a unit of work of its own: what is not committed nobody else sees."""
    with transaction(me.tenant_id) as beside:
        importing.note_progress(beside, batch_id, through=through, now=clock.now())


def _sheet() -> importing.Sheet:
    file, community_id = request.files.get("file"), id_in("community_id")
    if file is None or not file.filename:
        raise SheetUnreadable("请先选择一个 xlsx 或 csv 文件。")
    if community_id is None:
        raise BatchUnknown("请先选择是哪个社区的名册。")
    kind = request.form.get("kind", "")
    with file.stream as stream:
        content = stream.read(MOST_BYTES + 1)
    return importing.Sheet(
        content=content,
        kind=kind if kind in labels.IMPORTS else "people",
        community_id=community_id,
    )


def _upload(*, problem: str | None) -> str:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        communities = _communities(session, me)
    return render_template(
        "roster/import.html", problem=problem, communities=communities, kinds=labels.IMPORTS
    )


def _communities(session: Session, me: Principal) -> list[tuple[UUID, str]]:
    ids = organisation.open_communities(session, me.units_with(Permission.PEOPLE_IMPORT))
    return organisation.names_of(session, ids)


def _batch(batch_id: UUID, *, problem: str | None) -> str | Response:
    me = current_principal()
    with transaction(me.tenant_id) as session:
        batch = importing.batch_of(session, me, batch_id)
        community = organisation.names_of(session, [batch.community_id])[0][1]
    return render_template(
        "roster/batch.html",
        problem=problem,
        batch=batch,
        community=community,
        kind_label=labels.IMPORTS[batch.kind],
        state_label=labels.STATES[batch.state],
        bad_rows=len({row for row, _column, _text in batch.problems}),
        through=0,
    )
