"""So much for so much time: numbers in, numbers and a sentence out."""

import pytest

from points_engine import FactKind, Flat, Rate, Reason, Rounding, Rule, Unit, Value, Verdict
from points_engine.rules.worth import rounded
from tests.points_engine import make

TOWN = make.a_town()
HALF_HOURS = Rate(amount=5, per=30)
FROM_AN_HOUR = Rate(amount=5, per=30, minimum=60)
MINUTES = Rate(amount=1, per=1, minimum=5)


def rule_of(rate, *, cap=None, unit=Unit.POINTS, kind=FactKind.ATTENDANCE):
    return Rule(id="rule", kind=kind, unit=unit, worth=rate, cap=cap)


@pytest.mark.parametrize(
    ("rate", "cap", "quantity", "raw", "granted", "reason"),
    [
        (HALF_HOURS, None, 0, 0, 0, Reason.BELOW_MINIMUM),
        (HALF_HOURS, None, 29, 0, 0, Reason.BELOW_MINIMUM),
        (HALF_HOURS, None, 30, 5, 5, Reason.GRANTED),
        (HALF_HOURS, None, 59, 5, 5, Reason.GRANTED),
        (HALF_HOURS, None, 60, 10, 10, Reason.GRANTED),
        (FROM_AN_HOUR, None, 59, 0, 0, Reason.BELOW_MINIMUM),
        (FROM_AN_HOUR, None, 60, 10, 10, Reason.GRANTED),
        (HALF_HOURS, 40, 240, 40, 40, Reason.GRANTED),
        (HALF_HOURS, 40, 269, 40, 40, Reason.GRANTED),
        (HALF_HOURS, 40, 270, 45, 40, Reason.CAPPED),
        (MINUTES, 240, 4, 0, 0, Reason.BELOW_MINIMUM),
        (MINUTES, 240, 241, 241, 240, Reason.CAPPED),
        (Rate(amount=10**6), None, 10**6, 10**12, 10**12, Reason.GRANTED),
    ],
)
def test_whole_steps_count_from_the_minimum_to_the_cap(rate, cap, quantity, raw, granted, reason):
    judged = rule_of(rate, cap=cap).judge(TOWN.attendance(make.someone(), quantity), make.HOURS)

    assert judged == Verdict(raw=raw, granted=granted, reason=reason)


@pytest.mark.parametrize(
    ("rounding", "worth_by_quantity"),
    [
        (Rounding.FLOOR, {29: 0, 30: 5, 44: 5, 45: 5, 59: 5, 60: 10}),
        (Rounding.NEAREST, {14: 0, 15: 5, 44: 5, 45: 10, 59: 10, 60: 10}),
        (Rounding.UP, {0: 0, 1: 5, 30: 5, 31: 10, 60: 10}),
    ],
)
def test_part_of_a_step_is_rounded_as_the_rule_says(rounding, worth_by_quantity):
    rate = Rate(amount=5, per=30, rounding=rounding)

    assert {each: granted(rate, each) for each in worth_by_quantity} == worth_by_quantity


def granted(rate, quantity):
    return rule_of(rate).judge(TOWN.attendance(make.someone(), quantity), make.HOURS).granted


@pytest.mark.parametrize(
    ("rate", "cap", "quantity", "unit", "sentence"),
    [
        (HALF_HOURS, None, 90, "points", "服务 90 分钟 × 10 分/小时 = 15 分"),
        (HALF_HOURS, None, 100, "score", "服务 100 分钟，计 90 分钟 × 10 分/小时 = 15 分"),
        (Rate(amount=3, per=45), None, 90, "points", "服务 90 分钟 × 3 分/45 分钟 = 6 分"),
        (Rate(amount=15, per=120), None, 240, "points", "服务 240 分钟 × 15 分/120 分钟 = 30 分"),
        (HALF_HOURS, 40, 300, "points", "服务 300 分钟 × 10 分/小时 = 50 分，本次最多计 40 分"),
        (HALF_HOURS, None, 12, "points", "服务 12 分钟，满 30 分钟才计分，还差 18 分钟"),
        (FROM_AN_HOUR, None, 45, "score", "服务 45 分钟，满 60 分钟才计分，还差 15 分钟"),
        (MINUTES, 240, 90, "minutes", "服务 90 分钟，计入 90 分钟"),
        (MINUTES, 240, 300, "minutes", "服务 300 分钟，本次最多计 240 分钟"),
        (MINUTES, 240, 3, "minutes", "服务 3 分钟，满 5 分钟才计入时长，还差 2 分钟"),
    ],
)
def test_a_service_is_explained_in_one_sentence(rate, cap, quantity, unit, sentence):
    fact = TOWN.attendance(make.someone(), quantity)

    assert make.explained(fact, rule_of(rate, cap=cap, unit=Unit(unit))) == sentence


