"""What the engine's tables are made of."""

from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

UUID_ = sa.Uuid()
TEXT = sa.Text()
AMOUNT = sa.BigInteger()
INSTANT = sa.DateTime(timezone=True)
DAY = sa.Date()
# Compared byte by byte, so that every server and Python sort it alike.
NAME = sa.Text(collation="C")


def tenant() -> sa.Column[int]:
    return sa.Column("tenant_id", sa.BigInteger, primary_key=True, autoincrement=False)


def key(name: str = "id") -> sa.Column[UUID]:
    return sa.Column(name, sa.Uuid, primary_key=True)


def needs(name: str, kind: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=False)


def begins(name: str, kind: sa.types.TypeEngine[Any], value: str) -> sa.Column[Any]:
    """A column that has a value before anybody gives it one."""
    return sa.Column(name, kind, nullable=False, server_default=value)


def words(name: str) -> sa.Column[Any]:
    """A list of short words, empty where nothing is said."""
    return begins(name, ARRAY(sa.Text()), "{}")


def one_of(name: str, choices: type[StrEnum]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{choice.value}'" for choice in choices)
    return sa.CheckConstraint(f"{name} IN ({listed})", name=name)


def refers(
    target: str, *columns: str, to: tuple[str, ...] = ("id",), name: str | None = None
) -> sa.ForeignKeyConstraint:
    """A reference within the tenant."""
    return sa.ForeignKeyConstraint(
        ["tenant_id", *columns], [f"{target}.{each}" for each in ("tenant_id", *to)], name=name
    )
