"""What those say who were served: that it was so, or that there was no such thing.

They need no account. Whoever has the code of a slip answers once. Wrong codes, those that were
revoked and those that are over are told alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import insiders, proofs, queries, slip_codes, slips
from app.activities.arrival_models import Attendance
from app.activities.errors import InsiderCall, SlipAnswered, SlipTooEarly, SlipUnknown
from app.activities.models import Activity
from app.activities.proof_models import ServiceSlip
from app.activities.slip_codes import SlipCodes
from app.activities.slips import Desk
from app.activities.ways import Answer, Review
from app.core import misses
from app.core.db import get
from app.identity import queries as identity
from app.organisation.errors import ReasonNeeded

PURPOSE = "service-slip"
NO_SUCH_CODE = (
    "没有找到这张服务确认单：可能码输错了、已经换了新的，或者过了时间。"
    "请再核对一遍，或打电话给社区。"
)
MOST_NAMED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whoever has a code: what they typed, and a digest of where they call from."""

    code: str
    codes: SlipCodes
    mark: bytes
    now: datetime

    @property
    def tried(self) -> misses.Try:
        return misses.Try(purpose=PURPOSE, subject=self.mark.hex(), now=self.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """An answer; the words are for whoever looks into a denial, and for nobody else."""

    answer: Answer
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """What a slip says was done: where, by how many, and for how long."""

    slip: ServiceSlip
    activity: Activity
    people: int
    minutes: int  # of whoever stayed longest
    names: Sequence[str]  # family names alone


def look(session: Session, caller: Caller) -> Claimed:
    """What the slip of this code says; raises `SlipUnknown`, and logs the miss."""
    slip = _found(session, caller)
    return _claimed(session, slip)


def answer(
    session: Session, caller: Caller, said: Said, *, signed_in: UUID | None = None
) -> Claimed:
    """Write down what was answered with a code: the first answer, and no other.

    What comes after it is told the same, whatever it says, so that nobody who got hold of a slip
    learns from it what was answered. Attendances follow by themselves: the worker reads it.
    Whoever is signed in and had a part in the activity does not answer for those they served.
    """
    slip = _found(session, caller)
    activity = _begun(session, slip, now=caller.now)
    if signed_in is not None and insiders.is_of(session, activity, signed_in):
        raise InsiderCall("参与了这个活动的人不能替服务对象答复，请把单子交给服务对象本人。")
    if slip.answer is None:
        _write(slip, said, now=caller.now)
        session.flush()
    return _claimed(session, slip, activity)


def take_call(session: Session, slip: ServiceSlip, said: Said, *, why: str, desk: Desk) -> None:
    """Write down what somebody said by telephone. Nobody asks who had a part in the activity."""
    activity = _begun(session, slip, now=desk.now)
    if insiders.is_of(session, activity, desk.me.person_id) or slip.person_id == desk.me.person_id:
        raise InsiderCall("打电话核实的人不能参与过这个活动，请没有参加、没有组织的同事来打。")
    if not why:
        raise ReasonNeeded(
            "请写明为什么电话核实，例如“老人不用手机”。", errors={"reason": ["必填"]}
        )
    if slip.revoked_at is not None or (slip.answer is None and desk.now >= slip.valid_until):
        raise SlipUnknown(slips.NO_SLIP)
    if slip.answer == said.answer:
        return
    if slip.answer is not None:
        raise SlipAnswered("这张服务确认单已经答复过，不能再改；要更正请转给核对否认的同事。")
    slip.answered_by, slip.answered_for = desk.me.person_id, why
    _write(slip, said, now=desk.now)
    session.flush()
    slips.note(session, activity, slip, desk=desk, action="service_slip.call", reason=why)


def _found(session: Session, caller: Caller) -> ServiceSlip:
    """The slip, held: of two answers at once the second sees the first.

    Only wrong codes wait for each other: many who were served may share one network.
    """
    misses.refuse_if_paused(session, caller.tried)
    code = slip_codes.read(caller.code)
    query = sa.select(ServiceSlip.id).where(
        ServiceSlip.code_hash == caller.codes.digest(code or "")
    )
    slip_id = session.scalar(query) if code else None
    if slip_id is None:
        misses.one_at_a_time(session, caller.tried)
        misses.refuse_if_paused(session, caller.tried)
    slip = get(session, ServiceSlip, slip_id, lock=True) if slip_id else None
    if slip is None or slip.revoked_at is not None or caller.now >= slip.valid_until:
        misses.note(session, caller.tried, reason=SlipUnknown.code, counts=slip is None)
        raise SlipUnknown(NO_SUCH_CODE).kept()
    return slip


def _begun(session: Session, slip: ServiceSlip, *, now: datetime) -> Activity:
    activity = queries.get_activity(session, slip.activity_id)
    assert activity is not None  # a slip is of an activity
    if now < activity.starts_at:
        raise SlipTooEarly("服务还没有开始，请在服务以后再来答复。")
    return activity


def _write(slip: ServiceSlip, said: Said, *, now: datetime) -> None:
    slip.answer, slip.answered_at, slip.words = said.answer.value, now, said.words


def _claimed(session: Session, slip: ServiceSlip, activity: Activity | None = None) -> Claimed:
    activity = activity or queries.get_activity(session, slip.activity_id)
    assert activity is not None  # a slip is of an activity
    rows = session.execute(
        sa.select(Attendance.person_id, Attendance.minutes)
        .where(*proofs.covered_by(slip), Attendance.review.is_distinct_from(Review.REJECTED.value))
        .order_by(Attendance.checked_in_at, Attendance.id)
    ).all()
    some = [row.person_id for row in rows[:MOST_NAMED]]
    names = identity.names_of(session, set(some))
    return Claimed(
        slip=slip,
        activity=activity,
        people=len(rows),
        minutes=max((row.minutes or 0 for row in rows), default=0),
        names=[f"{names.get(one, '')[:1]}服务者" for one in some],
    )
