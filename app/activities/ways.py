"""The closed lists of coming and going: how, where, what came of it, and who has to look."""

from enum import StrEnum


class Way(StrEnum):
    """How somebody was checked in or out."""

    CODE = "code"  # the venue's code, on their own phone
    DELEGATE = "delegate"  # the venue's code, on the phone of somebody who acts for them
    CARD = "card"  # their printed card, scanned by staff
    STAFF = "staff"  # by staff, by their name
    LIST = "list"  # by staff, from a list on paper
    BACKFILL = "backfill"  # afterwards, with a second person
    CLOSING = "closing"  # by itself, after the end; the way of a check-out only


# Of what staff do: each person by themself; and what nothing but their word speaks for.
ONE_BY_ONE = (Way.CARD, Way.STAFF)
BY_NAME = (Way.STAFF, Way.LIST)


class Whereabouts(StrEnum):
    """What is kept of where the phone was."""

    NONE = "none"  # it did not say
    GIVEN = "given"  # it said so, and nobody knows where the place is
    INSIDE = "inside"
    OUTSIDE = "outside"


class Review(StrEnum):
    """Whether somebody has to look at it before it counts. None: nobody has to."""

    PENDING = "pending_review"
    APPROVED = "approved"
    REJECTED = "rejected"


class Evidence(StrEnum):
    """What others bring after somebody has left: rules ask for it under these names."""

    SERVED = "ben"  # who was served says so
    DOCUMENT = "doc"  # a document that a second person accepted


class Answer(StrEnum):
    """What somebody says of whom a slip says that they were served."""

    CONFIRMED = "confirmed"
    DENIED = "denied"


class Finding(StrEnum):
    """What came of looking into a denial: the service stands, or there was none."""

    STANDS = "stands"
    STRUCK = "struck"


class Paper(StrEnum):
    """How a document stands: nobody has looked at it yet, or somebody has."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REFUSED = "refused"
