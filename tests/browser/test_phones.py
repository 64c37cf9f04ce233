"""我的手机号 on a phone and 待核对手机号 at a desk: typed by one, checked by the other."""

from playwright.sync_api import expect

from app.identity import consents
from app.identity.kinds import Purpose
from app.identity.whereabouts import Deed


def test_a_typed_number_is_checked_at_the_desk(phone, screen, city):
    page = phone.open("/me")
    page.get_by_role("link", name="我的手机号").click()
    page.get_by_label("手机号").fill("138 1234 5678")
    page.get_by_label("姓名").fill("林晓梅")
    page.get_by_role("button", name="登记，请社区核对").click()
    expect(page.get_by_text("等社区核对")).to_be_visible()
    expect(page.get_by_role("heading", name="138****5678")).to_be_visible()

    desk = screen.open("/staff")
    desk.get_by_role("link", name="待核对手机号").click()
    desk.get_by_role("link", name="138****5678").click()
    expect(desk.get_by_text("138 1234 5678")).to_be_visible()
    desk.get_by_label("打了这个号码，是本人").check()
    desk.get_by_label("核对的情况").fill("来电核对，是本人")
    desk.get_by_role("button", name="提交").click()
    expect(desk.get_by_text("现在没有要核对的手机号")).to_be_visible()

    phone.open("/me/phone")
    expect(page.get_by_text("打电话核对")).to_be_visible()
    phone.open("/messages")
    expect(page.get_by_text("已由社区核对")).to_be_visible()


def test_one_agrees_to_ones_whereabouts_and_takes_it_back(phone):
    page = phone.open("/me/data")
    location = page.locator("form", has=page.get_by_role("heading", name="签到时的位置"))
    location.get_by_text("看说明").click()
    expect(location.get_by_text("三十天后自动删除")).to_be_visible()

    location.get_by_role("button", name="同意").click()
    expect(location.get_by_text("2026-11-27 版")).to_be_visible()
    location.get_by_role("button", name="撤回同意").click()

    expect(location.get_by_text("没有同意")).to_be_visible()


def test_the_desk_sees_where_somebody_checked_in_for_a_reason(screen, city):
    world, vault = city.world, city.world.app.extensions["vault"]
    text = consents.texts()[Purpose.LOCATION]
    with world.work() as session:
        whose = {"person_id": city.resident.id, "now": world.now()}
        agreed = {"purpose": text.purpose, "version": text.version, "how": "page"}
        consents.give(session, **whose, **agreed)
        spot = {"lat": 31.299379, "lng": 120.619585, "crs": "gcj02", "accuracy_m": None}
        deed = (Deed.CHECK_IN, city.activity.id)
        consents.keep_location(session, vault, deed=deed, location=spot, **whose)

    page = screen.open(f"/staff/people/{city.resident.id}/whereabouts")
    page.get_by_label("为什么要看").fill("核对签到")
    page.get_by_role("button", name="查看位置").click()

    expect(page.get_by_text("纬度 31.299379，经度 120.619585")).to_be_visible()
