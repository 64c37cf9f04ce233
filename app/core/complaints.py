"""What PostgreSQL complains of, in words for whoever runs the service."""

from sqlalchemy import exc


def refusal(error: exc.DBAPIError) -> str:
    """Why the database cannot be used, for the person at a terminal."""
    return (
        f"The database cannot be used: {said_by(error)}. "
        "Mend that, or choose another with DATABASE_URL."
    )


def said_by(error: exc.DBAPIError) -> str:
    """The first line of what the database said, without its full stop."""
    lines = str(error.orig).strip().splitlines() or ["it said nothing"]
    return lines[0].rstrip(".")
