"""Letting go of rows nobody will ask for again, a few at a time."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from app.core import tenancy
from app.core.db import transaction

AT_ONCE = 1000


def in_every_tenant(let_go: Callable[[Session], int]) -> None:
    """Call `let_go` in short transactions, tenant by tenant, until it finds less than a batch."""
    with transaction(None) as session:
        tenants = tenancy.list_tenants(session)
    for tenant in tenants:
        while True:
            with transaction(tenant.id) as session:
                gone = let_go(session)
            if gone < AT_ONCE:
                break
