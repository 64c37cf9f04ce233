"""The closed lists of the call list."""

from enum import StrEnum


class Missed(StrEnum):
    """Why WeChat did not reach somebody."""

    NO_ACCOUNT = "no_account"
    NO_RIGHT = "no_right"
    REFUSED = "refused"
    FAILED = "failed"


class Step(StrEnum):
    """How somebody is reached whom WeChat does not reach: first a call, then a visit."""

    PHONE = "phone"
    VISIT = "visit"


class LineState(StrEnum):
    """How a line of the call list stands. `READ` is by themselves, before anybody called."""

    OPEN = "open"
    REACHED = "reached"
    READ = "read"


class Outcome(StrEnum):
    """What came of a try."""

    REACHED = "reached"
    MISSED = "missed"
