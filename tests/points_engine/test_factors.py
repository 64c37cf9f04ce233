"""Multipliers bounded together, what a violation leaves, and how long one must be there."""

from dataclasses import replace

import pytest

from points_engine import (
    Circumstance,
    Earners,
    FactKind,
    Factors,
    Flat,
    Presence,
    Rate,
    Reason,
    Rounding,
    Rule,
    Unit,
)
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
        {"max_combined": 1001},
        {"half": 100},
        {"half": 0},
    ],
    ids=str,
)
def test_factors_that_mean_nothing_cannot_be_built(numbers):
    name = "night" if "multipliers" in numbers else next(iter(numbers))

    with pytest.raises(ValueError, match=f"^{name} must be a whole number"):
        Factors(**numbers)


def with_factors(most=1000, half=50, **multipliers):
    """The same policy with other factors; those that are not named change nothing."""
    factors = {each: multipliers.get(each.value, 100) for each in MULTIPLYING}
    return replace(CITY, factors=Factors(multipliers=factors, max_combined=most, half=half))


@pytest.mark.parametrize(
    ("factor", "half", "rounding", "multiplied", "cut"),
    [
        (150, 50, Rounding.FLOOR, 22, 11),  # 22.5, and half of it 11.25
        (150, 50, Rounding.NEAREST, 23, 11),
        (150, 50, Rounding.UP, 23, 12),
        (102, 34, Rounding.FLOOR, 15, 5),  # 15.3, and a third of it 5.202
        (102, 34, Rounding.NEAREST, 15, 5),
        (102, 34, Rounding.UP, 16, 6),
        (120, 50, Rounding.FLOOR, 18, 9),  # whole numbers stay what they are
        (120, 50, Rounding.NEAREST, 18, 9),
        (120, 50, Rounding.UP, 18, 9),
    ],
)
def test_a_part_of_a_point_is_rounded_as_the_rule_says(factor, half, rounding, multiplied, cut):
    policy = with_factors(half=half, night=factor)
    patrol = replace(PATROL, rounding=rounding)

    whole = patrol.judge(attendance(90, "night"), policy)
    halved = patrol.judge(attendance(90, "night", "halved"), policy)

    assert (whole.raw, whole.granted, whole.reason) == (multiplied, multiplied, Reason.GRANTED)
    assert (halved.raw, halved.granted, halved.reason) == (multiplied, cut, Reason.HALVED)


@pytest.mark.parametrize(("rounding", "said"), [(Rounding.UP, 23), (Rounding.FLOOR, 22)])
def test_the_sentence_rounds_as_the_rule_does(rounding, said):
    sentence = make.explained(
        attendance(90, "night"), replace(PATROL, rounding=rounding), with_factors(night=150)
    )

    assert sentence == f"服务 90 分钟 × 10 分/小时 × 1.5（夜间）= 22.5 分，取整计 {said} 分"


def test_what_is_just_as_much_as_the_rule_allows_is_not_capped():
    verdict = PATROL.judge(attendance(160, "night", "leader"), with_factors(night=100, leader=160))

    assert (verdict.granted, verdict.reason) == (40, Reason.GRANTED)


def test_a_violation_halves_the_smallest_worth_too_and_no_duty():
    small = replace(PATROL, worth=Rate(amount=1, per=30))
    duty = Rule(id="duty", kind=FactKind.WORK, unit=Unit.WORK, worth=Flat(amount=-2))
    halved = TOWN.deed(make.someone(), kind=FactKind.WORK, circumstances={"halved"})

    one = small.judge(attendance(30, "halved"), CITY)
    cost = duty.judge(halved, CITY)

    assert (one.raw, one.granted, one.reason) == (1, 0, Reason.HALVED)
    assert (cost.raw, cost.granted, cost.reason) == (-2, -2, Reason.GRANTED)


def test_presence_is_asked_for_only_by_the_rules_that_want_it():
    short = attendance(90, "backfilled", planned=300)

    assert MINUTES.judge(short, CITY).reason == Reason.GRANTED
    assert PATROL.judge(short, CITY).reason == Reason.NOT_PRESENT_ENOUGH


@pytest.mark.parametrize(
    ("policy", "circumstances", "product"),
    [
        (with_factors(most=180, leader=120, night=150), ("leader", "night"),
         "× 1.2（领队）× 1.5（夜间）= 18 分"),
        (with_factors(most=179, leader=120, night=150), ("leader", "night"),
         "× 1.79（领队、夜间，合计最多 1.79 倍）= 17.9 分，取整计 17 分"),
        (with_factors(most=150, night=150), ("night",), "× 1.5（夜间）= 15 分"),
        (with_factors(half=40), ("halved",), "× 0.4（违规扣减）= 4 分"),
        (with_factors(half=50), ("halved",), "× 0.5（违规减半）= 5 分"),
        (with_factors(night=1000), ("night",), "× 10（夜间）= 100 分，本次最多计 40 分"),
        (with_factors(night=300), ("night",), "× 3（夜间）= 30 分"),
    ],
)  # fmt: skip
def test_every_factor_is_said_as_it_was_used(policy, circumstances, product):
    said = make.explained(attendance(60, *circumstances), PATROL, policy)

    assert said == f"服务 60 分钟 × 10 分/小时 {product}"


@pytest.mark.parametrize(
    ("worth", "fact", "said"),
    [
        (Flat(amount=20), attendance(60), "1 次 × 20 分/次 = 20 分"),
        (Rate(amount=3), TOWN.deed(make.someone()), "1 次 × 3 分/次 = 3 分"),
        (Rate(amount=2, per=25), attendance(60), "服务 60 分钟，计 50 分钟 × 2 分/25 分钟 = 4 分"),
    ],
)
def test_what_was_done_is_counted_as_it_is_paid(worth, fact, said):
    rule = Rule(id="rule", kind=fact.kind, unit=Unit.POINTS, worth=worth)

    assert make.explained(fact, rule, CITY) == said


@pytest.mark.parametrize(
    "numbers",
    [
        {"multipliers": {Circumstance.NIGHT: 100}},
        {"multipliers": {Circumstance.NIGHT: 1000}},
        {"max_combined": 100},
        {"max_combined": 1000},
        {"half": 1},
        {"half": 99},
    ],
    ids=str,
)
def test_factors_that_mean_just_something_can_be_built(numbers):
    built = Factors(**numbers)

    assert {name: getattr(built, name) for name in numbers} == numbers


@pytest.mark.parametrize(
    ("wants", "reason"),
    [
        ({}, Reason.GRANTED),
        ({"evidence": (("photo",),)}, Reason.NO_EVIDENCE),
        ({"pay_when": Circumstance.ACCEPTED}, Reason.NOT_YET),
        ({"mode": Circumstance.URGENT}, Reason.NOT_URGENT),
        ({"presence": True}, Reason.NOT_PRESENT_ENOUGH),
        ({"earners": Earners(only=frozenset({"member"}))}, Reason.NOT_ENTITLED),
        ({"earners": Earners(never=frozenset({""}))}, Reason.NOT_ENTITLED),
    ],
)
def test_each_thing_that_a_rule_wants_is_asked_for(wants, reason):
    rule = Rule(
        id="rule", kind=FactKind.ATTENDANCE, unit=Unit.POINTS, worth=Rate(amount=5, per=30), **wants
    )

    assert rule.judge(attendance(90, planned=300), CITY).reason == reason
