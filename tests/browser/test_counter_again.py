"""A counter whose sale is held up asks again by itself, and sells once."""

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

AGAIN = "正在自动再试，不会重复扣分"
CLAIMED = """
    INSERT INTO idempotency (tenant_id, id, actor_id, key, fingerprint, created_at)
    VALUES (:tenant, gen_random_uuid(), :actor, :key, '', now())
"""
HELD = "SELECT FROM account WHERE tenant_id = :tenant FOR UPDATE"


@pytest.fixture
def counter(till, phone, city, world):
    """With a code and a bag of rice, ready to be confirmed."""
    till.may_be_refused = True  # which Chromium notes in its console
    world.give(city.resident, 40)
    counter = till.open(f"/counter/{city.shop.id}")
    shown = phone.open("/redeem-code").get_by_label("兑换码数字").inner_text()
    counter.get_by_label("居民的兑换码").fill(shown)
    counter.get_by_label(city.rice.name, exact=True).fill("1")
    return counter


@pytest.mark.parametrize("held", [HELD, CLAIMED], ids=["the account", "the key"])
def test_what_is_held_up_is_asked_again_under_its_key_and_sold_once(
    counter, till, city, world, owner, held
):
    """Takes some seconds: so long a sale waits before it gives up."""
    key = counter.locator("[name=idempotency_key]").input_value()
    values = {"tenant": world.tenant_id, "actor": city.manager.id, "key": key}

    with owner.open(world.tenant_id) as another:
        another.execute(sa.text(held), values)
        counter.get_by_role("button", name="确认兑换").click()
        expect(counter.get_by_text(AGAIN)).to_be_visible()
        another.rollback()

    expect(counter.get_by_text("兑换成功，扣 16 分，结余 24 分")).to_be_visible()
    till.complaints.clear()  # Chromium's, of what was held up
    assert world.on_hand(city.rice) == 2
    assert world.violations() == []
