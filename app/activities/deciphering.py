"""Who is meant by each line of a list on paper that comes back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import arrival_queries, assisting, backfilling, circles, lists, queries
from app.activities.arrival_models import AttendanceList
from app.activities.assisting import NO_PERSON, Aid
from app.activities.circles import Circle
from app.activities.errors import (
    ActivityNotOpen,
    AttendeeUnclear,
    AttendeeUnknown,
    BackfillLate,
    LineWrong,
    OwnAttendance,
)
from app.activities.models import Activity
from app.activities.ways import Way
from app.core.errors import DomainError
from app.core.vault import Vault
from app.identity import queries as identity
from app.identity.roles import Principal

NO_LINE = "这张签到表没有这一行，或者这一行不是您楼里的人，请核对行号。"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the paper with a tick: when they came and left, and who, where it was empty.

    Who is a card number, somebody who was found, or what is written there.
    """

    number: int
    came_at: datetime | None
    left_at: datetime | None = None
    card_no: str = ""
    person_id: UUID | None = None
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A list as it comes back, and once for all of it why it was on paper and who kept it."""

    me: Principal
    code: str
    reason: str
    lines: Sequence[Line]
    vault: Vault
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The list that lies there: of which activity, whose its lines are, and what it counts as."""

    batch: Batch
    listed: AttendanceList
    activity: Activity
    circle: Circle
    printed: Mapping[int, UUID]
    late: bool

    @property
    def way(self) -> Way:
        return Way.BACKFILL if self.late else Way.LIST

    def aid(self, person_id: UUID) -> Aid:
        one = self.batch
        return Aid(
            me=one.me,
            activity_id=self.activity.id,
            person_id=person_id,
            reason=one.reason,
            on_paper=True,
            vault=one.vault,
            now=one.now,
        )


def laid_out(session: Session, batch: Batch) -> Table:
    """The list of this batch, held; refuses before it opens, too late, and without a reason."""
    listed, activity, circle = lists.kept_list(session, batch.code, me=batch.me)
    # Nobody else enters a list of it meanwhile, calls it off or confirms who came.
    activity = queries.get_activity(session, activity.id, lock=True) or activity
    if batch.now < activity.opens_at:
        raise ActivityNotOpen(f"“{activity.title}”开始前 30 分钟才能登记，请到时再来。")
    if batch.now > activity.ends_at + backfilling.WITHIN:
        days = backfilling.WITHIN.days
        raise BackfillLate(f"活动结束已超过 {days} 天，不能再登记；有疑问请到社区说明。")
    assisting.check_reason(batch.reason, way=Way.LIST)
    lines = arrival_queries.lines_of(session, listed.id)
    return Table(
        batch=batch,
        listed=listed,
        activity=activity,
        circle=circle,
        printed={line.number: line.person_id for line in lines},
        late=lists.is_late(listed, activity, now=batch.now, zone=batch.me.zone),
    )


def people_on(session: Session, table: Table, problems: dict[int, str]) -> dict[int, UUID]:
    """Who is meant on each line; nobody stands on two."""
    found: dict[int, UUID] = {}
    on_line: dict[UUID, int] = {}
    for line in table.batch.lines:
        try:
            who = _person(session, table, line)
        except DomainError as refusal:
            problems[line.number] = refusal.detail
            continue
        if line.number in found:
            problems[line.number] = "这一行提交了两次，请去掉一次。"
        elif who in on_line:
            problems[line.number] = f"和第 {on_line[who]} 行是同一个人，请去掉一行。"
        else:
            found[line.number], on_line[who] = who, line.number
    return found


def _person(session: Session, table: Table, line: Line) -> UUID:
    """Who was printed there, or who wrote themself there: somebody of one's own subtree."""
    me, written = table.batch.me, bool(line.card_no or line.person_id or line.who)
    if not 0 < line.number <= len(table.printed) + table.listed.blank:
        raise LineWrong(NO_LINE)
    printed = table.printed.get(line.number)
    if printed is None:
        aid = Aid(
            me=me,
            activity_id=table.activity.id,
            card_no=line.card_no,
            person_id=line.person_id or _found(session, table, line.who),
            vault=table.batch.vault,
            now=table.batch.now,
        )
        return assisting.somebody(session, aid)
    if written and table.circle.holds(printed):
        raise LineWrong("这一行印的是报了名的人；别人请写在空行里。")
    return _printed(session, table, printed)


def _printed(session: Session, table: Table, printed: UUID) -> UUID:
    """Who was printed on a line, where that is for the caller to enter."""
    if not table.circle.holds(printed):
        raise LineWrong(NO_LINE)
    person = identity.get_person(session, printed)
    if person is None or person.erased_at is not None:
        raise AttendeeUnknown("这个人已经注销，请去掉这一行。")
    if person.id == table.batch.me.person_id:
        raise OwnAttendance("不能登记自己，请另一位工作人员登记这一行。")
    return person.id


def _found(session: Session, table: Table, text: str) -> UUID | None:
    if not text:
        return None
    found = circles.found(session, table.batch.vault, text, me=table.batch.me)
    if len(found) > 1:
        raise AttendeeUnclear(f"有 {len(found)} 个人符合，请改填完整手机号或存折卡号。")
    if not found:
        raise AttendeeUnknown(NO_PERSON)
    return found[0][0]
