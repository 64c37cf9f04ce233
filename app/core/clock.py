"""The only place that asks what time it is. Everything else is told."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CIVIL_ZONE = "Asia/Shanghai"


def now() -> datetime:
    return datetime.now(UTC)


def civil_day(instant: datetime, zone: str = CIVIL_ZONE) -> date:
    """The day on the calendar of people who live in `zone`."""
    return instant.astimezone(ZoneInfo(zone)).date()


def civil_text(instant: datetime, zone: str = CIVIL_ZONE) -> str:
    """How a person there reads the instant: "11月22日 14:05"."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.month}月{local.day}日 {local:%H:%M}"
