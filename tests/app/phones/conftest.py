"""A resident with WeChat, the phone button, and a clerk who checks what people typed."""

import pytest
import sqlalchemy as sa

from app.core.audit.models import AuditEntry
from app.identity.models import PersonalDatum
from tests.support.browser import Browser

LIN, NUMBER, OTHER = "林晓梅", "13812345678", "13987654321"


@pytest.fixture
def lin(world):
    return world.person("林晓梅")


@pytest.fixture
def press(world, api, phone):
    """Somebody presses the phone button, and their number is bound."""

    def press(person, number=NUMBER, *, name=None, owner=None, client=None, code=None):
        openid = world.openid_of(owner or person)
        body = {"code": code or phone.press(openid, number)} | ({"name": name} if name else {})
        asked = {"platform": "wechat", "appid": world.appid, **body}
        return (client or api).post("/me/phone", as_=person, **asked)

    return press


@pytest.fixture
def clerk(world, api):
    """The browser of whoever checks numbers in the community."""
    return Browser(world, api, world.staff("community_clerk", name="方社工"))


@pytest.fixture
def check(world, clerk):
    """The clerk checks the one number that waits."""

    def check(decision="in_person", *, by=None, reason="带身份证来核对过"):
        browser, path = by or clerk, claim_path(world)
        return browser.submit(path, shown_on=path, decision=decision, reason=reason)

    return check


def claim_path(world):
    query = "SELECT id FROM phone_claim WHERE tenant_id = :t ORDER BY id DESC LIMIT 1"
    with world.own() as session:
        claim_id = session.execute(sa.text(query), {"t": world.tenant_id}).scalar_one()
    return f"/staff/phones/{claim_id}"


def proofs(world):
    """Whose numbers are proved, and how."""
    proved = sa.select(PersonalDatum.person_id, PersonalDatum.verified_how).where(
        PersonalDatum.verified_at.is_not(None)
    )
    with world.work() as session:
        return {tuple(row) for row in session.execute(proved)}


def acts(world, action):
    with world.work() as session:
        query = sa.select(AuditEntry).filter_by(action=action).order_by(AuditEntry.seq)
        return session.scalars(query).all()
