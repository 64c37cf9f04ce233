"""The pages of stations, each kind of work in a file of its own."""

from app.identity.roles import Duty, DutyGroup, Permission
from app.stations.pages import (
    duties,
    editing,
    figures,
    finding,
    guests,
    posters,
    rooms,
    scanning,
    shifts,
    today,
)
from app.stations.pages.blueprint import bp

DUTIES = (
    Duty(
        permission=Permission.STATION_DAY,
        path=today.DAY,
        group=DutyGroup.STATIONS,
        title="今日驿站",
        text="今天来了多少人，谁在值班，有人没带手机也在这里记",
    ),
    Duty(
        permission=Permission.STATION_CODE_READ,
        path="/staff/stations",
        group=DutyGroup.STATIONS,
        title="驿站码",
        text="看一看，或打印出来贴在墙上",
    ),
    Duty(
        permission=Permission.VISITS_READ,
        path=figures.FIGURES,
        group=DutyGroup.STATIONS,
        title="到站统计",
        text="每天多少人次，来做什么，什么时候人多",
    ),
)
PAGES = (
    duties,
    editing,
    figures,
    finding,
    guests,
    posters,
    rooms,
    scanning,
    shifts,
    today,
)  # importing them is what hangs them up

__all__ = ["DUTIES", "PAGES", "bp"]
