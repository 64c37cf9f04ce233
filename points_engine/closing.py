"""What has to come before a quarter is publicised or closed, for both engines alike."""

from dataclasses import dataclass
from datetime import date

from points_engine.errors import PeriodNotReady
from points_engine.periods import last_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a quarter that has not ended stands among those of its community.

    `earlier` is the first one before it with something booked in it and not publicised.
    """

    booked: bool
    earlier: str | None
    later_ended: bool


def check_may_end(quarter: str, standing: Standing, *, on: date) -> None:
    """`PeriodNotReady` unless it is over on that civil day, and the next one to end."""
    last = last_day(quarter)
    if on <= last:
        raise PeriodNotReady(quarter, f"can be publicised when it is over, after {last}")
    if standing.earlier is not None:
        raise PeriodNotReady(quarter, f"can be publicised after {standing.earlier}")
    if standing.later_ended and not standing.booked:
        raise PeriodNotReady(quarter, "was passed over: nothing was booked in it")


def check_may_close(quarter: str, *, publicised: bool, earlier: str | None) -> None:
    """`PeriodNotReady` unless it is publicised, and `earlier`, the first to be closed, is none."""
    if not publicised:
        raise PeriodNotReady(quarter, "can be closed when it was publicised")
    if earlier is not None:
        raise PeriodNotReady(quarter, f"can be closed after {earlier}")


def not_closed(quarter: str) -> PeriodNotReady:
    """There is no proof before there is a seal."""
    return PeriodNotReady(quarter, "can be proved when it was closed")
