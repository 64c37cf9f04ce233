"""The only place that asks what time it is. Everything else is told."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CIVIL_ZONE = "Asia/Shanghai"
NIGHT_BEGINS, NIGHT_ENDS = time(22), time(6)
MORNING = time(8)  # from then on a telephone may ring


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


def noon(day: date, zone: str = CIVIL_ZONE) -> datetime:
    """The middle of a day there."""
    return datetime.combine(day, time(12), ZoneInfo(zone))


def civil_text(instant: datetime, zone: str = CIVIL_ZONE) -> str:
    """How a person there reads the instant: "11月22日 14:05"."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def moment_text(instant: datetime, zone: str = CIVIL_ZONE) -> str:
    """The same as it is written in a message, which is read for years: with the year."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"


def day_text(day: date) -> str:
    """A day as it is written in a message: "2026年11月22日"."""
    return f"{day.year}年{day.month}月{day.day}日"


def by_day(instant: datetime, zone: str = CIVIL_ZONE) -> datetime:
    """The instant itself, or in the night the morning after it: nobody is woken."""
    there = instant.astimezone(ZoneInfo(zone))
    if MORNING <= there.time() < NIGHT_BEGINS:
        return instant
    day = there.date() + timedelta(days=there.time() >= MORNING)
    return datetime.combine(day, MORNING, there.tzinfo)


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
