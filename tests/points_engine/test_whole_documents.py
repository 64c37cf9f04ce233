"""A policy that says everything there is to say, and how much each number in it may be."""

from copy import deepcopy
from dataclasses import replace

import pytest

from points_engine import Expiry, ExpiryKind, Policies, Policy, PolicyInvalid
from tests.points_engine.make import DAY

EVERYTHING = {
    "version": "2026-07",
    "in_force_from": "2026-07-01",
    "name": "全村通用积分办法",
    "multipliers": {"leader": 1.5, "night": 1.25, "max_combined": 3},
    "violation_factor": {"half": 0.4},
    "presence": {"min_ratio": 0.7, "late_grace_min": 15, "early_leave_grace_min": 10},
    "expiry": {"kind": "rolling_months", "months": 18},
    "value_fen_per_10_points": 30,
    "redeemable_by": ["resident", "member"],
    "checkin": {
        "open_before_min": 31, "close_after_start_min": 61, "auto_close_after_end_min": 16,
        "confirm_within_hours": 49, "radius_m": 301, "radius_indoor_m": 501,
        "radius_large_event_m": 1001, "radius_least_m": 101, "coordinate_decimals": 4,
        "retain_days": 91, "code_period_s": 31, "code_skew_windows": 2,
    },
    "redemption": {
        "open_days": [5, 15, 25], "within_hours": True, "min_balance": 20, "per_order_max": 200,
        "per_person_per_quarter_orders": 3, "per_item_per_person_per_quarter": 2,
        "hold_hours": 48, "open_reservations": 2, "return_days": 8, "return_alone_max": 60,
    },
    "stars": {
        "lifetime_hours": [110, 310, 610, 1010, 1510], "yearly_community": [11, 21, 31, 41, 51],
        "compound_star_score": [61, 81, 91, 96, 99], "publicity_days": 6,
    },
    "rules": [
        {
            "id": "service", "kind": "attendance", "category": "health", "unit": "points",
            "amount": 5, "per": 30, "minimum": 45, "cap": 40,
            "caps": [
                {"id": "deeds_day", "limit": 50, "window": "day", "holder": "person"},
                {"id": "deeds_home", "limit": 400, "window": "month", "holder": "household"},
            ],
            "evidence": ["qr2|op", "photo"], "for": ["member", "resident"],
            "not_for": ["grid_worker"], "pay_when": "accepted", "mode": "urgent",
            "multipliers": ["leader", "night"], "presence": True, "rounding": "nearest",
        },
        {
            "id": "advice", "kind": "deed", "category": "advice", "unit": "score",
            "worth": "flat", "amount": 20, "cap": None, "pay_when": "adopted",
        },
        {
            "id": "goods", "kind": "donation", "category": "*", "unit": "points",
            "worth": "value", "amount": 1, "per": 1000, "minimum": 2000, "cap": None,
        },
        {
            "id": "duty", "kind": "work", "category": "*", "unit": "work",
            "worth": "flat", "amount": -2, "cap": None,
        },
        {
            "id": "merit", "kind": "household", "category": "*", "unit": "household",
            "worth": "flat", "amount": 3, "cap": None,
        },
    ],
}  # fmt: skip


def place_in(document, path):
    """What holds the last word of "rules.0.per", and that word."""
    *above, last = [int(word) if word.isdigit() else word for word in path.split(".")]
    place = document
    for word in above:
        place = place[word]
    return place, last


def saying(path, value):
    """The same document with another value at one place."""
    document = deepcopy(EVERYTHING)
    place, last = place_in(document, path)
    place[last] = value
    return document


def without(path):
    document = deepcopy(EVERYTHING)
    place, last = place_in(document, path)
    del place[last]
    return document


def refused(document):
    with pytest.raises(PolicyInvalid) as caught:
        Policy.from_document(document)
    return caught.value


def named(path):
    """How a place in the document is written in a refusal."""
    first, *rest = path.split(".")
    return first + "".join(f"[{word}]" if word.isdigit() else f".{word}" for word in rest)


def test_what_says_everything_is_written_as_it_was_read():
    assert Policy.from_document(EVERYTHING).to_document() == EVERYTHING


