"""The one kind of rule there is: numbers in, numbers and a sentence out."""

import pytest

from points_engine import FactKind, Rate, Reason, Unit, Verdict

HALF_HOURS = Rate(amount=5, per=30)
CAPPED = Rate(amount=5, per=30, cap=40)
FROM_AN_HOUR = Rate(amount=5, per=30, minimum=60)
MINUTES = Rate(amount=1, per=1, minimum=5, cap=240)


@pytest.mark.parametrize(
    ("rate", "quantity", "raw", "granted", "reason"),
    [
        (HALF_HOURS, 0, 0, 0, Reason.BELOW_MINIMUM),
        (HALF_HOURS, 29, 0, 0, Reason.BELOW_MINIMUM),
        (HALF_HOURS, 30, 5, 5, Reason.GRANTED),
        (HALF_HOURS, 59, 5, 5, Reason.GRANTED),
        (HALF_HOURS, 60, 10, 10, Reason.GRANTED),
        (FROM_AN_HOUR, 59, 0, 0, Reason.BELOW_MINIMUM),
        (FROM_AN_HOUR, 60, 10, 10, Reason.GRANTED),
        (CAPPED, 240, 40, 40, Reason.GRANTED),
        (CAPPED, 269, 40, 40, Reason.GRANTED),
        (CAPPED, 270, 45, 40, Reason.CAPPED),
        (MINUTES, 4, 0, 0, Reason.BELOW_MINIMUM),
        (MINUTES, 241, 241, 240, Reason.CAPPED),
        (Rate(amount=10**6), 10**6, 10**12, 10**12, Reason.GRANTED),
    ],
)
def test_whole_steps_count_from_the_minimum_to_the_cap(rate, quantity, raw, granted, reason):
    assert rate.judge(quantity) == Verdict(raw=raw, granted=granted, reason=reason)


@pytest.mark.parametrize(
    ("rate", "quantity", "unit", "sentence"),
    [
        (HALF_HOURS, 90, Unit.POINTS, "服务 90 分钟 × 10 分/小时 = 15 分"),
        (HALF_HOURS, 100, Unit.SCORE, "服务 100 分钟，计 90 分钟 × 10 分/小时 = 15 分"),
        (Rate(amount=3, per=45), 90, Unit.POINTS, "服务 90 分钟 × 3 分/45 分钟 = 6 分"),
        (Rate(amount=15, per=120), 240, Unit.POINTS, "服务 240 分钟 × 15 分/120 分钟 = 30 分"),
        (CAPPED, 300, Unit.POINTS, "服务 300 分钟 × 10 分/小时 = 50 分，本次最多计 40 分"),
        (HALF_HOURS, 12, Unit.POINTS, "服务 12 分钟，满 30 分钟才计分，还差 18 分钟"),
        (FROM_AN_HOUR, 45, Unit.SCORE, "服务 45 分钟，满 60 分钟才计分，还差 15 分钟"),
        (MINUTES, 90, Unit.MINUTES, "服务 90 分钟，计入 90 分钟"),
        (MINUTES, 300, Unit.MINUTES, "服务 300 分钟，本次最多计 240 分钟"),
        (MINUTES, 3, Unit.MINUTES, "服务 3 分钟，满 5 分钟才计入时长，还差 2 分钟"),
    ],
)
def test_a_service_is_explained_in_one_sentence(rate, quantity, unit, sentence):
    assert rate.explain(quantity, kind=FactKind.ATTENDANCE, unit=unit) == sentence


@pytest.mark.parametrize(
    ("rate", "unit", "sentence"),
    [
        (Rate(amount=2), Unit.POINTS, "当天第一次到访 +2 分"),
        (Rate(amount=5, cap=3), Unit.SCORE, "当天第一次到访 +5 分，本次最多计 3 分"),
        (Rate(amount=10), Unit.MINUTES, "当天第一次到访 +10 分钟"),
    ],
)
def test_a_visit_is_explained_in_one_sentence(rate, unit, sentence):
    assert rate.explain(1, kind=FactKind.STATION_VISIT, unit=unit) == sentence


@pytest.mark.parametrize(
    "numbers",
    [
        {"amount": 0},
        {"amount": -5},
        {"amount": 10**6 + 1},
        {"amount": 1, "per": 0},
        {"amount": 1, "minimum": -1},
        {"amount": 1, "cap": 0},
    ],
    ids=str,
)
def test_a_rate_that_means_nothing_cannot_be_built(numbers):
    with pytest.raises(ValueError, match="must be a whole number"):
        Rate(**numbers)
