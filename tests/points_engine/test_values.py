"""Facts, accounts and transfers that cannot be, and identifiers that never change."""

from dataclasses import replace
from datetime import date, timedelta, timezone
from uuid import UUID

import pytest

from points_engine import (
    Circumstance,
    FactInvalid,
    FactKind,
    TransferInvalid,
    Unit,
    canonical,
    household_account,
    leaves,
    quarter_of,
    red_account,
)
from points_engine.identifiers import Family, derived_id, told
from points_engine.ledger import transfer_id
from tests.points_engine import make
from tests.support.hands import NOON

LIN = UUID(int=1)
TOWN = make.Town(UUID(int=2), UUID(int=3), UUID(int=4))


@pytest.mark.parametrize(
    "impossible",
    [
        {"quantity": -1},
        {"quantity": 10**6 + 1},
        {"occurred_at": NOON.replace(tzinfo=None)},
        {"received_at": NOON.replace(tzinfo=None)},
        {"occurred_on": date(2026, 3, 4)},
        {"source": ""},
        {"source": "attendance"},
        {"source": "attendance:with blank"},
        {"source": "attendance:" + "7" * 200},
        {"category": "环境"},
        {"evidence": {"photo": "x" * 201}},
        {"evidence": {str(number): "" for number in range(17)}},
        {"planned": 0},
        {"planned": 10**6 + 1},
        {"circumstances": {"rainy"}},
        {"acting_as": "Steward"},
        {"acting_as": "x" * 41},
    ],
    ids=lambda impossible: f"{next(iter(impossible.items()))!r:.40}",
)
def test_a_fact_that_cannot_have_happened_cannot_be_built(impossible):
    fact = TOWN.attendance(LIN)

    with pytest.raises(FactInvalid):
        replace(fact, **impossible)


def test_a_visit_is_one_visit():
    with pytest.raises(FactInvalid):
        TOWN.visit(LIN, quantity=2)


@pytest.mark.parametrize("kind", [FactKind.DEED, FactKind.HOUSEHOLD, FactKind.WORK])
def test_a_deed_is_one_deed(kind):
    with pytest.raises(FactInvalid, match=r" is one "):
        TOWN.deed(LIN, kind=kind, quantity=2, household_id=LIN)


def test_a_merit_of_a_household_needs_the_household():
    with pytest.raises(FactInvalid, match="needs the household"):
        TOWN.deed(LIN, kind=FactKind.HOUSEHOLD)


def test_circumstances_may_be_told_as_words():
    fact = TOWN.attendance(LIN, circumstances=["night", "leader"])

    assert fact.circumstances == {Circumstance.LEADER, Circumstance.NIGHT}


def test_what_a_fact_was_told_with_cannot_be_changed_afterwards():
    told = {"code": "venue"}
    fact = TOWN.visit(LIN, evidence=told)

    told["code"] = "none"

    assert fact.evidence == {"code": "venue"}
    with pytest.raises(TypeError):
        fact.evidence["code"] = "none"


