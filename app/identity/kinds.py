"""Closed lists of identity's own."""

from enum import StrEnum


class Purpose(StrEnum):
    """What people are asked to agree to."""

    PRIVACY = "privacy"
    LOCATION = "location"
