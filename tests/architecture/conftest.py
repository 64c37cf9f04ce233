"""A city in which everything has happened, so that every table has rows to guard."""

import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.core import audit
from app.core.audit import Actor
from app.identity import consents
from app.identity.fields import Field
from app.ledger import nightly
from app.ledger import services as ledger
from app.notices import jobs as sending
from app.notices import services as notices
from app.notices.kinds import Outcome, Step
from app.notices.models import CallLine, CallTry
from app.notices.services import Telling
from app.supermarket import funds
from app.wechat import services as wechat
from app.wechat.superapp import Event
from points_engine import Destination, InsufficientPoints, Policy, Reservation, Spending
from points_engine.postgres import PostgresEngine
from tests.support.authenticator import enrol
from tests.support.belonging import belong
from tests.support.hands import NOON
from tests.support.world import tenant_tables

CAPPED = Policy.from_document(
    {
        "version": "capped",
        "in_force_from": "2026-02-01",
        "rules": [
            {"id": "visit", "kind": "station_visit", "category": "*", "unit": "points",
             "amount": 2, "per": 1, "caps": [{"window": "day", "limit": 100}]},
        ],
    }
)  # fmt: skip
SPARED = "password-of-the-lived-in-city"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Questions to the database's own description of itself."""

    engine: sa.Engine

    def rows(self, query: str) -> list[tuple]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(query))]

    def column(self, query: str) -> list:
        return [row[0] for row in self.rows(query)]


@pytest.fixture(scope="session")
def catalogue(owner):
    return Catalogue(owner.engine)


@pytest.fixture
def lived_in(world, api, hands):
    """Somebody came, gave time, took goods, was refused and waits for points; a quarter closed."""
    lin, manager = world.person(points=20), world.staff("shop_manager")
    world.employ(manager, password=SPARED)
    enrol(api, manager, hands)
    station, activity, shop = world.station(), world.activity(), world.shop()
    rice = world.item(shop, points=16)
    api.post(f"/activities/{activity.id}/enrolments", as_=lin)
    for one in consents.texts().values():
        api.post("/me/consents", as_=lin, purpose=one.purpose, version=one.version)
    api.post(
        f"/activities/{activity.id}/check-ins",
        as_=lin,
        code=world.venue_code(activity),
        location={"lat": 31.3, "lng": 120.6, "crs": "gcj02"},
    )
    api.post("/me/phone", as_=lin, number="13912345678", name="林晓梅")
    api.post("/scans", as_=lin, text="S" + "x" * 22)
    api.post(
        f"/shops/{shop.id}/redemptions",
        as_=manager,
        key=uuid4().hex,
        redeem_code=api.post("/me/redeem-codes", as_=lin).json["code"],
        lines=[{"item_id": str(rice.id), "quantity": 1}],
    )
    world.know(lin, {Field.NAME: "林晓梅", Field.PHONE: "13812345678"})
    belong(world, api, lin)
    keep_books(world, lin, manager, shop)
    api.post("/station-visits", as_=lin, code=world.code_of(station))
    close_last_quarter(world)
    pass_the_night(world, manager)
    hear_from_wechat(world, lin)
    reach(world, lin, manager)
    return world


def pass_the_night(world, manager):
    """Money is raised for the shop, and the night's work is done."""
    raised = funds.Raised(
        community_id=world.units["Mingde"],
        voucher="2026-001",
        amount_fen=300_000,
        source="fiscal",
        funded_on=NOON.date(),
    )
    with world.work() as session:
        funds.record(session, raised, recorded_by=manager.id, now=NOON)
        audit.record(
            session,
            actor=Actor(person_id=manager.id, role="shop_manager"),
            action="fund.record",
            subject=("community", world.units["Mingde"]),
            scope=world.units["Mingde"],
            at=NOON,
        )
    with world.own() as session:
        nightly.claim(session, day=NOON.date(), now=NOON)


def hear_from_wechat(world, lin):
    """She allows a message, and a code is drawn."""
    openid, vault = world.openid_of(lin), world.app.extensions["vault"]
    whose = {"appid": world.appid, "subject_blind": world.blind_of(openid)}
    content = {"items": [{"TemplateId": "t", "SubscribeStatusString": "accept"}]}
    told = Event(
        key=b"1",
        name="subscribe_msg_popup_event",
        subject_id=openid,
        happened_at=NOON,
        content=content,
    )
    with world.work() as session:
        wechat.note_events(session, vault, [told], appid=world.appid, now=NOON)
        wechat.agree(session, wechat.Right(**whose, template_id="t"), now=NOON)
        wechat.keep_image(session, content_key=b"k", image=b"png", now=NOON)


def reach(world, lin, manager):
    """Her points expire soon, WeChat does not reach her, and somebody calls in vain."""
    words = {"points": "2", "day": "2026年12月31日", "advice": "请尽快兑换"}
    telling = Telling(
        person_id=lin.id, template="points_expiring", about="points_expiring", words=words
    )
    with world.work() as session:
        notices.notify(session, telling, now=NOON)
    with world.app.app_context():
        sending.send_of_tenant(world.tenant_id)
    with world.work() as session:
        (line,) = session.scalars(sa.select(CallLine)).all()
        session.add(
            CallTry(
                tenant_id=world.tenant_id,
                line_id=line.id,
                step=Step.PHONE,
                outcome=Outcome.MISSED,
                tried_by=manager.id,
                at=NOON,
            )
        )


def close_last_quarter(world):
    """What the operators do in January."""
    ended = {"community_id": world.units["Mingde"], "quarter": "2025Q4", "now": NOON}
    with world.work() as session:
        ledger.publicise_quarter(session, on=NOON.date(), **ended)
    with world.work() as session:
        ledger.close_quarter(session, secret=bytes(32), **ended)


def keep_books(world, lin, manager, shop):
    """What only the books know of: a cap, something kept, a refusal, a wish, a quarter's end."""
    with world.work() as session:
        ledger.publish(session, CAPPED, now=NOON)
    world.give(lin, 2)
    asked = {
        "payer_id": lin.id,
        "shop_id": shop.id,
        "community_id": world.units["Mingde"],
        "occurred_on": NOON.date(),
        "actor_id": manager.id,
        "reason": "预约 大米 1 袋",
    }
    until = NOON + timedelta(days=3)
    kept = Reservation(amount=2, reference="order:1", held_at=NOON, expires_at=until, **asked)
    dear = Spending(amount=2000, reference="order:2", booked_at=NOON, **asked)
    with world.work() as session:
        engine = PostgresEngine(session, world.tenant_id)
        engine.hold(kept)
        engine.choose_expiry(lin.id, Destination.LOVE_POOL, chosen_at=NOON)
        with pytest.raises(InsufficientPoints):
            engine.spend(dear)


@pytest.fixture
def samples(lived_in):
    """One row of each tenant table, as the database writes it."""
    found = {}
    with lived_in.own() as session:
        for table in tenant_tables():
            query = f"SELECT to_jsonb(row)::text FROM {table} AS row WHERE tenant_id = :t LIMIT 1"
            row = session.execute(sa.text(query), {"t": lived_in.tenant_id}).scalar()
            found[table] = json.loads(row) if row else None
    return found
