"""Which nights were worked through, and how far somebody's book of paper is printed."""

from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Moment, TenantRow, belongs_to

ROWS = 20  # on a page of the book of paper


class NightlyRun(TenantRow):
    """The work of one night: whoever has the row does it, and nobody does it beside them."""

    __tablename__ = "nightly_run"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "day"),
        sa.CheckConstraint("finished_at >= started_at", name="finished_after_start"),
    )

    day: Mapped[date]
    started_at: Mapped[Moment]
    finished_at: Mapped[Moment | None]
    # Which promises were broken, and by how many rows.
    broken: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=sa.text("'{}'::jsonb"))


class PassbookBook(TenantRow):
    """The book of paper somebody carries: the how manyth it is, and where its last line stands.

    On line 0 the page is still empty.
    """

    __tablename__ = "passbook_book"
    __table_args__ = (
        belongs_to("person", "person_id"),
        sa.UniqueConstraint("tenant_id", "person_id"),
        sa.CheckConstraint("number BETWEEN 1 AND 999", name="number"),
        sa.CheckConstraint("page BETWEEN 1 AND 99", name="page"),
        sa.CheckConstraint(f"line BETWEEN 0 AND {ROWS}", name="line"),
    )

    person_id: Mapped[UUID]
    number: Mapped[int]
    page: Mapped[int]
    line: Mapped[int]


class PassbookPrint(TenantRow):
    """A line of the points that was printed, and where it stands. Written once.

    The version is the account's: it numbers the lines of a passbook.
    """

    __tablename__ = "passbook_print"
    __table_args__ = (
        belongs_to("person", "person_id"),
        belongs_to("person", "printed_by"),
        sa.UniqueConstraint("tenant_id", "person_id", "version"),
        sa.UniqueConstraint("tenant_id", "person_id", "number", "page", "line"),
        sa.CheckConstraint("number >= 1 AND page >= 1", name="page"),
        sa.CheckConstraint(f"line BETWEEN 1 AND {ROWS}", name="line"),
    )

    person_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(sa.BigInteger)
    booked_at: Mapped[Moment]
    number: Mapped[int]
    page: Mapped[int]
    line: Mapped[int]
    printed_at: Mapped[Moment]
    printed_by: Mapped[UUID]
