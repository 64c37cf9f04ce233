"""What a policy settles beside points: how one checks in, takes goods, and reaches stars.

The engine only carries these. Who checks people in, gives out goods or proposes stars asks here.
"""

from dataclasses import dataclass

STARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkin:
    """When a check-in is open, how near one must be, and how long places are kept."""

    open_before_min: int = 30
    close_after_start_min: int = 60
    auto_close_after_end_min: int = 15
    confirm_within_hours: int = 48
    radius_m: int = 300
    radius_indoor_m: int = 500
    radius_large_event_m: int = 1000
    radius_least_m: int = 100
    coordinate_decimals: int = 3
    retain_days: int = 90
    code_period_s: int = 30
    code_skew_windows: int = 1

    def __post_init__(self) -> None:
        if min(self.radius_m, self.radius_indoor_m, self.radius_large_event_m) < (
            self.radius_least_m
        ):
            raise ValueError("no radius is below radius_least_m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stars:
    """What each of five stars takes, by three scales that stand beside each other."""

    lifetime_hours: tuple[int, ...] = (100, 300, 600, 1000, 1500)
    yearly_community: tuple[int, ...] = (10, 20, 30, 40, 50)
    compound_star_score: tuple[int, ...] = (60, 80, 90, 95, 98)
    publicity_days: int = 5  # working days before a star is granted

    def level(self, hours: int) -> int:
        """How many stars for life so many hours are."""
        return sum(hours >= needed for needed in self.lifetime_hours)


@dataclass(frozen=True, slots=True, kw_only=True)
class Redeeming:
    """When goods are given for points, and how far one person may go; 0 sets no limit."""

    open_days: tuple[int, ...] = ()  # of the month; every day where none is named
    within_hours: bool = False  # only while the shop's own doors are open
    min_balance: int = 0
    per_order_max: int = 0
    per_person_per_quarter_orders: int = 0
    per_item_per_person_per_quarter: int = 0
    hold_hours: int = 72
    open_reservations: int = 3
    return_days: int = 7
    voucher_days: int = 90  # for which a service voucher can be redeemed
    return_alone_max: int = 100  # points that whoever sold may take back without a second person
