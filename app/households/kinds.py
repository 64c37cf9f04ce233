"""The closed lists of households: acts of a delegate, relations, ways to consent."""

from enum import StrEnum


class Act(StrEnum):
    """What a delegate may be allowed to do for somebody."""

    READ = "read"
    REDEEM = "redeem"
    CHECK_IN = "check_in"
    REGISTER = "register"


class Deed(StrEnum):
    """What a delegate did, as it is kept and shown."""

    REGISTER = "register"
    ENROL = "enrol"
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"


ACT_OF = {
    Deed.REGISTER: Act.REGISTER,
    Deed.ENROL: Act.CHECK_IN,
    Deed.CHECK_IN: Act.CHECK_IN,
    Deed.CHECK_OUT: Act.CHECK_IN,
}


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
