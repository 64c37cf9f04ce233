"""The printed codes of one's stations."""

from app.stations import issuing
from tests.support.browser import Browser


def test_a_manager_prints_the_codes_of_their_own_subtree(world, api):
    world.unit("community", "Wenhua", under="East Street")
    here, there = (
        world.station(name="here"),
        world.station(name="there", community_id=world.units["Wenhua"]),
    )
    manager = Browser(world, api, world.staff("station_manager", at="Mingde"))

    page = manager.get("/staff/stations")

    assert page.status_code == 200
    assert world.code_of(here) in page.text
    assert world.code_of(there) not in page.text


def test_a_resident_prints_none(world, api):
    world.station()

    page = Browser(world, api, world.person()).get("/staff/stations")

    assert page.status_code == 403


def test_many_stations_are_asked_for_at_once(world, api, said):
    codes = [world.code_of(world.station(name=name)) for name in "ABC"]
    manager = Browser(world, api, world.staff("station_manager"))

    del said[:]
    page = manager.get("/staff/stations")

    assert all(code in page.text for code in codes)
    assert sum("FROM station_code" in statement for statement in said) == 1


def test_a_code_that_was_replaced_is_not_printed(world, api, hands):
    station = world.station()
    old = world.code_of(station)
    hands.move(hours=1)
    world.revoke_code(station)
    with world.work() as session:
        issuing.issue_code(session, station_id=station.id, now=hands())
    manager = Browser(world, api, world.staff("station_manager"))

    page = manager.get("/staff/stations")

    assert old not in page.text
