"""Stations in browsers: a map one taps on, a door without a login, a manager's day, pictures."""

import re

import pytest
from playwright.sync_api import expect

from app.stations import booking, turns
from app.stations.booking import Furnished
from app.stations.hours import Span
from app.stations.turns import Plan
from tests.browser.test_quality import flaws_at_desks, flaws_on_phones
from tests.support.stationing import a_photo, principal_of
from tests.support.visitor import COUNTER, PHONE

HERE = {"latitude": 23.3245, "longitude": 112.7290}  # as a phone has it


@pytest.fixture
def town(city, world, hands):
    """Two more stations on the map, a room, and shifts that look for people."""
    world.station(name="玉器市场“暖新驿站”", kind="warm_new_station", lat=23.3301, lng=112.7317)
    near = world.station(name="清塘党群服务小屋", lat=23.3219, lng=112.7343, services=["water"])
    world.station(name="不在图上的驿站")
    keeper = principal_of(world, city.secretary)
    with world.work() as session:
        furnished = Furnished(name="议事厅", capacity=20, equipment="投影")
        booking.add_room(session, furnished, me=keeper, station_id=near.id)
        plan = Plan(day=hands().date(), span=Span(1260, 1320), wanted=2, task="接待", weeks=2)
        turns.plan_shifts(session, plan, me=keeper, station_id=city.station.id, now=hands())
    return near


@pytest.fixture
def walker(visit, city, api):
    """The resident's phone, which says where it is."""
    visitor = visit(**PHONE, geolocation=HERE, permissions=["geolocation"])
    return visitor.known_by(api.token(city.resident))


def of_residents(phone, town):
    page = phone.open("/stations")
    yield "stations", page
    page.get_by_text("按类别、服务找").click()
    yield "stations, unfolded", page
    page.get_by_role("button", name="按离我远近排").click()
    page.get_by_text("蓝点是您的位置").wait_for()
    yield "stations, near", page
    yield "one station", phone.open(f"/stations/{town.id}")
    page.get_by_role("link", name="议事厅").click()
    page.get_by_role("heading", name="预约议事厅").wait_for()
    yield "room", page
    page.get_by_role("link", name=re.compile("日")).nth(1).click()
    page.get_by_label("到", exact=True).select_option("30")
    page.get_by_label("用来做什么").fill("读书会")
    page.get_by_role("button", name="预约").click()
    page.get_by_text("约好了").wait_for()
    yield "bookings", page
    page = phone.open("/duties")
    page.get_by_role("button", name="我来").first.click()
    page.get_by_text("来不了").wait_for()
    page.get_by_text("来不了").click()
    yield "duties", page


def test_residents_look_book_and_take_turns_without_flaws(walker, town):
    assert flaws_on_phones(of_residents(walker, town)) == []


def test_the_nearest_come_first_and_the_address_says_nothing_of_where(walker, town):
    page = walker.open("/stations")
    page.get_by_role("button", name="按离我远近排").click()

    expect(page.locator(".place h2").first).to_have_text("清塘党群服务小屋")
    expect(page.locator(".map__me")).to_have_count(1)
    assert page.url.endswith("/stations")
    page.locator(".pin").nth(1).click()
    expect(page.locator(".place").nth(1)).to_be_in_viewport()
    assert "#station-" in page.url


def of_guests(visitor, world, city):
    page = visitor.open(f"/q/{world.code_of(city.station)}")
    page.get_by_text("不用登录").wait_for()
    yield "guest", page
    page.get_by_role("button", name="饮水").click()
    page.get_by_role("heading", name="记好了").wait_for()
    yield "thanks", page


def test_a_rider_is_done_in_two_taps_without_a_login(visit, city, world):
    visitor = visit(**PHONE)

    assert flaws_on_phones(of_guests(visitor, world, city)) == []
    assert world.row_counts()["station_tally"] == 1


def test_a_rider_is_done_where_no_script_runs(visit, city, world):
    visitor = visit(**PHONE, java_script_enabled=False)

    page = visitor.open(f"/q/{world.code_of(city.station)}")
    page.get_by_label("网约车、货车司机").check()
    page.get_by_role("button", name="充电").click()

    expect(page.get_by_role("heading", name="记好了")).to_be_visible()


def of_staff(desk, city, tmp_path):
    page, at = desk.page, f"/staff/stations/{city.station.id}"
    yield "days", desk.open("/staff/station-day")
    desk.open(f"{at}/day")
    page.get_by_label("几个人").fill("3")
    page.get_by_role("button", name="饮水").click()
    page.get_by_text("刚才记了").wait_for()
    yield "day", page
    yield "shifts", desk.open(f"{at}/shifts")
    desk.open(f"{at}/edit")
    photo = tmp_path / "door.png"
    photo.write_bytes(a_photo(size=(640, 400)))
    page.get_by_label("选一张门口的照片").set_input_files(photo)
    page.get_by_role("button", name="上传").click()
    page.get_by_label("换一张").wait_for()
    yield "editor", page
    yield "new", desk.open("/staff/stations/new")
    yield "codes", desk.open("/staff/stations")
    yield "labels", desk.open("/staff/stations/labels")
    yield "poster", desk.open(f"{at}/poster")
    desk.open(f"{at}/codes")
    page.get_by_label("为什么换").fill("海报被雨淋坏")
    page.get_by_role("button", name="换码").click()
    page.get_by_text("已换下").wait_for()
    yield "history", page
    desk.open("/staff/station-figures")
    page.locator(".picture canvas").first.wait_for()
    yield "figures", page


def test_staff_work_without_flaws_and_see_pictures(screen, city, town, tmp_path):
    assert flaws_at_desks(of_staff(screen, city, tmp_path)) == []

    expect(screen.page.locator(".picture:visible")).to_have_count(4)


def test_where_no_script_runs_the_tables_say_what_the_pictures_would(visit, city, api, world):
    desk = visit(**COUNTER, java_script_enabled=False)
    desk.known_by(api.token(city.secretary, staff=True))
    page = desk.open(f"/staff/stations/{city.station.id}/day")
    page.get_by_role("button", name="饮水").click()

    page = desk.open("/staff/station-figures")

    expect(page.locator(".picture:visible")).to_have_count(0)
    expect(page.get_by_role("cell", name="饮水")).to_be_visible()
    page.get_by_text("表格").last.click()
    expect(page.get_by_role("rowheader", name="周一")).to_be_visible()
