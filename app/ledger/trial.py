"""Trying out a draft policy on the past, and telling in a few lines what it would have changed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.ledger import labels
from points_engine import Change, Past, Policies, Policy, Replayed, Unit, replay
from points_engine.postgres import PostgresEngine, count_settled_facts, settled_facts

SHOWN = 5  # of those who gain or lose most: enough to ask whether that is meant


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Civil days, the last one included."""

    since: date
    until: date


def count(session: Session, span: Span) -> int:
    """How many settled facts a trial will go through."""
    return count_settled_facts(session, tenant_of(session), since=span.since, until=span.until)


def facts(session: Session, span: Span) -> Iterator[Past]:
    """The settled facts of these days, in the order in which they occurred."""
    return settled_facts(session, tenant_of(session), since=span.since, until=span.until)


def published(session: Session) -> Policies:
    """What a draft is held against, each fact by the policy of its day."""
    return PostgresEngine(session, tenant_of(session)).policies()


def try_out(
    past: Iterable[Past],
    draft: Policy,
    baseline: Policies | None,
    *,
    span: Span,
    value_fen_per_10_points: int = 0,
) -> Replayed:
    """Everything of the span by the draft, from whichever day it is meant to be in force.

    What one point is worth is the draft's own business, unless another value is given.
    """
    value = value_fen_per_10_points or getattr(draft, "value_fen_per_10_points", None) or 0
    in_force = Policies([replace(draft, in_force_from=span.since)])
    return replay(past, in_force, baseline, value_fen_per_10_points=value)


def summary(tried: Replayed, span: Span) -> Iterator[str]:
    """What was tried and what came out, line by line."""
    yield f"{span.since} 至 {span.until}，共 {tried.facts} 件事"
    if tried.unjudgeable:
        yield f"其中 {tried.unjudgeable} 件无法判定，未计入"
    for unit in Unit:
        if tried.changes.get(unit):
            yield from _of_unit(tried, unit)
    if tried.value_fen_per_10_points:
        cost = tried.cost_fen
        net = f"净变化 {cost.gain / 100:+.2f} 元"
        yield f"超市须备货值：{cost.had / 100:.2f} 元 → {cost.would / 100:.2f} 元，{net}"


def _of_unit(tried: Replayed, unit: Unit) -> Iterator[str]:
    total, name = tried.total(unit), labels.UNITS.get(unit, unit.value)
    gainers, losers = tried.gainers(unit), tried.losers(unit)
    same = len(tried.changes[unit]) - len(gainers) - len(losers)
    people = f"增加 {len(gainers)} 人，减少 {len(losers)} 人，不变 {same} 人"
    yield f"{name}：{_step(total)}，净变化 {total.gain:+d}；{people}"
    yield from _most("增加最多", gainers)
    yield from _most("减少最多", losers)
    had, would = tried.spread(unit)
    yield f"  分布：有{name}者 {had.people} → {would.people} 人，" + "，".join(
        [
            f"中位数 {had.median} → {would.median}",
            f"九成的人不超过 {had.nine_in_ten} → {would.nine_in_ten}",
            f"最高 {had.most} → {would.most}",
        ]
    )


def _most(words: str, changed: Sequence[tuple[UUID, Change]]) -> Iterator[str]:
    for who, change in changed[:SHOWN]:
        yield f"  {words}：{who} {change.gain:+d}（{_step(change)}）"


def _step(change: Change) -> str:
    return f"{change.had} → {change.would}"
