"""How many came to activities, by category and hour: what counts, and beside it what waits."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from app.activities.arrival_models import Attendance
from app.core import clock
from tests.support.browser import Browser
from tests.support.client import NOWHERE

HERE = "/staff/activity-figures"


@pytest.fixture
def clerk(world):
    return world.staff("community_clerk")


@pytest.fixture
def desk(world, api, clerk):
    return Browser(world, api, clerk)


@pytest.fixture
def attend(api, world, hands):
    """Somebody comes to an activity, and leaves an hour later; answers who."""

    def attend(activity, *, review=None):
        lin, path = world.person(), f"/activities/{activity.id}"
        api.post(f"{path}/check-ins", as_=lin, code=world.venue_code(activity))
        hands.move(minutes=60)
        api.post(f"{path}/check-outs", as_=lin, code=world.venue_code(activity, "out"))
        hands.move(minutes=-60)
        if review:
            with world.own() as session:
                theirs = sa.update(Attendance).filter_by(person_id=lin.id)
                values = {"review": review, "reasons": ["outside_fence"]}
                if review == "rejected":
                    values |= {
                        "decided_by": world.staff("community_clerk").id,
                        "decided_at": world.now(),
                        "decided_for": "不在现场",
                    }
                session.execute(theirs.values(**values))

    return attend


def test_what_counts_stands_beside_what_waits_by_category_and_hour(world, attend, desk, hands):
    river, lecture = world.activity(), world.activity(category="culture")
    attend(river)
    attend(river)
    attend(river, review="pending_review")
    attend(river, review="rejected")
    attend(lecture, review="pending_review")
    came = hands().astimezone(ZoneInfo(clock.CIVIL_ZONE))  # on the clocks there

    page = desk.get(HERE).text

    assert "共 2 人次" in page
    assert "另有 2 人次还等人确认" in page
    assert "2 小时0 分" in page
    rows = [row.split("</td>")[0:4] for row in page.split("<tr><td>")[1:]]
    cells = [[cell.rpartition(">")[2] for cell in row] for row in rows]
    assert cells == [["环境卫生整治", "2", "1", "2"], ["文体与邻里文化", "0", "1", "0"]]
    day = page.split('<th scope="row">')[came.weekday() + 1].split("</tr>")[0]
    at_hour = [cell.removesuffix("</td>") for cell in day.split("<td>")[1:]][came.hour - 6]
    assert at_hour == "2"


def test_a_span_counts_the_days_on_which_people_left(world, attend, desk, hands):
    hands.instant = clock.midnight(clock.civil_day(hands())) - timedelta(minutes=30)
    attend(world.activity())  # and leaves half an hour after midnight
    day = clock.civil_day(hands())
    after = str(day + timedelta(days=1))

    assert "没有人参加过" in desk.get(HERE, since=str(day), until=str(day)).text
    assert "共 1 人次" in desk.get(HERE, since=after, until=after).text


def test_numbers_are_those_of_ones_own_communities(world, api, attend, desk):
    attend(world.activity())
    elsewhere = world.unit("community", "Wenhua", under="East Street")
    beside = Browser(world, api, world.staff("community_clerk", at="Wenhua"))

    assert "共 0 人次" in beside.get(HERE).text
    foreign = desk.get(HERE, community=str(elsewhere))
    nothing = desk.get(HERE, community=str(NOWHERE))
    assert foreign.status_code == nothing.status_code == 404
    assert desk.get(HERE, community=str(world.units["Mingde"])).status_code == 200


@pytest.mark.parametrize("span", [("2026-03-02", "2026-03-01"), ("2024-01-01", "2026-03-01")])
def test_a_span_that_is_none_or_too_long_is_refused(desk, span):
    since, until = span

    assert desk.get(HERE, since=since, until=until).status_code == 422
