"""So much for so much value of goods: ten yuan are a point, nine are none."""

import pytest

from points_engine import FactKind, Reason, Rule, Unit, Value
from tests.points_engine import make

TOWN = make.a_town()
TENTH = Value(amount=1, per=1000)


def rule_of(value, *, cap=None):
    return Rule(
        id="goods", kind=FactKind.DONATION, category="goods_donation", unit=Unit.POINTS,
        worth=value, cap=cap,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("value", "cap", "fen", "granted", "reason", "sentence"),
    [
        (TENTH, None, 10_000, 10, Reason.GRANTED, "捐赠物资价值 100 元 × 1 分/10 元 = 10 分"),
        (TENTH, None, 10_550, 10, Reason.GRANTED,
         "捐赠物资价值 105.5 元，计 100 元 × 1 分/10 元 = 10 分"),
        (TENTH, None, 999, 0, Reason.BELOW_MINIMUM,
         "捐赠物资价值 9.99 元，满 10 元才计分，还差 0.01 元"),
        (TENTH, None, 0, 0, Reason.BELOW_MINIMUM, "捐赠物资价值 0 元，满 10 元才计分，还差 10 元"),
        (TENTH, 50, 60_000, 50, Reason.CAPPED,
         "捐赠物资价值 600 元 × 1 分/10 元 = 60 分，本次最多计 50 分"),
        (Value(amount=2, per=550, minimum=2000), None, 2000, 6, Reason.GRANTED,
         "捐赠物资价值 20 元，计 16.5 元 × 2 分/5.5 元 = 6 分"),
        (Value(amount=2, per=550, minimum=2000), None, 1999, 0, Reason.BELOW_MINIMUM,
         "捐赠物资价值 19.99 元，满 20 元才计分，还差 0.01 元"),
    ],
)  # fmt: skip
def test_a_donation_is_judged_and_explained(value, cap, fen, granted, reason, sentence):
    fact = TOWN.deed(make.someone(), kind=FactKind.DONATION, category="goods_donation",
                     quantity=fen)  # fmt: skip
    rule = rule_of(value, cap=cap)

    verdict = rule.judge(fact, make.HOURS)

    assert (verdict.granted, verdict.reason) == (granted, reason)
    assert make.explained(fact, rule) == sentence


@pytest.mark.parametrize(
    "numbers", [{"amount": 0, "per": 1}, {"amount": 1, "per": 0}, {"amount": 1, "per": 10**6 + 1}]
)
def test_a_value_that_means_nothing_cannot_be_built(numbers):
    with pytest.raises(ValueError, match="must be a whole number"):
        Value(**numbers)
