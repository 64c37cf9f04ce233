"""The sections of a policy beside its rules: how each stands in a document, and back."""

from dataclasses import fields

from points_engine.conventions import STARS, Checkin, Redeeming, Stars
from points_engine.errors import PolicyInvalid
from points_engine.facts import Circumstance
from points_engine.reading import Reader, plain_factor
from points_engine.rules.factors import LARGEST_FACTOR, MULTIPLYING, WHOLE, Factors, Presence
from points_engine.validity import Expiry, ExpiryKind

LONGEST_GRACE = 24 * 60
LARGEST_SETTING = 100_000
MOST_MONTHS = 1200
LAST_DAY = 31


def read_factors(reader: Reader) -> Factors:
    """Multipliers and what a violation leaves; nothing multiplies where none are named."""
    found = {}
    most, half = LARGEST_FACTOR, 50
    if "multipliers" in reader:
        section = reader.section("multipliers")
        section.only(*MULTIPLYING, "max_combined")
        for each in MULTIPLYING:
            if each in section:
                found[each] = section.factor(each, least=WHOLE, most=LARGEST_FACTOR)
        if "max_combined" in section:
            most = section.factor("max_combined", least=WHOLE, most=LARGEST_FACTOR)
        _check_reachable(section, found, most)
    if "violation_factor" in reader:
        section = reader.section("violation_factor")
        section.only("half")
        half = section.factor("half", least=1, most=WHOLE - 1)
    return Factors(multipliers=found, max_combined=most, half=half)


def plain_factors(factors: Factors) -> dict[str, object]:
    """The same as plain data, without what need not be said."""
    plain: dict[str, object] = {}
    named = {each.value: plain_factor(value) for each, value in factors.multipliers.items()}
    if factors.max_combined != LARGEST_FACTOR:
        named["max_combined"] = plain_factor(factors.max_combined)
    if named:
        plain["multipliers"] = named
    if factors.half != Factors().half:
        plain["violation_factor"] = {"half": plain_factor(factors.half)}
    return plain


def read_presence(reader: Reader) -> Presence | None:
    if "presence" not in reader:
        return None
    section = reader.section("presence")
    section.only("min_ratio", "late_grace_min", "early_leave_grace_min")
    return Presence(
        min_ratio=section.factor("min_ratio", least=1, most=WHOLE),
        late_grace=section.number("late_grace_min", least=0, most=LONGEST_GRACE, default=0),
        early_leave_grace=section.number(
            "early_leave_grace_min", least=0, most=LONGEST_GRACE, default=0
        ),
    )


def plain_presence(presence: Presence) -> dict[str, object]:
    return {
        "min_ratio": plain_factor(presence.min_ratio),
        "late_grace_min": presence.late_grace,
        "early_leave_grace_min": presence.early_leave_grace,
    }


def read_expiry(reader: Reader) -> Expiry:
    if "expiry" not in reader:
        return Expiry()
    section = reader.section("expiry")
    kind = section.choice("kind", ExpiryKind)
    if kind is not ExpiryKind.ROLLING_MONTHS:
        section.only("kind")
        return Expiry(kind=kind)
    section.only("kind", "months")
    return Expiry(kind=kind, months=section.number("months", least=1, most=MOST_MONTHS))


def plain_expiry(expiry: Expiry) -> dict[str, object]:
    return {"kind": expiry.kind.value, **({"months": expiry.months} if expiry.months else {})}


def read_checkin(reader: Reader) -> Checkin:
    if "checkin" not in reader:
        return Checkin()
    section = reader.section("checkin")
    names = [each.name for each in fields(Checkin)]
    section.only(*names)
    read = {
        name: section.number(name, least=0, most=LARGEST_SETTING)
        for name in names
        if name in section
    }
    try:
        return Checkin(**read)
    except ValueError as problem:
        raise section.wrong("radius_least_m", str(problem)) from problem


def plain_checkin(checkin: Checkin) -> dict[str, object]:
    return {each.name: getattr(checkin, each.name) for each in fields(Checkin)}


def read_redemption(reader: Reader) -> Redeeming:
    if "redemption" not in reader:
        return Redeeming()
    section = reader.section("redemption")
    names = [each.name for each in fields(Redeeming)]
    section.only(*names)
    read = {
        name: section.number(name, least=0, most=LARGEST_SETTING)
        for name in names
        if name in section and name not in {"open_days", "within_hours"}
    }
    return Redeeming(
        open_days=section.rising("open_days", most=LAST_DAY),
        within_hours=section.flag("within_hours"),
        **read,
    )


def plain_redemption(redemption: Redeeming) -> dict[str, object]:
    plain = {each.name: getattr(redemption, each.name) for each in fields(Redeeming)}
    said = {name: value for name, value in plain.items() if value != getattr(Redeeming(), name)}
    return said | ({"open_days": list(redemption.open_days)} if redemption.open_days else {})


def read_stars(reader: Reader) -> Stars:
    if "stars" not in reader:
        return Stars()
    section = reader.section("stars")
    scales = ("lifetime_hours", "yearly_community", "compound_star_score")
    section.only(*scales, "publicity_days")
    read = {
        name: section.numbers(name, count=STARS, most=LARGEST_SETTING)
        for name in scales
        if name in section
    }
    days = section.number("publicity_days", least=0, most=LARGEST_SETTING, default=5)
    return Stars(**read, publicity_days=days)


def plain_stars(stars: Stars) -> dict[str, object]:
    plain: dict[str, object] = {}
    for each in fields(Stars):
        value = getattr(stars, each.name)
        plain[each.name] = list(value) if isinstance(value, tuple) else value
    return plain


def _check_reachable(reader: Reader, found: dict[Circumstance, int], most: int) -> None:
    for each, factor in found.items():
        if factor > most:
            raise PolicyInvalid(reader.at(each), "is more than max_combined allows")
