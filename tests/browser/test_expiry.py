"""What lapses, as somebody reads it on a phone and on paper, and where they let it go."""

from playwright.sync_api import expect


def test_one_sees_what_lapses_and_lets_it_go_to_the_love_pool(phone, city, world, hands):
    world.give(city.resident, 44)
    last_day = f"{hands.instant.year + 1}-12-31"
    page = phone.open("/me")
    expect(page.locator("#expiring")).to_contain_text(f"{last_day} 到期 44 分")
    expect(page.get_by_text("现在会归还社区")).to_be_visible()

    page.get_by_role("button", name="改为捐给爱心池").click()

    expect(page.get_by_text("现在会捐给爱心池")).to_be_visible()
    expect(page.get_by_role("button", name="改为归还社区")).to_be_visible()


def test_the_printed_passbook_says_it_too(phone, city, world, hands):
    world.give(city.resident, 4)
    page = phone.open("/passbook")

    page.emulate_media(media="print")

    expect(page.get_by_role("heading", name=f"{hands.instant.year + 1} 年")).to_be_visible()
    expect(page.locator(".expiring")).to_have_text("12-31 到期 4 分")
    expect(page.locator(".expiring")).to_be_visible()
