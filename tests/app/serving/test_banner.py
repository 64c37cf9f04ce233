"""What a newcomer reads is readable on every terminal."""

import io
from pathlib import Path

import pytest

from app.serving import banner
from config import Settings

STAFF = ("secretary", "shop")
SETTINGS = Settings(public_url="http://192.0.2.7:8000", demo_password="of-this-run")
BLOCK = "\u2580"


def terminal(encoding):
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")


def shown(settings, encoding="utf-8"):
    out = terminal(encoding)
    banner.show(settings, STAFF, out)
    return out.buffer.getvalue().decode(encoding)


def test_a_terminal_that_can_draw_shows_the_code_and_who_may_sign_in():
    text = shown(SETTINGS)

    assert BLOCK in text
    assert "secretary, shop" in text
    assert "of-this-run" in text


@pytest.mark.parametrize("encoding", ["gbk", "latin-1", "ascii"])
def test_a_terminal_that_cannot_draw_shows_the_address_alone(encoding):
    text = shown(SETTINGS, encoding)

    assert "http://192.0.2.7:8000/me" in text
    assert "(scan the code)" not in text
    assert "??????" not in text.partition("alive")[2]


def test_there_is_no_code_for_an_address_no_phone_can_ask():
    assert BLOCK not in shown(Settings(demo_password="of-this-run"))


def test_a_full_disk_under_the_output_does_not_matter():
    if not Path("/dev/full").exists():
        pytest.skip("this machine has no disk that is always full")
    with io.FileIO("/dev/full", "w") as full:
        out = io.TextIOWrapper(full, encoding="utf-8", write_through=True)

        banner.show(SETTINGS, STAFF, out)
