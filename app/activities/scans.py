"""What a venue's code opens, and that of a list on paper."""

from sqlalchemy.orm import Session

from app.activities import arrival_queries, circles, queries, services
from app.activities.codes import Direction, VenueCode
from app.activities.errors import ListForStaff
from app.core.db import tenant_of
from app.core.scans import Action, Found, Scan

OPERATIONS = {
    Direction.IN: ("checkIn", "签到", "check-ins"),
    Direction.OUT: ("checkOut", "签退", "check-outs"),
}
ENTRY = "/staff/lists"


def resolve(session: Session, scan: Scan) -> Found | None:
    """The activity on whose screen or on whose list the code is.

    Raises `CodeExpired` for an old one of a screen, and `ListForStaff` for the list, unless it is
    staff who scan it.
    """
    code = VenueCode.read(scan.code)
    return _listed(session, scan) if code is None else _venue(session, scan, code)


def _venue(session: Session, scan: Scan, code: VenueCode) -> Found | None:
    direction = services.direction_of(
        code, keyring=scan.keyring, tenant_id=tenant_of(session), now=scan.now
    )
    if direction is None:
        return None
    activity = queries.get_activity(session, code.activity_id)
    if activity is None:
        return None
    operation, label, path = OPERATIONS[direction]
    action = Action(
        operation=operation,
        label=label,
        method="POST",
        path=f"/api/v1/activities/{activity.id}/{path}",
    )
    return Found(
        kind="venue",
        id=activity.id,
        title=activity.title,
        actions=(action,),
        href=f"/arrive/{scan.code}",
    )


def _listed(session: Session, scan: Scan) -> Found | None:
    """A list the scanner keeps; one of others does not exist, for those who keep any."""
    listed = arrival_queries.get_list(session, scan.code)
    activity = queries.get_activity(session, listed.activity_id) if listed else None
    if listed is None or activity is None:
        return None
    tops = scan.units_with(circles.BY)
    if not tops:
        raise ListForStaff(
            "这是纸质签到表，签好名交给楼栋长或社区工作人员就行。自己签到请扫活动现场的码。"
        )
    if not circles.path_within(session, activity, tops=tops):
        return None
    entry = Action(
        operation="enterAttendanceList",
        label="登记这张签到表",
        method="POST",
        path=f"/api/v1/attendance-lists/{listed.code}/entries",
    )
    return Found(
        kind="attendance_list",
        id=listed.id,
        title=activity.title,
        actions=(entry,),
        href=f"{ENTRY}/{listed.code}",
    )