UNSAID = {"multipliers.max_combined": 10, "value_fen_per_10_points": 0}  # need not be written
BOUNDS = [
    ("rules.0.amount", 1, 10**6),
    ("rules.0.per", 1, 10**6),
    ("rules.0.minimum", 0, 10**6),
    ("rules.0.cap", 1, 10**6),
    ("rules.0.caps.0.limit", 1, 10**6),
    ("rules.1.amount", 1, 10**6),
    ("rules.2.amount", 1, 10**6),
    ("rules.2.per", 1, 10**6),
    ("rules.2.minimum", 0, 10**6),
    ("rules.3.amount", -(10**6), 10**6),
    ("multipliers.leader", 1, 3),
    ("multipliers.max_combined", 1.5, 10),
    ("violation_factor.half", 0.01, 0.99),
    ("presence.min_ratio", 0.01, 1),
    ("presence.late_grace_min", 0, 24 * 60),
    ("presence.early_leave_grace_min", 0, 24 * 60),
    ("expiry.months", 1, 1200),
    ("value_fen_per_10_points", 0, 10**6),
    ("checkin.retain_days", 0, 100_000),
    ("checkin.radius_m", 101, 100_000),
    ("stars.lifetime_hours.4", 1011, 100_000),
    ("stars.lifetime_hours.0", 1, 309),
    ("stars.publicity_days", 0, 100_000),
    ("redemption.hold_hours", 0, 100_000),
    ("redemption.open_days.2", 16, 31),
]


@pytest.mark.parametrize(("path", "least", "most"), BOUNDS, ids=[path for path, *_ in BOUNDS])
def test_each_number_has_a_least_and_a_most(path, least, most):
    step = 0.01 if isinstance(least, float) or path.startswith("multipliers") else 1
    for value in (least, most):
        written, last = place_in(Policy.from_document(saying(path, value)).to_document(), path)
        is_said = isinstance(last, int) or last in written
        assert (written[last] if is_said else UNSAID[path]) == value

    for value in (least - step, most + step):
        section, *_ = named(path).split(".")
        assert refused(saying(path, round(value, 2))).path.startswith(section)


@pytest.mark.parametrize(
    "path",
    [
        "version", "in_force_from", "rules", "rules.0.id", "rules.0.kind", "rules.0.category",
        "rules.0.unit", "rules.0.amount", "rules.0.per", "rules.1.amount", "rules.2.per",
        "rules.0.caps.0.limit", "rules.0.caps.0.window", "presence.min_ratio", "expiry.kind",
        "expiry.months", "violation_factor.half",
    ],
)  # fmt: skip
def test_what_must_be_said_is_missed_by_its_name(path):
    assert str(refused(without(path))) == f"{named(path)}: is missing"


DEFAULTS = [
    ("name", ""), ("value_fen_per_10_points", 0), ("redeemable_by", ()),
]  # fmt: skip


@pytest.mark.parametrize(("path", "default"), DEFAULTS)
def test_what_need_not_be_said_has_a_meaning_all_the_same(path, default):
    assert getattr(Policy.from_document(without(path)), path) == default


def test_a_rule_need_not_say_much():
    plain = {
        "id": "service", "kind": "attendance", "category": "*", "unit": "points",
        "amount": 5, "per": 30,
    }  # fmt: skip

    rule = Policy.from_document(saying("rules", [plain])).to_document()["rules"][0]

    assert rule == {**plain, "minimum": 0, "cap": None}


def test_a_cap_need_not_say_its_name_or_its_holder():
    caps = [
        {"limit": 50, "window": "day"},
        {"limit": 90, "window": "day", "holder": "household"},
    ]

    read = Policy.from_document(saying("rules.0.caps", caps)).rules[0].caps

    assert [(cap.id, cap.holder.value) for cap in read] == [
        ("service.day", "person"),
        ("service.household_day", "household"),
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("presence.late_grace_min", 0), ("presence.early_leave_grace_min", 0),
        ("stars.publicity_days", 5), ("checkin.radius_m", 300), ("multipliers.max_combined", 10),
    ],
)  # fmt: skip
def test_what_a_section_leaves_out_is_as_it_is_everywhere(path, value):
    policy, said = Policy.from_document(without(path)), Policy.from_document(saying(path, value))

    assert policy == said


