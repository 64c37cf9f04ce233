"""Activities as an .ics file (RFC 5545): for the calendar on somebody's phone.

Instants are written in UTC, so that no time zone has to be described. An activity keeps its UID,
and one that was called off says so: whoever opens the file again has one entry, and the true one.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from app.activities.kinds import ActivityState
from app.activities.models import Activity

PRODUCT = "-//Red Account//Activities//ZH"
MIME = "text/calendar; charset=utf-8"
REMIND = timedelta(hours=-2)


def written(activities: Iterable[Activity], *, address: str, now: datetime) -> bytes:
    """The file with these activities; `address` is where the service is reached."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    for activity in activities:
        calendar.add_component(_event(activity, address=address, now=now))
    found: bytes = calendar.to_ical()
    return found


def _event(activity: Activity, *, address: str, now: datetime) -> Event:
    off = activity.state == ActivityState.CANCELLED
    event = Event()
    event.add("uid", f"{activity.id}@red-account")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", activity.starts_at.astimezone(UTC))
    event.add("dtend", activity.ends_at.astimezone(UTC))
    event.add("summary", f"（已取消）{activity.title}" if off else activity.title)
    event.add("location", activity.place)
    event.add("description", activity.cancel_reason if off else activity.summary)
    event.add("url", f"{address}/activities/{activity.id}")
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    if not off:
        event.add_component(_reminder(activity.title))
    return event


def _reminder(title: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", REMIND)
    alarm.add("description", title)
    return alarm
