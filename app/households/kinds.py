"""The closed lists of households: acts of a delegate, relations, ways to consent."""

from enum import StrEnum


class Act(StrEnum):
    """What a delegate may be allowed to do for somebody."""

    READ = "read"
    REDEEM = "redeem"
    CHECK_IN = "check_in"
    REGISTER = "register"


class Relation(StrEnum):
    """What a delegate is to the person."""

    FAMILY = "family"
    GRID_WORKER = "grid_worker"


class Kinship(StrEnum):
    """What a guardian is to the child."""

    PARENT = "parent"
    GRANDPARENT = "grandparent"
    GUARDIAN = "guardian"


class Consent(StrEnum):
    """How somebody has said that they want it."""

    ONLINE = "online"
    IN_PERSON = "in_person"
    PAPER = "paper"


def listed(kinds: type[StrEnum]) -> str:
    """The members of a closed list, as a CHECK has them."""
    return ", ".join(f"'{kind.value}'" for kind in kinds)
