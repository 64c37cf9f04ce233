"""Minors: from 14 to 18 with a guardian's consent, below not at all."""

import pytest

from app.core import edges
from app.core.errors import DomainError
from app.households import guardians
from app.households.guardians import Consenting
from app.households.kinds import Consent, Kinship
from app.identity.fields import Field
from tests.app.households.test_households import principal
from tests.support.client import NOWHERE
from tests.support.refusals import refusal


@pytest.fixture
def clerk(world):
    return principal(world, world.staff("community_clerk", name="黎同志"))


@pytest.fixture
def mother(world):
    return world.person("林小燕")


def child_born(world, day):
    child = world.person("林小满")
    world.know(child, {Field.BIRTH_DATE: day})
    return child


def agree(world, clerk, child, guardian):
    consenting = Consenting(
        person_id=child.id,
        guardian_id=guardian.id,
        kinship=Kinship.PARENT,
        consent=Consent.PAPER,
    )
    with world.work() as session:
        return guardians.consent(session, edges.vault(), consenting, me=clerk, now=world.now())


def join(world, api, child):
    """Enrols, and comes; the answers."""
    activity = world.activity()
    enrolled = api.post(f"/activities/{activity.id}/enrolments", as_=child)
    came = api.post(
        f"/activities/{activity.id}/check-ins", as_=child, code=world.venue_code(activity)
    )
    return enrolled, came


@pytest.mark.parametrize(
    ("born", "code"),
    [
        ("2008-03-03", "guardian_consent_needed"),
        ("2012-03-02", "guardian_consent_needed"),
        ("2012-03-03", "too_young"),
    ],
)
def test_a_minor_joins_nothing_without_consent(world, api, born, code):
    child = child_born(world, born)
    activity, path = world.activity(), "/activities/{}/enrolments"
    api.get("/me", as_=child)

    with world.changes() as changed:
        answer = api.post(path.format(activity.id), as_=child)

    assert refusal(answer) == (403, code)
    assert changed == {}
    assert [refusal(one)[1] for one in join(world, api, child)] == [code, code]


@pytest.mark.parametrize("born", ["2008-03-02", None])
def test_who_is_grown_up_or_has_told_no_birthday_needs_none(world, api, born):
    child = child_born(world, born) if born else world.person()

    assert [answer.status_code for answer in join(world, api, child)] == [201, 201]


def test_with_a_guardians_consent_a_minor_joins(world, api, clerk, mother):
    child = child_born(world, "2010-01-01")
    agree(world, clerk, child, mother)

    assert [answer.status_code for answer in join(world, api, child)] == [201, 201]


def test_consent_that_was_withdrawn_is_none(world, api, clerk, mother):
    child = child_born(world, "2010-01-01")
    given = agree(world, clerk, child, mother)

    with world.work() as session:
        guardians.withdraw(session, given.id, me=clerk, now=world.now())

    assert [refusal(one)[1] for one in join(world, api, child)] == ["guardian_consent_needed"] * 2


def test_a_child_below_fourteen_joins_with_nobodys_consent(world, api, clerk, mother):
    child = child_born(world, "2015-01-01")
    agree(world, clerk, child, mother)

    assert [refusal(one)[1] for one in join(world, api, child)] == ["too_young"] * 2


def test_who_cannot_be_a_guardian_is_refused(world, clerk, mother):
    child, brother = child_born(world, "2010-01-01"), child_born(world, "2009-01-01")
    agree(world, clerk, child, mother)

    with world.work() as session:
        herself = session.get(type(mother), (world.tenant_id, clerk.person_id))
    codes = []
    for guardian in (brother, child, herself, mother):
        with pytest.raises(DomainError) as refused:
            agree(world, clerk, child, guardian)
        codes.append(refused.value.code)

    assert codes == ["guardian_unfit"] * 3 + ["guardian_consent_twice"]


def test_a_consent_of_elsewhere_does_not_exist(world, clerk, mother):
    world.unit("community", "Wenhua", under="East Street")
    other = principal(world, world.staff("community_clerk", at="Wenhua"))
    given = agree(world, clerk, child_born(world, "2010-01-01"), mother)

    statuses = []
    for number in (given.id, NOWHERE):
        with pytest.raises(DomainError) as refused, world.work() as session:
            guardians.withdraw(session, number, me=other, now=world.now())
        statuses.append(refused.value.status)

    assert statuses == [404, 404]
