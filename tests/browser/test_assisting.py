"""Somebody with a card and no phone, from the activity to the passbook, without a mouse."""

import sqlalchemy as sa
from playwright.sync_api import expect

from app.identity.models import Person
from tests.support.visitor import PHONE

CARD = "GZ00012345"
QUARTER = 15


def test_an_elder_with_a_card_comes_and_goes_and_reads_who_wrote_it_down(
    city, visit, screen, api, world, hands
):
    elder = world.person("何桂芳")
    with world.own() as session:
        session.execute(sa.update(Person).filter_by(id=elder.id).values(card_no=CARD))
    page = screen.open(f"/staff/activities/{city.activity.id}")
    page.get_by_role("link", name="谁到了").press("Enter")
    expect(page.get_by_label("存折卡号")).to_be_focused()

    # The scanner types the number and presses Enter; the next card may come at once.
    page.keyboard.type(CARD)
    page.keyboard.press("Enter")
    expect(page.get_by_text("已记下：何*芳已签到")).to_be_visible()
    expect(page.get_by_label("存折卡号")).to_be_focused()
    for _quarter in range(4):
        hands.move(minutes=QUARTER)
        screen.open(f"/staff/activities/{city.activity.id}/arrivals")
    page.keyboard.type(CARD)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="刷卡签退")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("已记下：何*芳已签退")).to_be_visible()

    world.settle()
    book = visit(**PHONE).known_by(api.token(elder)).open("/passbook?unit=points")
    book.emulate_media(media="print")
    line = book.locator(".book tbody tr")
    expect(line).to_contain_text("60 分钟")
    expect(line).to_contain_text("方*记代办")
    expect(line.locator(".book__amount")).to_contain_text("10")
    expect(book.locator(".book-head .print-only")).to_contain_text("何桂芳")
    expect(book.locator(".book-head .print-only")).to_be_visible()
    assert world.violations() == []
