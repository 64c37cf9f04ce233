"""People without a phone, on paper: from the printer by the code on the sheet to the passbook."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from playwright.sync_api import expect

from app.identity.models import Person
from tests.browser.test_paper import paper_mm
from tests.support.visitor import PHONE

CARD, QUARTER = "GZ00012345", 15


def test_a_list_is_printed_scanned_and_entered_and_an_elder_reads_who_wrote_it_down(
    city, visit, screen, decoder, api, world, hands
):
    elder, neighbour = world.person("何桂芳"), world.person("李秀英")
    api.post(f"/activities/{city.activity.id}/enrolments", as_=elder)
    with world.own() as session:
        session.execute(sa.update(Person).filter_by(id=neighbour.id).values(card_no=CARD))
    page = screen.open(f"/staff/activities/{city.activity.id}")
    page.get_by_role("link", name="签到表").click()
    page.get_by_label("空行").fill("30")
    page.get_by_role("button", name="生成签到表").click()
    address = decoder.read(page.locator(".qr").screenshot())

    page.emulate_media(media="print")
    expect(page.get_by_role("columnheader", name="签名")).to_be_visible()
    expect(page.locator(".weui-btn").first).to_be_hidden()
    assert paper_mm(page) == [(210, 297)] * 2
    page.emulate_media(media="screen")
    for _quarter in range(7):
        hands.move(minutes=QUARTER)
        screen.open(f"/staff/activities/{city.activity.id}/lists")

    # The steward's own phone reads the code with its camera, and its browser is signed in.
    steward = visit(**PHONE).known_by(api.token(city.secretary, staff=True))
    form = steward.open(address)
    expect(form.get_by_role("heading", name="名单补登")).to_be_visible()
    form.get_by_role("checkbox", name=re.compile("何*芳".replace("*", r"\*"))).check()
    form.get_by_label("第 2 行是谁").fill(CARD)
    left = (city.activity.ends_at - timedelta(minutes=30)).astimezone(ZoneInfo("Asia/Shanghai"))
    form.locator("summary").nth(1).click()
    form.get_by_label("第 2 行签退").fill(f"{left:%Y-%m-%dT%H:%M}")
    form.get_by_label("说明").fill("纸质签到，王楼长保管")
    form.get_by_role("button", name="登记勾选的人").click()
    expect(form.get_by_text("这张表上 1 人有记录，另有 1 人写在空行里")).to_be_visible()
    expect(form.get_by_text("按签到表录入").first).to_be_visible()

    world.settle()
    book = visit(**PHONE).known_by(api.token(elder)).open("/passbook?unit=minutes")
    expect(book.locator(".book tbody tr")).to_contain_text("方*记代办")
    assert world.violations() == []
