"""How many came to activities, as pictures and, always, as the tables behind them."""

from datetime import date, timedelta

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from app.activities import categories, turnout
from app.activities.turnout import BY, Turnout, Wanted
from app.core import clock
from app.core.db import transaction
from app.core.forms import FieldWrong, id_asked
from app.identity.access import current_principal, page_requires
from app.identity.roles import Duty, DutyGroup, Permission

bp = Blueprint("turnout_pages", __name__, template_folder="templates")

HERE = "/staff/activity-figures"
LATELY, LONGEST = timedelta(days=29), timedelta(days=366)
DAY_NAMES = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
HOURS = range(6, 23)
DUTIES = (
    Duty(
        permission=BY,
        path=HERE,
        group=DutyGroup.ACTIVITIES,
        title="活动统计",
        text="各类活动来了多少人、一周里什么时候人多，可以打印",
    ),
)


@bp.get(HERE)
@page_requires(Permission.ACTIVITY_FOLLOW)
def show_turnout() -> ResponseReturnValue:
    """Attendances of a span: by category, and by hour of the week."""
    me = current_principal()
    wanted = _wanted(clock.civil_day(clock.now(), me.zone))
    with transaction(me.tenant_id) as session:
        found = turnout.of(session, wanted, me=me)
        places = turnout.communities(session, me)
    return render_template(
        "activities/figures.html",
        places=[(str(id_), name) for id_, name in places],
        whose=dict(places).get(wanted.community_id, "") if wanted.community_id else "",
        wanted=wanted,
        total=found.total,
        rows=_rows(found),
        heat=_heat(found),
        hours=HOURS,
    )


def _wanted(today: date) -> Wanted:
    since, until = _day("since", today - LATELY), _day("until", today)
    if not since <= until <= since + LONGEST:
        raise FieldWrong("开始要早于结束，一次最多看一年，请重新选择日期。")
    return Wanted(since=since, until=until, community_id=id_asked("community"))


def _day(name: str, otherwise: date) -> date:
    said = request.args.get(name, "")
    try:
        return date.fromisoformat(said) if said else otherwise
    except ValueError as error:
        raise FieldWrong("日期无效，请重新选择。") from error


def _rows(found: Turnout) -> list[tuple[str, int, int, int]]:
    """Name, what counts, what waits, and the whole hours of what counts; the most first."""
    rows = [
        (categories.name_of(code), one.counted, one.waiting, one.minutes // 60)
        for code, one in found.by_category.items()
    ]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _heat(found: Turnout) -> list[tuple[str, list[int]]]:
    """A row for each day of the week, a number for each hour; what is outside counts at its end."""
    counted: dict[tuple[int, int], int] = {}
    for (weekday, hour), people in found.by_hour.items():
        at = (weekday, min(max(hour, HOURS[0]), HOURS[-1]))
        counted[at] = counted.get(at, 0) + people
    return [
        (name, [counted.get((weekday, hour), 0) for hour in HOURS])
        for weekday, name in enumerate(DAY_NAMES)
    ]
