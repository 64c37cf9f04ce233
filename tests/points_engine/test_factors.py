"""Multipliers bounded together, what a violation leaves, and how long one must be there."""

from dataclasses import replace

import pytest

from points_engine import Circumstance, FactKind, Factors, Presence, Rate, Reason, Rule, Unit
from points_engine.rules.factors import MULTIPLYING
from tests.points_engine import make

TOWN = make.a_town()
CITY = replace(
    make.HOURS,
    factors=Factors(
        multipliers={
            Circumstance.LEADER: 120,
            Circumstance.NIGHT: 150,
            Circumstance.EXTREME_WEATHER: 150,
            Circumstance.URGENT: 150,
        },
        max_combined=200,
    ),
    presence=Presence(min_ratio=60, late_grace=15, early_leave_grace=10),
)
PATROL = Rule(
    id="patrol",
    kind=FactKind.ATTENDANCE,
    unit=Unit.POINTS,
    worth=Rate(amount=5, per=30),
    cap=40,
    multipliers=MULTIPLYING,
    presence=True,
)
MINUTES = Rule(id="time", kind=FactKind.ATTENDANCE, unit=Unit.MINUTES, worth=Rate(amount=1))


def attendance(minutes, *circumstances, planned=None):
    return TOWN.attendance(
        make.someone(), minutes, circumstances=frozenset(circumstances), planned=planned
    )


@pytest.mark.parametrize(
    ("minutes", "circumstances", "raw", "granted", "reason", "sentence"),
    [
        (90, (), 15, 15, Reason.GRANTED, "服务 90 分钟 × 10 分/小时 = 15 分"),
        (90, ("backfilled",), 15, 15, Reason.GRANTED, "服务 90 分钟 × 10 分/小时 = 15 分"),
        (120, ("night",), 30, 30, Reason.GRANTED,
         "服务 120 分钟 × 10 分/小时 × 1.5（夜间）= 30 分"),
        (90, ("night",), 22, 22, Reason.GRANTED,
         "服务 90 分钟 × 10 分/小时 × 1.5（夜间）= 22.5 分，取整计 22 分"),
        (60, ("leader", "night"), 18, 18, Reason.GRANTED,
         "服务 60 分钟 × 10 分/小时 × 1.2（领队）× 1.5（夜间）= 18 分"),
        (60, ("night", "urgent"), 20, 20, Reason.GRANTED,
         "服务 60 分钟 × 10 分/小时 × 2（夜间、应急状态，合计最多 2 倍）= 20 分"),
        (100, ("leader",), 18, 18, Reason.GRANTED,
         "服务 100 分钟，计 90 分钟 × 10 分/小时 × 1.2（领队）= 18 分"),
        (240, ("night",), 60, 40, Reason.CAPPED,
         "服务 240 分钟 × 10 分/小时 × 1.5（夜间）= 60 分，本次最多计 40 分"),
        (90, ("halved",), 15, 7, Reason.HALVED,
         "服务 90 分钟 × 10 分/小时 × 0.5（违规减半）= 7.5 分，取整计 7 分"),
        (90, ("halved", "night"), 22, 11, Reason.HALVED,
         "服务 90 分钟 × 10 分/小时 × 1.5（夜间）× 0.5（违规减半）= 11.25 分，取整计 11 分"),
        (90, ("voided", "halved"), 0, 0, Reason.VOIDED, "这次记录因违规作废，不计分"),
        (20, ("night",), 0, 0, Reason.BELOW_MINIMUM,
         "服务 20 分钟，满 30 分钟才计分，还差 10 分钟"),
    ],
)  # fmt: skip
def test_circumstances_multiply_and_cut(minutes, circumstances, raw, granted, reason, sentence):
    fact = attendance(minutes, *circumstances)

    verdict = PATROL.judge(fact, CITY)

    assert (verdict.raw, verdict.granted, verdict.reason) == (raw, granted, reason)
    assert make.explained(fact, PATROL, CITY) == sentence


@pytest.mark.parametrize(
    ("minutes", "circumstances", "granted", "sentence"),
    [
        (91, ("halved",), 45,
         "服务 91 分钟 × 0.5（违规减半）= 45.5 分钟，取整计 45 分钟"),
        (91, ("night",), 91, "服务 91 分钟，计入 91 分钟"),
        (91, ("paid_duty",), 0, "这是领取报酬的本职工作，不计入时长"),
        (91, ("voided",), 0, "这次记录因违规作废，不计入时长"),
    ],
)  # fmt: skip
def test_time_is_cut_but_never_multiplied_unasked(minutes, circumstances, granted, sentence):
    fact = attendance(minutes, *circumstances)

    assert MINUTES.judge(fact, CITY).granted == granted
    assert make.explained(fact, MINUTES, CITY) == sentence


@pytest.mark.parametrize(
    ("planned", "enough"),
    [
        (240, 144),  # the share: 60 per cent
        (241, 145),  # a part of a minute must be there whole
        (60, 35),  # the grace excuses more than the share would
        (20, 0),  # nobody can be away from so little for longer than the grace
    ],
)
def test_whoever_was_away_too_long_was_not_there(planned, enough):
    assert CITY.presence.needed(planned) == enough


@pytest.mark.parametrize(
    ("minutes", "planned", "reason"),
    [
        (143, 240, Reason.NOT_PRESENT_ENOUGH),
        (144, 240, Reason.GRANTED),
        (35, 60, Reason.GRANTED),
        (34, 60, Reason.NOT_PRESENT_ENOUGH),
        (30, None, Reason.GRANTED),
    ],
)
def test_presence_is_asked_for_where_something_was_planned(minutes, planned, reason):
    assert PATROL.judge(attendance(minutes, planned=planned), CITY).reason == reason


def test_absence_is_explained_by_the_share():
    fact = attendance(100, planned=240)

    assert make.explained(fact, PATROL, CITY) == "在场 100 分钟，不到计划 240 分钟的 60%，不计分"


@pytest.mark.parametrize(
    "numbers",
    [
        {"multipliers": {Circumstance.NIGHT: 99}},
        {"multipliers": {Circumstance.NIGHT: 1001}},
        {"max_combined": 99},
        {"half": 100},
        {"half": 0},
    ],
    ids=str,
)
def test_factors_that_mean_nothing_cannot_be_built(numbers):
    with pytest.raises(ValueError, match="must be a whole number"):
        Factors(**numbers)
