"""代看存折: a card is scanned, a passbook is shown, and printed without what is around it."""

import sqlalchemy as sa
from playwright.sync_api import expect

from app.identity.models import Person

CARD = "GZ00012345"


def test_a_card_at_the_counter_opens_a_passbook_and_paper_has_only_the_passbook(
    city, screen, world
):
    elder = world.person("何桂芳", points=20)
    with world.own() as session:
        session.execute(sa.update(Person).filter_by(id=elder.id).values(card_no=CARD))
    page = screen.open("/staff/passbook")
    page.get_by_label("存折卡号").fill(CARD)
    page.keyboard.press("Enter")
    expect(page.locator(".book tbody tr").first).to_be_visible()
    page.get_by_text("只看一种").click()
    page.get_by_role("button", name="积分", exact=True).click()
    expect(page.get_by_text("何*芳").first).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_text("每次查看都会记下是谁看的")).to_be_hidden()
    expect(page.locator(".book tbody tr").first).to_be_visible()