@pytest.mark.parametrize(
    ("rate", "cap", "unit", "sentence"),
    [
        (Rate(amount=2), None, Unit.POINTS, "当天第一次到访 +2 分"),
        (Rate(amount=5), 3, Unit.SCORE, "当天第一次到访 +5 分，本次最多计 3 分"),
        (Rate(amount=10), None, Unit.MINUTES, "当天第一次到访 +10 分钟"),
    ],
)
def test_a_visit_is_explained_in_one_sentence(rate, cap, unit, sentence):
    rule = rule_of(rate, cap=cap, unit=unit, kind=FactKind.STATION_VISIT)

    assert make.explained(TOWN.visit(make.someone()), rule) == sentence


@pytest.mark.parametrize(
    "numbers",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 10**6 + 1},
        {"amount": 1, "per": 0},
        {"amount": 1, "minimum": -1},
    ],
    ids=str,
)
def test_a_rate_that_means_nothing_cannot_be_built(numbers):
    with pytest.raises(ValueError, match="must be a whole number"):
        Rate(**numbers)


@pytest.mark.parametrize("worth", [Rate, Value])
@pytest.mark.parametrize(
    ("name", "least", "most"), [("amount", 1, 10**6), ("per", 1, 10**6), ("minimum", 0, 10**6)]
)
def test_a_step_has_a_least_and_a_most(worth, name, least, most):
    step = {"amount": 5, "per": 30, "minimum": 0}

    for value in (least, most):
        assert getattr(worth(**step | {name: value}), name) == value
    for value in (least - 1, most + 1):
        said = rf"^{name} must be a whole number from {least} to {most}$"
        with pytest.raises(ValueError, match=said):
            worth(**step | {name: value})


@pytest.mark.parametrize("amount", [1, -1, 10**6, -(10**6)])
def test_a_deed_may_give_or_cost_so_much(amount):
    assert Flat(amount=amount).of(1) == amount


@pytest.mark.parametrize("amount", [0, 10**6 + 1, -(10**6) - 1])
def test_a_deed_that_gives_nothing_or_too_much_cannot_be_built(amount):
    with pytest.raises(ValueError, match=r"^amount must be a whole number from 1 to 1000000$"):
        Flat(amount=amount)


@pytest.mark.parametrize(
    ("rounding", "threshold", "paid", "counted"),
    [
        (Rounding.FLOOR, 30, [0, 5, 5], [0, 30, 30]),
        (Rounding.NEAREST, 15, [5, 5, 10], [30, 30, 60]),
        (Rounding.UP, 1, [5, 5, 10], [30, 30, 60]),
    ],
)
def test_what_was_counted_is_what_was_paid_for(rounding, threshold, paid, counted):
    rate = Rate(amount=5, per=30, rounding=rounding)
    minutes = [20, 30, 45]

    assert rate.threshold == threshold
    assert [rate.of(each) for each in minutes] == paid
    assert [rate.counted(each) for each in minutes] == counted
    assert {type(rate.of(each)) for each in minutes} == {int}


@pytest.mark.parametrize(
    ("amount", "divisor", "floor", "nearest", "up"),
    [(7, 2, 3, 4, 4), (9, 4, 2, 2, 3), (11, 4, 2, 3, 3), (8, 4, 2, 2, 2), (-7, 2, -4, -3, -3)],
)
def test_a_part_of_a_whole_is_rounded_one_way_or_the_other(amount, divisor, floor, nearest, up):
    wanted = {Rounding.FLOOR: floor, Rounding.NEAREST: nearest, Rounding.UP: up}

    for rounding, whole in wanted.items():
        assert rounded(amount, divisor, rounding) == whole
        assert type(rounded(amount, divisor, rounding)) is int
