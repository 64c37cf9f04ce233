"""A quarter is sealed: what goes into the hashes, and what can no longer be otherwise."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from hashlib import sha256
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points_engine import SealBroken, canonical
from points_engine.leaves import FIELDS, encode, leaf_of, row_of
from points_engine.merkle import ROOT_OF_NOTHING
from points_engine.proofs import Sealed
from tests.points_engine import sealed
from tests.points_engine.sealed import PERIOD, SEALED_AT, TENANT
from tests.points_engine.test_merkle import tree_hash

SECRET = PERIOD.secret
EIGHT = sealed.rows()
OTHERS = {
    int: lambda value: value + 1,
    str: lambda value: value + "x",
    UUID: lambda _: UUID(int=9),
    date: lambda value: value + timedelta(days=1),
    datetime: lambda value: value + timedelta(microseconds=1),
    type(None): lambda _: 0,
}


def changed(row, place):
    """The row with another value at a place."""
    return (*row[:place], OTHERS[type(row[place])](row[place]), *row[place + 1 :])


def test_the_leaf_of_a_transfer_never_changes():
    one = leaf_of(EIGHT[0], place=0, secret=SECRET)

    assert one.salt == "a6d095ecaf777c3189e2e9207a8be6785924156f0345edfe8a91965146cfc9d8"
    assert one.content == "e3bf4c9798c7efde5e5544bea4cbf6879aec26015eeb785f24c0902876825ea7"
    assert one.hash.hex() == "0926494beac063878caa8c347edf2d767bd7f3a5d4937fc7910f99389adb8ebf"


def test_the_seal_of_a_quarter_never_changes():
    seal = sealed.seal()

    assert seal.root.hex() == "b89895e2928036e34ed7a9fbc5febff9bcb369ca629950a030bf4a8a131949aa"
    assert (
        seal.seal_hash.hex() == "9c9905eb3855d6166dc2410b2f647e3fe158c9d7f17ba212570d02ff7493fd69"
    )


def test_the_root_is_that_of_the_recursion_over_canonical_bytes():
    contents = []
    for place, row in enumerate(EIGHT):
        one = leaf_of(row, place=place, secret=SECRET)
        inner = sha256(b"\x02" + canonical.encode(one.salt, *one.fields)).hexdigest()
        contents.append(canonical.encode(place, one.id, inner))

    assert sealed.seal().root == tree_hash(contents)


@given(st.lists(st.none() | st.integers() | st.text(max_size=300)))
def test_the_fast_encoding_is_the_canonical_one(values):
    assert encode(*values) == canonical.encode(*values)


def test_defect_9_the_inputs_of_a_hash_cannot_be_read_in_two_ways():
    # Joined with a separator, or printed in more than one way, two contents shared a hash.
    assert encode("a|b", "c") != encode("a", "b|c")
    assert encode("1") != encode(1)
    assert encode(None) != encode("") != encode("None")
    row = dict(zip(FIELDS, EIGHT[0], strict=True))
    moved = {**row, "kind": "ear", "reference": f"n{row['reference']}"}
    abroad = row["booked_at"].astimezone(timezone(timedelta(hours=8)))

    assert leaf_of(moved, place=0, secret=SECRET).hash != leaf_of(row, place=0, secret=SECRET).hash
    assert leaf_of({**row, "booked_at": abroad}, place=0, secret=SECRET) == leaf_of(
        row, place=0, secret=SECRET
    )
    # And what would be printed as something else is not hashed at all.
    for odd in (True, 1.0, b"1"):
        with pytest.raises(TypeError, match="is not printed in a proof"):
            leaf_of({**row, "amount": odd}, place=0, secret=SECRET)


def test_defect_9_two_tenants_or_communities_never_share_a_seal():
    nothing = {"rows": [], "previous_root": None, "sealed_at": SEALED_AT}
    periods = [
        PERIOD,
        replace(PERIOD, tenant_id=8),
        replace(PERIOD, community_id=UUID(int=1)),
        replace(PERIOD, quarter="2026Q2"),
    ]

    assert len({period.seal(**nothing).seal_hash for period in periods}) == 4


def test_a_transfer_and_its_rows_have_one_leaf():
    transfer, row = sealed.transfers()[1], EIGHT[1]
    named = dict(zip(FIELDS, row, strict=True))

    leaves = {
        leaf_of(row_of(transfer, TENANT), place=1, secret=SECRET).hash,
        leaf_of(row, place=1, secret=SECRET).hash,
        leaf_of(list(row), place=1, secret=SECRET).hash,
        leaf_of(named, place=1, secret=SECRET).hash,
    }
    assert len(leaves) == 1


@pytest.mark.parametrize("place", range(len(FIELDS)), ids=FIELDS)
def test_every_field_is_in_the_leaf(place):
    again = leaf_of(changed(EIGHT[0], place), place=0, secret=SECRET)

    assert again.hash != leaf_of(EIGHT[0], place=0, secret=SECRET).hash


def test_place_and_secret_are_in_the_leaf():
    leaves = [
        leaf_of(EIGHT[0], place=0, secret=SECRET),
        leaf_of(EIGHT[0], place=1, secret=SECRET),
        leaf_of(EIGHT[0], place=0, secret=bytes(32)),
    ]

    assert len({one.hash for one in leaves}) == 3


def test_no_two_leaves_share_a_salt():
    assert len({one.salt for one in PERIOD.leaves(EIGHT)}) == len(EIGHT)


@pytest.mark.parametrize("secret", [b"", b"short", bytes(33)], ids=len)
def test_a_secret_of_another_length_is_not_taken(secret):
    with pytest.raises(ValueError, match="32 bytes"):
        leaf_of(EIGHT[0], place=0, secret=secret)


def test_a_row_of_another_length_is_not_taken():
    with pytest.raises(ValueError, match="22 fields, not 21"):
        leaf_of(EIGHT[0][:-1], place=0, secret=SECRET)


def test_an_instant_without_a_time_zone_is_not_taken():
    row = {**dict(zip(FIELDS, EIGHT[0], strict=True)), "booked_at": datetime(2026, 3, 2)}  # noqa: DTZ001

    with pytest.raises(ValueError, match="time zone"):
        leaf_of(row, place=0, secret=SECRET)


@pytest.mark.parametrize(
    "disorder",
    [[1, 0], [0, 0], [0, 2, 1], [0, 1, 2, 1]],
    ids=["swapped", "twice", "late", "again"],
)
def test_leaves_out_of_order_are_not_sealed(disorder):
    with pytest.raises(ValueError, match="comes after one that is not before it"):
        list(PERIOD.leaves(EIGHT[place] for place in disorder))


@pytest.mark.parametrize("field", ["tenant_id", "community_id", "quarter"])
def test_a_transfer_of_elsewhere_is_not_sealed(field):
    foreign = changed(EIGHT[0], FIELDS.index(field))

    with pytest.raises(ValueError, match="is not of 2026Q1 of this community"):
        list(PERIOD.leaves([foreign]))


def test_a_seal_names_its_two_ends():
    seal = sealed.seal()

    assert seal.leaf_count == 8
    assert (seal.first_transfer, seal.last_transfer) == (EIGHT[0][1], EIGHT[7][1])


def test_a_quarter_in_which_nothing_moved_is_sealed_too():
    seal = PERIOD.seal([], previous_root=None, sealed_at=SEALED_AT)

    assert (seal.root, seal.leaf_count) == (ROOT_OF_NOTHING, 0)
    assert seal.first_transfer is seal.last_transfer is None
    assert seal.notice()["seal"]["previous_root"] is None


@pytest.mark.parametrize(
    "other",
    [
        {"tenant_id": 8},
        {"community_id": UUID(int=1)},
        {"quarter": "2026Q2"},
        {"root": bytes(32)},
        {"leaf_count": 7},
        {"first_transfer": UUID(int=1)},
        {"last_transfer": UUID(int=1)},
        {"previous_root": None},
        {"previous_root": bytes(32)},
        {"sealed_at": SEALED_AT + timedelta(seconds=1)},
    ],
    ids=lambda other: next(iter(other)),
)
def test_everything_published_is_in_the_hash_of_the_seal(other):
    assert replace(sealed.seal(), **other).seal_hash != sealed.seal().seal_hash


@pytest.mark.parametrize(
    "impossible",
    [
        {"leaf_count": 0},
        {"leaf_count": -1},
        {"last_transfer": None},
        {"first_transfer": None},
        {"root": ROOT_OF_NOTHING},
        {"root": bytes(31)},
        {"previous_root": bytes(33)},
        {"previous_root": b""},
    ],
    ids=lambda impossible: next(iter(impossible)),
)
def test_a_seal_that_cannot_be_is_not_built(impossible):
    with pytest.raises(ValueError, match=r"a seal names|a root has"):
        replace(sealed.seal(), **impossible)


BOOKS = {
    "changed": [*EIGHT[:3], changed(EIGHT[3], FIELDS.index("amount")), *EIGHT[4:]],
    "cut off": EIGHT[:7],
    "left out": [*EIGHT[:3], *EIGHT[4:]],
    "added": sealed.rows(9),
    "emptied": [],
}


@pytest.mark.parametrize("books", BOOKS.values(), ids=BOOKS.keys())
def test_no_proof_is_given_from_books_that_are_not_what_was_sealed(books):
    with pytest.raises(SealBroken):
        PERIOD.prove(sealed.seal(), books, [EIGHT[0][1]])


@pytest.mark.parametrize("wanted", [[], [UUID(int=1)], [EIGHT[0][1], UUID(int=1)]], ids=len)
def test_no_proof_is_given_of_what_is_not_there(wanted):
    with pytest.raises(ValueError, match="a wanted transfer is not in this period"):
        PERIOD.prove(sealed.seal(), EIGHT, wanted)


def test_the_same_instant_is_ordered_by_identifier():
    at = datetime(2026, 3, 2, tzinfo=UTC)
    same = sorted((replace(one, booked_at=at) for one in sealed.transfers()), key=lambda t: t.id)
    rows = [row_of(transfer, TENANT) for transfer in same]

    assert [one.place for one in PERIOD.leaves(rows)] == list(range(8))
    with pytest.raises(ValueError, match="not before it"):
        list(PERIOD.leaves(reversed(rows)))


def test_what_is_kept_of_a_quarter_seals_it_again_alike():
    kept = Sealed(seal=sealed.seal(), secret=PERIOD.secret)

    assert kept.again(sealed.rows()) == kept.seal
    assert kept.again(sealed.rows()[:-1]) != kept.seal
