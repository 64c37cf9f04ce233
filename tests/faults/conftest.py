"""Houses to do harm to."""

import pytest

from tests.support.errand import Log, Street
from tests.support.house import House, house_in


@pytest.fixture(scope="package")
def house(tmp_path_factory):
    """One house for all these tests, in whatever state the last one left it."""
    with house_in(tmp_path_factory.mktemp("house")) as house:
        yield house


@pytest.fixture
def running(house) -> House:
    return house.ensure_running()


@pytest.fixture
def stopped(house) -> House:
    return house.ensure_stopped()


@pytest.fixture
def log():
    return Log()


@pytest.fixture
def street(running, log):
    street = Street(running, log)
    yield street
    street.close()


@pytest.fixture
def house_at():
    """Houses that only commands will enter."""
    made = []

    def make(folder):
        made.append(House(folder / "var"))
        return made[-1]

    yield make
    for house in made:
        house.leave()
