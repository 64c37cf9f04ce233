"""`DATABASE_URL` and `REDIS_URL` replace the servers of the house, either or both."""

import os

import pytest

from tests.support.errand import Log, Phone, Street, come_and_help, take_home
from tests.support.house import house_in, until

GIVEN = {
    "both": {"DATABASE_URL", "REDIS_URL"},
    "database": {"DATABASE_URL"},
    "redis": {"REDIS_URL"},
}


@pytest.fixture
def addresses(stand):
    """Servers that somebody else runs, and a fresh database there."""
    if stand.embedded or stand.redis_url.startswith("unix:"):
        pytest.skip("TEST_DATABASE_URL and TEST_REDIS_URL name no servers of somebody else")
    name = f"red_account_house_{os.getpid()}"
    yield {"DATABASE_URL": stand.create(name), "REDIS_URL": stand.redis_url}
    stand.drop(name)


@pytest.mark.parametrize("given", GIVEN)
def test_the_main_journey_works_with_servers_of_somebody_else(tmp_path, addresses, given):
    chosen = {name: addresses[name] for name in GIVEN[given]}
    with house_in(tmp_path, **chosen) as house:
        house.start()
        parts, log = set(house.parts()), Log()
        street, phone, counter = Street(house, log), Phone(house, log), Phone(house, log)
        counter.sign_in_staff("shop")

        come_and_help(phone, street, "oSomewhereElse")
        until(lambda: phone.get("/me/balances").json()["points"]["available"] == 2)
        take_home(phone, counter, street, "oDemoMember01", street.items[0])

        for client in (street, phone, counter):
            client.close()
        assert ("postgres" in parts) == ("DATABASE_URL" not in chosen)
        assert ("valkey" in parts) == ("REDIS_URL" not in chosen)
        assert house.command("verify").returncode == 0
        assert house.stop() == 0
