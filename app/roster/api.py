"""Importing over HTTP: the sheet is the body, and a dry run comes first."""

from typing import Any

from flask import request

from app.core import clock, edges
from app.core.db import transaction
from app.core.doors import takes_file
from app.core.http import ApiBlueprint
from app.identity.access import current_principal, requires
from app.identity.roles import Permission
from app.roster import importing
from app.roster.models import ImportBatch
from app.roster.schemas import ImportMade, ImportRequest
from app.roster.sheets import MOST_BYTES

bp = ApiBlueprint("roster", __name__, description="名册")


@bp.post("/people/imports")
@takes_file(MOST_BYTES)
@requires(Permission.PEOPLE_IMPORT)
@bp.takes(ImportRequest, location="query")
@bp.gives(201, ImportMade)
def import_people(query: dict[str, Any]) -> dict[str, Any]:
    """Check a sheet (xlsx or csv, as it is, in the body); with `dry_run=false` take it over too.

    Every problem is named by row and column. With a single one, or in a dry run, nobody is
    written; otherwise everybody is. The same sheet again makes nobody twice.
    """
    me, now, writes = current_principal(), clock.now(), not query.pop("dry_run")
    sheet = importing.Sheet(content=request.get_data(cache=False), **query)
    with transaction(me.tenant_id) as session:
        batch = importing.check(session, edges.vault(), sheet, me=me, now=now)
        if writes and not batch.problems and batch.rows:
            for _through in importing.take_over(session, edges.vault(), batch.id, me=me, now=now):
                pass
        return {"import_": _shown(batch)}


def _shown(batch: ImportBatch) -> dict[str, Any]:
    return {
        "id": batch.id,
        "state": batch.state,
        "rows": batch.rows,
        "created": batch.created,
        "updated": batch.updated,
        "problems": [
            {"row": row, "column": column, "text": text} for row, column, text in batch.problems
        ],
    }
