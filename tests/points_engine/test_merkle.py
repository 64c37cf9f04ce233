"""The tree against RFC 6962: its own recursion, its known roots, every leaf of every small tree."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points_engine.merkle import ROOT_OF_NOTHING, Roots, leaf_hash, node_hash, prove
from points_engine.verify import climb

# The leaves and roots with which implementations of RFC 6962 test themselves.
KNOWN_LEAVES = [
    bytes.fromhex(content)
    for content in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
KNOWN_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LARGEST = 200
CONTENTS = [str(number).encode() for number in range(LARGEST)]
LEAVES = [leaf_hash(content) for content in CONTENTS]


def tree_hash(contents):
    """RFC 6962, 2.1, word by word."""
    if not contents:
        return sha256(b"").digest()
    if len(contents) == 1:
        return sha256(b"\x00" + contents[0]).digest()
    k = half(len(contents))
    return sha256(b"\x01" + tree_hash(contents[:k]) + tree_hash(contents[k:])).digest()


def audit_path(place, contents):
    """RFC 6962, 2.1.1, word by word."""
    if len(contents) == 1:
        return []
    k = half(len(contents))
    if place < k:
        return [*audit_path(place, contents[:k]), tree_hash(contents[k:])]
    return [*audit_path(place - k, contents[k:]), tree_hash(contents[:k])]


def half(size):
    """The largest power of two below the size."""
    return 1 << (size - 1).bit_length() - 1


def rooted(leaves):
    roots = Roots()
    for leaf in leaves:
        roots.add(leaf)
    return roots.root()


def hexes(path):
    return [one.hex() for one in path]


@pytest.mark.parametrize("size", range(len(KNOWN_ROOTS)))
def test_the_roots_are_those_that_are_known(size):
    known = KNOWN_LEAVES[:size]

    assert rooted(map(leaf_hash, known)).hex() == KNOWN_ROOTS[size] == tree_hash(known).hex()


def test_every_size_has_the_root_of_the_recursion():
    roots = Roots()
    assert roots.root() == ROOT_OF_NOTHING

    for size, leaf in enumerate(LEAVES, start=1):
        roots.add(leaf)
        assert roots.root() == tree_hash(CONTENTS[:size])


def test_every_leaf_of_every_size_proves():
    for size in range(1, LARGEST + 1):
        proven = prove(LEAVES[:size], set(range(size)))
        root = proven.root.hex()
        for place, path in proven.paths.items():
            assert climb(LEAVES[place], place, (size, hexes(path))) == root


@settings(deadline=None)
@given(st.integers(1, LARGEST), st.data())
def test_paths_are_those_of_the_recursion(size, data):
    place = data.draw(st.integers(0, size - 1))

    proven = prove(LEAVES[:size], {place})

    assert list(proven.paths[place]) == audit_path(place, CONTENTS[:size])
    assert (proven.root, proven.leaf_count) == (tree_hash(CONTENTS[:size]), size)


@settings(deadline=None)
@given(st.integers(1, LARGEST), st.data())
def test_a_path_leads_up_from_no_other_leaf_place_or_length(size, data):
    place = data.draw(st.integers(0, size - 1))
    other = data.draw(st.integers(-1, size).filter(lambda one: one != place))
    proven = prove(LEAVES[:size], {place})
    path, root = hexes(proven.paths[place]), proven.root.hex()

    assert climb(leaf_hash(b"another"), place, (size, path)) != root
    assert climb(LEAVES[place], other, (size, path)) != root
    assert climb(LEAVES[place], place, (size, [*path, root])) is None
    assert climb(LEAVES[place], place, (4 * LARGEST, path)) is None
    if path:
        assert climb(LEAVES[place], place, (size, path[1:])) != root
        assert climb(LEAVES[place], place, (size, path[:-1])) != root


def test_a_node_cannot_be_presented_as_a_leaf():
    left, right = LEAVES[:2]
    root = rooted(LEAVES[:4])
    above = [node_hash(*LEAVES[2:4]).hex()]

    assert climb(node_hash(left, right), 0, (2, above)) == root.hex()  # a tree of two nodes
    assert leaf_hash(left + right) != node_hash(left, right)
    assert climb(leaf_hash(left + right), 0, (2, above)) != root.hex()


def test_of_a_million_leaves_one_hash_for_each_bit_is_held():
    roots = Roots()
    for _ in range(1_000_000):
        roots.add(LEAVES[0])

    assert len(roots._standing) == (1_000_000).bit_count()
    assert all(not tree.paths for tree in roots._standing)


def test_seventeen_hashes_prove_one_of_a_hundred_thousand():
    proven = prove((LEAVES[number % LARGEST] for number in range(100_000)), {31_415})

    assert len(proven.paths[31_415]) == 17


@pytest.mark.parametrize("place", [-1, 3, 10**9])
def test_nothing_is_proved_at_a_place_without_a_leaf(place):
    with pytest.raises(ValueError, match=f"there are 3 leaves, and none at {place}"):
        prove(LEAVES[:3], {0, place})
