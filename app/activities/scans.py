"""What a venue's code opens."""

from sqlalchemy.orm import Session

from app.activities import queries, services
from app.activities.codes import Direction, VenueCode
from app.core.db import tenant_of
from app.core.scans import Action, Found, Scan

OPERATIONS = {
    Direction.IN: ("checkIn", "签到", "check-ins"),
    Direction.OUT: ("checkOut", "签退", "check-outs"),
}


def resolve(session: Session, scan: Scan) -> Found | None:
    """The activity on whose screen the code is; raises `CodeExpired` for an old one of ours."""
    code = VenueCode.read(scan.code)
    if code is None:
        return None
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
