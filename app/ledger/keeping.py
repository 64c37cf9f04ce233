"""What the ledger keeps about a person."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.keeping import Keeping
from app.ledger import labels, services
from app.ledger.models import PassbookBook, PassbookPrint
from points_engine import LineCursor

AT_ONCE = 500


def _lines(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    """Every line of the passbook, the newest first."""
    before = None
    while some := services.lines(
        session, person_id=person_id, unit=None, before=before, limit=AT_ONCE
    ):
        titles = services.titles(session, {line.source for line in some})
        for line in some:
            yield {
                "at": line.booked_at,
                "on": line.occurred_on,
                "unit": line.unit.value,
                "amount": line.amount,
                "balance_after": line.balance_after,
                "title": titles.get(line.source) or labels.cause(line.source, line.kind),
                "reason": line.reason,
                "policy_version": line.policy_version,
            }
        last = some[-1]
        before = LineCursor(
            booked_at=last.booked_at, version=last.version, reference=last.reference
        )


def _printed(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    """Where the book of paper has come to, and what was printed in it when."""
    for book in session.scalars(sa.select(PassbookBook).filter_by(person_id=person_id)):
        yield {"book": book.number, "page": book.page, "line": book.line}
    prints = sa.select(PassbookPrint).filter_by(person_id=person_id)
    for one in session.scalars(prints.order_by(PassbookPrint.printed_at, PassbookPrint.version)):
        yield {
            "printed_at": one.printed_at,
            "book": one.number,
            "page": one.page,
            "line": one.line,
        }


def _pending(session: Session, person_id: UUID, _now: datetime) -> list[str]:
    """Goods that are kept for somebody are theirs to fetch, or to let go of; a slice ends alone."""
    if services.list_holds(session, person_id=person_id):
        return ["您有积分还留着：预订的物品请先领取或取消；为断网兑换预留的，最迟三天后退回。"]
    return []


KEEPINGS = (
    Keeping(
        key="passbook",
        title="积分存折",
        why="记下每一笔积分、时长从哪里来、用到哪里去，供您和监督人员核对",
        until="账目长期保存；注销后只剩编号，看不出是谁",
        export=_lines,
        pending=_pending,
    ),
    Keeping(
        key="passbook_prints",
        title="纸质存折打印到哪一行",
        why="下次接着往下打，不重复、不漏打",
        until="与账目同期保存；注销后只剩编号，看不出是谁",
        export=_printed,
    ),
)
