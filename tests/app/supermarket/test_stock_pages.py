"""The pages of a shop's stock, as its manager and whoever looks after both work through them."""

import io
import re
from uuid import uuid4

import pytest

from tests.support.browser import Browser
from tests.support.stationing import a_photo
from tests.support.stockroom import Stockroom, day

NEW = {
    "name": "毛巾",
    "sku": "3001",
    "unit": "条",
    "category": "daily",
    "barcode": "6901234567892",
    "quarter_limit": "2",
    "value_yuan": "8.50",
    "points": "25",
}


@pytest.fixture
def room(world, counter):
    return Stockroom(counter=counter, secretary=world.staff("community_secretary"))


@pytest.fixture
def manager(world, api, counter):
    return Browser(world, api, counter.manager)


@pytest.fixture
def at(counter):
    return f"/staff/shops/{counter.shop.id}"


def keyed(**fields):
    return {"idempotency_key": uuid4().hex, **fields}


def test_something_new_is_put_up_priced_anew_shown_and_closed(world, manager, at, counter):
    made = manager.submit(f"{at}/goods/new", shown_on=f"{at}/goods/new", **NEW)
    page = made.location
    tobacco = {**NEW, "sku": "3002", "category": "tobacco", "barcode": ""}
    refused = manager.submit(f"{at}/goods/new", shown_on=f"{at}/goods/new", **tobacco)
    soon = {"points": "30", "valid_from": day(3)}
    too_soon = manager.submit(f"{page}/price", shown_on=page, **soon)
    manager.submit(f"{page}/price", shown_on=page, **{**soon, "valid_from": day(7)})
    manager.submit(page, shown_on=page, **{**NEW, "name": "纯棉毛巾"})
    photo = (io.BytesIO(a_photo()), "towel.jpg")
    manager.submit(f"{page}/photo", shown_on=page, photo=photo)
    listed = manager.get(f"{at}/goods").text
    manager.submit(f"{page}/listing", shown_on=page, closed="1")

    assert made.status_code == 303
    assert (refused.status_code, "烟草制品不能用积分兑换" in refused.text) == (422, True)
    assert (too_soon.status_code, "调价要提前 7 天" in too_soon.text) == (422, True)
    assert "25 积分，03-09 起 30" in listed
    assert "纯棉毛巾" in listed
    shown = re.search(r'src="(/goods/[^"]+)"', listed).group(1)
    assert manager.get(shown).content_type == "image/jpeg"
    assert "已下架" in manager.get(f"{at}/goods").text
    assert world.violations() == []


def test_a_gift_comes_in_once_and_has_its_receipt(world, manager, at, counter):
    form = keyed(
        donor_kind="person",
        donor_name="林晓梅",
        named="1",
        day=day(0),
        **{f"qty-{counter.rice.id}": "5", f"best-{counter.rice.id}": day(90)},
    )
    taken = manager.submit(f"{at}/donation", shown_on=f"{at}/donation", **form)
    again = manager.submit(f"{at}/donation", shown_on=f"{at}/donation", **form)
    empty = manager.submit(
        f"{at}/donation", shown_on=f"{at}/donation", **{**form, **keyed(), "donor_name": ""}
    )
    shown = manager.get(taken.location).text
    receipt = manager.get(f"{taken.location}/receipt.pdf")
    large = manager.get(f"{taken.location}/receipt.pdf?size=a4")
    thanks = manager.get(f"{at}/thanks").text

    assert taken.location == again.location
    assert world.shelf(counter.rice) == [(5, 0), (10, 0)]
    assert (empty.status_code, "请写捐赠人" in empty.text) == (422, True)
    assert "捐2026-0001" in shown
    assert "林*梅" in shown
    assert "林晓梅" not in shown
    assert {receipt.content_type, large.content_type} == {"application/pdf"}
    assert receipt.data != large.data
    assert "林晓梅" in thanks  # who wants to be thanked by name
    assert re.search(r'value="2026Q1" selected>2026 年第 1 季度<', thanks)
    assert '<option value="2025Q4">2025 年第 4 季度' in thanks
    assert "还没有捐赠" in manager.get(f"{at}/thanks", quarter="2025Q4").text
    assert manager.get(f"{at}/thanks.pdf").data.startswith(b"%PDF")
    assert manager.get(f"{at}/labels.pdf").data.startswith(b"%PDF")


def test_a_loss_above_the_limit_is_decided_in_the_inbox(world, api, manager, at, counter, room):
    batch = {"batch_id": str(world.batch_of(counter.rice)), "reason": "受潮"}
    small = manager.submit(
        f"{at}/write-off", shown_on=f"{at}/write-off", **keyed(quantity="2", **batch)
    )
    large = manager.submit(
        f"{at}/write-off", shown_on=f"{at}/write-off", **keyed(quantity="6", **batch)
    )
    secretary, inbox = Browser(world, api, room.secretary), "/staff/stock-proposals"
    listed = secretary.get(inbox).text
    (path,) = re.findall(rf'action="({inbox}/[^"]+)"', listed)
    wordless = secretary.submit(path, shown_on=inbox, approved="0", reason="")
    secretary.submit(path, shown_on=inbox, approved="1", reason="")

    assert "booked=1" in small.location
    assert "已提交复核" in manager.get(large.location).text
    assert "受潮" in listed
    assert (wordless.status_code, "退回要写明原因" in wordless.text) == (422, True)
    assert "没有等您复核的" in secretary.get(inbox).text
    assert world.on_hand(counter.rice) == 2
    assert world.violations() == []


def test_a_count_is_one_form_and_its_sheet_says_what_differed(world, manager, at, counter):
    batch = world.batch_of(counter.rice)
    form = {f"counted-{batch}": "9", f"expected-{batch}": "10"}
    wordless = manager.submit(f"{at}/count", shown_on=f"{at}/count", **keyed(**form))
    taken = manager.submit(
        f"{at}/count", shown_on=f"{at}/count", **keyed(**form, **{f"reason-{batch}": "找不到"})
    )

    assert (wordless.status_code, "请写明差异原因" in wordless.text) == (422, True)
    assert 'value="9"' in wordless.text
    sheet = manager.get(taken.location).text
    assert "-1" in sheet
    assert "找不到" in sheet
    assert world.on_hand(counter.rice) == 9


def test_the_shop_says_what_ends_soon_and_an_auditor_only_reads(world, api, at, counter, hands):
    world.deliver(counter.rice, 4, best_before=world.now().date())
    hands.move(days=1)
    auditor = Browser(world, api, world.staff("auditor", at="city"))

    desk = auditor.get(at)

    assert desk.status_code == 200
    assert "已过期 1 天" in desk.text
    assert f"{at}/goods" in desk.text
    assert f"{at}/write-off" not in desk.text
    assert auditor.get(f"{at}/write-off").status_code == 403
