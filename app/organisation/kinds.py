"""The closed lists of the organisation: kinds of unit, which may stand under which, states.

What a kind is called differs by tenant; the kinds do not.
"""

from enum import StrEnum


class UnitKind(StrEnum):
    """What a unit of the tree is: a place people live in, a Party organisation, or a unit."""

    CITY = "city"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    BUILDING = "building"
    ENTRANCE = "entrance"
    WORKING_COMMITTEE = "working_committee"
    JOINT_WORKING_COMMITTEE = "joint_working_committee"
    PARTY_COMMITTEE = "party_committee"
    JOINT_COMMITTEE = "joint_committee"
    BRANCH = "branch"
    GROUP = "group"
    UNIT = "unit"


class Nature(StrEnum):
    """What sort of unit is stationed in a community."""

    ORGAN = "organ"
    INSTITUTION = "institution"
    ENTERPRISE = "enterprise"
    SOCIAL = "social"
    NEW = "new"


class RegistrationState(StrEnum):
    """How far a registration is."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    MOVED = "moved"
    CLOSED = "closed"


LABELS = {
    UnitKind.CITY: "市",
    UnitKind.STREET: "街道",
    UnitKind.COMMUNITY: "社区",
    UnitKind.GRID: "网格",
    UnitKind.BUILDING: "楼栋",
    UnitKind.ENTRANCE: "单元",
    UnitKind.WORKING_COMMITTEE: "工委",
    UnitKind.JOINT_WORKING_COMMITTEE: "大工委",
    UnitKind.PARTY_COMMITTEE: "党委",
    UnitKind.JOINT_COMMITTEE: "大党委",
    UnitKind.BRANCH: "党支部",
    UnitKind.GROUP: "党小组",
    UnitKind.UNIT: "单位",
}

# Under which kinds each may stand. A city stands at the top, and nothing else does.
STANDS_UNDER: dict[UnitKind, frozenset[UnitKind]] = {
    UnitKind.CITY: frozenset(),
    UnitKind.STREET: frozenset({UnitKind.CITY}),
    UnitKind.COMMUNITY: frozenset({UnitKind.STREET}),
    UnitKind.GRID: frozenset({UnitKind.COMMUNITY}),
    UnitKind.BUILDING: frozenset({UnitKind.COMMUNITY, UnitKind.GRID}),
    UnitKind.ENTRANCE: frozenset({UnitKind.BUILDING}),
    UnitKind.WORKING_COMMITTEE: frozenset(
        {UnitKind.CITY, UnitKind.STREET, UnitKind.WORKING_COMMITTEE}
    ),
    UnitKind.JOINT_WORKING_COMMITTEE: frozenset({UnitKind.STREET}),
    UnitKind.PARTY_COMMITTEE: frozenset(
        {
            UnitKind.CITY,
            UnitKind.STREET,
            UnitKind.COMMUNITY,
            UnitKind.UNIT,
            UnitKind.WORKING_COMMITTEE,
            UnitKind.PARTY_COMMITTEE,
        }
    ),
    UnitKind.JOINT_COMMITTEE: frozenset({UnitKind.COMMUNITY}),
    UnitKind.BRANCH: frozenset(
        {
            UnitKind.COMMUNITY,
            UnitKind.GRID,
            UnitKind.BUILDING,
            UnitKind.PARTY_COMMITTEE,
            UnitKind.UNIT,
        }
    ),
    UnitKind.GROUP: frozenset({UnitKind.BRANCH, UnitKind.GRID, UnitKind.BUILDING}),
    UnitKind.UNIT: frozenset({UnitKind.CITY, UnitKind.STREET, UnitKind.COMMUNITY}),
}

# With whom a part-time member of a committee sits.
JOINT = frozenset({UnitKind.JOINT_WORKING_COMMITTEE, UnitKind.JOINT_COMMITTEE})


def may_stand(kind: UnitKind, under: UnitKind | None) -> bool:
    """Whether a unit of one kind may stand directly under one of another, or at the top."""
    return kind is UnitKind.CITY if under is None else under in STANDS_UNDER[kind]


def kinds_under(above: UnitKind) -> tuple[UnitKind, ...]:
    """The kinds that may stand directly under one, in the order of the tree."""
    return tuple(kind for kind in UnitKind if above in STANDS_UNDER[kind])


IN_FORCE = (RegistrationState.ACCEPTED, RegistrationState.SUSPENDED)
OPEN = (RegistrationState.PROPOSED, *IN_FORCE)

# The only ways a registration goes on. What is over stays over: one registers anew.
GOES_ON: dict[RegistrationState, frozenset[RegistrationState]] = {
    RegistrationState.PROPOSED: frozenset(
        {RegistrationState.ACCEPTED, RegistrationState.REFUSED, RegistrationState.CLOSED}
    ),
    RegistrationState.ACCEPTED: frozenset(
        {RegistrationState.SUSPENDED, RegistrationState.MOVED, RegistrationState.CLOSED}
    ),
    RegistrationState.SUSPENDED: frozenset(
        {RegistrationState.ACCEPTED, RegistrationState.MOVED, RegistrationState.CLOSED}
    ),
    RegistrationState.REFUSED: frozenset(),
    RegistrationState.MOVED: frozenset(),
    RegistrationState.CLOSED: frozenset(),
}
