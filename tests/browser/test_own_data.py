"""我的数据与隐私 on a phone: read, taken away, and given up for good."""

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from app.identity.fields import Field


@pytest.fixture
def known(world, city):
    world.know(city.resident, {Field.NAME: "欧阳静怡", Field.PHONE: "13812345678"})


def test_one_reads_ones_own_name_in_full_and_why_it_is_kept(phone, known):
    page = phone.open("/me")
    expect(page.get_by_role("heading", name="欧阳静怡")).to_be_visible()

    page.get_by_role("link", name="我的数据与隐私").click()

    expect(page.get_by_text("手机号：138 1234 5678")).to_be_visible()
    expect(page.get_by_text("用来联系您")).to_be_visible()
    expect(page.get_by_text("积分存折").first).to_be_visible()


def test_one_takes_all_of_it_away(phone, known, tmp_path):
    page = phone.open("/me/data")

    with page.expect_download() as waiting:
        page.get_by_role("link", name="下载全部数据").click()
    waiting.value.save_as(tmp_path / "mine.json")

    assert waiting.value.suggested_filename == "my-data.json"
    document = json.loads(Path(tmp_path / "mine.json").read_text(encoding="utf-8"))
    assert document["person"] == {"name": "欧阳静怡", "phone": "+8613812345678"}


def test_one_is_forgotten_after_a_second_yes(phone, known, world, city):
    page = phone.open("/me/data")
    page.get_by_role("link", name="注销账户").click()
    expect(page.get_by_text("注销以后不能恢复")).to_be_visible()

    page.get_by_role("button", name="确认注销，不再恢复").click()

    expect(page.get_by_role("heading", name="账户已经注销")).to_be_visible()
    assert not world.holds_text(world.openid_of(city.resident))
    phone.open("/me")
    expect(page).to_have_url(re.compile("/login"))


def test_what_is_open_is_named_and_there_is_no_button(phone, known):
    phone.open("/redeem-code")

    page = phone.open("/me/erasure")

    expect(page.get_by_role("alert")).to_contain_text("兑换码还有效")
    expect(page.get_by_role("button", name="确认注销，不再恢复")).to_have_count(0)