@pytest.mark.parametrize(
    "other",
    [
        {"quantity": 91},
        {"category": "health"},
        {"actor_id": UUID(int=9)},
        {"household_id": UUID(int=9)},
        {"occurred_at": NOON + timedelta(seconds=1)},
        {"occurred_on": date(2026, 3, 3)},
        {"evidence": {"code": "venue"}},
        {"activity_id": UUID(int=9)},
        {"planned": 120},
        {"circumstances": {"leader"}},
        {"acting_as": "leader"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_another_content_has_another_hash(other):
    fact = TOWN.attendance(LIN)

    assert replace(fact, **other).payload_hash != fact.payload_hash


def test_the_same_content_has_the_same_hash_in_any_time_zone():
    fact = TOWN.attendance(LIN)
    in_shanghai = fact.occurred_at.astimezone(timezone(timedelta(hours=8)))

    again = replace(make.told_again(fact), occurred_at=in_shanghai)

    assert again.payload_hash == fact.payload_hash


def test_the_hash_never_changes():
    fact = TOWN.attendance(LIN, 90, source="attendance:1")

    golden = "58b695b462202610874c99021e916635952f6c7d354ae68d6674f0103c926098"
    assert fact.payload_hash.hex() == golden


def test_the_hash_of_what_is_told_since_never_changes():
    fact = TOWN.attendance(
        LIN, 90, source="attendance:1", activity_id=UUID(int=5), planned=120,
        circumstances={"night", "leader"}, acting_as="steward",
    )  # fmt: skip

    golden = "14e5346f058152793843822edfa9f8bdfdc9d3deccb056df51304da100ccb053"
    assert fact.payload_hash.hex() == golden


def test_a_capacity_is_not_mistaken_for_a_circumstance():
    fact = TOWN.attendance(LIN)

    led, as_leader = replace(fact, circumstances={"leader"}), replace(fact, acting_as="leader")

    assert led.payload_hash != as_leader.payload_hash


def test_canonical_bytes_of_bytes_and_lists_never_change():
    encoded = canonical.encode(b"\x00\xff", ["a", ""])

    assert encoded == (
        b"\x01b\x00\x00\x00\x02\x00\xffl\x00\x00\x00\x0bs\x00\x00\x00\x01as\x00\x00\x00\x00"
    )


def test_canonical_bytes_never_change():
    encoded = canonical.encode(None, 7, "积分", NOON, NOON.date(), UUID(int=1), {"b": "2", "a": ""})

    golden = (
        b"\x01"
        b"n\x00\x00\x00\x00"
        b"i\x00\x00\x00\x017"
        b"s\x00\x00\x00\x06\xe7\xa7\xaf\xe5\x88\x86"
        b"t\x00\x00\x00\x202026-03-02T04:00:00.000000+00:00"
        b"d\x00\x00\x00\x0a2026-03-02"
        b"u\x00\x00\x00\x10" + bytes(15) + b"\x01"
        b"m\x00\x00\x00\x17"
        b"s\x00\x00\x00\x01as\x00\x00\x00\x00s\x00\x00\x00\x01bs\x00\x00\x00\x012"
    )
    assert encoded == golden


def test_fields_cannot_run_into_each_other():
    assert canonical.encode("ab", "c") != canonical.encode("a", "bc")
    assert canonical.encode("1") != canonical.encode(1)


def test_what_has_no_rule_is_not_encoded():
    with pytest.raises(TypeError, match="no canonical encoding for float"):
        canonical.encode(1.5)


def test_identifiers_never_change():
    assert str(red_account(LIN, Unit.POINTS).id_in(7)) == "954084f6-9aa9-540e-bc7b-f5045db74e03"
    assert str(transfer_id(7, "redemption:1")) == "ec67354b-48e3-517c-9e73-20bb7600a6e3"


def test_accounts_of_two_tenants_units_or_people_are_different():
    account = red_account(LIN, Unit.POINTS)
    others = [
        account.id_in(8),
        red_account(LIN, Unit.SCORE).id_in(7),
        red_account(UUID(int=2), Unit.POINTS).id_in(7),
        replace(account, code="love_pool").id_in(7),
    ]

    assert len({account.id_in(7), *others}) == 5


@pytest.mark.parametrize(
    "impossible",
    [
        {"amount": 0},
        {"amount": -1},
        {"amount": 10**12 + 1},
        {"booked_at": NOON.replace(tzinfo=None)},
        {"reference": "redemption"},
        {"reference": "redemption:1 2"},
        {"reference": "redemption:" + "1" * 220},
        {"reference": "attendance:1:points"},
    ],
    ids=lambda impossible: f"{next(iter(impossible.items()))!r:.40}",
)
def test_a_spending_that_cannot_be_booked_cannot_be_built(impossible):
    asked = TOWN.spending(LIN, 3)

    with pytest.raises(TransferInvalid):
        replace(asked, **impossible)


def test_a_transfer_has_two_accounts_of_one_unit():
    transfer = TOWN.spending(LIN, 3).as_transfer(7)

    with pytest.raises(TransferInvalid):
        replace(transfer, credit=transfer.debit)
    with pytest.raises(TransferInvalid):
        replace(transfer, debit=red_account(LIN, Unit.SCORE))


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), "2026Q1"),
        (date(2026, 3, 31), "2026Q1"),
        (date(2026, 4, 1), "2026Q2"),
        (date(2026, 9, 30), "2026Q3"),
        (date(2026, 12, 31), "2026Q4"),
    ],
)
def test_a_day_belongs_to_its_calendar_quarter(day, quarter):
    assert quarter_of(day) == quarter


def test_a_household_has_an_account_of_its_own():
    account = household_account(LIN)

    assert (account.owner_kind, account.unit, account.guarded) == ("household", "household", True)
    assert account.id_in(1) != red_account(LIN, Unit.HOUSEHOLD).id_in(1)


@pytest.mark.parametrize("names", [("transfer",), ("account", "person"), ()])
def test_identifiers_that_begin_alike_are_those_made_one_by_one(names):
    family = Family(7, *names)

    assert UUID(family.hex("redemption:1")) == derived_id(7, *names, "redemption:1")
    assert UUID(family.hex("a", told("b", "c"))) == derived_id(7, *names, "a", "b", "c")


@pytest.mark.parametrize("length", [0, 1, 254, 255, 256, 257, 70_000])
def test_texts_of_every_length_are_framed_alike(length):
    text = "x" * length

    assert leaves.encode(text, None, 7) == canonical.encode(text, None, 7)
