"""Everything one can belong to, in a city where everything has happened."""

from app.core import edges
from app.demo import town
from app.households import acting, guardians
from app.households.guardians import Consenting
from app.households.kinds import Consent, Deed, Kinship
from app.identity.models import Person
from app.organisation import services as organisation
from app.organisation import stationed
from app.organisation.kinds import UnitKind
from app.roster import importing
from tests.support.client import ApiClient
from tests.support.world import World

SHEET = "姓名,手机号\n李四,13800000009\n".encode()


def belong(world: World, api: ApiClient, lin: Person) -> None:
    """A unit with a seat, a registration, a door, a delegate, a guardian, and a waiting sheet."""
    secretary, child = world.staff("community_secretary"), world.person("林小满")
    world.household(lin, child)
    world.unit("joint_committee", "Joint committee", under="Mingde")
    made = api.post(
        "/stationed-units",
        as_=secretary,
        community_id=str(world.units["Mingde"]),
        name="School",
        nature="institution",
    ).get_json()
    acts = ["read", "check_in"]
    api.post("/me/delegates", as_=lin, delegate_id=str(child.id), acts=acts, daily_limit=10)
    with world.work() as session:
        me = town.principal(session, child, on=world.now())
        errand = acting.take_on(session, me, lin.id, deed=Deed.ENROL, now=world.now())
        acting.done(session, errand, deed=Deed.ENROL, about_id=lin.id, now=world.now())
    with world.work() as session:
        me = town.principal(session, secretary, on=world.now())
        organisation.set_label(session, kind=UnitKind.GRID, label="网格片区")
        stationed.seat(
            session,
            me=me,
            unit_id=made["unit"]["id"],
            committee_id=world.units["Joint committee"],
            person_id=lin.id,
            now=world.now(),
        )
        consenting = Consenting(
            person_id=child.id,
            guardian_id=lin.id,
            kinship=Kinship.PARENT,
            consent=Consent.PAPER,
        )
        guardians.consent(session, edges.vault(), consenting, me=me, now=world.now())
        sheet = importing.Sheet(content=SHEET, kind="people", community_id=world.units["Mingde"])
        importing.check(session, edges.vault(), sheet, me=me, now=world.now())
