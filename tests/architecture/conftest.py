"""A city in which everything has happened, so that every table has rows to guard."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app.activities.arrival_models import Feedback
from app.activities.models import ActivityNotice
from app.activities.plan_models import CalendarTheme, ServiceDay
from app.activities.proof_models import ServiceDocument, ServiceSlip
from app.core import audit
from app.core.audit import Actor
from app.core.db import add
from app.core.ids import new_id
from app.core.telling.models import Notice
from app.identity import consents
from app.identity.fields import Field
from app.ledger import nightly, passbook_prints
from app.ledger import services as ledger
from app.notices import jobs as sending
from app.notices.kinds import Outcome, Step
from app.notices.models import CallLine, CallTry
from app.phones.models import PhoneRelease
from app.stations import booking, counting, editing, photos, turns
from app.stations.booking import Furnished, Wish
from app.stations.counting import Guest
from app.stations.hours import Exceptional, Span
from app.stations.kinds import Visitor
from app.stations.turns import Plan
from app.supermarket import funds, goods, receiving, shelves, slices
from app.supermarket.goods import Said
from app.supermarket.kinds import DeliveryKind, DonorKind, MoveKind
from app.supermarket.models import (
    Batch,
    Handover,
    ItemPhoto,
    Merchant,
    OfflineSale,
    OfflineShare,
    OfflineStray,
    RedeemCode,
    SaleQuestion,
    ServiceVoucher,
    Shop,
    StockCount,
    StockCountLine,
    StockProposal,
)
from app.supermarket.receiving import Arrived, Given, Intake
from app.supermarket.shelves import Cause
from app.supermarket.slices import When
from app.wechat import services as wechat
from app.wechat.superapp import Event
from points_engine import Destination, InsufficientPoints, Policy, Reservation, Spending
from points_engine.postgres import PostgresEngine
from tests.support.authenticator import enrol
from tests.support.belonging import belong
from tests.support.drafts import a_draft, a_series, a_task
from tests.support.hands import NOON
from tests.support.stationing import a_photo, principal_of
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
DAY = timedelta(days=1)
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
    lin, manager = world.person(points=40), world.staff("shop_manager")
    buyer = world.person(points=40)
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
    api.post(f"/activities/{activity.id}/check-ins", as_=lin)  # is refused the second time
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
    with world.own() as session:
        asked = {"asked_by": manager.id, "asked_at": NOON, "due_at": NOON + timedelta(days=1)}
        held = {"state": "open", "proved_at": NOON, "reason": "看了开户单"}
        add(session, PhoneRelease(person_id=lin.id, **held, **asked))
    for service in ("rest", "water"):
        api.post("/station-visits", as_=lin, code=world.code_of(station), service=service)
    close_last_quarter(world)
    pass_the_night(world, manager)
    hear_from_wechat(world, lin)
    reach(world, lin, manager)
    look_after(world, station, lin)
    keep_shop(world, rice, manager)
    reserve_and_return(world, api, lin, shop, manager)
    serve_with_a_voucher(world, api, lin, shop, manager)
    print_passbook(world, lin)
    plan_year(world, manager)
    keep_counter(world, shop, lin, manager)
    sell_without_a_network(world, shop, manager, buyer)
    with world.own() as session:
        said = {"rating": 5, "words": "很好", "given_at": NOON, "answer": "谢谢"}
        told = {"answered_by": manager.id, "answered_at": NOON}
        add(session, Feedback(activity_id=activity.id, person_id=lin.id, **said, **told))
    leader = world.staff("station_manager")
    api.post(f"/activities/{activity.id}/attendance-lists", as_=leader)
    show(world, activity, lin, manager)
    return world


def show(world, activity, lin, manager):
    """She was served as well and said so, and there is a document about what was done."""
    whose = {"activity_id": activity.id, "title": "登记表", "media_type": "image/jpeg"}
    with world.own() as session:
        slip = ServiceSlip(
            activity_id=activity.id,
            label="3栋老人",
            attendance_ids=[],
            person_id=lin.id,
            code_hash=b"digest",
            issued_by=manager.id,
            issued_at=NOON,
            valid_until=NOON + timedelta(days=14),
            answer="denied",
            answered_at=NOON,
        )
        add(session, slip)
        document = ServiceDocument(content=b"a picture", digest="digest", **whose)
        document.uploaded_by, document.uploaded_at = manager.id, NOON
        add(session, document)


def print_passbook(world, lin):
    """Somebody's book of paper has its first lines."""
    me = principal_of(world, lin)
    with world.work() as session:
        holder = passbook_prints.Holder(person_id=lin.id, me=me, now=world.now())
        passbook_prints.print_next(session, holder, seen=passbook_prints.Place().text)


