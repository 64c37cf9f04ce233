"""Addresses are only given to those who can reach them."""

import pytest

from app.serving import network
from config import Settings


@pytest.mark.parametrize(
    ("bind", "url"),
    [
        pytest.param("0.0.0.0", "http://127.0.0.1:8000", id="every address"),  # noqa: S104
        pytest.param("::", "http://127.0.0.1:8000", id="every address, also of IPv6"),
        pytest.param("127.0.0.2", "http://127.0.0.2:8000", id="one of this machine"),
        pytest.param("192.0.2.7", "http://192.0.2.7:8000", id="one of the network"),
        pytest.param("::1", "http://[::1]:8000", id="one of IPv6"),
    ],
)
def test_this_machine_asks_where_the_service_listens(bind, url):
    assert network.own_url(Settings(bind=bind)) == url


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.2", "localhost"])
def test_phones_are_not_sent_to_an_address_that_will_not_answer(bind):
    url = network.public_url(Settings(bind=bind))

    assert url == f"http://{bind}:8000"
    assert not network.is_for_phones(url)


def test_a_public_address_that_is_said_is_kept():
    said = Settings(bind="127.0.0.1", public_url="https://points.example.org")

    assert network.public_url(said) == "https://points.example.org"
    assert network.is_for_phones(said.public_url)
