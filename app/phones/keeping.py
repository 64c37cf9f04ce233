"""What is kept of the numbers a person has asked to have checked."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import edges
from app.core.keeping import Keeping
from app.phones import services
from app.phones.models import PhoneClaim


def _claims(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(PhoneClaim).where(PhoneClaim.person_id == person_id)
    for claim in session.scalars(query.order_by(PhoneClaim.made_at, PhoneClaim.id)):
        row = {
            "state": claim.state,
            "made_at": claim.made_at,
            "lapses_at": claim.lapses_at,
            "closed_at": claim.closed_at,
            "how": claim.how,
            "reason": claim.reason,
        }
        if claim.number_sealed is not None:
            typed = services.read(edges.vault(), claim)
            row |= {"number": typed.number, "name": typed.name}
        yield row


KEEPINGS = (
    Keeping(
        key="phone_claims",
        own=False,
        title="请社区核对的手机号",
        why="您自己填写的手机号，要由工作人员核对后才算数",
        until="核对、撤回或满三十天后，号码和姓名随即删除，只留办理记录",
        export=_claims,
        forget=services.withdraw_all_of,
    ),
)
