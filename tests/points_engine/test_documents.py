"""Whatever policy can be written can be read, and says the same again."""

import json
from dataclasses import fields
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_engine import (
    Cap,
    Checkin,
    Circumstance,
    Earners,
    Expiry,
    ExpiryKind,
    FactKind,
    Factors,
    Flat,
    Holder,
    Policy,
    PolicyInvalid,
    Presence,
    Rate,
    Rounding,
    Rule,
    Stars,
    Unit,
    Value,
    Window,
)
from points_engine.rules.factors import MULTIPLYING
from tests.points_engine.make import HOURS

AMOUNTS = st.integers(1, 10**6)
TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
CAPACITIES = st.sampled_from(["resident", "member", "steward", "grid_worker"])
EVIDENCE = st.lists(
    st.sampled_from([("qr2",), ("op",), ("qr2", "op"), ("ben", "doc", "photo")]), unique=True
)
RISING = st.sets(st.integers(1, 10**5), min_size=5, max_size=5).map(sorted).map(tuple)


@st.composite
def worths(draw, kind, unit):
    if kind is FactKind.DONATION:
        minimum = draw(st.integers(0, 10**6))
        return Value(amount=draw(AMOUNTS), per=draw(AMOUNTS), minimum=minimum)
    if kind is not FactKind.ATTENDANCE:
        return Flat(amount=draw(AMOUNTS) * (-1 if unit is Unit.WORK else 1))
    return Rate(amount=draw(AMOUNTS), per=draw(AMOUNTS), minimum=draw(st.integers(0, 10**6)))


@st.composite
def rules(draw, number):
    kind = draw(st.sampled_from(FactKind))
    units = st.sampled_from([unit for unit in Unit if unit is not Unit.HOUSEHOLD])
    unit = Unit.HOUSEHOLD if kind is FactKind.HOUSEHOLD else draw(units)
    worth = draw(worths(kind, unit))
    rounding = draw(st.sampled_from(Rounding))
    if isinstance(worth, Rate):
        worth = Rate(amount=worth.amount, per=worth.per, minimum=worth.minimum, rounding=rounding)
    window, limit = draw(st.sampled_from(Window)), draw(AMOUNTS)
    holder = Holder.PERSON if unit is Unit.WORK else draw(st.sampled_from(Holder))
    cap = Cap(id=f"cap_{number}.{window}", limit=limit, window=window, holder=holder)
    capacities = draw(st.lists(CAPACITIES, unique=True))
    return Rule(
        id=f"rule {number}",
        kind=kind,
        category=f"category_{number}",
        unit=unit,
        worth=worth,
        cap=None if isinstance(worth, Flat) else draw(st.none() | AMOUNTS),
        caps=draw(st.sampled_from([(), (cap,)])),
        evidence=tuple(draw(EVIDENCE)),
        earners=Earners(only=frozenset(capacities[:2]), never=frozenset(capacities[2:])),
        pay_when=draw(st.sampled_from([None, Circumstance.ACCEPTED, Circumstance.ADOPTED])),
        mode=draw(st.sampled_from([None, Circumstance.URGENT])),
        multipliers=tuple(draw(st.lists(st.sampled_from(MULTIPLYING), unique=True))),
        presence=draw(st.booleans()),
        rounding=rounding,
    )


EXPIRIES = st.sampled_from(
    [Expiry(kind=kind) for kind in ExpiryKind if kind is not ExpiryKind.ROLLING_MONTHS]
) | st.integers(1, 1200).map(lambda months: Expiry(kind=ExpiryKind.ROLLING_MONTHS, months=months))


@st.composite
def policies(draw):
    factor = st.integers(100, 500)
    return Policy(
        version=draw(TEXTS),
        in_force_from=draw(st.dates(date(1, 1, 1))),
        rules=tuple(draw(rules(number)) for number in range(draw(st.integers(0, 5)))),
        name=draw(st.just("") | TEXTS),
        factors=Factors(
            multipliers={each: draw(factor) for each in MULTIPLYING},
            max_combined=draw(st.integers(500, 1000)),
            half=draw(st.integers(1, 99)),
        ),
        presence=Presence(min_ratio=draw(st.integers(1, 100)), late_grace=draw(st.integers(0, 60))),
        expiry=draw(EXPIRIES),
        value_fen_per_10_points=draw(st.integers(0, 10**6)),
        redeemable_by=tuple(draw(st.lists(CAPACITIES, unique=True))),
        checkin=Checkin(radius_m=draw(st.integers(100, 10**5))),
        stars=Stars(lifetime_hours=draw(RISING), publicity_days=draw(st.integers(0, 30))),
    )


@given(policies())
def test_every_policy_reads_back_equal_from_what_is_stored(policy):
    stored = json.dumps(policy.to_document())

    assert Policy.from_document(json.loads(stored)) == policy


