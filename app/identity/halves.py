"""Half a sign-in: whose password was right a moment ago, for the page that asks the rest.

It is kept in the browser's signed cookie, and is good for the second step alone.
"""

from datetime import UTC, datetime, timedelta

from flask import session

LASTS = timedelta(minutes=5)
HALF = "second step"


def keep(username: str, *, now: datetime) -> None:
    session[HALF] = [username, int(now.timestamp())]


def username(*, now: datetime) -> str | None:
    """Whose it is, unless there is none or it took too long."""
    found = session.get(HALF)
    if found is None or now - datetime.fromtimestamp(found[1], UTC) > LASTS:
        return None
    name: str = found[0]
    return name


def end() -> None:
    session.pop(HALF, None)
