"""The desk of staff: what each role finds there, and where a visitor is sent to sign in."""

import re
from urllib.parse import urlsplit

import pytest

from app.identity.roles import ROLES
from tests.support.browser import Browser

TODAY, FIGURES = "/staff/station-day", "/staff/station-figures"
COUNTER, STATIONS, VENUES, BUDGET = "/counter", "/staff/stations", "/venue", "/budget"
GRANTS, ACCOUNTS, AUDIT = "/staff/grants", "/staff/accounts", "/staff/audit"
REGISTRATIONS, TREE = "/staff/registrations", "/staff/organisation"
PEOPLE, IMPORT, CALLS = "/staff/people", "/staff/people/import", "/staff/calls"
PHONES, CARDS, TILLS = "/staff/phones", "/staff/cards", "/staff/tills"
REGISTER, TURNOUT = "/staff/registers/activities", "/staff/activity-figures"
DENIALS, WORDS = "/staff/denials", "/staff/feedback"
STOCK, STOCK_PROPOSALS = "/staff/shops", "/staff/stock-proposals"
BOOKS = "/staff/books"
VOUCHERS, MERCHANTS, SHEET = "/merchant", "/staff/merchants", "/staff/voucher-sheet"
FOLLOWED, PLAN, DOUBTFUL = "/staff/activities", "/staff/plan", "/staff/attendances"
LISTS, PASSBOOKS = "/staff/lists", "/staff/passbook"
ON_THE_DESK = {
    "grid_worker": [TREE, PEOPLE, CALLS, LISTS],
    "building_steward": [LISTS],
    "community_clerk": [
        REGISTRATIONS,
        TREE,
        PHONES,
        PEOPLE,
        IMPORT,
        CARDS,
        CALLS,
        PASSBOOKS,
        TODAY,
        STATIONS,
        FIGURES,
        VENUES,
        FOLLOWED,
        WORDS,
        REGISTER,
        TURNOUT,
        PLAN,
        DOUBTFUL,
        LISTS,
    ],
    "city_officer": [TREE, GRANTS, FIGURES, BUDGET],
    "system_admin": [ACCOUNTS],
    "security_admin": [GRANTS],
    "audit_admin": [AUDIT],
    "platform_operator": [GRANTS],
    "station_manager": [
        PASSBOOKS,
        TODAY,
        STATIONS,
        FIGURES,
        VENUES,
        FOLLOWED,
        WORDS,
        REGISTER,
        TURNOUT,
        PLAN,
        DOUBTFUL,
        LISTS,
    ],
    "shop_manager": [CARDS, PASSBOOKS, COUNTER, BUDGET, STOCK, BOOKS, MERCHANTS, SHEET],
    "merchant": [VOUCHERS],
    "supervisor": [BOOKS, SHEET],
    "community_secretary": [
        REGISTRATIONS,
        TREE,
        GRANTS,
        PHONES,
        PEOPLE,
        IMPORT,
        CARDS,
        CALLS,
        PASSBOOKS,
        TODAY,
        STATIONS,
        FIGURES,
        VENUES,
        FOLLOWED,
        WORDS,
        REGISTER,
        TURNOUT,
        PLAN,
        DOUBTFUL,
        LISTS,
        DENIALS,
        BUDGET,
        TILLS,
        STOCK,
        STOCK_PROPOSALS,
        BOOKS,
        SHEET,
    ],
    "checker": [FOLLOWED, REGISTER, TURNOUT, DENIALS, STOCK, STOCK_PROPOSALS, BOOKS, SHEET],
    "street_officer": [
        TREE,
        GRANTS,
        PEOPLE,
        FIGURES,
        FOLLOWED,
        REGISTER,
        TURNOUT,
        PLAN,
        DENIALS,
    ],
    "auditor": [GRANTS, AUDIT, TILLS, STOCK, BOOKS, SHEET],
}


@pytest.mark.parametrize("role", ROLES)
def test_staff_find_on_their_desk_what_their_role_may_do(world, api, role):
    holder = Browser(world, api, world.staff(role))

    desk = holder.get("/staff")

    paths = re.findall(r'<a class="weui-cell" href="([^"]+)"', desk.text)
    assert paths == ON_THE_DESK[role]
    assert ("您还没有可用的工作" in desk.text) is not bool(paths)
    opened = [holder.get(path).status_code for path in paths]
    assert set(opened) <= {200, 303}  # who has one subtree is led to its top


def test_every_work_on_a_desk_is_on_a_page_that_asks_for_its_permission(app):
    views = {
        rule.rule: app.view_functions[rule.endpoint]
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods
    }

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
