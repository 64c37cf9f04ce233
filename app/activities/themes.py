"""季有导向、月有主题: what a season or a month of the year is about."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import plan_queries
from app.activities.errors import DraftWrong, UnitOutOfReach
from app.activities.kinds import ThemeSpan
from app.activities.plan_models import CalendarTheme
from app.core import audit
from app.core.db import claim
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation

LONGEST = 40


class Span(NamedTuple):
    """A season (1 to 4) or a month (1 to 12) of a year."""

    year: int
    span: ThemeSpan
    number: int


def of_year(session: Session, year: int, *, path: Sequence[UUID]) -> Mapping[Span, str]:
    """The themes of a year at the end of a path: what was said nearest to it holds."""
    depth = {unit_id: place for place, unit_id in enumerate(path)}
    rows = plan_queries.themes_of(session, year, unit_ids=path)
    nearest_last = sorted(rows, key=lambda row: depth[row.unit_id])
    return {Span(year, ThemeSpan(row.span), row.number): row.theme for row in nearest_last}


def choose(
    session: Session, unit_id: UUID, span: Span, *, theme: str, me: Principal, now: datetime
) -> None:
    """Give a season or a month of a unit of one's own a theme, or another one."""
    path = organisation.path_of(session, unit_id)
    if not me.may(Permission.ACTIVITY_PREPARE, path):
        raise UnitOutOfReach("没有找到这个社区，请从列表里选择。")
    theme = theme.strip()
    if not theme or len(theme) > LONGEST:
        raise DraftWrong(f"请写主题，不超过 {LONGEST} 个字。")
    key = {"unit_id": unit_id, **span._asdict(), "span": span.span.value}
    values = {"theme": theme, "set_by": me.person_id, "set_at": now}
    row, before = claim(session, CalendarTheme, **key, **values), ""
    if row is None:
        row = plan_queries.lock_theme(session, key)
        before = row.theme
        for name, value in values.items():
            setattr(row, name, value)
    session.flush()
    audit.record(
        session,
        actor=me.actor(Permission.ACTIVITY_PREPARE, path),
        action="theme.choose",
        subject=("org_unit", unit_id),
        scope=unit_id,
        at=now,
        changed={f"{span.year} {span.span.value} {span.number}": (before, theme)},
    )
