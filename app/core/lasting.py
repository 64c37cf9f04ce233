"""The last part of a unit of work, which others may wait for."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session

from app.core.db import AFTER, BEFORE, PREAMBLE
from app.core.errors import DomainError
from points_engine import PointsError

_HERE = "last_part"


@contextmanager
def last_attempt(session: Session) -> Iterator[None]:
    """Like `attempt`, where nothing follows but the end: that lets go of what the part has locked.

    What a refusal `keeps` stays; otherwise the part leaves no trace. Whatever else goes wrong ends
    the unit of work as a whole.
    """
    session.flush()
    known = set(session)
    announced = [(acts, len(acts)) for acts in (session.info[AFTER], session.info[BEFORE])]
    session.connection().exec_driver_sql(f"SAVEPOINT {_HERE}")
    try:
        yield
    except (DomainError, PointsError) as error:
        if not (isinstance(error, DomainError) and error.keeps):
            session.connection().exec_driver_sql(f"ROLLBACK TO SAVEPOINT {_HERE}")
            _forget(session, set(session) - known)
            for acts, before in announced:
                del acts[before:]  # what they were to announce did not happen
        raise


def anew(session: Session) -> None:
    """Undo the whole of a unit of work, and begin it again: nothing is held or known any more.

    What was to be done last, or after it, is not done; only what is done of a refusal stays.
    """
    session.rollback()
    for acts in (session.info[AFTER], session.info[BEFORE]):
        acts.clear()
    session.connection().exec_driver_sql(session.info[PREAMBLE])


def _forget(session: Session, new: set[object]) -> None:
    """Let the session know no more than the database does."""
    for row in new:
        session.expunge(row)
    session.expire_all()
