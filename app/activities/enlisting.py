"""Staff put down the name of somebody who has no phone, by their card or by who they are.

The rules are those of checking in by staff and of enrolling; the person is told, by telephone
where nothing else reaches them.
"""

from dataclasses import replace
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import assisting, circles, enrolling
from app.activities.assisting import Aid
from app.activities.enrolling import Wish
from app.activities.errors import AlreadyEnrolled
from app.activities.kinds import EnrolmentState
from app.activities.models import Activity, Enrolment
from app.core import audit
from app.core.clock import civil_text
from app.core.telling import Telling, notify
from app.identity.roles import Principal

SAID = {EnrolmentState.CONFIRMED: "已经报上名", EnrolmentState.WAITLISTED: "名额满了，先排候补"}


def enlist(session: Session, aid: Aid, *, task_id: UUID | None) -> Enrolment:
    """Take a place in somebody's stead, or the next turn in the queue.

    Raises the refusals of enrolling, and `AttendeeUnknown` and `ReasonNeeded` as for checking in.
    """
    activity = assisting.led_activity(session, aid.activity_id, me=aid.me)
    person_id = assisting.somebody(session, aid)
    assisting.check_reason(aid.reason, way=aid.way)
    theirs = replace(aid.me, on_behalf_of=person_id)
    wish = Wish(me=theirs, activity_id=activity.id, task_id=task_id, now=aid.now)
    try:
        enrolment = enrolling.enrol(session, wish, vault=aid.vault)
    except AlreadyEnrolled as error:
        raise AlreadyEnrolled("这个人已经报过名，不用再报。") from error
    notify(session, _told(activity, enrolment, me=aid.me), now=aid.now)
    audit.record(
        session,
        actor=aid.me.actor(circles.BY, circles.path_to(session, activity, me=aid.me)),
        action="enrolment.staff",
        subject=("person", person_id),
        scope=activity.community_id,
        at=aid.now,
        changed={"state": ("", enrolment.state), "way": ("", aid.way.value)},
        reason=aid.reason,
    )
    return enrolment


def _told(activity: Activity, enrolment: Enrolment, *, me: Principal) -> Telling:
    words = {
        "title": activity.title,
        "when": civil_text(activity.starts_at, me.zone),
        "place": activity.place,
        "outcome": SAID[EnrolmentState(enrolment.state)],
    }
    return Telling(
        person_id=enrolment.person_id,
        template="enrolled_by_staff",
        about=f"activity:{activity.id}:enrolled:{enrolment.turn}",
        words=words,
        path=f"/activities/{activity.id}",
    )