def test_longest_texts():
    assert Policy.from_document(saying("name", "长" * 100)).name == "长" * 100
    assert refused(saying("name", "长" * 101)).path == "name"


@pytest.mark.parametrize(
    ("limits", "problem"),
    [
        ([("day", 50), ("month", 50)], None),
        ([("month", 50), ("day", 50)], None),
        ([("day", 50), ("month", 49)], "must be at least 50, the limit per day"),
        ([("month", 50), ("day", 51)], "must be at most 50, the limit per month"),
        ([("day", 50), ("day", 50)], "is capped by an earlier line already"),
        ([("day", 50), ("month", 90), ("week", 91)], "must be at most 90, the limit per month"),
        ([("day", 50), ("month", 90), ("week", 49)], "must be at least 50, the limit per day"),
    ],
)
def test_a_wider_window_allows_at_least_as_much(limits, problem):
    caps = [
        {"id": f"cap_{number}", "window": window, "limit": limit}
        for number, (window, limit) in enumerate(limits)
    ]
    document = saying("rules.0.caps", caps)

    if problem is None:
        assert len(Policy.from_document(document).rules[0].caps) == len(caps)
    else:
        refusal = refused(document)
        place = "window" if "already" in problem else "limit"
        assert refusal.path == f"rules[0].caps[{len(caps) - 1}].{place}"
        assert refusal.problem == problem


def test_caps_of_a_person_and_of_a_household_are_not_compared():
    caps = [
        {"window": "month", "limit": 20, "holder": "household"},
        {"window": "day", "limit": 50},
        {"window": "week", "limit": 40},
    ]

    refusal = refused(saying("rules.0.caps", caps))

    assert (refusal.path, refusal.problem) == (
        "rules[0].caps[2].limit",
        "must be at least 50, the limit per day",
    )


@pytest.mark.parametrize(
    ("path", "value", "where", "problem"),
    [
        ("rules.0.presence", "yes", "rules[0].presence", "must be true or false"),
        ("rules.0.unit", "coins", "rules[0].unit",
         "must be one of minutes, score, points, household, work"),
        ("rules.0.evidence", ["op", "selfie"], "rules[0].evidence[1]",
         "must be of ben, doc, op, photo, qr2, joined by |"),
        ("rules.0.evidence", ["op", "op"], "rules[0].evidence[1]",
         "says nothing, or what is said already"),
        ("rules.0.evidence", [7], "rules[0].evidence", "must be a list of words"),
        ("rules.0.for", ["member", "x" * 41], "rules[0].for[1]",
         "is not a capacity, such as steward"),
        ("rules.0.not_for", ["grid_worker", "member"], "rules[0].not_for",
         "names whom the rule is for"),
        ("rules.0.multipliers", ["leader", "halved"], "rules[0].multipliers[1]",
         "must be one of leader, night, extreme_weather, urgent"),
        ("rules.0.caps", {}, "rules[0].caps", "must be a list"),
        ("rules.0.caps", [7], "rules[0].caps[0]", "must be a mapping"),
        ("rules.0.caps.0.id", "Day", "rules[0].caps[0].id",
         "must be of small letters, digits, dots and underscores"),
        ("rules.1.amount", 0, "rules[1].amount", "must be a whole number from 1 to 1000000"),
        ("rules.3.amount", 0, "rules[3].amount", "must not be 0"),
        ("rules.3.caps", [{"window": "day", "limit": 5, "holder": "household"}],
         "rules[3].caps[0].holder", "must be person: work is one person's duty"),
        ("rules.1.cap", 19, "rules[1].cap", "is less than one deed gives"),
        ("rules.1.unit", "household", "rules[1].unit",
         "only what a household did counts for a household"),
        ("rules.2.kind", "deed", "rules[2].worth",
         "goes by value for a donation, and for nothing else"),
        ("multipliers.max_combined", 1.2, "multipliers.leader",
         "is more than max_combined allows"),
        ("multipliers.leader", 1.234, "multipliers.leader",
         "must be a number from 1 to 10, of two decimals at most"),
        ("presence.min_ratio", 2, "presence.min_ratio",
         "must be a number from 0.01 to 1, of two decimals at most"),
        ("in_force_from", "1.7.2026", "in_force_from", "must be a day, YYYY-MM-DD"),
        ("stars.lifetime_hours", [1, 2, 3, 4], "stars.lifetime_hours",
         "must be a list of 5 whole numbers that rise"),
        ("checkin.radius_m", 50, "checkin.radius_least_m", "no radius is below radius_least_m"),
        ("rules.0.author", "lin", "rules[0].author", "is not a known key"),
    ],
)  # fmt: skip
def test_whoever_writes_a_policy_is_told_where_and_what(path, value, where, problem):
    refusal = refused(saying(path, value))

    assert refusal.path == where
    assert refusal.problem == problem
    assert str(refusal) == f"{refusal.path}: {refusal.problem}"


