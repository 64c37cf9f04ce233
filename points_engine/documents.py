"""Rules as data: how a rule stands in a document, and back. Nothing is guessed.

What a document need not say is left out when it is written, so that a document of the first
policies is written as it was read.
"""

import re
from collections.abc import Mapping
from enum import StrEnum

from points_engine.accounts import Unit
from points_engine.caps import Cap, Holder, Window
from points_engine.errors import PolicyInvalid
from points_engine.facts import LARGEST_QUANTITY, ONE_AT_A_TIME, Circumstance, FactKind
from points_engine.reading import Reader
from points_engine.rules.factors import MULTIPLYING
from points_engine.rules.flat import Flat
from points_engine.rules.rate import Rate
from points_engine.rules.rule import Earners, Rule
from points_engine.rules.value import Value
from points_engine.rules.worth import LARGEST_AMOUNT, Rounding

EVIDENCE = frozenset({"qr2", "op", "photo", "ben", "doc"})

_CAP_ID = re.compile(r"[a-z][a-z0-9_.]*")
_CAPACITY = re.compile(r"[a-z_]{1,40}")
_EVERY_RULE = ("id", "kind", "category", "unit", "worth", "amount", "cap", "caps", "evidence")
_CONDITIONS = ("for", "not_for", "pay_when", "mode", "multipliers", "presence", "rounding")


class Kind(StrEnum):
    """The kinds of worth a document may name."""

    RATE = "rate"
    FLAT = "flat"
    VALUE = "value"


class When(StrEnum):
    """What must have become of a report before it is paid."""

    ACCEPTED = Circumstance.ACCEPTED.value
    ADOPTED = Circumstance.ADOPTED.value


class Mode(StrEnum):
    """The modes a rule may wait for."""

    URGENT = Circumstance.URGENT.value


def read_rule(reader: Reader) -> Rule:
    """One rule; `PolicyInvalid` names the place of the first mistake in it."""
    kind = reader.choice("worth", Kind) if "worth" in reader else Kind.RATE
    steps = () if kind is Kind.FLAT else ("per", "minimum")
    reader.only(*_EVERY_RULE, *_CONDITIONS, *steps)
    unit = reader.choice("unit", Unit)
    rounding = reader.choice("rounding", Rounding) if "rounding" in reader else Rounding.FLOOR
    rule_id = reader.text("id")
    return Rule(
        id=rule_id,
        kind=reader.choice("kind", FactKind),
        category=reader.text("category"),
        unit=unit,
        worth=_worth(reader, kind, unit, rounding),
        cap=reader.limit("cap", most=LARGEST_AMOUNT),
        caps=_caps(reader, rule_id, unit),
        evidence=_evidence(reader),
        earners=_earners(reader),
        pay_when=_circumstance(reader, "pay_when", When),
        mode=_circumstance(reader, "mode", Mode),
        multipliers=_multipliers(reader),
        presence=reader.flag("presence"),
        rounding=rounding,
    )


def plain_rule(rule: Rule) -> dict[str, object]:
    """The same rule as plain data: `read_rule` reads it back equal."""
    said = {
        "caps": [_plain_cap(cap) for cap in rule.caps],
        "evidence": ["|".join(alternatives) for alternatives in rule.evidence],
        "for": sorted(rule.earners.only),
        "not_for": sorted(rule.earners.never),
        "pay_when": rule.pay_when and rule.pay_when.value,
        "mode": rule.mode and rule.mode.value,
        "multipliers": [each.value for each in rule.multipliers],
        "presence": rule.presence,
        "rounding": rule.rounding.value if rule.rounding is not Rounding.FLOOR else None,
    }
    return {
        "id": rule.id,
        "kind": rule.kind.value,
        "category": rule.category,
        "unit": rule.unit.value,
        **_plain_worth(rule.worth),
        "cap": rule.cap,
        **{name: value for name, value in said.items() if value},
    }


def _worth(reader: Reader, kind: Kind, unit: Unit, rounding: Rounding) -> Rate | Flat | Value:  # noqa: PLR0917  # what a worth is read from
    if kind is Kind.FLAT:
        return Flat(amount=_flat_amount(reader, unit))
    step = {
        "amount": reader.number("amount", least=1, most=LARGEST_AMOUNT),
        "per": reader.number("per", least=1, most=LARGEST_QUANTITY),
        "minimum": reader.number("minimum", least=0, most=LARGEST_QUANTITY, default=0),
    }
    return Value(**step) if kind is Kind.VALUE else Rate(**step, rounding=rounding)


def _flat_amount(reader: Reader, unit: Unit) -> int:
    """Only work can be taken away again: nobody loses points for what they did not do."""
    least = -LARGEST_AMOUNT if unit is Unit.WORK else 1
    amount = reader.number("amount", least=least, most=LARGEST_AMOUNT)
    if amount == 0:
        raise reader.wrong("amount", "must not be 0")
    return amount