def plan_year(world, manager):
    """A series has a first activity with a task, of which people are told; the year has a theme."""
    mingde = world.units["Mingde"]
    by = {"set_by": manager.id, "set_at": NOON}
    with world.own() as session:
        series = add(session, a_series(community_id=mingde, created_by=manager.id, created_at=NOON))
        first = add(session, a_draft(series, drafted_by=manager.id))
        add(session, a_task(first))
        add(
            session,
            ActivityNotice(
                activity_id=first.id, kind="invitation", unit_ids=[], told=0, created_at=NOON
            ),
        )
        theme = {"year": 2026, "span": "month", "number": 3, "theme": "学雷锋"}
        add(session, CalendarTheme(unit_id=mingde, **theme, **by))
        moved = {"month": date(2026, 10, 1), "day": date(2026, 10, 24), "reason": "台风"}
        add(session, ServiceDay(unit_id=mingde, **moved, **by))


def look_after(world, station, lin):
    """The station has a day off and a photo, strangers came, and a room and a shift are taken."""
    keeper, day = principal_of(world, world.staff("station_manager")), NOON.date()
    lin = principal_of(world, lin)
    span, tomorrow = Span(600, 660), day + timedelta(days=1)
    away = Exceptional(day=day + timedelta(days=9), reason="检修")
    code = world.code_of(station)
    with world.work() as session:
        at = {"me": keeper, "station_id": station.id}
        editing.set_exception(session, away, now=NOON, **at)
        photos.keep(session, a_photo(), now=NOON, **at)
        guest = Guest(code=code, service="rest", visitor=Visitor.RIDER, mark=b"somewhere")
        counting.count_guest(session, guest, now=NOON, zone=keeper.zone)
        furnished = Furnished(name="议事厅", capacity=20, equipment="投影")
        room = booking.add_room(session, furnished, **at)
        wish = Wish(room_id=room.id, day=tomorrow, span=span, people=5, purpose="读书会")
        booking.book(session, wish, me=lin, now=NOON)
        plan = Plan(day=tomorrow, span=span, wanted=2, task="接待")
        (shift,) = turns.plan_shifts(session, plan, now=NOON, **at)
        turns.take(session, me=lin, shift_id=shift.id, now=NOON)


def keep_counter(world, shop, lin, manager):
    """Somebody has a card, is asked about a sale on their phone, and the shift ends."""
    world.card(lin, pin="2580")
    colleague = world.staff("shop_manager", name="Wang")
    with world.own() as session:
        code = session.scalars(sa.select(RedeemCode)).first()
        asked = {"state": "waiting", "asked_at": NOON, "ends_at": NOON + timedelta(minutes=3)}
        whose = {"shop_id": shop.id, "person_id": lin.id, "manager_id": manager.id}
        add(session, SaleQuestion(code_id=code.id, cost=180, lines=[], **whose, **asked))
        people = {"shop_id": shop.id, "from_id": manager.id, "to_id": colleague.id}
        figures = {"sales": 1, "points": 16, "refused": 0, "without_code": 0}
        add(session, Handover(day=NOON.date(), at=NOON, **people, **figures))


def sell_without_a_network(world, shop, manager, buyer):
    """A terminal has been granted a slice; a sale of it waits, and one was put aside."""
    me = principal_of(world, manager)
    with world.own() as session:
        session.execute(sa.update(Shop).where(Shop.id == shop.id).values(offline_points=20))
    with world.work() as session:
        row = slices.grant(session, shop.id, terminal=uuid4(), me=me, now=NOON)
        slices.give(session, row.id, buyer.id, when=When(NOON, me.zone))
        (share,) = session.scalars(sa.select(OfflineShare))
        came = {"sold_at": NOON, "brought_at": NOON, "brought_by": manager.id, "state": "waiting"}
        why = {"problem": "sold_out", "said": "大米已兑完。"}
        sale = OfflineSale(
            slice_id=row.id, share_id=share.id, nonce=uuid4(), place=1, **came, **why
        )
        sale.lines, sale.total = [], 2
        add(session, sale)
        stray = OfflineStray(shop_id=shop.id, nonce=uuid4(), put_at=NOON)
        stray.told = {"sold_at": "", "total": "2", "name": "陈*怡", "lines": []}
        stray.put_by, stray.problem, stray.said = manager.id, "slice_forged", "改动过。"
        add(session, stray)


