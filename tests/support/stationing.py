"""What stations are about in tests: somebody who works there, and a photo of one."""

import io

from PIL import Image

from app.core.clock import CIVIL_ZONE, civil_day
from app.core.ids import new_id
from app.identity import queries as identity
from app.identity.models import Person
from app.identity.roles import Principal
from tests.support.world import World


def principal_of(world: World, person: Person) -> Principal:
    """A person as if signed in today."""
    with world.work() as session:
        grants = identity.list_grants(session, person.id, on=civil_day(world.now()))
    return Principal(
        tenant_id=world.tenant_id,
        zone=CIVIL_ZONE,
        session_id=new_id(),
        person_id=person.id,
        community_id=person.community_id,
        display_name=person.display_name,
        staff=bool(grants),
        grants=grants,
    )


def a_photo(form: str = "PNG", *, size: tuple[int, int] = (64, 48)) -> bytes:
    """A small picture of nothing."""
    out = io.BytesIO()
    Image.new("RGB", size, (160, 60, 40)).save(out, form)
    return out.getvalue()
