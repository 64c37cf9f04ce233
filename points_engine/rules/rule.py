"""One rule: which facts it is for, what it wants of them, and what it makes of them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from points_engine.accounts import Unit
from points_engine.caps import Cap
from points_engine.facts import Circumstance, FactKind
from points_engine.rules.factors import Factors, Presence
from points_engine.rules.flat import Flat
from points_engine.rules.rate import Rate
from points_engine.rules.value import Value
from points_engine.rules.verdict import Reason, Verdict
from points_engine.rules.worth import Rounding, rounded

EVERY_CATEGORY = "*"


class Deed(Protocol):
    """What of a fact a rule may look at: a `Fact` has it, and so has a row of one."""

    @property
    def quantity(self) -> int: ...
    @property
    def planned(self) -> int | None: ...
    @property
    def circumstances(self) -> Collection[str]: ...
    @property
    def evidence(self) -> Collection[str]: ...
    @property
    def acting_as(self) -> str: ...


class Terms(Protocol):
    """What of a policy a rule may look at."""

    @property
    def factors(self) -> Factors: ...
    @property
    def presence(self) -> Presence | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Earners:
    """Who may earn, by the capacity in which somebody acts. Empty `only` is everybody."""

    only: frozenset[str] = frozenset()
    never: frozenset[str] = frozenset()

    def admit(self, acting_as: str) -> bool:
        """Whether those who act in this capacity earn."""
        return acting_as not in self.never and (not self.only or acting_as in self.only)


EVERYBODY = Earners()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What one kind of fact, of one category or of every, gives in one unit.

    `cap` limits one fact; `caps` are shared by facts and applied by whoever books them.
    `evidence` is a list of alternatives: one of each must be there.
    """

    id: str
    kind: FactKind
    category: str = EVERY_CATEGORY
    unit: Unit
    worth: Rate | Flat | Value
    cap: int | None = None
    caps: tuple[Cap, ...] = ()
    evidence: tuple[tuple[str, ...], ...] = ()
    earners: Earners = EVERYBODY
    pay_when: Circumstance | None = None  # ACCEPTED or ADOPTED
    mode: Circumstance | None = None  # URGENT, for what counts only then
    multipliers: tuple[Circumstance, ...] = ()
    presence: bool = False  # whether the policy's presence is asked for
    rounding: Rounding = Rounding.FLOOR  # of a worth that was multiplied
    _is_plain: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        wants = (self.evidence, self.pay_when, self.mode, self.presence)
        plain = not any(wants) and self.earners == EVERYBODY
        object.__setattr__(self, "_is_plain", plain)

    def judge(self, deed: Deed, terms: Terms) -> Verdict:
        """What the deed is worth, its circumstances and its evidence considered."""
        circumstances = deed.circumstances
        if circumstances or not self._is_plain:
            refusal = self._refusal(deed, terms)
            if refusal is not None:
                return Verdict(raw=0, granted=0, reason=refusal)
        if deed.quantity < self.worth.threshold:
            return Verdict(raw=0, granted=0, reason=Reason.BELOW_MINIMUM)
        raw = self.worth.of(deed.quantity)
        if circumstances:
            return self._in_circumstances(raw, circumstances, terms.factors)
        if self.cap is not None and raw > self.cap:
            return Verdict(raw=raw, granted=self.cap, reason=Reason.CAPPED)
        return Verdict(raw=raw, granted=raw, reason=Reason.GRANTED)

    def missing(self, evidence: Collection[str]) -> tuple[tuple[str, ...], ...]:
        """The alternatives of which none is there."""
        return tuple(
            alternatives
            for alternatives in self.evidence
            if not any(kind in evidence for kind in alternatives)
        )

    def _refusal(self, deed: Deed, terms: Terms) -> Reason | None:
        return (
            self._barred(deed)
            or self._premature(deed.circumstances)
            or (Reason.NO_EVIDENCE if self.missing(deed.evidence) else None)
            or self._too_little(deed, terms.presence)
        )

    def _barred(self, deed: Deed) -> Reason | None:
        if Circumstance.VOIDED in deed.circumstances:
            return Reason.VOIDED
        # Hours somebody is paid for are never volunteering, whatever else a policy says.
        if Circumstance.PAID_DUTY in deed.circumstances and self.unit is not Unit.WORK:
            return Reason.PAID_DUTY
        return None if self.earners.admit(deed.acting_as) else Reason.NOT_ENTITLED

    def _premature(self, circumstances: Collection[str]) -> Reason | None:
        if self.mode and self.mode not in circumstances:
            return Reason.NOT_URGENT
        return Reason.NOT_YET if self.pay_when and self.pay_when not in circumstances else None

    def _too_little(self, deed: Deed, presence: Presence | None) -> Reason | None:
        if deed.quantity < self.worth.threshold:
            return Reason.BELOW_MINIMUM
        if not self.presence or presence is None or deed.planned is None:
            return None
        enough = deed.quantity >= presence.needed(deed.planned)
        return None if enough else Reason.NOT_PRESENT_ENOUGH

    def _in_circumstances(
        self, worth: int, circumstances: Collection[str], factors: Factors
    ) -> Verdict:
        times, per = factors.combined(factors.applying(self.multipliers, circumstances))
        raw = granted = rounded(worth * times, per, self.rounding)
        reason = Reason.GRANTED
        # A violation leaves a part of what is given. What a duty costs, it does not make cheaper.
        if Circumstance.HALVED in circumstances and worth > 0:
            granted = rounded(worth * times * factors.half, per * 100, self.rounding)
            reason = Reason.HALVED
        if self.cap is not None and granted > self.cap:
            return Verdict(raw=raw, granted=self.cap, reason=Reason.CAPPED)
        return Verdict(raw=raw, granted=granted, reason=reason)
