"""A photo that staff show: kept as drawn anew, and looked at by the platform after the upload."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped

from app.core.db import Moment, TenantRow
from app.core.pictures import Picture

RISKY = "risky"  # what is shown to nobody


class CheckedPhoto(TenantRow):
    """The columns of such a photo; whose it is, its table says."""

    __abstract__ = True

    content: Mapped[bytes]
    digest: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    uploaded_by: Mapped[UUID]
    uploaded_at: Mapped[Moment]
    asked_at: Mapped[Moment | None]  # when the platform was asked what is in it
    trace_id: Mapped[str | None]  # under which name it will say
    verdict: Mapped[str | None]  # one that is risky is shown to nobody

    def show(self, picture: Picture, *, by: UUID, at: datetime) -> None:
        """Be this picture from now on, about which nobody was asked yet."""
        self.content, self.digest = picture.content, picture.digest
        self.width, self.height = picture.width, picture.height
        self.uploaded_by, self.uploaded_at = by, at
        self.asked_at = self.trace_id = self.verdict = None


def kept_well() -> tuple[sa.CheckConstraint, ...]:
    """What the database makes sure of in each such table."""
    return (
        sa.CheckConstraint("octet_length(content) BETWEEN 1 AND 307200", name="content"),
        sa.CheckConstraint("width > 0 AND height > 0", name="size"),
        sa.CheckConstraint("verdict IN ('pass', 'review', 'risky')", name="verdict"),
        sa.CheckConstraint(
            "asked_at IS NOT NULL OR num_nonnulls(trace_id, verdict) = 0", name="asked"
        ),
    )
