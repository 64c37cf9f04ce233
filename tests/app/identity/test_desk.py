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
    "grid_worker": {
        "居民": [PEOPLE, CALLS],
        "活动": [LISTS],
        "组织和系统": [TREE],
    },
    "building_steward": {
        "活动": [LISTS],
    },
    "community_clerk": {
        "居民": [REGISTRATIONS, PHONES, PEOPLE, IMPORT, CALLS],
        "活动": [VENUES, FOLLOWED, WORDS, TURNOUT, PLAN, DOUBTFUL, LISTS],
        "驿站": [TODAY, STATIONS, FIGURES],
        "存折和积分": [CARDS, PASSBOOKS],
        "登记簿和账簿": [REGISTER],
        "组织和系统": [TREE],
    },
    "city_officer": {
        "驿站": [FIGURES],
        "存折和积分": [BUDGET],
        "组织和系统": [TREE, GRANTS],
    },
    "system_admin": {
        "组织和系统": [ACCOUNTS],
    },
    "security_admin": {
        "组织和系统": [GRANTS],
    },
    "audit_admin": {
        "组织和系统": [AUDIT],
    },
    "platform_operator": {
        "组织和系统": [GRANTS],
    },
    "station_manager": {
        "活动": [VENUES, FOLLOWED, WORDS, TURNOUT, PLAN, DOUBTFUL, LISTS],
        "驿站": [TODAY, STATIONS, FIGURES],
        "存折和积分": [PASSBOOKS],
        "登记簿和账簿": [REGISTER],
    },
    "shop_manager": {
        "爱心超市": [COUNTER, STOCK, MERCHANTS],
        "存折和积分": [CARDS, PASSBOOKS, BUDGET],
        "登记簿和账簿": [BOOKS, SHEET],
    },
    "merchant": {
        "爱心超市": [VOUCHERS],
    },
    "supervisor": {
        "登记簿和账簿": [BOOKS, SHEET],
    },
    "community_secretary": {
        "居民": [REGISTRATIONS, PHONES, PEOPLE, IMPORT, CALLS],
        "活动": [VENUES, FOLLOWED, WORDS, TURNOUT, PLAN, DOUBTFUL, LISTS, DENIALS],
        "驿站": [TODAY, STATIONS, FIGURES],
        "爱心超市": [TILLS, STOCK, STOCK_PROPOSALS],
        "存折和积分": [CARDS, PASSBOOKS, BUDGET],
        "登记簿和账簿": [REGISTER, BOOKS, SHEET],
        "组织和系统": [TREE, GRANTS],
    },
    "checker": {
        "活动": [FOLLOWED, TURNOUT, DENIALS],
        "爱心超市": [STOCK, STOCK_PROPOSALS],
        "登记簿和账簿": [REGISTER, BOOKS, SHEET],
    },
    "street_officer": {
        "居民": [PEOPLE],
        "活动": [FOLLOWED, TURNOUT, PLAN, DENIALS],
        "驿站": [FIGURES],
        "登记簿和账簿": [REGISTER],
        "组织和系统": [TREE, GRANTS],
    },
    "auditor": {
        "爱心超市": [TILLS, STOCK],
        "登记簿和账簿": [BOOKS, SHEET],
        "组织和系统": [GRANTS, AUDIT],
    },
}


@pytest.mark.parametrize("role", ROLES)
def test_staff_find_on_their_desk_what_their_role_may_do(world, api, role):
    holder = Browser(world, api, world.staff(role))

    desk = holder.get("/staff")

    groups = ON_THE_DESK[role]
    paths = re.findall(r'<a class="weui-cell" href="([^"]+)"', desk.text)
    assert paths == [path for group in groups.values() for path in group]
    headings = re.findall(r"<h2>([^<]+)</h2>", desk.text)
    assert headings == (list(groups) if len(groups) > 1 else [])
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