def keep_shop(world, rice, manager):
    """Rice was bought and given, costs more soon, was counted, and some of it was spoilt."""
    secretary, day = world.staff("community_secretary"), NOON.date()
    world.buy(rice, 20, by=manager, on=day)
    vault, given = world.app.extensions["vault"], new_id()
    donor = Given(
        kind=DonorKind.PERSON,
        name="林*梅",
        sealed=vault.seal("林晓梅", receiving.place_in(world.tenant_id, given)),
    )
    said = Said(points=20, valid_from=day + 7 * DAY, on=day, at=NOON, by=manager.id)
    with world.work() as session:
        intake = Intake(
            id=given,
            shop_id=rice.shop_id,
            kind=DeliveryKind.DONATION,
            reference="given",
            day=day,
            at=NOON,
            lines=[Arrived(item_id=rice.id, quantity=5, best_before=day + 90 * DAY)],
            entered_by=manager.id,
            given=donor,
        )
        receiving.receive(session, intake)
        goods.reprice(session, rice, said)
        photo = {"content": b"jpeg", "digest": "d", "width": 4, "height": 3}
        by = {"uploaded_by": manager.id, "uploaded_at": NOON}
        add(session, ItemPhoto(item_id=rice.id, **photo, **by))
        write_off_and_count(session, rice, maker=manager.id, checker=secretary.id)


def reserve_and_return(world, api, lin, shop, manager):
    """Soap was reserved and fetched, one came back; another waits; points were given away."""
    soap = world.item(shop, name="肥皂", points=2, stock=10)
    lines = [{"item_id": str(soap.id), "quantity": 2}]

    def post(path, by, **said):
        return api.post(path, as_=by, key=uuid4().hex, **said).json

    kept = post(f"/shops/{shop.id}/reservations", lin, lines=lines)["reservation"]
    sold = post(f"/shops/{shop.id}/pick-ups", manager, code=kept["code"])["redemption"]
    back = [{"item_id": str(soap.id), "quantity": 1}]
    post(f"/redemptions/{sold['id']}/reversal", manager, lines=back, reason="受潮")
    post(f"/shops/{shop.id}/reservations", lin, lines=lines)
    post("/me/donations", lin, points=2)


def serve_with_a_voucher(world, api, lin, shop, manager):
    """A haircut was reserved and fetched, and its voucher redeemed at the barber's."""
    clerk = world.staff("merchant", name="罗师傅")
    voucher = world.item(shop, name="理发券", points=1, category="haircut", merchant="理发店")
    key, lines = uuid4().hex, [{"item_id": str(voucher.id), "quantity": 1}]
    kept = api.post(f"/shops/{shop.id}/reservations", as_=lin, key=key, lines=lines)
    code = kept.json["reservation"]["code"]
    api.post(f"/shops/{shop.id}/pick-ups", as_=manager, key=key, code=code)
    partner = Merchant(community_id=shop.community_id, name="理发店", category="haircut")
    partner.clerk_id, partner.opened_at = clerk.id, NOON
    with world.work() as session:
        add(session, partner)
        row = session.scalars(sa.select(ServiceVoucher)).one()
        row.state, row.ended_at = "used", NOON
        row.merchant_id, row.ended_by = partner.id, clerk.id


def write_off_and_count(session, rice, *, maker, checker):
    entered = {"entered_by": maker, "entered_at": NOON}
    (batch, *_) = session.scalars(sa.select(Batch).filter_by(item_id=rice.id))
    count = add(
        session, StockCount(shop_id=rice.shop_id, reference="march", day=NOON.date(), **entered)
    )
    line = {"count_id": count.id, "batch_id": batch.id}
    add(session, StockCountLine(**line, expected=9, counted=8, reason="找不到"))
    proposal = add(
        session,
        StockProposal(
            batch_id=batch.id,
            kind="write_off",
            delta=-1,
            reason="受潮",
            state="approved",
            decided_by=checker,
            decided_at=NOON,
            **entered,
        ),
    )
    cause = Cause(
        kind=MoveKind.WRITE_OFF,
        reference=f"proposal:{proposal.id}",
        day=NOON.date(),
        at=NOON,
        entered_by=maker,
        approved_by=checker,
        proposal_id=proposal.id,
        reason=proposal.reason,
    )
    shelves.correct(session, batch.id, delta=-1, cause=cause)


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
    world.tell(lin)
    with world.app.app_context():
        sending.send_of_tenant(world.tenant_id)
    with world.work() as session:
        told = sa.select(Notice.id).filter_by(person_id=lin.id, about="it")
        (line,) = session.scalars(sa.select(CallLine).where(CallLine.notice_id.in_(told)))
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