def _caps(reader: Reader, rule_id: str, unit: Unit) -> tuple[Cap, ...]:
    if "caps" not in reader:
        return ()
    caps: list[Cap] = []
    for each in reader.sections("caps"):
        cap = _cap(each, rule_id)
        if cap.holder is Holder.HOUSEHOLD and unit is Unit.WORK:
            raise each.wrong("holder", "must be person: work is one person's duty")
        _check_beside(each, cap, caps)
        caps.append(cap)
    return tuple(caps)


def _cap(reader: Reader, rule_id: str) -> Cap:
    reader.only("id", "limit", "window", "holder")
    window = reader.choice("window", Window)
    holder = reader.choice("holder", Holder) if "holder" in reader else Holder.PERSON
    whose = "" if holder is Holder.PERSON else f"{holder.value}_"
    cap_id = reader.text("id", f"{rule_id}.{whose}{window.value}")
    if not _CAP_ID.fullmatch(cap_id):
        raise reader.wrong("id", "must be of small letters, digits, dots and underscores")
    limit = reader.number("limit", least=1, most=LARGEST_AMOUNT)
    return Cap(id=cap_id, limit=limit, window=window, holder=holder)


def _check_beside(reader: Reader, cap: Cap, caps: list[Cap]) -> None:
    """A wider window that allows less than a narrower one makes the narrower one a lie."""
    order = list(Window)
    for other in caps:
        if other.holder is not cap.holder:
            continue
        if other.window is cap.window:
            raise reader.wrong("window", "is capped by an earlier line already")
        wider = order.index(cap.window) > order.index(other.window)
        if wider != (cap.limit >= other.limit) and cap.limit != other.limit:
            bound = "least" if wider else "most"
            raise reader.wrong(
                "limit", f"must be at {bound} {other.limit}, the limit per {other.window.value}"
            )


def _evidence(reader: Reader) -> tuple[tuple[str, ...], ...]:
    wanted = tuple(tuple(each.split("|")) for each in reader.words("evidence"))
    for place, alternatives in enumerate(wanted):
        if not EVIDENCE.issuperset(alternatives):
            known = ", ".join(sorted(EVIDENCE))
            raise reader.wrong(f"evidence[{place}]", f"must be of {known}, joined by |")
    return wanted


def _earners(reader: Reader) -> Earners:
    found = {}
    for name in ("for", "not_for"):
        found[name] = frozenset(reader.words(name))
        for place, word in enumerate(reader.words(name)):
            if not _CAPACITY.fullmatch(word):
                raise reader.wrong(f"{name}[{place}]", "is not a capacity, such as steward")
    if found["for"] & found["not_for"]:
        raise reader.wrong("not_for", "names whom the rule is for")
    return Earners(only=found["for"], never=found["not_for"])


def _circumstance(reader: Reader, name: str, choices: type[StrEnum]) -> Circumstance | None:
    return Circumstance(reader.choice(name, choices).value) if name in reader else None


def _multipliers(reader: Reader) -> tuple[Circumstance, ...]:
    words = reader.words("multipliers")
    for place, word in enumerate(words):
        if word not in MULTIPLYING:
            listed = ", ".join(MULTIPLYING)
            raise reader.wrong(f"multipliers[{place}]", f"must be one of {listed}")
    return tuple(map(Circumstance, words))


def _plain_worth(worth: Rate | Flat | Value) -> Mapping[str, object]:
    if isinstance(worth, Flat):
        return {"worth": Kind.FLAT.value, "amount": worth.amount}
    named = {"worth": Kind.VALUE.value} if isinstance(worth, Value) else {}
    return {**named, "amount": worth.amount, "per": worth.per, "minimum": worth.minimum}


def _plain_cap(cap: Cap) -> dict[str, object]:
    return {
        "id": cap.id,
        "limit": cap.limit,
        "window": cap.window.value,
        "holder": cap.holder.value,
    }


def check_rule(rule: Rule, path: str) -> None:
    """What one rule alone can contradict itself in."""
    is_value = isinstance(rule.worth, Value)
    if rule.kind in ONE_AT_A_TIME and not is_value and rule.worth.threshold > 1:
        raise PolicyInvalid(f"{path}.per", f"{ONE_AT_A_TIME[rule.kind]}: it is never reached")
    if (rule.kind is FactKind.DONATION) is not is_value:
        raise PolicyInvalid(f"{path}.worth", "goes by value for a donation, and for nothing else")
    if rule.unit is Unit.HOUSEHOLD and rule.kind is not FactKind.HOUSEHOLD:
        raise PolicyInvalid(f"{path}.unit", "only what a household did counts for a household")
    if isinstance(rule.worth, Flat) and rule.cap is not None and rule.cap < rule.worth.amount:
        raise PolicyInvalid(f"{path}.cap", "is less than one deed gives")
