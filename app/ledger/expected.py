"""What a fact will earn, as any feature that reports one says it: in an answer and on a page."""

from collections.abc import Iterable
from dataclasses import dataclass

import marshmallow as ma

from app.core.bodies import Schema
from app.ledger import labels
from points_engine import FactKind, Flat, Policy, Rule, Unit, Value

NO_POINTS = "这项活动只记服务时长，不计积分"
FEN_PER_YUAN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a fact will be credited in one unit once settled, and why."""

    unit: Unit
    amount: int
    reason: str


class ExpectedAnswer(Schema):
    """What will be credited in one unit once settled, and why."""

    unit = ma.fields.Enum(Unit, by_value=True, required=True)
    amount = ma.fields.Integer(required=True)
    reason = ma.fields.String(required=True)


def rule_text(policy: Policy | None, kind: FactKind, category: str) -> str:
    """The rule for spendable points in a few words, as shown before somebody begins."""
    rule = policy and policy.rule_for(kind, category, Unit.POINTS)
    if policy is None or not rule:
        return NO_POINTS
    limit = f"，每次最多 {rule.cap} 分" if rule.cap else ""
    return f"{_pace(rule)}{limit}{_presence(policy, rule)}（{policy.version} 版办法）"


def points_text(expected: Iterable[Expected]) -> str:
    """The spendable points among what is expected: "+2"."""
    return f"+{sum(line.amount for line in expected if line.unit is Unit.POINTS)}"


def points_reason(expected: Iterable[Expected]) -> str:
    """Why so many points and not more, or fewer, or none."""
    return next((line.reason for line in expected if line.unit is Unit.POINTS), NO_POINTS)


def earns(expected: Iterable[Expected]) -> bool:
    """Whether anything is credited, in whichever unit."""
    return any(line.amount for line in expected)


def why_nothing(expected: Iterable[Expected]) -> str:
    """Why nothing is credited, and how much is missing; for points, where they have a rule."""
    lines = sorted(expected, key=lambda line: line.unit is not Unit.POINTS)
    return lines[0].reason if lines else NO_POINTS


def why_nothing_was(expected: Iterable[Expected]) -> str:
    """The same once it is too late: what is missing cannot be made up for."""
    return why_nothing(expected).partition("，还差")[0]


def points_message(expected: Iterable[Expected], *, waits: bool) -> str:
    """One sentence for the page after a check-out, before it is settled and after."""
    expected = tuple(expected)
    if not earns(expected):
        return why_nothing_was(expected)
    return f"{points_reason(expected)}，{'待结算' if waits else '已经记入账户'}"


def shown(line: Expected) -> dict[str, object]:
    """A line of what is expected, as a page shows it."""
    return {"unit_label": labels.UNITS[line.unit], "amount": line.amount, "reason": line.reason}


def _presence(policy: Policy, rule: Rule) -> str:
    if not rule.presence or policy.presence is None:
        return ""
    return f"，满计划时长的 {policy.presence.min_ratio}% 才计分"


def _pace(rule: Rule) -> str:
    worth = rule.worth
    if isinstance(worth, Flat):
        return f"每次 {worth.amount} 分"
    if isinstance(worth, Value):
        return f"价值每满 {worth.per / FEN_PER_YUAN:g} 元 {worth.amount} 分"
    return f"每 {worth.per} 分钟 {worth.amount} 分，满 {worth.threshold} 分钟起计"
