"""Sealing anew what another key or cipher sealed, column by column and batch by batch."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import Base, TenantRow
from app.core.vault.sealing import Place, Vault

AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A column of sealed values, and where each value of it belongs.

    Rows are gone through by their key: the id, where the table is the tenants'.
    """

    model: type[Base]
    column: str
    place: Callable[[Any], Place]
    key: str = "id"

    @property
    def of_tenants(self) -> bool:
        return issubclass(self.model, TenantRow)


def reseal(session: Session, vault: Vault, sealed: Sealed, *, after: Any) -> tuple[Any, int]:
    """Seal some rows anew: the last row that was looked at, and how many needed it.

    Begin with None and go on after the row that is answered, until there is none.
    """
    key = getattr(sealed.model, sealed.key)
    query = sa.select(sealed.model).order_by(key).limit(AT_ONCE).with_for_update()
    rows = session.scalars(query if after is None else query.where(key > after)).all()
    some = 0
    for row in rows:
        value = getattr(row, sealed.column)
        if value is not None and not value.startswith(vault.prefix):
            place = sealed.place(row)
            setattr(row, sealed.column, vault.seal(vault.unseal(value, place), place))
            some += 1
    return (getattr(rows[-1], sealed.key) if rows else None), some
