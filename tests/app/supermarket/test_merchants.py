"""Who may be named the clerk of a merchant, and what they see of it."""

import pytest

from tests.support.merchants import PASSWORD, TAKEN_ON


@pytest.mark.parametrize(
    ("role", "lives", "works"),
    [
        ("shop_manager", "Mingde", "Mingde"),  # who sells takes no part in redeeming
        ("grid_worker", "Mingde", "Mingde"),
        ("merchant", "Mingde", "Next door"),  # the role is for another place
        ("merchant", "Next door", "Next door"),
        ("", "Next door", ""),
    ],
)
def test_only_an_account_of_the_place_without_other_work_redeems_there(
    world, keeper, role, lives, works
):
    world.unit("community", "Next door", under="East Street")
    clerk = world.person("罗师傅", community=lives)
    if role:
        world.grant(clerk, role, at=works, days_from_now=-1)
    username = world.employ(clerk, password=PASSWORD)
    said = {"name": "理发店", "category": "haircut", "username": username}

    with world.changes() as changed:
        answer = keeper.submit(TAKEN_ON, shown_on=TAKEN_ON, **said)

    assert (answer.status_code, "merchant" in changed) == (422, False)


def test_whoever_has_no_work_yet_may_be_named_and_redeems_once_they_have_the_role(
    world, api, keeper
):
    clerk = world.person("罗师傅")
    said = {"name": "理发店", "category": "haircut"}
    said["username"] = world.employ(clerk, password=PASSWORD)

    named = keeper.submit(TAKEN_ON, shown_on=TAKEN_ON, **said)
    world.grant(clerk, "merchant", days_from_now=-1)

    assert named.status_code == 303
    assert len(api.get("/me/merchants", as_=clerk).json["items"]) == 1
