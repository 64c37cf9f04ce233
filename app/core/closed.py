"""Closed lists: what a column may hold, and nothing else."""

from enum import StrEnum


def listed(kinds: type[StrEnum]) -> str:
    """The members of a closed list, as a CHECK has them."""
    return ", ".join(f"'{kind.value}'" for kind in kinds)
