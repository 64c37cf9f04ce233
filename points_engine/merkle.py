"""A Merkle tree in the manner of RFC 6962, built leaf by leaf and never held in memory.

Leaves and nodes are hashed under different first bytes, so that a node can never be presented
as a leaf. The tree over n leaves divides at the largest power of two below n; what stands of
it at any moment is one complete tree for each bit of n, and that is all that is kept.
"""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256

LEAF = b"\x00"
NODE = b"\x01"
ROOT_OF_NOTHING = sha256(b"").digest()


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf with that content."""
    return sha256(LEAF + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two trees that were joined."""
    return sha256(NODE + left + right).digest()


@dataclass(frozen=True, slots=True)
class _Subtree:
    """A complete tree: its hash, and the paths of those of its leaves that are to be proved."""

    hash: bytes
    paths: tuple[list[bytes], ...] = ()

    def joined(self, right: "_Subtree") -> "_Subtree":
        """Join it with the one to its right. Each path goes on with the other's hash."""
        for path in self.paths:
            path.append(right.hash)
        for path in right.paths:
            path.append(self.hash)
        return _Subtree(node_hash(self.hash, right.hash), self.paths + right.paths)


class Roots:
    """Leaves come in one after the other; after each, there is a root.

    Of n leaves it holds one hash for each bit of n, and the paths that were asked for.
    """

    def __init__(self) -> None:
        self._standing: list[_Subtree] = []
        self.leaf_count = 0

    def add(self, leaf: bytes, path: list[bytes] | None = None) -> None:
        """Take the next leaf's hash. `path` is filled, from below, while the tree grows."""
        grown = _Subtree(leaf, () if path is None else (path,))
        size = self.leaf_count
        while size & 1:
            grown = self._standing.pop().joined(grown)
            size >>= 1
        self._standing.append(grown)
        self.leaf_count += 1

    def root(self) -> bytes:
        """The root over the leaves so far."""
        if not self._standing:
            return ROOT_OF_NOTHING
        *rest, last = (tree.hash for tree in self._standing)
        for left in reversed(rest):
            last = node_hash(left, last)
        return last

    def finish(self) -> bytes:
        """The root, with every path led up to it. Nothing can be added afterwards."""
        root = self.root()
        while len(self._standing) > 1:
            right = self._standing.pop()
            self._standing.append(self._standing.pop().joined(right))
        return root


@dataclass(frozen=True, slots=True)
class Proven:
    """What one pass over the leaves found: the root, and the asked-for paths by place."""

    root: bytes
    leaf_count: int
    paths: dict[int, tuple[bytes, ...]]


def prove(leaf_hashes: Iterable[bytes], wanted: AbstractSet[int]) -> Proven:
    """The audit paths, from below, of the leaves at the wanted places (the first is 0).

    `ValueError` when there is no leaf at one of them.
    """
    roots, paths = Roots(), {place: list[bytes]() for place in wanted}
    for place, leaf in enumerate(leaf_hashes):
        roots.add(leaf, paths.get(place))
    strangers = sorted(place for place in wanted if not 0 <= place < roots.leaf_count)
    if strangers:
        raise ValueError(f"there are {roots.leaf_count} leaves, and none at {strangers[0]}")
    root = roots.finish()
    return Proven(root, roots.leaf_count, {place: tuple(path) for place, path in paths.items()})
