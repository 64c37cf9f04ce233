"""Caps that facts share: under which key a fact counts, and what is left for it."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_engine import Cap, FactKind, Holder, Policies, Policy, Unit, Window
from points_engine.awards import Award, Weighed, weigh, weigh_one
from points_engine.caps import apply, cap_id_of, counted_under
from points_engine.rules.verdict import Reason
from tests.points_engine import make

LIN, HOME, CLEANUP = UUID(int=1), UUID(int=2), UUID(int=3)
TOWN = make.a_town()
DAY = Cap(id="points.day", limit=60, window=Window.DAY)
QUARTER = Cap(id="points.quarter", limit=100, window=Window.QUARTER)


def on(day, **told):
    at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    told = {"household_id": HOME, "activity_id": CLEANUP, **told}
    return TOWN.attendance(LIN, at=at, **told)


@pytest.mark.parametrize(
    ("window", "day", "span"),
    [
        (Window.ACTIVITY, date(2026, 3, 2), CLEANUP),
        (Window.DAY, date(2026, 3, 2), "2026-03-02"),
        (Window.WEEK, date(2026, 3, 1), "2026W09"),
        (Window.WEEK, date(2026, 3, 2), "2026W10"),
        (Window.WEEK, date(2027, 1, 3), "2026W53"),  # a Sunday belongs to the year of its Thursday
        (Window.WEEK, date(2024, 12, 30), "2025W01"),
        (Window.MONTH, date(2026, 2, 28), "2026-02"),
        (Window.QUARTER, date(2026, 3, 31), "2026Q1"),
        (Window.QUARTER, date(2026, 4, 1), "2026Q2"),
        (Window.YEAR, date(2026, 12, 31), "2026"),
    ],
)
def test_a_fact_is_counted_in_one_span_of_each_window(window, day, span):
    cap = Cap(id="points.cap", limit=60, window=window)

    assert cap.key(on(day)) == f"points.cap/{span}/{LIN}"


def test_a_household_is_counted_together():
    cap = Cap(id="home", limit=60, window=Window.MONTH, holder=Holder.HOUSEHOLD)

    assert cap.key(on(date(2026, 3, 2))) == f"home/2026-03/{HOME}"
    assert cap_id_of(cap.key(on(date(2026, 3, 2)))) == "home"


def test_a_cap_does_not_apply_where_its_holder_or_its_activity_is_missing():
    alone = on(date(2026, 3, 2), household_id=None, activity_id=None)
    of_home = Cap(id="home", limit=60, window=Window.MONTH, holder=Holder.HOUSEHOLD)
    of_activity = Cap(id="once", limit=60, window=Window.ACTIVITY)

    assert (of_home.key(alone), of_activity.key(alone)) == ("", "")
    assert counted_under((of_home, DAY, of_activity), alone) == ((DAY, DAY.key(alone)),)


COUNTED = ((DAY, "day"), (QUARTER, "quarter"))


@pytest.mark.parametrize(
    ("raw", "used", "granted", "bound"),
    [
        (20, {}, 20, ""),
        (60, {}, 60, ""),
        (70, {}, 60, "day"),
        (20, {"day": 40}, 20, ""),
        (20, {"day": 50}, 10, "day"),
        (20, {"day": 60}, 0, "day"),
        (20, {"day": 50, "quarter": 95}, 5, "quarter"),
        (20, {"day": 55, "quarter": 90}, 5, "day"),
        (20, {"day": 50, "quarter": 90}, 10, "day"),
        (20, {"day": 70}, 0, "day"),  # a cap that was lowered while it was full
        (0, {"day": 60}, 0, ""),
        (-2, {"day": 60}, -2, ""),
    ],
)
def test_the_least_that_is_left_is_granted(raw, used, granted, bound):
    assert apply(raw, COUNTED, dict(used)) == (granted, bound)


def test_what_is_granted_counts_under_every_cap():
    used = {"quarter": 30}

    apply(70, COUNTED, used)

    assert used == {"day": 60, "quarter": 90}


def test_without_caps_everything_is_granted():
    assert apply(70, (), {}) == (70, "")


@given(st.lists(st.integers(0, 100), max_size=30))
def test_no_cap_is_ever_passed_and_none_stops_short(amounts):
    used: dict[str, int] = {}

    granted = [apply(raw, COUNTED, used)[0] for raw in amounts]

    assert sum(granted) == min(sum(amounts), DAY.limit)
    assert used.get("day", 0) == used.get("quarter", 0) == sum(granted)


AT_HOME = Cap(id="points.home", limit=50, window=Window.DAY, holder=Holder.HOUSEHOLD)


def under(*caps):
    return Award(0, Unit.POINTS, caps=tuple((cap, f"{cap.id}/key") for cap in caps))


@pytest.mark.parametrize("limits", [(60, 40), (40, 60), (60, 60)])
def test_of_two_versions_of_a_cap_the_wider_one_is_kept(limits):
    """Facts of two policies may count under one key in one batch."""
    awards = [under(Cap(id="points.day", limit=limit, window=Window.DAY)) for limit in limits]

    assert Weighed(awards).limits() == {"points.day/key": 60}


def test_the_caps_that_people_share_are_named_once():
    awards = [under(DAY, AT_HOME), under(AT_HOME), under(QUARTER)]

    assert Weighed(awards).shared() == ["points.home/key"]


CAPPED = Policies(
    [
        Policy.from_document(
            {
                "version": "capped",
                "in_force_from": "2026-01-01",
                "rules": [
                    {"id": "points", "kind": "attendance", "category": "*", "unit": "points",
                     "amount": 1, "per": 30, "caps": [{"window": "day", "limit": 9}]},
                    {"id": "duty", "kind": "work", "category": "*", "unit": "work",
                     "worth": "flat", "amount": -2, "caps": [{"window": "day", "limit": 9}]},
                    {"id": "merit", "kind": "household", "category": "*", "unit": "household",
                     "worth": "flat", "amount": 3},
                ],
            }
        )
    ]
)  # fmt: skip


def awarded(fact, unit):
    (award,) = [each for each in weigh_one(0, fact, CAPPED) if each.unit is unit]
    return award


@pytest.mark.parametrize(("minutes", "counts"), [(29, False), (30, True), (60, True)])
def test_only_what_gives_something_counts_under_a_cap(minutes, counts):
    served = TOWN.attendance(LIN, minutes)

    assert bool(awarded(served, Unit.POINTS).caps) is counts


def test_what_costs_something_counts_under_no_cap():
    overdue = TOWN.deed(LIN, kind=FactKind.WORK)

    assert (awarded(overdue, Unit.WORK).granted, awarded(overdue, Unit.WORK).caps) == (-2, ())


def test_a_merit_of_nobodys_household_gives_nothing_and_says_so():
    """A row of a database may say what no fact can."""
    at_home = TOWN.deed(LIN, kind=FactKind.HOUSEHOLD, household_id=HOME)
    of_nobody = without_a_household(at_home)

    found = [
        (each.place, each.granted, each.reason)
        for each in weigh([at_home, of_nobody, at_home], CAPPED).awards
        if each.unit is Unit.HOUSEHOLD
    ]

    assert found == [
        (0, 3, Reason.GRANTED), (1, 0, Reason.NOT_ENTITLED), (2, 3, Reason.GRANTED),
    ]  # fmt: skip


def without_a_household(fact):
    row = make.Row(quantity=1, evidence={})
    told = {name: getattr(fact, name) for name in ("kind", "category", "occurred_on")}
    whose = {"beneficiary_id": LIN, "household_id": None, "activity_id": None}
    vars(row).update(told | whose)
    return row


def test_what_no_rule_speaks_of_is_awarded_nothing():
    assert awarded(TOWN.visit(LIN), Unit.SCORE) == Award(0, Unit.SCORE, policy_version="capped")
    assert [each.place for each in weigh_one(7, TOWN.visit(LIN), CAPPED)] == [7, 7, 7]
