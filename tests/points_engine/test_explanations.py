"""What is kept of a decision is enough to say why, whenever somebody asks."""

from dataclasses import dataclass

import pytest

from points_engine import Cap, FactKind, Flat, Holder, Rate, Rule, Unit, Window, explain, judge
from tests.points_engine import make
from tests.points_engine.make import HOURS, POLICIES

TOWN = make.a_town()
CAPS = tuple(
    Cap(id=f"points.{holder}_{window}", limit=60, window=window, holder=holder)
    for holder in Holder
    for window in Window
)
POINTS = Rule(
    id="points",
    kind=FactKind.ATTENDANCE,
    unit=Unit.POINTS,
    worth=Rate(amount=5, per=30),
    cap=40,
    caps=CAPS,
)
TIME = Rule(
    id="time",
    kind=FactKind.ATTENDANCE,
    unit=Unit.MINUTES,
    worth=Rate(amount=1),
    caps=(Cap(id="time.day", limit=720, window=Window.DAY),),
)
LIKE = Rule(
    id="like",
    kind=FactKind.WORK,
    unit=Unit.WORK,
    worth=Flat(amount=1),
    caps=(Cap(id="like.day", limit=5, window=Window.DAY),),
)
POLICY = make.policy_of(POINTS, TIME, LIKE)


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A decision as a database gives it: words and numbers."""

    unit: str = "points"
    rule_id: str = "points"
    raw: int = 20
    granted: int = 10
    reason: str = "capped"
    bound: str = ""


@pytest.mark.parametrize(
    ("cap", "full"),
    [
        ("points.person_activity", "本次活动已满"),
        ("points.person_day", "今天已满"),
        ("points.person_week", "本周已满"),
        ("points.person_month", "本月已满"),
        ("points.person_quarter", "本季度已满"),
        ("points.person_year", "今年已满"),
        ("points.household_day", "本户今天已满"),
        ("points.household_quarter", "本户本季度已满"),
    ],
)
def test_a_cap_that_was_full_is_named(cap, full):
    kept = Kept(bound=f"{cap}/2026-03-02/someone")

    said = explain(TOWN.attendance(make.someone(), 120), kept, POLICY)

    assert said == f"服务 120 分钟 × 10 分/小时 = 20 分，{full} 60 分，本次计 10 分"


@pytest.mark.parametrize(
    ("fact", "kept", "sentence"),
    [
        (TOWN.attendance(make.someone(), 300), Kept(raw=50, granted=0, bound="points.person_day/x"),
         "服务 300 分钟 × 10 分/小时 = 50 分，今天已满 60 分，本次计 0 分"),
        (TOWN.attendance(make.someone(), 300), Kept(raw=50, granted=40),
         "服务 300 分钟 × 10 分/小时 = 50 分，本次最多计 40 分"),
        (TOWN.attendance(make.someone(), 90),
         Kept(unit="minutes", rule_id="time", raw=90, granted=30, bound="time.day/2026-03-02/x"),
         "服务 90 分钟，今天已满 720 分钟，本次计 30 分钟"),
        (TOWN.deed(make.someone(), kind=FactKind.WORK),
         Kept(unit="work", rule_id="like", raw=1, granted=0, bound="like.day/2026-03-02/x"),
         "1 次 × 1 分/次 = 1 分，今天已满 5 分，本次计 0 分"),
    ],
)  # fmt: skip
def test_a_decision_is_explained_as_it_was_kept(fact, kept, sentence):
    assert explain(fact, kept, POLICY) == sentence


def test_what_only_the_books_know_comes_last():
    fact = TOWN.attendance(make.someone(), 120)
    kept = Kept(granted=20, reason="granted")

    said = explain(fact, kept, POLICY, suffix="，补记入 2026 年第二季度")

    assert said == "服务 120 分钟 × 10 分/小时 = 20 分，补记入 2026 年第二季度"


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        ("minutes", "服务时长"),
        ("score", "贡献分"),
        ("points", "可兑换积分"),
        ("household", "户积分"),
        ("work", "工作积分"),
    ],
)
def test_what_the_policy_says_nothing_about_is_said_so(unit, name):
    kept = Kept(unit=unit, rule_id="", raw=0, granted=0, reason="no_rule")

    said = explain(TOWN.visit(make.someone()), kept, POLICY)

    assert said == f"按 2026-01 版积分办法，这一项不计{name}"


def test_before_the_first_policy_there_is_nothing_to_explain_by():
    kept = Kept(rule_id="", raw=0, granted=0, reason="no_rule")

    assert explain(TOWN.visit(make.someone()), kept, None) == "这一天还没有生效的积分办法，不计分"


def test_what_was_judged_and_what_is_read_later_is_one_sentence():
    fact = TOWN.attendance(make.someone(), 300)

    for judged in judge(fact, POLICIES):
        assert explain(fact, judged, HOURS) == judged.explanation