def test_a_cap_of_just_one_deed_is_allowed():
    assert Policy.from_document(saying("rules.1.cap", 20)).rules[1].cap == 20


@pytest.mark.parametrize("kind", ["none", "natural_year", "next_year_end"])
def test_a_custom_of_lapsing_is_known_by_its_name(kind):
    read = Policy.from_document(saying("expiry", {"kind": kind}))

    assert read.expiry == Expiry(kind=ExpiryKind(kind))


@pytest.mark.parametrize("radius", ["radius_m", "radius_indoor_m", "radius_large_event_m"])
def test_no_radius_is_below_the_least(radius):
    refusal = refused(saying(f"checkin.{radius}", 100))

    assert refusal.path == "checkin.radius_least_m"


@pytest.mark.parametrize(
    ("name", "other"), [("in_force_from", {"version": "2"}), ("version", {"in_force_from": DAY})]
)
def test_two_policies_that_share_something_say_what(name, other):
    policy = Policy.from_document(EVERYTHING)

    with pytest.raises(PolicyInvalid) as caught:
        Policies([policy, replace(policy, **other)])

    assert (caught.value.path, caught.value.problem) == (name, "is shared by two policies")


def test_the_same_rule_or_cap_said_twice_is_named():
    again = saying("rules", [EVERYTHING["rules"][1]] * 2)
    other = deepcopy(EVERYTHING["rules"][1]) | {"id": "other"}
    caps = [{"id": "deeds_day", "window": "week", "limit": 60}]
    shared = deepcopy(EVERYTHING["rules"][1]) | {"id": "shared", "category": "a", "caps": caps}
    said = "an earlier rule says it already"

    found = [
        refused(again),
        refused(saying("rules", [EVERYTHING["rules"][1], other])),
        refused(saying("rules", [*EVERYTHING["rules"], shared])),
    ]

    assert [(each.path, each.problem) for each in found] == [
        ("rules[1].id", said),
        ("rules[1].category", said),
        ("rules[5].caps[0].id", "an earlier rule means another cap by it"),
    ]


def test_what_a_rule_asks_for_must_be_in_the_policy():
    no_night = saying("multipliers", {"leader": 1.5, "max_combined": 3})

    found = [refused(without("presence")), refused(no_night)]

    assert [(each.path, each.problem) for each in found] == [
        ("rules[0].presence", "the policy has no section presence"),
        ("rules[0].multipliers[1]", "the policy gives it no factor"),
    ]


def test_a_deed_is_one_and_a_step_of_two_is_never_reached():
    visits = {
        "id": "visit", "kind": "station_visit", "category": "*", "unit": "points",
        "amount": 2, "per": 2,
    }  # fmt: skip

    refusal = refused(saying("rules", [visits]))

    assert (refusal.path, refusal.problem) == (
        "rules[0].per",
        "a station visit is one visit: it is never reached",
    )


@pytest.mark.parametrize("value", [" ", 7, "长" * 101, None])
def test_a_text_says_something_and_not_too_much(value):
    refusal = refused(saying("version", value))

    assert (refusal.path, refusal.problem) == ("version", "must be a text of 1 to 100 characters")


def test_every_unit_is_rounded_as_its_rule_says():
    rule = Policy.from_document(EVERYTHING).rules[0]

    assert (rule.rounding.value, rule.worth.rounding.value) == ("nearest", "nearest")
