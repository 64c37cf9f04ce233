"""Letting go of rows nobody will ask for again, a few at a time."""

from collections.abc import Callable, Iterable

from sqlalchemy.orm import Session

from app.core.db import transaction

AT_ONCE = 1000


def in_each(tenant_ids: Iterable[int], let_go: Callable[[Session], int]) -> None:
    """Call `let_go` in short transactions, tenant by tenant, until it finds less than a batch."""
    for tenant_id in tenant_ids:
        while True:
            with transaction(tenant_id) as session:
                gone = let_go(session)
            if gone < AT_ONCE:
                break
