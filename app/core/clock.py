"""The only place that asks what time it is. Everything else is told."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CIVIL_ZONE = "Asia/Shanghai"
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)


def now() -> datetime:
    return datetime.now(UTC)


def civil_day(instant: datetime, zone: str = CIVIL_ZONE) -> date:
    """The day on the calendar of people who live in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def age(born: date, *, on: date) -> int:
    """Whole years; who was born on the 29th of February is older on the 1st of March."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def midnight(day: date, zone: str = CIVIL_ZONE) -> datetime:
    """The instant at which a day begins there."""
    return datetime.combine(day, time(), ZoneInfo(zone))


def civil_text(instant: datetime, zone: str = CIVIL_ZONE) -> str:
    """How a person there reads the instant: "11月22日 14:05"."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def is_mostly_night(began: datetime, ended: datetime, zone: str = CIVIL_ZONE) -> bool:
    """Whether more than half of a time lay between ten in the evening and six in the morning."""
    there = ZoneInfo(zone)
    day, last = civil_day(began, zone) - timedelta(days=1), civil_day(ended, zone)
    dark = timedelta(0)
    while day <= last:
        falls = datetime.combine(day, NIGHT_BEGINS, there)
        day += timedelta(days=1)
        breaks = datetime.combine(day, NIGHT_ENDS, there)
        # In UTC: what is between two instants is not what clocks on the wall say of it.
        since = max(began, falls).astimezone(UTC)
        dark += max(min(ended, breaks).astimezone(UTC) - since, timedelta(0))
    return dark * 2 > max(ended - began, timedelta(0))
