"""Sealing anew what another key or cipher sealed, column by column and batch by batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import TenantRow
from app.core.vault.sealing import Place, Vault

AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A column of sealed values, and where each value of it belongs."""

    model: type[TenantRow]
    column: str
    place: Callable[[Any], Place]


def reseal(
    session: Session, vault: Vault, sealed: Sealed, *, after: UUID | None
) -> tuple[UUID | None, int]:
    """Seal some rows anew: the last row that was looked at, and how many needed it.

    Begin with None and go on after the row that is answered, until there is none.
    """
    query = sa.select(sealed.model).order_by(sealed.model.id).limit(AT_ONCE).with_for_update()
    rows = session.scalars(query if after is None else query.where(sealed.model.id > after)).all()
    some = 0
    for row in rows:
        value = getattr(row, sealed.column)
        if value is not None and not value.startswith(vault.prefix):
            place = sealed.place(row)
            setattr(row, sealed.column, vault.seal(vault.unseal(value, place), place))
            some += 1
    return (rows[-1].id if rows else None), some
