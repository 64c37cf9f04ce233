"""Building the tree."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.core.db import add
from app.core.ids import new_id
from app.organisation import queries
from app.organisation.models import OrgUnit


def create_unit(session: Session, *, parent_id: UUID | None, kind: str, name: str) -> OrgUnit:
    """Make a unit under its parent, or the top one."""
    above = queries.path_of(session, parent_id) if parent_id else ()
    id_ = new_id()
    unit = OrgUnit(id=id_, parent_id=parent_id, kind=kind, name=name, path=[*above, id_])
    return add(session, unit)
