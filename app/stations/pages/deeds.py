"""How a form of a station's pages ends: it leads on, or its page says why not."""

from collections.abc import Callable

from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core.db import transaction
from app.core.errors import DomainError, NotFound
from app.core.problems import shown_on
from app.identity.access import current_principal, lead_on


def done(
    deed: Callable[[Session], object], page: Callable[[str], ResponseReturnValue], onward: str
) -> ResponseReturnValue:
    """Do it in one unit of work, and lead on; where it is refused, show its page with the reason.

    A thing that is not there stays so, whatever else is wrong with the form about it.
    """
    me = current_principal()
    try:
        with transaction(me.tenant_id) as session:
            deed(session)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(page(refusal.detail), refusal)
    return lead_on(onward)
