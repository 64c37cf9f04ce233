"""The printed codes of one's stations."""

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
