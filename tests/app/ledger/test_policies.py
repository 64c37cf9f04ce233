"""A mistake in the file of a policy is found by the line it stands in."""

import pytest

from app.ledger import policies
from points_engine import Policy, PolicyInvalid

GOOD = """\
version: "2026-05"
in_force_from: 2026-05-01
multipliers: {leader: 1.2, night: 1.5, max_combined: 2}
presence: {min_ratio: 0.6}
rules:
  - id: visit
    kind: station_visit
    category: "*"
    unit: points
    amount: 2
    per: 1
  - id: points
    kind: attendance
    category: "*"
    unit: points
    amount: 5
    per: 30
    caps: [{window: day, limit: 60}, {window: month, limit: 120}]
    evidence: [qr2|op, ben]
    multipliers: [leader]
  - id: visit_of_duty
    kind: work
    category: gw_visit
    unit: work
    worth: flat
    amount: 1
"""
NO_FACTOR = "must be a number from 1 to 10, of two decimals at most"
WINDOWS = "activity, day, week, month, quarter, year"


@pytest.fixture
def written(tmp_path):
    """A file in which one thing is put in the place of another."""

    def write(this, instead=""):
        path = tmp_path / "spring.yaml"
        path.write_text(GOOD.replace(this, instead, 1), encoding="utf-8")
        return path

    return write


def test_a_policy_is_read_from_its_file(written):
    policy = policies.read(written("nothing"))

    assert (policy.version, len(policy.rules)) == ("2026-05", 3)
    assert policy.in_force_from.isoformat() == "2026-05-01"


@pytest.mark.parametrize(
    ("this", "instead", "told"),
    [
        ("limit: 60", "limit: 0",
         "line 18, rules[1].caps[0].limit: must be a whole number from 1 to 1000000"),
        ("limit: 120", "limit: 40",
         "line 18, rules[1].caps[1].limit: must be at least 60, the limit per day"),
        ("window: month", "window: day",
         "line 18, rules[1].caps[1].window: is capped by an earlier line already"),
        ("window: day", "window: hour",
         f"line 18, rules[1].caps[0].window: must be one of {WINDOWS}"),
        ("    per: 30", "    every: 30", "line 17, rules[1].every: is not a known key"),
        ("    amount: 5\n", "", "line 12, rules[1].amount: is missing"),
        ("amount: 5", 'amount: "5"',
         "line 16, rules[1].amount: must be a whole number from 1 to 1000000"),
        ("id: points", "id: visit", "line 12, rules[1].id: an earlier rule says it already"),
        ("amount: 1", "amount: 1\n    caps: [{window: day, limit: 5, holder: household}]",
         "line 27, rules[2].caps[0].holder: must be person: work is one person's duty"),
        ("leader: 1.2", "leader: 0.8",
         f"line 3, multipliers.leader: {NO_FACTOR}"),
        ("max_combined: 2", "max_combined: 0.5",
         f"line 3, multipliers.max_combined: {NO_FACTOR}"),
        ("max_combined: 2", "max_combined: 1.3",
         "line 3, multipliers.night: is more than max_combined allows"),
        ("[leader]", "[urgent]",
         "line 20, rules[1].multipliers[0]: the policy gives it no factor"),
        ("2026-05-01", "2026-02-30", "line 2, in_force_from: must be a day, YYYY-MM-DD"),
        ("qr2|op", "qr3|op",
         "line 19, rules[1].evidence[0]: must be of ben, doc, op, photo, qr2, joined by |"),
        ("    unit: work", "    unit: work\n    unit: score",
         "line 25, rules[2].unit: stands here a second time"),
        ("rules:", "version: again\nrules:", "line 5, version: stands here a second time"),
        ("unit: work", "unit: household",
         "line 24, rules[2].unit: only what a household did counts for a household"),
        ('version: "2026-05"', "", "line 1, version: is missing"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_line_and_key(written, this, instead, told):
    with pytest.raises(PolicyInvalid) as refused:
        policies.read(written(this, instead))

    assert str(refused.value) == f"spring.yaml, {told}"


def test_what_is_not_yaml_is_refused_by_its_line(written):
    with pytest.raises(PolicyInvalid, match=r"^spring\.yaml, line 3: is not YAML"):
        policies.read(written("in_force_from: 2026", "in_force_from: [2026"))


@pytest.mark.parametrize("text", ["", "[]", "policy"])
def test_a_file_that_is_no_mapping_is_refused(tmp_path, text):
    path = tmp_path / "spring.yaml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(PolicyInvalid, match=r"^spring\.yaml, line 1, document: must be a mapping"):
        policies.read(path)


@pytest.mark.parametrize("name", ["hours10", "deed1"])
def test_what_is_shipped_is_sound_and_reads_back_equal(name):
    policy = policies.shipped(name)

    assert Policy.from_document(policy.to_document()) == policy
    assert {rule.category for rule in policy.rules} >= CATALOGUE
    assert policy.expiry.kind == "next_year_end"


CATALOGUE = {
    "mediation", "aid_vulnerable", "environment", "safety_patrol", "policy_outreach",
    "school_escort", "convenience", "health", "culture", "emergency", "station_duty",
    "micro_wish", "household_visit", "incident_tip", "finance_help", "psych", "tutoring",
    "civility", "lecture", "goods_donation", "proposal", "blood",
    "hh_hygiene", "hh_sorting", "hh_meeting", "hh_honor",
    "gw_incident_closed", "gw_visit", "gw_like", "gw_overdue",
}  # fmt: skip
