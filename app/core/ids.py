"""Identifiers, made here and never by the database."""

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7: later ones sort after earlier ones, so indexes grow at their end."""
    return uuid7()
