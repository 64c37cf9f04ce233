"""So much for every so many units of quantity, from a minimum on and up to a cap."""

from dataclasses import dataclass

from points_engine.accounts import Unit
from points_engine.facts import LARGEST_QUANTITY, FactKind
from points_engine.rules.verdict import Reason, Verdict

LARGEST_AMOUNT = 10**6  # times the largest quantity, and summed over a lifetime, fits in a bigint
MINUTES_PER_HOUR = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`amount` for each whole `per` of the quantity; `minimum` in quantity, `cap` in amount.

    Only whole steps count: twenty-nine minutes at "5 per 30" give nothing. `cap` limits one
    fact, not a day.
    """

    amount: int
    per: int = 1
    minimum: int = 0
    cap: int | None = None

    def __post_init__(self) -> None:
        _check("amount", self.amount, range(1, LARGEST_AMOUNT + 1))
        _check("per", self.per, range(1, LARGEST_QUANTITY + 1))
        _check("minimum", self.minimum, range(LARGEST_QUANTITY + 1))
        if self.cap is not None:
            _check("cap", self.cap, range(1, LARGEST_AMOUNT + 1))

    @property
    def threshold(self) -> int:
        """The smallest quantity that gives anything."""
        return max(self.minimum, self.per)

    def judge(self, quantity: int) -> Verdict:
        """What the quantity is worth."""
        if quantity < self.threshold:
            return Verdict(raw=0, granted=0, reason=Reason.BELOW_MINIMUM)
        raw = quantity // self.per * self.amount
        if self.cap is not None and raw > self.cap:
            return Verdict(raw=raw, granted=self.cap, reason=Reason.CAPPED)
        return Verdict(raw=raw, granted=raw, reason=Reason.GRANTED)

    def explain(self, quantity: int, *, kind: FactKind, unit: Unit) -> str:
        """The same answer as one Chinese sentence, for the passbook."""
        verdict = self.judge(quantity)
        if kind is FactKind.STATION_VISIT:
            return _visit(verdict, unit)
        if verdict.reason is Reason.BELOW_MINIMUM:
            return self._too_short(quantity, unit)
        if unit is Unit.MINUTES:
            return _time(quantity, verdict)
        return self._service(quantity, verdict)

    def _too_short(self, quantity: int, unit: Unit) -> str:
        counts = "计入时长" if unit is Unit.MINUTES else "计分"
        missing = self.threshold - quantity
        return f"服务 {quantity} 分钟，满 {self.threshold} 分钟才{counts}，还差 {missing} 分钟"

    def _service(self, quantity: int, verdict: Verdict) -> str:
        counted = quantity - quantity % self.per
        # The sentence must be true arithmetic, so it names the minutes that were multiplied.
        served = f"服务 {quantity} 分钟" + ("" if counted == quantity else f"，计 {counted} 分钟")
        return f"{served} × {self._pace()} = {verdict.raw} 分{_limit(verdict, '分')}"

    def _pace(self) -> str:
        if MINUTES_PER_HOUR % self.per:
            return f"{self.amount} 分/{self.per} 分钟"
        return f"{self.amount * MINUTES_PER_HOUR // self.per} 分/小时"


def _visit(verdict: Verdict, unit: Unit) -> str:
    word = "分钟" if unit is Unit.MINUTES else "分"
    return f"当天第一次到访 +{verdict.raw} {word}{_limit(verdict, word)}"


def _time(quantity: int, verdict: Verdict) -> str:
    if verdict.reason is Reason.CAPPED:
        return f"服务 {quantity} 分钟{_limit(verdict, '分钟')}"
    return f"服务 {quantity} 分钟，计入 {verdict.granted} 分钟"


def _limit(verdict: Verdict, word: str) -> str:
    return f"，本次最多计 {verdict.granted} {word}" if verdict.reason is Reason.CAPPED else ""


def _check(name: str, value: int, allowed: range) -> None:
    if value not in allowed:
        raise ValueError(f"{name} must be a whole number from {allowed[0]} to {allowed[-1]}")
