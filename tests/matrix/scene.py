"""One city with a thing of each kind in each relation to whoever asks, and another city."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa

from app.core.db import Database
from app.households.models import Delegation, GuardianConsent
from app.identity.models import Person, RoleGrant, SessionRow, StaffCredential
from app.notices import services as notices
from app.notices.kinds import LineState, Missed, Step
from app.notices.models import CallLine, Notice
from app.notices.services import Telling
from app.organisation.models import Registration
from app.phones import services as phone_claims
from app.phones.models import PhoneClaim
from app.roster.models import ImportBatch
from tests.matrix.table import BELOW, OF_TENANT, Relation
from tests.support.client import NOWHERE, ApiClient
from tests.support.counter import Counter
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
            "shop": self._each(self._shop),
            "grant": self._each(self._grant("active")),
            "proposal": self._each(self._grant("proposed")),
            "account": self._each(self._account),
            "session": self._each(self._session),
            "message": self._each(self._message),
            "call_line": self._each(self._call_line),
            "community": self._communities(),
            "registration": self._each(self._registration),
            "mandate": self._each(self._mandate),
            "consent": self._each(self._consent),
            "person": self._each(lambda _city, _node, who: who.id),
            "batch": self._each(self._batch),
            "phone_claim": self._each(self._phone_claim),
        }
        self.things["own_registration"] = self.things["registration"]
        self.things["station_code"] = self._codes("station", self._station_code)
        self.things["venue_code"] = self._codes("activity", self._venue_code)
        self.things["redeem_code"] = self._redeem_codes()
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
    def _station(city: World, node: str, _who: Person) -> UUID:
        return city.station(community_id=city.units[node], name=uuid4().hex[:12]).id

    @staticmethod
    def _shop(city: World, node: str, _who: Person) -> UUID:
        return city.shop(community=node, name=uuid4().hex[:12]).id

    @staticmethod
    def _activity(city: World, node: str, _who: Person) -> UUID:
        return city.activity(community_id=city.units[node]).id

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
        words = {"points": "2", "day": "2026年12月31日", "advice": "请尽快兑换"}
        about = uuid4().hex
        telling = Telling(person_id=who.id, template="points_expiring", about=about, words=words)
        with city.work() as session:
            notices.notify(session, telling, now=city.now())
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
    def _cooling(city: World, _node: str, who: Person) -> UUID:
        until = city.now() + timedelta(hours=1)
        with city.own() as session:
            theirs = sa.update(Person).where(Person.id == who.id)
            session.execute(theirs.values(cooling_until=until))
        return who.id

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

    @staticmethod
    def _venue_code(city: World, activity_id: str) -> str:
        activity: Any = SimpleNamespace(id=UUID(activity_id))
        nobodys = activity_id == NOWHERE
        return city.venue_code_of(0 if nobodys else city.tenant_id, activity)

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
