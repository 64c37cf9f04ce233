"""Export: one's own people, masked, capped, written down, and no cell that a program would run."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app.core import audit, workbooks
from app.core.vault import Vault
from app.core.workbooks import harmless
from app.identity import queries as identity
from app.identity.roles import Permission, Principal
from app.roster import people
from app.roster.errors import ExportTooLarge

MOST = 5000
HEADINGS = ("姓名", "类别", "社区", "手机号", "身份证号", "存折卡号")
FIELDS = ("name", "kinds", "community", "phone", "id_number", "card")
BOM = "\ufeff"  # or Excel takes the file for one of its own old encodings


def table(
    session: Session, vault: Vault, *, me: Principal, form: str, now: datetime
) -> list[Sequence[str]]:
    """The rows of an export, with their headings; that it was made is written down."""
    reach = people.reach(session, me, Permission.PEOPLE_EXPORT)
    found = identity.list_within(session, reach, limit=MOST + 1)
    if len(found) > MOST:
        raise ExportTooLarge(f"超过 {MOST} 人，请由各社区分别导出。")
    rows = people.rows(session, vault, found)
    audit.record(
        session,
        actor=me.actor(Permission.PEOPLE_EXPORT),
        action="people.export",
        subject=("person", None),
        scope=next(iter(sorted(me.units_with(Permission.PEOPLE_EXPORT))), None),
        at=now,
        changed={"rows": ("", str(len(rows))), "form": ("", form)},
    )
    return [HEADINGS, *(tuple(str(row[field]) for field in FIELDS) for row in rows)]


def as_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """Every cell quoted, and none that begins like a formula."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return (BOM + out.getvalue()).encode()


def as_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """Every cell typed as text, whatever it looks like."""
    return workbooks.as_xlsx(rows, title="居民")
