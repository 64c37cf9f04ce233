"""What a database must know of many rows that came at once."""

import sqlalchemy as sa
from sqlalchemy.orm import Session


def take_stock(session: Session) -> None:
    """Let the planner count the rows again: after many came at once, before they are asked for.

    Only their owner may. A server does it by itself, but not at the moment it is needed.
    """
    session.execute(sa.text("ANALYZE"))
