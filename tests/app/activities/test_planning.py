"""The year's plan: service days by the calendar of holidays, and series that make drafts."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from app.activities import series, service_days, themes
from app.activities.drafting import Draft, TaskDraft
from app.activities.errors import DraftWrong, SeriesNamedTwice, SeriesUnknown, UnitOutOfReach
from app.activities.kinds import Rhythm, ThemeSpan
from app.activities.models import Activity, ActivityTask
from app.activities.series import Plan
from app.activities.themes import Span
from app.core import workdays
from app.core.clock import civil_text
from app.core.workdays import DayKind
from tests.app.households.test_households import principal
from tests.support.refusals import refusal


@pytest.mark.parametrize(
    ("month", "day", "said"),
    [
        (date(2026, 3, 1), date(2026, 3, 7), ""),
        (date(2026, 12, 1), date(2026, 12, 5), ""),
        (date(2026, 10, 1), date(2026, 10, 17), "10月3日是国庆节，顺延。10月10日调休上班，顺延。"),
        (date(2026, 1, 1), date(2026, 1, 10), "1月3日是元旦，顺延。"),
    ],
)
def test_the_service_day_is_the_first_saturday_that_is_free(month, day, said):
    found = service_days.computed(month)

    assert (found.day, found.reason, found.provisional) == (day, said, False)


def test_a_year_that_is_not_announced_is_said_to_be_so():
    far = service_days.computed(date(2999, 5, 1))

    assert workdays.kind_of(date(2999, 5, 4)) is DayKind.UNKNOWN
    assert not workdays.is_announced(2999)
    assert far.provisional
    assert far.day == far.first_saturday
    assert "尚未公布" in far.reason


def test_what_is_chosen_nearest_holds_and_is_written_down(api, world, secretary, lin):
    street = world.staff("street_officer", at="East Street")
    world.unit("community", "Wenhua", under="East Street")
    beside = world.person(community="Wenhua")

    def choose(who, unit, day, reason="避开考试"):
        body = {"unit_id": str(world.units[unit]), "month": "2026-06", "day": day}
        return api.put("/service-days", as_=who, **body, reason=reason)

    def day_of(who):
        return api.get("/service-days", as_=who, month="2026-06").json["day"]

    before = day_of(lin)
    choose(street, "East Street", "2026-06-13")
    of_street = [day_of(lin), day_of(beside)]
    answer = choose(secretary, "Mingde", "2026-06-20")
    again = choose(secretary, "Mingde", "2026-06-27", "台风")

    assert before == "2026-06-06"
    assert of_street == ["2026-06-13", "2026-06-13"]
    assert (answer.json["day"], again.json["reason"]) == ("2026-06-20", "台风")
    assert (day_of(lin), day_of(beside)) == ("2026-06-27", "2026-06-13")
    assert refusal(choose(secretary, "East Street", "2026-06-20")) == (404, "unit_out_of_reach")
    assert refusal(choose(secretary, "Mingde", "2027-06-20")) == (422, "draft_wrong")
    query = "SELECT changed FROM audit_entry WHERE action = 'service_day.choose' ORDER BY seq"
    with world.work() as session:
        last = session.scalars(sa.text(query)).all()[-1]
    assert last == {"2026-06": ["2026-06-20", "2026-06-27"]}


@pytest.fixture
def planner(world, clerk):
    return principal(world, clerk)


@pytest.fixture
def plan(world, hands):
    """A series of Mingde's; on Saturdays unless said otherwise."""

    def plan(title="周末集市", **fields):
        tasks = [
            TaskDraft(name="摆摊", minutes=60, places=3),
            TaskDraft(name="引导", minutes=60, places=2),
        ]
        draft = Draft(
            community_id=world.units["Mingde"],
            title=title,
            category="convenience",
            place="广场",
            starts_at=hands(),
            ends_at=hands() + timedelta(hours=2),
            tasks=tasks,
        )
        rhythm = {"rhythm": Rhythm.WEEKLY, "weekday": 6, **fields}
        return Plan(draft=draft, starts_minute=540, minutes=120, from_day=hands().date(), **rhythm)

    return plan


