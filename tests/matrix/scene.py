"""One city with a thing of each kind in each relation to whoever asks, and another city."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from secrets import token_bytes, token_hex
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.activities import lists
from app.activities.arrival_models import Attendance, AttendanceList, Feedback
from app.activities.models import Enrolment
from app.activities.proof_models import ServiceDocument, ServiceSlip
from app.core.db import Database, add, get
from app.core.telling.models import Notice
from app.households.models import Delegation, GuardianConsent
from app.identity import web_logins
from app.identity.models import Person, RoleGrant, SessionRow, StaffCredential
from app.identity.web_models import WebLogin
from app.notices.kinds import LineState, Missed, Step
from app.notices.models import CallLine
from app.organisation.models import Registration
from app.phones import services as phone_claims
from app.phones.models import PhoneClaim, PhoneRelease
from app.roster.models import ImportBatch
from app.stations.models import DutyShift, DutyTurn, RoomBooking, StationPhoto, StationRoom
from app.supermarket.models import (
    ItemPhoto,
    Merchant,
    OfflineSale,
    OfflineShare,
    OfflineSlice,
    OfflineStray,
    RedeemCode,
    RedemptionLine,
    Reservation,
    SaleQuestion,
    ServiceVoucher,
    Shop,
    StockCount,
    StockProposal,
)
from tests.matrix.table import BELOW, OF_TENANT, Relation
from tests.support.client import NOWHERE, ApiClient
from tests.support.counter import Counter
from tests.support.drafts import a_series
from tests.support.world import World

NODES = {
    Relation.OWN: "East Street",
    Relation.SAME: "East Street",
    Relation.CHILD: "Mingde",
    Relation.PARENT: "city",
    Relation.SIBLING: "West Street",
}

HOMES = {Relation.PARENT: "Wenhua", Relation.SIBLING: "Wenhua"}  # people live in communities


class Undone(Database):
    """A database in which whatever one request does is undone afterwards."""

    def __init__(self, url: str) -> None:
        super().__init__(url, role="app", pool_size=1)
        self._pool = self.engine

    @contextmanager
    def one_request(self) -> Iterator[None]:
        """Units of work inside are savepoints, so their commits are seen here and nowhere else."""
        with self._pool.connect() as connection:
            everything = connection.begin()
            connection.begin_nested()
            self.engine = connection  # type: ignore[assignment]  # a session takes either
            yield
            everything.rollback()

    def close(self) -> None:
        self._pool.dispose()


class Scene:
    """The things, by kind and relation: what stands in an address or a body."""

    def __init__(self, world: World, other: World, *, role: str) -> None:
        self.world, self.other, self.role = world, other, role
        world.unit("street", "West Street", under="city")
        world.unit("community", "Wenhua", under="West Street")
        self.me = world.person("问的人", community="Mingde")
        if role != "resident":
            world.grant(self.me, role, at="East Street", days_from_now=-1)
        with world.own() as session:  # or they could not register, whatever they were shown
            theirs = sa.update(Person).where(Person.id == self.me.id)
            session.execute(theirs.values(kinds=["in_service_member"]))
        self.neighbour = world.person("下面的人", community="Mingde")
        self.token = ApiClient(world).token(self.me, staff=role != "resident")
        self._people = {
            relation: self._home(relation).person(community=HOMES.get(relation, "Mingde"))
            for relation in (*OF_TENANT, Relation.OTHER)
        }
        self.things = {
            "place": self._each(lambda city, node, _who: city.units[node]),
            "station": self._each(self._station),
            "activity": self._each(self._activity),
            "attendance_list": self._each(self._attendance_list),
            "doubtful": self._each(self._doubtful),
            "enrolment": self._each(self._enrolment),
            "feedback": self._each(self._feedback),
            "slip": self._each(self._slip),
            "denial": self._each(self._denial),
            "document": self._each(self._document),
            "series": self._each(self._series),
            "shop": self._each(self._shop),
            "reservation": self._each(self._reservation),
            "redemption": self._each(self._redemption),
            "voucher": self._each(self._voucher),
            "merchant": self._each(self._merchant),
            "grant": self._each(self._grant("active")),
            "proposal": self._each(self._grant("proposed")),
            "account": self._each(self._account),
            "session": self._each(self._session),
            "message": self._each(self._message),
            "call_line": self._each(self._call_line),
            "web_login": self._each(self._web_login),
            "community": self._communities(),
            "registration": self._each(self._registration),
            "mandate": self._each(self._mandate),
            "consent": self._each(self._consent),
            "person": self._each(lambda _city, _node, who: who.id),
            "batch": self._each(self._batch),
            "phone_claim": self._each(self._phone_claim),
            "phone_release": self._each(self._phone_release),
        }
        self.things |= self._rooms_and_turns() | self._stock()
        self.things["city"] = dict.fromkeys(Relation, "nowhere")
        self.things["tenant"] = dict.fromkeys(Relation, str(self.world.tenant_id))
        self.things["nothing"] = dict.fromkeys(Relation, NOWHERE)
        self.things["photo_name"] = dict.fromkeys(Relation, "unsigned.jpg")
        self.things["slip_code"] = dict.fromkeys(Relation, "AAAA2222")
        self.things["own_registration"] = self.things["registration"]
        self.things["station_code"] = self._codes("station", self._station_code)
        self.things["venue_code"] = self._codes("activity", self._venue_code)
        self.things["redeem_code"] = self._redeem_codes()
        self._shops = (self.things["shop"][each] for each in self._people)
        self.things["sale_question"] = self._each(self._question)
        self._shops = (self.things["shop"][each] for each in self._people)
        self.things["offline_sale"] = self._each(self._offline_sale)
        self.things["offline_slice"] = self._slices()
        self._shops = (self.things["shop"][each] for each in self._people)
        self.things["offline_stray"] = self._each(self._offline_stray)
        self.things["cooling"] = self._each(self._cooling)  # nobody gets a code from here on

    def code_for(self, relation: Relation) -> str:
        """What the screen at the activity of this relation shows."""
        return str(self.things["venue_code"][relation])

    def _home(self, relation: Relation) -> World:
        return self.other if relation is Relation.OTHER else self.world

    def _each(self, make: Callable[[World, str, Person], Any]) -> dict[Relation, str]:
        found = {Relation.NONE: NOWHERE}
        for relation, person in self._people.items():
            who = self.me if relation is Relation.OWN else person
            node = NODES.get(relation, "Mingde")
            found[relation] = str(make(self._home(relation), node, who))
        return found

    @staticmethod
    def _station(city: World, node: str, who: Person) -> UUID:
        station = city.station(community_id=city.units[node], name=uuid4().hex[:12])
        photo = StationPhoto(tenant_id=city.tenant_id, id=uuid4(), station_id=station.id)
        photo.content, photo.digest, photo.width, photo.height = b"a photo", "digest", 1, 1
        photo.uploaded_by, photo.uploaded_at = who.id, city.now()
        with city.own() as session:
            session.add(photo)
        return station.id

    def _stock(self) -> dict[str, dict[Relation, str]]:
        """In each shop an item with a photo, a gift of it, a count, and a loss that waits."""
        kinds = ("item", "stock_batch", "delivery", "stock_count", "stock_proposal")
        made = {kind: {Relation.NONE: NOWHERE} for kind in kinds}
        for relation, person in self._people.items():
            who = self.me if relation is Relation.OWN else person
            city = self._home(relation)
            with city.own() as session:
                shop = get(session, Shop, UUID(self.things["shop"][relation]))
            assert shop is not None
            item = city.item(shop, stock=0)
            delivery = city.accept(item, 3, by=who)
            ids = {kind: uuid4() for kind in kinds}
            ids |= {"item": item.id, "delivery": delivery.id, "stock_batch": city.batch_of(item)}
            entered = {"entered_by": who.id, "entered_at": city.now()}
            photo = ItemPhoto(item_id=item.id, content=b"a photo", digest="d", width=1, height=1)
            photo.uploaded_by, photo.uploaded_at = who.id, city.now()
            loss = {"batch_id": ids["stock_batch"], "kind": "write_off", "delta": -1}
            with city.own() as session:
                add(session, photo)
                add(
                    session,
                    StockProposal(
                        id=ids["stock_proposal"], reason="受潮", state="pending", **loss, **entered
                    ),
                )
                day = city.now().date()
                count = {"id": ids["stock_count"], "shop_id": shop.id, "day": day}
                add(session, StockCount(reference="march", **count, **entered))
            for kind, id_ in ids.items():
                made[kind][relation] = str(id_)
        return made

    def _rooms_and_turns(self) -> dict[str, dict[Relation, str]]:
        """At each station a room that is booked, by whoever it is about, and a shift."""
        made = {kind: {Relation.NONE: NOWHERE} for kind in ("room", "booking", "shift", "turn")}
        for relation, person in self._people.items():
            who = self.me if relation is Relation.OWN else person
            city, station_id = self._home(relation), UUID(self.things["station"][relation])
            ids = {kind: uuid4() for kind in made}
            day, hours = city.now().date() + timedelta(days=3), {"from_minute": 600}
            at = {"tenant_id": city.tenant_id, "day": day, "to_minute": 630, **hours}
            room = StationRoom(tenant_id=city.tenant_id, id=ids["room"], station_id=station_id)
            room.name, room.capacity, room.equipment = "议事厅", 20, ""
            booking = RoomBooking(id=ids["booking"], room_id=room.id, person_id=who.id, **at)
            booking.people, booking.purpose, booking.state = 1, "读书会", "booked"
            booking.booked_at = city.now()
            shift = DutyShift(id=ids["shift"], station_id=station_id, wanted=1, task="", **at)
            turn = DutyTurn(tenant_id=city.tenant_id, id=ids["turn"], shift_id=shift.id)
            turn.person_id = turn.entered_by = who.id
            turn.state, turn.changed_at = "on_duty", city.now()
            for rows in ([room, shift], [booking, turn]):
                with city.own() as session:
                    session.add_all(rows)
            for kind, id_ in ids.items():
                made[kind][relation] = str(id_)
        made["own_booking"] = made["booking"]
        return made

    @staticmethod
    def _shop(city: World, node: str, _who: Person) -> UUID:
        return city.shop(community=node, name=uuid4().hex[:12]).id

    @staticmethod
    def _activity(city: World, node: str, _who: Person) -> UUID:
        return city.activity(community_id=city.units[node]).id

    @staticmethod
    def _series(city: World, node: str, who: Person) -> UUID:
        row = a_series(
            community_id=city.units[node],
            title=uuid4().hex,
            created_by=who.id,
            created_at=city.now(),
        )
        with city.own() as session:
            return add(session, row).id

    @classmethod
    def _enrolment(cls, city: World, node: str, who: Person) -> UUID:
        row = Enrolment(
            tenant_id=city.tenant_id,
            id=uuid4(),
            activity_id=cls._activity(city, node, who),
            person_id=who.id,
            state="waitlisted",
            enrolled_at=city.now(),
        )
        with city.own() as session:
            session.add(row)
        return row.id

    @staticmethod
    def _grant(state: str) -> Callable[[World, str, Person], UUID]:
        def make(city: World, node: str, who: Person) -> UUID:
            row = RoleGrant(
                tenant_id=city.tenant_id,
                id=uuid4(),
                person_id=who.id,
                role="building_steward",
                org_unit_id=city.units[node],
                valid_from=city.now().date() + timedelta(days=10),
                state=state,
                granted_at=city.now(),
                reason="",
            )
            if state == "proposed":
                row.valid_from += timedelta(days=1)
            with city.own() as session:
                session.add(row)
            return row.id

        return make

    @staticmethod
    def _account(city: World, _node: str, who: Person) -> UUID:
        city.employ(who, password="a password of the scene")
        with city.own() as session:
            return session.scalars(sa.select(StaffCredential.id).filter_by(person_id=who.id)).one()

    def _communities(self) -> dict[Relation, str]:
        """Of these the nearest that are communities: those below, or below the one beside."""
        beside = str(self.world.units["Wenhua"])
        found = dict.fromkeys(BELOW, str(self.world.units["Mingde"]))
        found |= {Relation.PARENT: beside, Relation.SIBLING: beside, Relation.NONE: NOWHERE}
        return {**found, Relation.OTHER: str(self.other.units["Mingde"])}

    @staticmethod
    def _registration(city: World, node: str, who: Person) -> UUID:
        row = Registration(
            tenant_id=city.tenant_id,
            id=uuid4(),
            person_id=who.id,
            community_id=city.units[node],
            state="proposed",
            asked_on=city.now().date(),
            asked_by=who.id,
            reason="",
        )
        with city.own() as session:
            session.add(row)
        return row.id

    @staticmethod
    def _mandate(city: World, _node: str, who: Person) -> UUID:
        row = Delegation(
            tenant_id=city.tenant_id,
            id=uuid4(),
            person_id=who.id,
            delegate_id=city.person().id,
            relation="family",
            acts=["read"],
            daily_limit=0,
            from_day=city.now().date(),
            consent="online",
            created_at=city.now(),
        )
        with city.own() as session:
            session.add(row)
        return row.id

    @staticmethod
    def _message(city: World, _node: str, who: Person) -> UUID:
        about = uuid4().hex
        city.tell(who, about=about)
        with city.own() as session:
            return session.scalars(sa.select(Notice.id).filter_by(about=about)).one()

    @classmethod
    def _call_line(cls, city: World, node: str, who: Person) -> UUID:
        row = CallLine(
            tenant_id=city.tenant_id,
            id=uuid4(),
            notice_id=cls._message(city, node, who),
            person_id=who.id,
            community_id=city.units[node],
            missed=Missed.NO_RIGHT,
            step=Step.PHONE,
            state=LineState.OPEN,
            created_at=city.now(),
        )
        with city.own() as session:
            session.add(row)
        return row.id

    @staticmethod
    def _consent(city: World, _node: str, who: Person) -> UUID:
        guardian, witness = city.people(2)
        row = GuardianConsent(
            tenant_id=city.tenant_id,
            id=uuid4(),
            person_id=who.id,
            guardian_id=guardian.id,
            kinship="parent",
            consent="in_person",
            witnessed_by=witness.id,
            from_day=city.now().date(),
        )
        with city.own() as session:
            session.add(row)
        return row.id

    @staticmethod
    def _batch(city: World, node: str, who: Person) -> UUID:
        row = ImportBatch(
            tenant_id=city.tenant_id,
            id=uuid4(),
            kind="people",
            community_id=city.units[node],
            state="checked",
            rows=0,
            created=0,
            updated=0,
            problems=[],
            created_by=who.id,
            created_at=city.now(),
        )
        with city.own() as session:
            session.add(row)
        return row.id

    @staticmethod
    def _phone_claim(city: World, _node: str, who: Person) -> UUID:
        with city.work() as session:
            row = PhoneClaim(tenant_id=city.tenant_id, id=uuid4(), person_id=who.id, state="open")
            number, name = (one.place(row) for one in phone_claims.SEALED)
            vault = city.app.extensions["vault"]
            row.number_sealed = vault.seal("+8613812345678", number)
            row.name_sealed = vault.seal("等的人", name)
            row.made_at, row.reason = city.now(), ""
            row.lapses_at = city.now() + timedelta(days=30)
            session.add(row)
        return row.id

    @staticmethod
    def _phone_release(city: World, _node: str, who: Person) -> UUID:
        row = PhoneRelease(
            tenant_id=city.tenant_id,
            id=uuid4(),
            person_id=who.id,
            state="open",
            proved_at=city.now(),
            reason="看了开户单",
            asked_by=city.person().id,
            asked_at=city.now(),
            due_at=city.now() + timedelta(days=1),
        )
        with city.own() as session:
            session.add(row)
        return row.id

    @staticmethod
    def _cooling(city: World, _node: str, who: Person) -> UUID:
        until = city.now() + timedelta(hours=1)
        with city.own() as session:
            theirs = sa.update(Person).where(Person.id == who.id)
            session.execute(theirs.values(cooling_until=until))
        return who.id

    @staticmethod
    def _web_login(city: World, _node: str, who: Person) -> str:
        """What waits for the person, who has scanned it."""
        code = f"W{uuid4().hex[:22]}"
        row = WebLogin(
            code_hash=web_logins.digest(code),
            purpose="sign_in",
            browser_hash=uuid4().bytes,
            asker_hash=b"",
            device="",
            asked_at=city.now(),
            expires_at=city.now() + web_logins.GOOD_FOR,
            tenant_id=city.tenant_id,
            person_id=who.id,
            seen_at=city.now(),
        )
        with city.own() as session:
            session.add(row)
        return code

    @staticmethod
    def _session(city: World, _node: str, who: Person) -> UUID:
        ApiClient(city).token(who)
        with city.own() as session:
            query = sa.select(SessionRow.id).filter_by(person_id=who.id, staff=False)
            newest = query.order_by(SessionRow.id.desc()).limit(1)
            return session.scalars(newest).one()

    def _codes(self, kind: str, code_of: Callable[[World, str], str]) -> dict[Relation, str]:
        ids = self.things[kind].items()
        return {relation: code_of(self._home(relation), id_) for relation, id_ in ids}

    @staticmethod
    def _station_code(city: World, station_id: str) -> str:
        if station_id == NOWHERE:
            return "S" + "x" * 22
        station: Any = SimpleNamespace(id=UUID(station_id))
        return city.code_of(station)

    def _attendance_list(self, city: World, node: str, who: Person) -> str:
        """What was printed of an activity there, without a name on it."""
        row = AttendanceList(activity_id=self._activity(city, node, who), code=lists.new_code())
        row.blank, row.printed_by, row.printed_at = 1, who.id, city.now()
        with city.own() as session:
            return add(session, row).code

    def _doubtful(self, city: World, node: str, who: Person) -> UUID:
        """An attendance there that somebody has to look at."""
        activity_id = self._activity(city, node, who)
        with city.own() as session:
            doubtful = Attendance(
                activity_id=activity_id,
                person_id=city.person().id,
                state="checked_in",
                checked_in_at=city.now(),
                location_in="outside",
                review="pending_review",
                reasons=["outside_fence"],
            )
            return add(session, doubtful).id

    def _feedback(self, city: World, node: str, who: Person) -> UUID:
        """What somebody said of an activity there, which nobody answered yet."""
        activity_id = self._activity(city, node, who)
        with city.own() as session:
            said = Feedback(
                activity_id=activity_id,
                person_id=city.person().id,
                rating=5,
                given_at=city.now(),
            )
            return add(session, said).id

    def _slip(self, city: World, node: str, who: Person, **said: Any) -> UUID:
        """A slip of an activity there, which somebody else issued."""
        activity_id = self._activity(city, node, who)
        issuer = city.person()
        with city.own() as session:
            slip = ServiceSlip(
                activity_id=activity_id,
                label=uuid4().hex,
                attendance_ids=[],
                code_hash=uuid4().bytes,
                issued_by=issuer.id,
                issued_at=city.now(),
                valid_until=city.now() + timedelta(days=1),
                **said,
            )
            return add(session, slip).id

    def _denial(self, city: World, node: str, who: Person) -> UUID:
        """A slip there by which somebody said no."""
        return self._slip(city, node, who, answer="denied", answered_at=city.now())

    def _document(self, city: World, node: str, who: Person) -> UUID:
        """A document of an activity there, which somebody else brought."""
        activity_id = self._activity(city, node, who)
        bringer = city.person()
        with city.own() as session:
            document = ServiceDocument(
                activity_id=activity_id,
                title="登记表",
                media_type="image/jpeg",
                content=b"a picture",
                digest=uuid4().hex,
                uploaded_by=bringer.id,
                uploaded_at=city.now(),
            )
            return add(session, document).id

    @staticmethod
    def _venue_code(city: World, activity_id: str) -> str:
        activity: Any = SimpleNamespace(id=UUID(activity_id))
        nobodys = activity_id == NOWHERE
        return city.venue_code_of(0 if nobodys else city.tenant_id, activity)

    def _question(self, city: World, _node: str, who: Person) -> UUID:
        """A sale of the shop of the same relation, which waits for that person's phone."""
        now, made = city.now(), {"code_hash": uuid4().bytes, "digits_hash": uuid4().bytes}
        with city.own() as session:
            at = {"issued_at": now, "expires_at": now, "burnt_at": now}
            code = add(session, RedeemCode(person_id=who.id, **made, **at))
            shop_id = UUID(next(self._shops))
            question = SaleQuestion(shop_id=shop_id, person_id=who.id, code_id=code.id)
            question.manager_id, question.cost, question.lines = city.person().id, 180, []
            question.state, question.asked_at = "waiting", now
            question.ends_at = now + timedelta(minutes=3)
            return add(session, question).id

    def _offline_sale(self, city: World, _node: str, who: Person) -> UUID:
        """One that waits, of a share that was given back."""
        now, seller = city.now(), city.person().id
        until = {"ends_at": now + timedelta(hours=9), "kept_until": now + timedelta(hours=57)}
        with city.work() as session:
            row = OfflineSlice(shop_id=UUID(next(self._shops)), granted_to=seller, **until)
            row.granted_at, row.day, row.terminal = now, now.date(), uuid4()
            add(session, row)
            share = OfflineShare(slice_id=row.id, person_id=who.id, day=row.day, points=2)
            share.state, share.ended_at = "released", now
            add(session, share)
            sale = OfflineSale(slice_id=row.id, share_id=share.id, nonce=uuid4(), place=1)
            sale.sold_at, sale.brought_at, sale.brought_by, sale.total = now, now, seller, 2
            sale.lines, sale.state = [], "waiting"
            sale.problem, sale.said = "sold_out", "已兑完。"
            return add(session, sale).id

    def _offline_stray(self, city: World, _node: str, who: Person) -> UUID:
        """A sale that a terminal told of and that fits nothing."""
        with city.work() as session:
            stray = OfflineStray(shop_id=UUID(next(self._shops)), nonce=uuid4(), put_by=who.id)
            stray.put_at = city.now()
            stray.told = {"sold_at": "", "total": "2", "name": "陈*怡", "lines": []}
            stray.problem, stray.said = "slice_forged", "改动过。"
            return add(session, stray).id

    def _slices(self) -> dict[Relation, str]:
        """Of what these sales were sold."""
        found = {Relation.NONE: NOWHERE}
        for relation in self._people:
            sale_id = self.things["offline_sale"][relation]
            with self._home(relation).own() as session:
                query = sa.select(OfflineSale.slice_id).filter_by(id=UUID(sale_id))
                found[relation] = str(session.scalar(query))
        return found

    def _reservation(self, city: World, node: str, who: Person) -> UUID:
        """One that was given up: cancelling it again is refused, and not unknown."""
        at = city.now()
        shop = city.shop(name=f"orders {token_hex(4)}", community=node)
        over = Reservation(
            shop_id=shop.id,
            person_id=who.id,
            reserved_by=who.id,
            code_hash=token_bytes(32),
            state="cancelled",
            cost=2,
            place=shop.name,
            reserved_at=at,
            expires_at=at + timedelta(hours=72),
            ended_at=at,
            ended_by=who.id,
        )
        with city.work() as session:
            return add(session, over).id

    @staticmethod
    def _redemption(city: World, node: str, _who: Person) -> str:
        """Soap that somebody of that place took."""
        shop = city.shop(name=f"sales {token_hex(4)}", community=node)
        manager, buyer = city.staff("shop_manager", at=node), city.person(points=2)
        soap, api = city.item(shop, points=2), ApiClient(city)
        sold = api.post(
            f"/shops/{shop.id}/redemptions",
            as_=manager,
            key=uuid4().hex,
            redeem_code=api.post("/me/redeem-codes", as_=buyer).get_json()["code"],
            lines=[{"item_id": str(soap.id), "quantity": 1}],
        )
        return str(sold.get_json()["redemption"]["id"])

    def _voucher(self, city: World, node: str, who: Person) -> UUID:
        """One that was given back: once more is refused, and not unknown."""
        sold, at = UUID(self._redemption(city, node, who)), city.now()
        with city.own() as session:
            line = session.scalars(sa.select(RedemptionLine).filter_by(redemption_id=sold)).one()
            over = ServiceVoucher(redemption_id=sold, item_id=line.item_id, person_id=who.id)
            over.name, over.category, over.points = "理发券", "haircut", 2
            over.community_id, over.code_hash = city.units["Mingde"], token_bytes(32)
            over.issued_at, over.expires_at = at, at + timedelta(days=90)
            over.state, over.ended_at, over.ended_by = "returned", at, who.id
            return add(session, over).id

    def _merchant(self, city: World, node: str, who: Person) -> UUID:
        """One at which whoever asks would redeem, if it were theirs to."""
        clerk = self.me if city is self.world else who
        partner = Merchant(community_id=city.units[node], name="理发店", category="haircut")
        partner.clerk_id, partner.opened_at = clerk.id, city.now()
        with city.own() as session:
            return add(session, partner).id

    def _redeem_codes(self) -> dict[Relation, str]:
        """Used ones: of a code that waits nobody is told anything."""
        found = {Relation.NONE: NOWHERE}
        for city, people in ((self.world, self._buyers()), (self.other, [Relation.OTHER])):
            counter = Counter.open(city, ApiClient(city), name="scene")
            for relation in people:
                who = self.me if relation is Relation.OWN else self._people[relation]
                shown = counter.api.post("/me/redeem-codes", as_=who).get_json()
                counter.redeem(shown["code"])
                found[relation] = self._newest_code(city, who)
        return found

    @staticmethod
    def _buyers() -> list[Relation]:
        return sorted(OF_TENANT)

    @staticmethod
    def _newest_code(city: World, who: Person) -> str:
        query = "SELECT id FROM redeem_code WHERE person_id = :who ORDER BY id DESC LIMIT 1"
        with city.own() as session:
            return str(session.execute(sa.text(query), {"who": who.id}).scalar_one())
