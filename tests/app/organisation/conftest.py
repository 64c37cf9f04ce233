"""Members who register, and the communities that decide."""

import pytest
import sqlalchemy as sa

from app.identity.models import Person


@pytest.fixture
def member(world):
    """A member in service of Mingde."""
    return make_member(world, "王立新")


def make_member(world, name):
    person = world.person(name)
    with world.own() as session:
        theirs = sa.update(Person).where(Person.id == person.id)
        session.execute(theirs.values(kinds=["in_service_member"]))
    return person


@pytest.fixture
def secretary(world):
    return world.staff("community_secretary", name="方书记")


@pytest.fixture
def wenhua(world):
    """Another community of the street, with a secretary of its own."""
    world.unit("community", "Wenhua", under="East Street")
    return world.staff("community_secretary", at="Wenhua", name="文书记")


@pytest.fixture
def registered(world, api):
    """Registers somebody: asks, and lets the community say yes."""

    def registered(member, secretary, *, at="Mingde"):
        asked = api.post("/me/registrations", as_=member, community_id=str(world.units[at])).json
        number = asked["registration"]["id"]
        answer = api.post(f"/registrations/{number}/decision", as_=secretary, decision="accept")
        assert answer.status_code == 200, answer.text
        return number

    return registered
