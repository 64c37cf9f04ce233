"""What keeps a unit of the organisation open: each feature answers for its own rows."""

from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

# What must first come to its end before a unit can be closed: a sentence each, with what to do.
Occupied = Callable[[Session, UUID, datetime], Iterable[str]]
