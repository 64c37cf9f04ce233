"""How the way to WeChat stands, for whoever watches."""

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.metrics import Figure
from app.core.telling.models import NoticeSending
from app.notices.kinds import LineState
from app.notices.models import CallLine

CALLS = "calls"  # no state of a notice


def figures(session: Session, _now: datetime) -> Iterator[Figure]:
    """How many notices are where, and how many people wait to be called.

    In one statement: it is asked of every tenant, each time somebody watches.
    """
    sent = sa.select(NoticeSending.state, sa.func.count()).group_by(NoticeSending.state)
    lines = sa.select(sa.literal(CALLS), sa.func.count()).where(CallLine.state == LineState.OPEN)
    for state, number in session.execute(sa.union_all(sent, lines)):
        if state == CALLS:
            yield Figure(name="call_lines_open", text="People to call or visit", value=number)
            continue
        text = "Notices by how far they are on their way to WeChat"
        yield Figure(name="notices", text=text, value=number, labels=(("state", state),))
