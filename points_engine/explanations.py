"""Why a number is what it is, as one Chinese sentence for the passbook.

Rendered when it is read, from what is kept of a decision and from the fact: the arithmetic in
a sentence is always true, because it is done again from the same numbers.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from points_engine.accounts import Unit
from points_engine.caps import Holder, Window, cap_id_of
from points_engine.facts import Circumstance, FactKind
from points_engine.policy import Policy
from points_engine.rules.factors import WHOLE, Factors
from points_engine.rules.flat import Flat
from points_engine.rules.rate import Rate
from points_engine.rules.rule import Deed, Rule
from points_engine.rules.value import Value
from points_engine.rules.verdict import Reason
from points_engine.rules.worth import rounded

MINUTES_PER_HOUR = 60
FEN_PER_YUAN = 100
NO_POLICY = "这一天还没有生效的积分办法，不计分"

_NAMES = {
    Unit.MINUTES: "服务时长",
    Unit.SCORE: "贡献分",
    Unit.POINTS: "可兑换积分",
    Unit.HOUSEHOLD: "户积分",
    Unit.WORK: "工作积分",
}
_EVIDENCE = {
    "qr2": "签到签退",
    "op": "负责人确认",
    "photo": "现场照片",
    "ben": "服务对象确认",
    "doc": "凭证",
}
_CIRCUMSTANCES = {
    Circumstance.LEADER: "领队",
    Circumstance.NIGHT: "夜间",
    Circumstance.EXTREME_WEATHER: "极端天气",
    Circumstance.URGENT: "应急状态",
}
_WINDOWS = {
    Window.ACTIVITY: "本次活动",
    Window.DAY: "今天",
    Window.WEEK: "本周",
    Window.MONTH: "本月",
    Window.QUARTER: "本季度",
    Window.YEAR: "今年",
}
_NOT_YET = {Circumstance.ACCEPTED: "受理", Circumstance.ADOPTED: "采纳"}


class Told(Deed, Protocol):
    """What of a fact its explanation speaks of."""

    @property
    def kind(self) -> str: ...


class Kept(Protocol):
    """What is kept of a decision in one unit."""

    @property
    def unit(self) -> str: ...
    @property
    def rule_id(self) -> str: ...
    @property
    def raw(self) -> int: ...
    @property
    def granted(self) -> int: ...
    @property
    def reason(self) -> str: ...
    @property
    def bound(self) -> str: ...


def explain(fact: Told, kept: Kept, policy: Policy | None, *, suffix: str = "") -> str:
    """The decision in one sentence; `policy` is the one it was judged by, if there was one.

    `suffix` is what only the books know, such as the quarter in which a late fact counts.
    """
    if policy is None:
        return NO_POLICY + suffix
    rule = policy.rule(kept.rule_id)
    if rule is None:
        name = _NAMES[Unit(kept.unit)]
        return f"按 {policy.version} 版积分办法，这一项不计{name}{suffix}"
    refused = _REFUSED.get(Reason(kept.reason))
    if refused is not None:
        return refused(fact, rule, policy) + suffix
    return _given(fact, kept, rule, policy=policy) + _limit(kept, rule) + suffix


def _given(fact: Told, kept: Kept, rule: Rule, *, policy: Policy) -> str:
    product = _multiplied(fact.circumstances, rule, policy.factors)
    if product.text:
        return f"{_counted(fact, rule)} {product.text}= {_sum(fact, rule, product)}"
    if fact.kind == FactKind.STATION_VISIT:
        return f"当天第一次到访 +{kept.raw} {_word(rule)}"
    if rule.unit is Unit.MINUTES and isinstance(rule.worth, Rate):
        credited = "" if kept.reason == Reason.CAPPED else f"，计入 {kept.granted} 分钟"
        return f"服务 {fact.quantity} 分钟{credited}"
    if kept.granted < 0:
        return f"1 次，扣 {-kept.granted} {_word(rule)}"
    return f"{_counted(fact, rule)} = {kept.raw} {_word(rule)}"


@dataclass(frozen=True, slots=True)
class _Product:
    """The factors that applied, as text and as a fraction."""

    text: str
    times: int
    per: int


def _multiplied(circumstances: Collection[str], rule: Rule, factors: Factors) -> _Product:
    applying = factors.applying(rule.multipliers, circumstances)
    times, per = factors.combined(applying)
    text = "".join(_times(factor, _CIRCUMSTANCES[each]) for each, factor in applying)
    if (times, per) == (factors.max_combined, WHOLE) and len(applying) > 1:
        names = "、".join(_CIRCUMSTANCES[each] for each, _ in applying)
        most = _decimal(factors.max_combined, WHOLE)
        text = _times(factors.max_combined, f"{names}，合计最多 {most} 倍")
    if Circumstance.HALVED in circumstances:
        cut = "违规减半" if factors.half * 2 == WHOLE else "违规扣减"
        text += _times(factors.half, cut)
        times, per = times * factors.half, per * WHOLE
    return _Product(text, times, per)


def _times(factor: int, why: str) -> str:
    return f"× {_decimal(factor, WHOLE)}（{why}）"


def _sum(fact: Told, rule: Rule, product: _Product) -> str:
    amount = rule.worth.of(fact.quantity) * product.times
    whole = rounded(amount, product.per, rule.rounding)
    exact = f"{_decimal(amount, product.per)} {_word(rule)}"
    return exact if whole * product.per == amount else f"{exact}，取整计 {whole} {_word(rule)}"


def _counted(fact: Told, rule: Rule) -> str:
    """What was done, times what it is worth."""
    worth, word = rule.worth, _word(rule)
    if isinstance(worth, Value):
        return f"{_parts(fact.quantity, worth, _yuan)} × {worth.amount} {word}/{_yuan(worth.per)}"
    if isinstance(worth, Flat) or fact.kind != FactKind.ATTENDANCE:
        return f"1 次 × {worth.amount} {word}/次"
    served = _parts(fact.quantity, worth, _minutes)
    return served if rule.unit is Unit.MINUTES else f"{served} × {_pace(worth)}"


def _parts(quantity: int, worth: Rate | Value, say: Callable[[int], str]) -> str:
    """The quantity, and the part of it that was multiplied where that is another."""
    counted = worth.counted(quantity)
    done = "捐赠物资价值" if isinstance(worth, Value) else "服务"
    # The sentence must be true arithmetic, so it names what was multiplied.
    return f"{done} {say(quantity)}" + ("" if counted == quantity else f"，计 {say(counted)}")


def _pace(rate: Rate) -> str:
    if MINUTES_PER_HOUR % rate.per:
        return f"{rate.amount} 分/{rate.per} 分钟"
    return f"{rate.amount * MINUTES_PER_HOUR // rate.per} 分/小时"


def _limit(kept: Kept, rule: Rule) -> str:
    word = _word(rule)
    for cap in rule.caps:
        if kept.bound and cap.id == cap_id_of(kept.bound):
            whose = "本户" if cap.holder is Holder.HOUSEHOLD else ""
            full = f"{whose}{_WINDOWS[cap.window]}已满 {cap.limit} {word}"
            return f"，{full}，本次计 {kept.granted} {word}"
    return f"，本次最多计 {kept.granted} {word}" if kept.reason == Reason.CAPPED else ""


def _too_little(fact: Told, rule: Rule, _policy: Policy) -> str:
    missing = rule.worth.threshold - fact.quantity
    if isinstance(rule.worth, Value):
        enough = f"满 {_yuan(rule.worth.threshold)}才{_counts(rule)}"
        return f"捐赠物资价值 {_yuan(fact.quantity)}，{enough}，还差 {_yuan(missing)}"
    enough = f"满 {rule.worth.threshold} 分钟才{_counts(rule)}"
    return f"服务 {fact.quantity} 分钟，{enough}，还差 {missing} 分钟"


def _absent(fact: Told, rule: Rule, policy: Policy) -> str:
    ratio = policy.presence.min_ratio if policy.presence else WHOLE
    share = f"不到计划 {fact.planned} 分钟的 {ratio}%"
    return f"在场 {fact.quantity} 分钟，{share}，不{_counts(rule)}"


def _unproven(fact: Told, rule: Rule, _policy: Policy) -> str:
    missing = [
        "或".join(_EVIDENCE[kind] for kind in alternatives)
        for alternatives in rule.missing(fact.evidence)
    ]
    return f"还没有{'、'.join(missing)}，不{_counts(rule)}"


def _early(_fact: Told, rule: Rule, _policy: Policy) -> str:
    return f"{_NOT_YET[rule.pay_when or Circumstance.ACCEPTED]}后才{_counts(rule)}"


_Refusal = Callable[[Told, Rule, Policy], str]
_REFUSED: dict[Reason, _Refusal] = {
    Reason.BELOW_MINIMUM: _too_little,
    Reason.NOT_PRESENT_ENOUGH: _absent,
    Reason.NO_EVIDENCE: _unproven,
    Reason.NOT_YET: _early,
    Reason.NOT_URGENT: lambda _fact, rule, _policy: f"进入应急状态时才{_counts(rule)}",
    Reason.NOT_ENTITLED: lambda _fact, rule, _policy: f"以这个身份做这件事不{_counts(rule)}",
    Reason.PAID_DUTY: lambda _fact, rule, _policy: f"这是领取报酬的本职工作，不{_counts(rule)}",
    Reason.VOIDED: lambda _fact, rule, _policy: f"这次记录因违规作废，不{_counts(rule)}",
}


def _counts(rule: Rule) -> str:
    return "计入时长" if rule.unit is Unit.MINUTES else "计分"


def _word(rule: Rule) -> str:
    return "分钟" if rule.unit is Unit.MINUTES else "分"


def _minutes(quantity: int) -> str:
    return f"{quantity} 分钟"


def _yuan(fen: int) -> str:
    return f"{_decimal(fen, FEN_PER_YUAN)} 元"


def _decimal(numerator: int, denominator: int) -> str:
    """The exact number without a zero too many: factors have two decimals, and end."""
    number = Decimal(numerator) / Decimal(denominator)
    return f"{number:f}".rstrip("0").rstrip(".") if number % 1 else str(int(number))
