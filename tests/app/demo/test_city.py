"""The big demo city, at a size that fits a test: its year adds up, and is lived once."""

import pytest
import sqlalchemy as sa
import yaml

from app.activities.arrival_models import Attendance
from app.activities.models import Activity
from app.commands import violations_of
from app.core.db import transaction
from app.demo import load
from app.demo.load import TENANT_ID
from app.identity.models import Person, StaffCredential
from app.organisation.models import OrgUnit
from app.stations.models import StationVisit
from app.supermarket.models import Redemption, StockMove
from points_engine.postgres import PostgresEngine
from tests.app.demo.test_load import newcomer  # noqa: F401 - the same database without a city

YEAR = (Activity, Attendance, StationVisit, Redemption, StockMove)
ALL = (*YEAR, OrgUnit, Person, StaffCredential)
WEEKS = 4


class Killed(Exception):
    """Somebody ended the loading."""


@pytest.fixture
def hamlet(tmp_path):
    """A folder in which the city has a few dozen people and weeks."""
    city = yaml.safe_load((load.FOLDER / "city.yaml").read_text(encoding="utf-8"))
    city |= {"weeks": WEEKS, "shops": 2, "visits": 20, "activities": 4}
    city["people"] |= {"residents": 20, "members": 30}
    city["streets"] = city["streets"][:2]
    for street in city["streets"]:
        street["communities"] = street["communities"][:2]
    city["redeemable"] |= {"redemptions": 15}
    for kind in (*city["kinds_of_activity"], city["service_day"]):
        kind["size"] = [6, 10]
    (tmp_path / "city.yaml").write_text(yaml.safe_dump(city, allow_unicode=True), encoding="utf-8")
    (tmp_path / "small.yaml").write_bytes((load.FOLDER / "small.yaml").read_bytes())
    return tmp_path


@pytest.fixture
def grow(newcomer, hands, hamlet):  # noqa: F811
    """Loads it; `until` so many steps are done, when somebody ends it."""

    def grow(until=None):
        def step(done, _of):
            if done == until:
                raise Killed

        with newcomer.app_context():
            return load.load(scale="city", password="", folder=hamlet, step=step)

    return grow


@pytest.fixture
def count(newcomer):  # noqa: F811
    def count(*models):
        with newcomer.app_context(), transaction(TENANT_ID) as session:
            return {
                model.__name__: session.scalar(sa.select(sa.func.count()).select_from(model))
                for model in models
            }

    return count


def test_a_year_of_the_city_adds_up(grow, count, newcomer):  # noqa: F811
    loaded = grow()

    assert loaded.people == 41 + 50
    assert all(count(*YEAR).values())
    with newcomer.app_context():
        assert violations_of(TENANT_ID) == []
        with transaction(TENANT_ID) as session:
            engine = PostgresEngine(session, TENANT_ID)
            assert engine.quarantined() == []


def test_its_past_lies_behind_it(grow, newcomer, hands):  # noqa: F811
    grow()

    with newcomer.app_context(), transaction(TENANT_ID) as session:
        for query in ("SELECT max(booked_at) FROM transfer", "SELECT max(received_at) FROM fact"):
            assert session.scalar(sa.text(query)) <= hands()
        assert session.scalar(sa.text("SELECT count(*) FROM settle_queue")) == 0


def test_loaded_again_it_stays_as_it_is(grow, count, hands):
    grow()
    before = count(*ALL)
    hands.move(hours=1)

    grow()

    assert count(*ALL) == before


@pytest.mark.parametrize("steps", [1, 3])
def test_ended_half_way_it_goes_on_where_it_was(grow, count, newcomer, hands, steps):  # noqa: F811
    with pytest.raises(Killed):
        grow(until=steps)
    some = count(*YEAR)
    hands.move(days=2)

    grow()

    assert count(Attendance)["Attendance"] > some["Attendance"]
    with newcomer.app_context():
        assert violations_of(TENANT_ID) == []
    done = count(*ALL)
    grow()
    assert count(*ALL) == done