def days(world):
    query = sa.select(Activity.series_day).filter_by(state="draft").order_by(Activity.series_day)
    with world.work() as session:
        return [f"{day:%m-%d}" for day in session.scalars(query)]


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [
        ({}, ["03-07", "03-14", "03-21", "03-28", "04-04"]),
        ({"rhythm": Rhythm.MONTHLY, "weekday": 1, "nth": 2}, ["03-09"]),
        ({"rhythm": Rhythm.MONTHLY, "weekday": 7, "nth": 5}, ["03-29"]),
        ({"rhythm": Rhythm.SERVICE_DAY, "weekday": None}, ["03-07"]),  # 4 April is 清明
    ],
)
def test_a_series_makes_a_draft_for_each_of_its_days_once(
    world, planner, plan, hands, rhythm, expected
):
    with world.work() as session:
        row = series.create(session, plan(**rhythm), me=planner, now=hands())
        until = {"until": date(2026, 4, 6), "me": planner, "now": hands()}
        made = [series.make_drafts(session, row.id, **until) for _ in range(2)]

    assert days(world) == expected
    assert made == [len(expected), 0]
    with world.work() as session:
        first = session.scalars(sa.select(Activity).order_by(Activity.series_day)).first()
        tasks = session.scalar(sa.select(sa.func.count()).select_from(ActivityTask))
    assert civil_text(first.starts_at).endswith(" 09:00")
    assert (first.capacity, first.drafted_by, tasks) == (5, planner.person_id, 2 * len(expected))


def test_what_a_series_says_anew_its_coming_drafts_say_too(world, planner, plan, hands):
    with world.work() as session:
        row = series.create(session, plan(), me=planner, now=hands())
        series.make_drafts(session, row.id, until=date(2026, 3, 15), me=planner, now=hands())
        changed = series.rewrite(session, row.id, plan("邻里集市"), me=planner, now=hands())
        titles = set(session.scalars(sa.select(Activity.title)))
        ended = series.end(session, row.id, me=planner, now=hands())

    assert (changed, titles, ended) == (2, {"邻里集市"}, 2)
    assert days(world) == []


def test_a_series_is_its_communitys_and_has_one_name(world, planner, plan, hands):
    world.unit("community", "Wenhua", under="East Street")
    beside = principal(world, world.staff("community_clerk", at="Wenhua"))
    with world.work() as session:
        row = series.create(session, plan(), me=planner, now=hands())
        with pytest.raises(SeriesNamedTwice):
            series.create(session, plan(), me=planner, now=hands())
        with pytest.raises(SeriesUnknown):
            series.create(session, plan("别的"), me=beside, now=hands())
        with pytest.raises(SeriesUnknown):
            series.end(session, row.id, me=beside, now=hands())
        with pytest.raises(DraftWrong):
            series.create(session, plan("月", rhythm=Rhythm.MONTHLY), me=planner, now=hands())


def test_a_theme_holds_below_where_it_was_said_until_something_nearer_is(world, planner, hands):
    march = Span(2026, ThemeSpan.MONTH, 3)
    street = principal(world, world.staff("street_officer", at="East Street"))
    path = [world.units[name] for name in ("city", "East Street", "Mingde")]
    with world.work() as session:
        for who, unit, theme in (
            (street, "East Street", "学雷锋"),
            (planner, "Mingde", "邻里月"),
            (planner, "Mingde", "邻里节"),
        ):
            themes.choose(session, world.units[unit], march, theme=theme, me=who, now=hands())
        found = [themes.of_year(session, 2026, path=path[:depth]) for depth in (1, 2, 3)]
        with pytest.raises(UnitOutOfReach):
            themes.choose(session, path[1], march, theme="x", me=planner, now=hands())

    assert [one.get(march) for one in found] == [None, "学雷锋", "邻里节"]
