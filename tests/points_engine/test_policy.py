"""Policies as documents, and which of them judges a day."""

from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from points_engine import (
    ALWAYS_JUDGED,
    FactKind,
    Policies,
    Policy,
    PolicyInvalid,
    Reason,
    Unit,
    judge,
)
from tests.points_engine import make
from tests.points_engine.make import HOURS, POLICIES

TOWN = make.a_town()


@pytest.fixture
def document():
    return HOURS.to_document()


def test_a_policy_reads_back_equal(document):
    assert Policy.from_document(document) == HOURS


def test_minimum_and_cap_may_be_left_out(document):
    del document["rules"][0]["minimum"], document["rules"][0]["cap"]

    assert Policy.from_document(document) == HOURS


def test_a_day_may_be_a_date_as_yaml_reads_it(document):
    document["in_force_from"] = date(2026, 1, 1)

    assert Policy.from_document(document) == HOURS


def mistake(path, value):
    """A document with one value changed: rules.0.per names a place in it."""

    def make_it(document):
        *above, last = [int(word) if word.isdigit() else word for word in path.split(".")]
        place = document
        for word in above:
            place = place[word]
        place[last] = value

    return make_it


@pytest.mark.parametrize(
    ("break_it", "path"),
    [
        (mistake("author", "lin"), "author"),
        (mistake("version", 2026), "version"),
        (mistake("version", " "), "version"),
        (mistake("version", "x" * 101), "version"),
        (mistake("in_force_from", "2026-13-01"), "in_force_from"),
        (mistake("in_force_from", 20260101), "in_force_from"),
        (mistake("in_force_from", datetime(2026, 1, 1, tzinfo=UTC)), "in_force_from"),
        (mistake("rules", {}), "rules"),
        (mistake("rules.0", "visit"), "rules[0]"),
        (mistake("rules.0.note", ""), "rules[0].note"),
        (mistake("rules.1.kind", "visit"), "rules[1].kind"),
        (mistake("rules.1.unit", "POINTS"), "rules[1].unit"),
        (mistake("rules.1.unit", ["points"]), "rules[1].unit"),
        (mistake("rules.2.amount", 0), "rules[2].amount"),
        (mistake("rules.2.amount", "5"), "rules[2].amount"),
        (mistake("rules.2.amount", 2.5), "rules[2].amount"),
        (mistake("rules.2.per", True), "rules[2].per"),
        (mistake("rules.2.minimum", None), "rules[2].minimum"),
        (mistake("rules.2.cap", -1), "rules[2].cap"),
        (mistake("rules.4.id", "points"), "rules[4].id"),
        (mistake("rules.4.category", "*"), "rules[4].category"),
        (mistake("rules.0.per", 2), "rules[0].per"),
        (mistake("rules.0.minimum", 2), "rules[0].per"),
        (lambda document: document.pop("rules"), "rules"),
        (lambda document: document["rules"][3].pop("id"), "rules[3].id"),
    ],
)
def test_a_mistake_is_named_by_its_place(document, break_it, path):
    break_it(document)

    with pytest.raises(PolicyInvalid) as refused:
        Policy.from_document(document)

    assert refused.value.path == path


def test_a_document_is_a_mapping():
    with pytest.raises(PolicyInvalid, match="document: must be a mapping"):
        Policy.from_document([])


def test_reading_leaves_the_document_as_it_was(document):
    before = deepcopy(document)

    Policy.from_document(document)

    assert document == before


def test_a_policy_is_in_force_until_the_next_begins():
    march = replace(HOURS, version="2026-03", in_force_from=date(2026, 3, 1))
    policies = Policies([march, HOURS])

    assert policies.in_force_on(date(2025, 12, 31)) is None
    assert policies.in_force_on(date(2026, 1, 1)) == HOURS
    assert policies.in_force_on(date(2026, 2, 28)) == HOURS
    assert policies.in_force_on(date(2026, 3, 1)) == march


@pytest.mark.parametrize("other", [{"version": "2026-02"}, {"in_force_from": date(2026, 2, 1)}])
def test_two_policies_share_neither_day_nor_version(other):
    with pytest.raises(PolicyInvalid):
        Policies([HOURS, replace(HOURS, **other)])


def test_the_rule_of_the_category_comes_before_the_one_for_all():
    health = HOURS.rule_for(FactKind.ATTENDANCE, "health", Unit.POINTS)
    culture = HOURS.rule_for(FactKind.ATTENDANCE, "culture", Unit.POINTS)

    assert (health.id, culture.id) == ("health", "points")
    assert HOURS.rule_for(FactKind.STATION_VISIT, "", Unit.SCORE) is None


def test_a_fact_is_judged_in_every_unit_in_one_order():
    minutes, score, points = judge(TOWN.attendance(make.someone(), 300), POLICIES)

    assert [each.unit for each in (minutes, score, points)] == list(ALWAYS_JUDGED)
    assert (minutes.granted, score.granted) == (300, 50)
    assert (points.raw, points.granted, points.reason) == (50, 40, Reason.CAPPED)
    assert (points.rule_id, points.policy_version) == ("points", "2026-01")


def test_what_the_policy_does_not_name_gives_nothing_and_says_so():
    minutes, _, points = judge(TOWN.visit(make.someone()), POLICIES)

    assert (minutes.reason, minutes.granted) == (Reason.NO_RULE, 0)
    assert minutes.policy_version == "2026-01"
    assert minutes.explanation == "按 2026-01 版积分办法，这一项不计服务时长"
    assert points.explanation == "当天第一次到访 +2 分"


def test_before_the_first_policy_nothing_is_given():
    judgements = judge(TOWN.visit(make.someone()), Policies())

    assert {each.reason for each in judgements} == {Reason.NO_RULE}
    assert {each.policy_version for each in judgements} == {""}
    assert judgements[0].explanation == "这一天还没有生效的积分办法，不计分"
