"""So much for a deed, and who may have it, when, and what it must show."""

import pytest

from points_engine import Circumstance, Earners, FactKind, Flat, Reason, Rule, Unit, Verdict
from tests.points_engine import make

TOWN = make.a_town()
MEDIATION = Rule(
    id="mediation",
    kind=FactKind.DEED,
    category="mediation",
    unit=Unit.POINTS,
    worth=Flat(amount=20),
    evidence=(("op",), ("doc", "photo")),
)
HOME_VISIT = Rule(
    id="home_visit",
    kind=FactKind.DEED,
    unit=Unit.POINTS,
    worth=Flat(amount=3),
    earners=Earners(only=frozenset({"steward", "member"}), never=frozenset({"grid_worker"})),
)
NOT_FOR_GRID = Rule(
    id="anybody_else",
    kind=FactKind.DEED,
    unit=Unit.SCORE,
    worth=Flat(amount=3),
    earners=Earners(never=frozenset({"grid_worker"})),
)
TIP = Rule(
    id="tip",
    kind=FactKind.DEED,
    unit=Unit.POINTS,
    worth=Flat(amount=3),
    pay_when=Circumstance.ACCEPTED,
)
PROPOSAL = Rule(
    id="proposal",
    kind=FactKind.DEED,
    unit=Unit.POINTS,
    worth=Flat(amount=10),
    pay_when=Circumstance.ADOPTED,
)
WATCH = Rule(
    id="watch",
    kind=FactKind.DEED,
    unit=Unit.POINTS,
    worth=Flat(amount=15),
    mode=Circumstance.URGENT,
)
CLOSED = Rule(id="closed", kind=FactKind.WORK, unit=Unit.WORK, worth=Flat(amount=2))
OVERDUE = Rule(id="overdue", kind=FactKind.WORK, unit=Unit.WORK, worth=Flat(amount=-2))
MERIT = Rule(id="merit", kind=FactKind.HOUSEHOLD, unit=Unit.HOUSEHOLD, worth=Flat(amount=5))

SHOWN = {"evidence": {"op": "", "photo": ""}}


def told(rule, **told):
    whose = {"household_id": make.someone()} if rule.kind is FactKind.HOUSEHOLD else {}
    return TOWN.deed(make.someone(), kind=rule.kind, category=rule.category.strip("*"),
                     **{**whose, **told})  # fmt: skip


def amid(*circumstances):
    return {"circumstances": frozenset(circumstances)}


@pytest.mark.parametrize(
    ("rule", "deed", "granted", "reason", "sentence"),
    [
        (MEDIATION, SHOWN, 20, Reason.GRANTED, "1 次 × 20 分/次 = 20 分"),
        (MEDIATION, {"evidence": {"op": "", "doc": ""}}, 20, Reason.GRANTED,
         "1 次 × 20 分/次 = 20 分"),
        (MEDIATION, {"evidence": {"op": "", "title": "doc"}}, 0, Reason.NO_EVIDENCE,
         "还没有凭证或现场照片，不计分"),
        (MEDIATION, {}, 0, Reason.NO_EVIDENCE, "还没有负责人确认、凭证或现场照片，不计分"),
        (MEDIATION, {**SHOWN, **amid("voided")}, 0, Reason.VOIDED,
         "这次记录因违规作废，不计分"),
        (MEDIATION, {**SHOWN, **amid("halved")}, 10, Reason.HALVED,
         "1 次 × 20 分/次 × 0.5（违规减半）= 10 分"),
        (HOME_VISIT, {"acting_as": "steward"}, 3, Reason.GRANTED, "1 次 × 3 分/次 = 3 分"),
        (HOME_VISIT, {"acting_as": "grid_worker"}, 0, Reason.NOT_ENTITLED,
         "以这个身份做这件事不计分"),
        (HOME_VISIT, {"acting_as": "resident"}, 0, Reason.NOT_ENTITLED,
         "以这个身份做这件事不计分"),
        (HOME_VISIT, {"acting_as": ""}, 0, Reason.NOT_ENTITLED, "以这个身份做这件事不计分"),
        (NOT_FOR_GRID, {"acting_as": ""}, 3, Reason.GRANTED, "1 次 × 3 分/次 = 3 分"),
        (HOME_VISIT, {"acting_as": "steward", **amid("paid_duty")}, 0, Reason.PAID_DUTY,
         "这是领取报酬的本职工作，不计分"),
        (NOT_FOR_GRID, amid("paid_duty"), 0, Reason.PAID_DUTY, "这是领取报酬的本职工作，不计分"),
        (TIP, {}, 0, Reason.NOT_YET, "受理后才计分"),
        (TIP, amid("adopted"), 0, Reason.NOT_YET, "受理后才计分"),
        (TIP, amid("accepted"), 3, Reason.GRANTED, "1 次 × 3 分/次 = 3 分"),
        (PROPOSAL, amid("accepted"), 0, Reason.NOT_YET, "采纳后才计分"),
        (PROPOSAL, amid("adopted"), 10, Reason.GRANTED, "1 次 × 10 分/次 = 10 分"),
        (WATCH, {}, 0, Reason.NOT_URGENT, "进入应急状态时才计分"),
        (WATCH, amid("urgent"), 15, Reason.GRANTED, "1 次 × 15 分/次 = 15 分"),
        (CLOSED, amid("paid_duty"), 2, Reason.GRANTED, "1 次 × 2 分/次 = 2 分"),
        (OVERDUE, amid("paid_duty"), -2, Reason.GRANTED, "1 次，扣 2 分"),
        (MERIT, {}, 5, Reason.GRANTED, "1 次 × 5 分/次 = 5 分"),
    ],
)  # fmt: skip
def test_a_deed_is_judged_and_explained(rule, deed, granted, reason, sentence):
    fact = told(rule, **deed)

    verdict = rule.judge(fact, make.HOURS)

    assert (verdict.granted, verdict.reason) == (granted, reason)
    assert make.explained(fact, rule) == sentence


@pytest.mark.parametrize("circumstances", [["halved"], ("halved",), {"halved"}])
def test_a_row_of_a_fact_is_judged_like_the_fact(circumstances):
    row = make.Row(quantity=1, evidence={"op": "", "doc": ""}, circumstances=circumstances)

    assert MEDIATION.judge(row, make.HOURS) == Verdict(raw=20, granted=10, reason=Reason.HALVED)


@pytest.mark.parametrize("amount", [0, 10**6 + 1, -(10**6) - 1])
def test_a_worth_that_means_nothing_cannot_be_built(amount):
    with pytest.raises(ValueError, match="must be a whole number"):
        Flat(amount=amount)


def test_a_violation_does_not_make_a_penalty_cheaper():
    overdue = Rule(id="overdue", kind=FactKind.WORK, unit=Unit.WORK, worth=Flat(amount=-3))
    row = make.Row(quantity=1, evidence={}, circumstances=["halved"])

    assert overdue.judge(row, make.HOURS) == Verdict(raw=-3, granted=-3, reason=Reason.GRANTED)
