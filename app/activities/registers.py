"""活动登记簿: who was at which activity of a month and for how long, as the ledger counts it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.activities import answering, categories, labels, months, services, shown
from app.activities.arrival_models import Attendance
from app.activities.errors import RegisterTooLarge
from app.activities.models import Activity
from app.activities.ways import Review
from app.core import audit, paper
from app.core.clock import civil_text, midnight
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.organisation.errors import CommunityUnknown

BY = Permission.ACTIVITY_FOLLOW
MOST = 5000
PAPER = (
    paper.Column(title="活动", share=27),
    paper.Column(title="地点", share=22),
    paper.Column(title="姓名", share=9),
    paper.Column(title="签到", share=15),
    paper.Column(title="签退", share=15),
    paper.Column(title="分钟", share=10, summed=True),
    paper.Column(title="签字", share=16),
)
HEADINGS = ("活动", "类别", "社区", "地点", "活动时间", "姓名", "签到", "签退", "分钟")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The month in which people left; of one community or activity, or of all one looks after."""

    month: date
    community_id: UUID | None = None
    activity_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One person at one activity; the name is masked."""

    name: str
    came: str
    left: str
    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """An activity with who was there."""

    id: UUID
    title: str
    category: str
    community: str
    place: str
    when: str
    lines: Sequence[Line]

    @property
    def minutes(self) -> int:
        return sum(line.minutes for line in self.lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The sheets of a month; `waiting` attendances are in none of them, because they may change."""

    month: date
    sheets: Sequence[Sheet]
    waiting: int

    @property
    def people(self) -> int:
        return sum(len(sheet.lines) for sheet in self.sheets)

    @property
    def minutes(self) -> int:
        return sum(sheet.minutes for sheet in self.sheets)

    def on_paper(self, whose: str) -> paper.Register:
        """As it is printed, to be signed."""
        said = f"{self.month:%Y 年 %m 月}，{len(self.sheets)} 个活动，{self.people} 人次"
        return paper.Register(
            title="活动登记簿",
            about=f"{whose} · {said}",
            columns=PAPER,
            rows=[
                (sheet.title, sheet.place, line.name, line.came, line.left, line.minutes, "")
                for sheet in self.sheets
                for line in sheet.lines
            ],
            signed_by=("登记人", "社区负责人"),
            landscape=True,
        )

    def rows(self) -> list[tuple[str, ...]]:
        """As a spreadsheet has it, with its headings and its sum."""
        body = [
            (
                *(sheet.title, sheet.category, sheet.community, sheet.place, sheet.when),
                *(line.name, line.came, line.left, str(line.minutes)),
            )
            for sheet in self.sheets
            for line in sheet.lines
        ]
        return [
            HEADINGS,
            *body,
            ("合计", *[""] * 4, f"{self.people} 人次", "", "", str(self.minutes)),
        ]


def of(session: Session, wanted: Wanted, *, me: Principal) -> Register:
    """The register as one may read it; a community or activity of others does not exist."""
    communities = _communities(session, wanted, me)
    of_month = _of_month(wanted, communities, me)
    found = session.execute(
        sa.select(Attendance, Activity)
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(*of_month, answering.COUNTS)
        .order_by(Activity.starts_at, Activity.id, Attendance.checked_in_at, Attendance.id)
        .limit(MOST + 1)
    ).all()
    if len(found) > MOST:
        raise RegisterTooLarge(f"超过 {MOST} 行，请选一个社区或一个活动再看。")
    rows = [(row[0], row[1]) for row in found]
    return Register(
        month=wanted.month,
        sheets=_sheets(session, rows, me=me),
        waiting=_waiting(session, of_month),
    )


def export(
    session: Session, wanted: Wanted, *, me: Principal, form: str, now: datetime
) -> Register:
    """The register, to be taken away; that it was is written down."""
    register = of(session, wanted, me=me)
    tops = sorted(me.units_with(BY))
    audit.record(
        session,
        actor=me.actor(BY),
        action="activity_register.export",
        subject=("activity", wanted.activity_id),
        scope=wanted.community_id or next(iter(tops), None),
        at=now,
        changed={
            "month": ("", f"{wanted.month:%Y-%m}"),
            "rows": ("", str(register.people)),
            "form": ("", form),
        },
    )
    return register


def communities(session: Session, me: Principal) -> list[tuple[UUID, str]]:
    """The communities whose registers one may read, by name."""
    ids = organisation.communities_under(session, me.units_with(BY))
    return organisation.names_of(session, ids)


def _communities(session: Session, wanted: Wanted, me: Principal) -> list[UUID]:
    mine = organisation.communities_under(session, me.units_with(BY))
    if wanted.activity_id is not None:
        services.prepared_activity(session, me=me, activity_id=wanted.activity_id)
    if wanted.community_id is None:
        return mine
    if wanted.community_id not in mine:
        raise CommunityUnknown("没有找到这个社区，请在您负责的社区里选择。")
    return [wanted.community_id]


def _of_month(
    wanted: Wanted, communities: Collection[UUID], me: Principal
) -> list[sa.ColumnElement[bool]]:
    """By the civil day on which people left: to that day the ledger credits their minutes."""
    conditions = [
        Activity.community_id.in_(communities),
        Attendance.checked_out_at >= midnight(wanted.month, me.zone),
        Attendance.checked_out_at < midnight(months.next_of(wanted.month), me.zone),
    ]
    if wanted.activity_id is not None:
        conditions.append(Activity.id == wanted.activity_id)
    return conditions


def _waiting(session: Session, of_month: Sequence[sa.ColumnElement[bool]]) -> int:
    query = (
        sa.select(sa.func.count())
        .select_from(Attendance)
        .join(Activity, Activity.id == Attendance.activity_id)
        .where(*of_month, ~answering.COUNTS, Attendance.review.is_distinct_from(Review.REJECTED))
    )
    return session.scalar(query) or 0


def _sheets(
    session: Session, rows: Sequence[tuple[Attendance, Activity]], *, me: Principal
) -> list[Sheet]:
    names = shown.masked_names(session, [attendance.person_id for attendance, _ in rows])
    places = dict(organisation.names_of(session, {activity.community_id for _, activity in rows}))
    lines: dict[UUID, list[Line]] = {}
    for attendance, activity in rows:
        name = names.get(attendance.person_id, "")
        lines.setdefault(activity.id, []).append(_line(attendance, name, me.zone))
    return [
        Sheet(
            id=activity.id,
            title=activity.title,
            category=categories.name_of(activity.category),
            community=places.get(activity.community_id, ""),
            place=activity.place,
            when=labels.when(activity, me.zone),
            lines=lines[activity.id],
        )
        for activity in {activity.id: activity for _, activity in rows}.values()
    ]


def _line(attendance: Attendance, name: str, zone: str) -> Line:
    out, minutes = attendance.checked_out_at, attendance.minutes
    assert out is not None  # only who left counts
    return Line(
        name=name,
        came=civil_text(attendance.checked_in_at, zone),
        left=civil_text(out, zone),
        minutes=minutes or 0,
    )
