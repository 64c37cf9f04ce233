"""The rule in a few words, as somebody reads it before they begin."""

import pytest

from app.ledger import labels, policies
from app.ledger.expected import NO_POINTS, rule_text
from points_engine import FactKind, Unit

HOURS = policies.shipped("hours10")
PRESENT = "满计划时长的 60% 才计分"


@pytest.mark.parametrize(
    ("kind", "category", "text"),
    [
        (FactKind.ATTENDANCE, "environment",
         f"每 30 分钟 5 分，满 30 分钟起计，每次最多 40 分，{PRESENT}（2026-01 版办法）"),
        (FactKind.ATTENDANCE, "tutoring",
         f"每 30 分钟 6 分，满 30 分钟起计，{PRESENT}（2026-01 版办法）"),
        (FactKind.DEED, "mediation", "每次 20 分（2026-01 版办法）"),
        (FactKind.DONATION, "goods_donation", "价值每满 10 元 1 分（2026-01 版办法）"),
        (FactKind.WORK, "gw_visit", NO_POINTS),
    ],
)  # fmt: skip
def test_every_kind_of_rule_is_said_in_a_few_words(kind, category, text):
    assert rule_text(HOURS, kind, category) == text


def test_without_a_policy_there_are_no_points():
    assert rule_text(None, FactKind.DEED, "mediation") == NO_POINTS


def test_every_unit_has_a_name_and_a_word():
    assert labels.UNITS.keys() == labels.UNIT_WORDS.keys() == set(Unit)