def test_a_document_of_the_first_policies_is_written_as_it_was_read():
    published = {
        "version": "2026-01",
        "in_force_from": "2026-01-01",
        "rules": [
            {"id": "visit", "kind": "station_visit", "category": "*", "unit": "points",
             "amount": 2, "per": 1, "minimum": 0, "cap": None},
            {"id": "points", "kind": "attendance", "category": "*", "unit": "points",
             "amount": 5, "per": 30, "minimum": 30, "cap": 40},
        ],
    }  # fmt: skip

    assert Policy.from_document(published).to_document() == published


def document(**sections):
    return {**HOURS.to_document(), **sections}


def ruled(**said):
    rule = {
        "id": "rule", "kind": "deed", "category": "lecture", "unit": "points", "worth": "flat",
        "amount": 20,
    }  # fmt: skip
    return document(rules=[{**rule, **said}])


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        (document(expiry={"kind": "none", "months": 3}), "expiry.months"),
        (document(expiry={"kind": "rolling_months"}), "expiry.months"),
        (document(expiry={"kind": "reset_on_redeem"}), "expiry.kind"),
        (document(expiry="none"), "expiry"),
        (document(violation_factor={"half": 1}), "violation_factor.half"),
        (document(violation_factor={"half": "0.5"}), "violation_factor.half"),
        (document(violation_factor={"void": 0}), "violation_factor.void"),
        (document(multipliers={"leader": 1.234}), "multipliers.leader"),
        (document(multipliers={"leader": float("nan")}), "multipliers.leader"),
        (document(multipliers={"leader": True}), "multipliers.leader"),
        (document(multipliers={"halved": 1.5}), "multipliers.halved"),
        (document(presence={"min_ratio": 1.1}), "presence.min_ratio"),
        (document(presence={"min_ratio": 0.6, "late_grace_min": -1}), "presence.late_grace_min"),
        (document(checkin={"radius_m": 50}), "checkin.radius_least_m"),
        (document(checkin={"radius_m": "300"}), "checkin.radius_m"),
        (document(stars={"lifetime_hours": [1, 2, 3, 4]}), "stars.lifetime_hours"),
        (document(stars={"yearly_community": [10, 20, 20, 40, 50]}), "stars.yearly_community"),
        (document(value_fen_per_10_points=-1), "value_fen_per_10_points"),
        (document(redeemable_by=["member", "member"]), "redeemable_by[1]"),
        (document(redeemable_by="member"), "redeemable_by"),
        (ruled(amount=0), "rules[0].amount"),
        (ruled(amount=-2), "rules[0].amount"),
        (ruled(unit="work", amount=0), "rules[0].amount"),
        (ruled(cap=10), "rules[0].cap"),
        (ruled(per=1), "rules[0].per"),
        (ruled(worth="tariff"), "rules[0].worth"),
        (ruled(worth="value", per=1000), "rules[0].worth"),
        (ruled(kind="donation"), "rules[0].worth"),
        (ruled(worth="rate", per=30), "rules[0].per"),
        (ruled(presence=True), "rules[0].presence"),
        (ruled(presence="yes"), "rules[0].presence"),
        (ruled(rounding="ceil"), "rules[0].rounding"),
        (ruled(pay_when="paid"), "rules[0].pay_when"),
        (ruled(mode="wartime"), "rules[0].mode"),
        (ruled(**{"for": ["Member"]}), "rules[0].for[0]"),
        (ruled(**{"for": ["member"], "not_for": ["member"]}), "rules[0].not_for"),
        (ruled(evidence="op"), "rules[0].evidence"),
        (ruled(evidence=["op|"]), "rules[0].evidence[0]"),
        (ruled(multipliers=["halved"]), "rules[0].multipliers[0]"),
        (ruled(caps=[{"window": "day", "limit": 5, "id": "No/slash"}]), "rules[0].caps[0].id"),
        (ruled(caps=[{"window": "year", "limit": 5}, {"window": "day", "limit": 9}]),
         "rules[0].caps[1].limit"),
        (ruled(caps=[{"window": "day", "limit": 5, "of": "home"}]), "rules[0].caps[0].of"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_by_its_place(broken, path):
    with pytest.raises(PolicyInvalid) as refused:
        Policy.from_document(broken)

    assert refused.value.path == path


def test_rules_share_a_cap_only_when_they_mean_the_same_by_it():
    lecture = ruled(caps=[{"id": "deeds", "window": "day", "limit": 40}])["rules"][0]
    blood = {**lecture, "id": "blood", "category": "blood"}
    other = {**blood, "caps": [{"id": "deeds", "window": "day", "limit": 50}]}

    shared = Policy.from_document(document(rules=[lecture, blood]))
    with pytest.raises(PolicyInvalid) as refused:
        Policy.from_document(document(rules=[lecture, other]))

    assert {cap.id for rule in shared.rules for cap in rule.caps} == {"deeds"}
    assert refused.value.path == "rules[1].caps[0].id"


def test_every_setting_of_a_check_in_can_be_said():
    names = {each.name: 500 for each in fields(Checkin)}

    assert Policy.from_document(document(checkin=names)).checkin == Checkin(**names)
