"""An answer that is kept to be given again, sealed: it may hold what is as good as money."""

from uuid import UUID

from flask import Response

from app.core import edges
from app.core.vault import Place

TABLE, FIELD = "idempotency", "answer"


def sealed(answer: Response, place: Place) -> str:
    """What of it is kept in the row of its key."""
    return edges.vault().seal(answer.get_data(as_text=True), place)


def unsealed(text: str, place: Place) -> str:
    """What was answered."""
    return edges.vault().unseal(text, place)


def place_in(tenant_id: int, row_id: UUID) -> Place:
    return Place(tenant_id=tenant_id, table=TABLE, field=FIELD, row_id=row_id)
