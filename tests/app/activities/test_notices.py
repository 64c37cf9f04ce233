"""预告收到: who of the audience is told, once, and who has read it."""

import pytest
import sqlalchemy as sa

from app.activities import announcing
from app.activities.models import ActivityNotice
from app.core import masking
from app.identity.models import Person
from app.notices import jobs as sending


def told(api, who):
    return [one["title"] for one in api.get("/me/messages", as_=who).json["items"]]


@pytest.fixture
def town(world):
    """A resident, a member, somebody who lives in a grid, somebody elsewhere, and a grid."""
    world.unit("community", "Wenhua", under="East Street")
    world.unit("grid", "Grid", under="Mingde")
    world.unit("building", "House", under="Grid")
    resident, member, near = world.people(3)
    with world.own() as session:
        kinds = sa.update(Person).where(Person.id == member.id)
        session.execute(kinds.values(kinds=["in_service_member"]))
    world.household(near, under="House")
    return {
        "resident": resident,
        "member": member,
        "near": near,
        "elsewhere": world.person(community="Wenhua"),
    }


@pytest.mark.parametrize(
    ("audience", "reached"),
    [
        ("community", {"resident", "member", "near"}),
        ("members", {"member"}),
        ("grid", {"near"}),
        ("nobody", set()),
    ],
)
def test_the_audience_is_told_and_nobody_else(
    api, world, town, published, sweep, audience, reached
):
    unit = {"audience_unit_id": str(world.units["Grid"])} if audience == "grid" else {}

    published(audience=audience, **unit)
    sweep()
    sweep()

    assert {name for name, who in town.items() if told(api, who)} == reached
    assert all(told(api, town[name]) == ["活动预告"] for name in reached)


def test_it_goes_out_in_batches_and_each_hears_once(api, world, published, hands):
    people = world.people(7)
    published()
    sizes, done = [], False
    while not done:
        with world.work() as session:
            row = announcing.take_waiting(session)
            batch = announcing.tell_batch(session, row, zone="Asia/Shanghai", now=hands(), limit=3)
            sizes.append(batch.people)
            done = batch.done
    with world.own() as session:  # whoever died between two batches begins the second anew
        session.execute(sa.update(ActivityNotice).values(done_at=None, told_up_to=None))
    with world.work() as session:
        row = announcing.take_waiting(session)
        again = announcing.tell_batch(session, row, zone="Asia/Shanghai", now=hands())

    assert sizes[:2] == [3, 3]
    assert sum(sizes) == again.people
    assert all(told(api, who) == ["活动预告"] for who in people)


def test_what_was_called_off_meanwhile_is_not_announced(api, published, clerk, sweep, lin):
    path = published()
    api.post(f"{path}/cancellation", as_=clerk, reason="停电")

    sweep()

    assert told(api, lin) == []


def test_the_organiser_sees_who_has_read_it_by_masked_names(
    api, world, browser, published, clerk, sweep, lin
):
    reader, other = world.person("王小明"), world.person("赵六")
    path = published(calling=True)
    sweep()
    newest = api.get("/me/messages", as_=reader).json["items"][0]["id"]
    api.post(f"/me/messages/{newest}/read", as_=reader)
    browser.get(path)  # lin opens the page the notice leads to
    with world.app.app_context():
        sending.send_of_tenant(world.tenant_id)  # WeChat reaches nobody here

    items = api.get(f"{path}/notice-readings", as_=clerk).json["items"]

    states = {one["name_masked"]: one["state"] for one in items}
    assert states["王*明"] == "read"
    assert states[masking.name(lin.display_name)] == "read"
    assert states["赵*"] == "to_call"
    assert other.display_name not in str(items)
