"""The people of a world: residents and staff, how they sign in, and what they have earned."""

import base64
import secrets
from collections.abc import Mapping
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.audit import SYSTEM
from app.core.clock import civil_day
from app.core.db import add
from app.core.ids import new_id
from app.core.keys import Keyring
from app.identity import elsewhere, personal
from app.identity import services as identity
from app.identity.card_models import CardPin
from app.identity.cards import PinKeys
from app.identity.elsewhere import Known
from app.identity.fields import Field
from app.identity.models import Person, RoleGrant
from app.ledger import jobs
from app.ledger import services as ledger
from points_engine import Fact, FactKind
from tests.support.ground import Ground


class People(Ground):
    """Whoever lives or works in the city."""

    def person(self, name: str = "陈嘉怡", *, points: int = 0, community: str = "Mingde") -> Person:
        """A resident, with so many settled points."""
        with self.work() as session:
            person = self._move_in(session, name, community=community)
        if points:
            self.give(person, points)
        return person

    def rostered(self, name: str, number: str, *, community: str = "Mingde") -> Person:
        """Somebody from a sheet of their community: name and number are known, WeChat is not."""
        with self.work() as session:
            person = identity.register_person(
                session,
                name=name,
                kinds=["resident"],
                community_id=self.units[community],
                now=self.now(),
            )
        self.know(person, {Field.NAME: name, Field.PHONE: number})
        return person

    def people(self, number: int, *, points: int = 0) -> list[Person]:
        """Many residents, each with so many settled points, settled in one go."""
        with self.work() as session:
            people = [self._move_in(session, f"居民{place}") for place in range(number)]
            for person in people * (points // 2):
                ledger.report(session, self.visit_fact(person))
        self.settle()
        return people

    def staff(self, role: str, *, at: str = "Mingde", name: str = "汤店长") -> Person:
        """A member of staff with one role in one subtree."""
        person = self.person(name)
        self.grant(person, role, at=at, days_from_now=-1)
        return person

    def card(
        self, person: Person, *, pin: str = "", before: Person | None = None, letters: str = "K"
    ) -> str:
        """The number of their printed card, with a PIN they chose before somebody."""
        number = f"{letters}{secrets.randbelow(10**8):08}"
        with self.work() as session:
            session.execute(sa.update(Person).where(Person.id == person.id).values(card_no=number))
            if pin:
                keys = PinKeys(
                    passwords=self.app.extensions["passwords"],
                    keyring=Keyring(self.app.config["SETTINGS"].secret_key),
                )
                mixed = keys.mixed(pin, tenant_id=self.tenant_id, person_id=person.id)
                kept = CardPin(person_id=person.id, digest=keys.passwords.digest(mixed), misses=0)
                kept.set_by, kept.set_at = (before or self.person("李社工")).id, self.now()
                add(session, kept)
        return number

    def know(self, person: Person, values: Mapping[Field, str]) -> None:
        """Keep personal data of somebody, as their community would."""
        with self.work() as session:
            personal.put(
                session,
                self.app.extensions["vault"],
                person_id=person.id,
                values=values,
                actor=SYSTEM,
                at=self.now(),
            )

    def grant(
        self, person: Person, role: str, *, at: str = "Mingde", days_from_now: int = 0
    ) -> None:
        """A role in a subtree, from a day on. From now on the person signs in as staff."""
        with self.own() as session:
            identity.grant_role(
                session,
                person_id=person.id,
                role=role,
                org_unit_id=self.units[at],
                now=self.now() + timedelta(days=days_from_now),
            )
        self.staff_ids.add(person.id)

    def end_roles(self, person: Person) -> None:
        """Take every role away from today on."""
        theirs = sa.update(RoleGrant).where(RoleGrant.person_id == person.id)
        with self.own() as session:
            session.execute(theirs.values(valid_to=self.now().date()))

    def employ(self, person: Person, *, password: str, given: bool = False) -> str:
        """A name the person can sign in with as staff; answers it."""
        username = f"staff-{person.id.hex}"
        with self.own() as session:
            identity.employ(session, person_id=person.id, username=username)
            passwords = self.app.extensions["passwords"]
            identity.set_password(
                session, usernames=[username], password=password, passwords=passwords, given=given
            )
        return username

    def openid_of(self, person: Person) -> str:
        """The person's WeChat account."""
        return f"o{person.id.hex}"

    def blind_of(self, subject: str) -> bytes:
        """What a WeChat account of ours is found by."""
        known = Known(platform="wechat", appid=self.appid, subject=subject)
        return known.blind(self.app.extensions["vault"], self.tenant_id)

    def token_for(self, tenant_id: int, token: str) -> str:
        """The same token, made to say that it is of another tenant."""
        raw = base64.urlsafe_b64decode(token.removeprefix("st_") + "==")
        forged = tenant_id.to_bytes(8, "big") + raw[8:]
        return "st_" + base64.urlsafe_b64encode(forged).decode().rstrip("=")

    def give(self, person: Person, points: int) -> None:
        """Settled points, earned honestly: two for each visit, so an even number."""
        assert points % 2 == 0
        with self.work() as session:
            for _ in range(points // 2):
                ledger.report(session, self.visit_fact(person))
        self.settle()

    def visit_fact(self, person: Person, *, community: str = "Mingde") -> Fact:
        return Fact(
            id=new_id(),
            kind=FactKind.STATION_VISIT,
            source=f"opening:{new_id()}",  # no visit of ours: as books brought over have it
            beneficiary_id=person.id,
            actor_id=person.id,
            community_id=self.units[community],
            quantity=1,
            occurred_at=self.now(),
            occurred_on=self.now().date(),
            received_at=self.now(),
        )

    def settle(self) -> int:
        """What the worker does when the bell has rung."""
        with self.app.app_context():
            return jobs.settle_tenant(self.tenant_id)

    def points_of(self, person: Person) -> int:
        with self.work() as session:
            day = civil_day(self.now())
            return ledger.numbers(session, person_id=person.id, on=day).points.available

    def facts_of(self, person: Person) -> int:
        """How many facts were reported about the person."""
        query = "SELECT count(*) FROM fact WHERE tenant_id = :t AND beneficiary_id = :person"
        with self.own() as session:
            values = {"t": self.tenant_id, "person": person.id}
            return int(session.execute(sa.text(query), values).scalar_one())

    def _move_in(self, session: Session, name: str, *, community: str = "Mingde") -> Person:
        """A resident with a WeChat account."""
        person = identity.register_person(
            session,
            name=name,
            kinds=["resident"],
            community_id=self.units[community],
            now=self.now(),
        )
        openid = self.openid_of(person)
        known = Known(platform="wechat", appid=self.appid, subject=openid)
        elsewhere.vouch(session, self.app.extensions["vault"], person_id=person.id, known=known)
        return person
