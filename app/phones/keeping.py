"""What is kept of the numbers a person has asked to have checked."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import edges
from app.core.keeping import Keeping
from app.phones import releasing, services
from app.phones.models import PhoneClaim, PhoneRelease


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


def _releases(session: Session, person_id: UUID) -> Iterator[dict[str, Any]]:
    query = sa.select(PhoneRelease).where(PhoneRelease.person_id == person_id)
    for release in session.scalars(query.order_by(PhoneRelease.asked_at, PhoneRelease.id)):
        yield {
            "state": release.state,
            "asked_at": release.asked_at,
            "asked_by": release.asked_by,
            "reason": release.reason,
            "due_at": release.due_at,
            "closed_at": release.closed_at,
            "closed_by": release.closed_by,
        }


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
    Keeping(
        key="phone_releases",
        own=False,
        title="手机号换主人的办理",
        why="号码换了主人时，从原来的档案解绑，要经两位工作人员并给您一天提出异议",
        until="办理记录长期保留，不含号码",
        export=_releases,
        forget=releasing.stop_all_of,
    ),
)
