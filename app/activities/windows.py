"""When people check in to an activity by themselves, as the policy says: fixed when published."""

from sqlalchemy.orm import Session

from app.activities.kinds import MOST_RADIUS_M
from app.activities.models import Activity
from app.core import clock
from app.ledger import services as ledger
from points_engine import Checkin

DUTY = "station_duty"
DUTY_OPENS_MIN = 15  # rules.md C.4: whoever is on duty at a station need not come so early


def fix(session: Session, activity: Activity, *, zone: str) -> None:
    """Write down what the policy of the activity's day says, so that a later one changes nothing.

    What is open for longer than anybody serves in one go is come to until its end: people take a
    shift of it.
    """
    said = in_force(session, activity, zone=zone)
    activity.open_before_min = opens_min(said, activity.category)
    activity.close_after_start_min = said.close_after_start_min if activity.planned else None
    if activity.lat is not None and activity.radius_m is None:
        activity.radius_m = min(said.radius_m, MOST_RADIUS_M)


def in_force(session: Session, activity: Activity, *, zone: str) -> Checkin:
    """What the policy in force on the activity's day says of checking in."""
    policy = ledger.policy_on(session, clock.civil_day(activity.starts_at, zone))
    return policy.checkin if policy else Checkin()


def opens_min(said: Checkin, category: str) -> int:
    """How many minutes before the beginning people may check in."""
    return min(said.open_before_min, DUTY_OPENS_MIN) if category == DUTY else said.open_before_min
