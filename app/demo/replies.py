"""What people of the demo city say of activities they were at, and what they get back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import answering
from app.activities.answering import Said
from app.activities.arrival_models import Attendance
from app.activities.models import Activity
from app.demo import town
from app.identity.models import Person
from app.identity.roles import Principal

SAID = (
    (5, "大家配合得很好，下次还想来。"),
    (4, "很充实，要是早上再凉快一点开始就更好了。"),
    (3, "人有点多，工具不太够。"),
)
ANSWER = "谢谢您，我们记下了，下次改进。"


def exchange(
    session: Session, *, home: UUID, people: Sequence[Person], leader: Principal, now: datetime
) -> None:
    """Of each activity of late some say how it was; everybody is thanked, and one is answered."""
    of_late = Attendance.checked_out_at > now - answering.OPEN_FOR
    query = sa.select(Activity.id).where(
        Activity.community_id == home,
        sa.select(Attendance.id).where(Attendance.activity_id == Activity.id, of_late).exists(),
    )
    for activity_id in session.scalars(query.order_by(Activity.id)).all():
        given = [
            answering.give(
                session,
                Said(activity_id=activity_id, rating=rating, words=words),
                me=town.principal(session, person, on=now),
                now=now,
            )
            for person, (rating, words) in zip(people, SAID, strict=False)
        ]
        answering.thank_all(session, activity_id, me=leader, now=now)
        answering.answer(session, given[0].id, text=ANSWER, me=leader, now=now)
