"""The desk of staff: what each role finds there, and where a visitor is sent to sign in."""

import re
from urllib.parse import urlsplit

import pytest

from app.identity.roles import ROLES
from tests.support.browser import Browser

COUNTER, STATIONS, VENUES, BUDGET = "/counter", "/staff/stations", "/venue", "/budget"
ON_THE_DESK = {
    "station_manager": [STATIONS, VENUES],
    "shop_manager": [COUNTER, BUDGET],
    "community_secretary": [STATIONS, VENUES, BUDGET],
    "checker": [],
    "street_officer": [],
    "auditor": [],
}


@pytest.mark.parametrize("role", ROLES)
def test_staff_find_on_their_desk_what_their_role_may_do(world, api, role):
    holder = Browser(world, api, world.staff(role))

    desk = holder.get("/staff")

    paths = re.findall(r'<a class="weui-cell" href="([^"]+)"', desk.text)
    assert paths == ON_THE_DESK[role]
    assert ("您还没有可用的工作" in desk.text) is not bool(paths)
    assert [holder.get(path).status_code for path in paths] == [200] * len(paths)


def test_every_work_on_a_desk_is_on_a_page_that_asks_for_its_permission(app):
    views = {rule.rule: app.view_functions[rule.endpoint] for rule in app.url_map.iter_rules()}

    for duty in app.extensions["duties"]:
        assert views[duty.path].permission == duty.permission, duty


@pytest.mark.parametrize(
    ("path", "login"),
    [
        ("/me", "/login"),
        ("/activities", "/login"),
        ("/redeem-code", "/login"),
        ("/staff", "/staff/login"),
        (STATIONS, "/staff/login"),
        (VENUES, "/staff/login"),
        (COUNTER, "/staff/login"),
        (BUDGET, "/staff/login"),
    ],
)
def test_a_visitor_signs_in_where_the_page_is_opened_from(world, path, login):
    answer = world.app.test_client().get(path)

    assert urlsplit(answer.location).path == login
