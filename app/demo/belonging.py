"""Where the people of the demo city belong: grids, Party organisations, registrations, doors."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.activities import enrolling as joining
from app.activities import queries as activities
from app.activities.enrolling import Wish
from app.core.clock import civil_day
from app.core.vault import Vault
from app.demo import town
from app.households import acting, delegations, guardians
from app.households import services as households
from app.households.delegations import Mandate
from app.households.guardians import Consenting
from app.households.kinds import Act, Consent, Deed, Kinship
from app.households.services import MoveIn
from app.identity import personal
from app.identity import queries as identity
from app.identity.fields import Field
from app.identity.models import Person
from app.identity.personal import Datum
from app.identity.roles import Principal
from app.organisation import registrations, stationed
from app.organisation import services as units_of
from app.organisation.kinds import Nature, RegistrationState, UnitKind
from app.organisation.registrations import Decision
from app.organisation.stationed import Arriving
from app.roster import importing

SETTLED = timedelta(days=30)
PER_DOOR = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """What there is to belong to: the units by name, who lives there, and who keeps the books."""

    units: Mapping[str, UUID]
    cast: Sequence[Person]
    secretary: Principal
    home: UUID


def settle(
    session: Session,
    vault: Vault,
    document: dict[str, Any],
    *,
    units: Mapping[str, UUID],
    cast: Sequence[Person],
    now: datetime,
) -> None:
    """Give the people of the small city doors, registrations, delegates and a guardian."""
    credential = identity.get_credential(session, "secretary")
    keeper = identity.get_person(session, credential.person_id) if credential else None
    assert keeper is not None  # the city's staff has just moved in
    belonging, home = document["belonging"], units[document["communities"][0]]
    around = Neighbourhood(
        units={**units, **_found_units(session, belonging, units, now=now)},
        cast=cast,
        secretary=town.principal(session, keeper, on=now),
        home=home,
    )
    for kind, label in belonging["labels"].items():
        units_of.set_label(session, kind=UnitKind(kind), label=label)
    _station_units(session, belonging, around, now=now)
    _open_doors(session, belonging, around, now=now)
    _register(session, belonging, around, now=now)
    _entrust(session, vault, around, now=now)
    _upload(session, vault, belonging["sheet"], around=around, now=now)


def _found_units(
    session: Session, belonging: dict[str, Any], units: Mapping[str, UUID], *, now: datetime
) -> dict[str, UUID]:
    made: dict[str, UUID] = {}
    for one in belonging["units"]:
        unit = units_of.create_unit(
            session,
            parent_id={**units, **made}[one["under"]],
            kind=one["kind"],
            name=one["name"],
            on=civil_day(now - SETTLED),
        )
        made[one["name"]] = unit.id
    return made


def _station_units(
    session: Session, belonging: dict[str, Any], around: Neighbourhood, *, now: datetime
) -> None:
    for one in belonging["stationed"]:
        arriving = Arriving(
            community_id=around.home,
            name=one["name"],
            nature=Nature(one["nature"]),
            contact_id=around.cast[one["contact"]].id,
        )
        unit = stationed.station_unit(session, arriving, me=around.secretary, now=now)
        stationed.seat(
            session,
            me=around.secretary,
            unit_id=unit.id,
            committee_id=around.units[one["committee"]],
            person_id=around.cast[one["contact"]].id,
            now=now,
        )


def _open_doors(
    session: Session, belonging: dict[str, Any], around: Neighbourhood, *, now: datetime
) -> None:
    """Three people behind each door; the elder, the last of the cast, lives with the first."""
    people = [around.cast[-1], *around.cast[:-1]]
    since, doors = civil_day(now - SETTLED), belonging["doors"]
    for number, door in enumerate(doors):
        unit_id = around.units[door["in"]]
        household = households.find_or_make(session, unit_id=unit_id, door=door["door"], now=now)
        behind = people[number * PER_DOOR : (number + 1) * PER_DOOR]
        for person in behind:
            move = MoveIn(
                person_id=person.id,
                household_id=household.id,
                on=since,
                is_head=person is behind[0],
            )
            households.enter(session, move, entered_by=around.secretary.person_id)


def _register(
    session: Session, belonging: dict[str, Any], around: Neighbourhood, *, now: datetime
) -> None:
    """Members ask; some are accepted, one is refused, the others still wait."""
    members = [one for one in around.cast if "in_service_member" in one.kinds]
    decided = {
        **dict.fromkeys(range(belonging["accepted"]), RegistrationState.ACCEPTED),
        belonging["accepted"]: RegistrationState.REFUSED,
    }
    for number, member in enumerate(members[: belonging["registered"]]):
        me = town.principal(session, member, on=now)
        asked = registrations.propose(session, me=me, community_id=around.home, now=now)
        if number in decided:
            why = "" if decided[number] is RegistrationState.ACCEPTED else belonging["refused_for"]
            decision = Decision(registration_id=asked.id, to=decided[number], reason=why)
            registrations.decide(session, decision, me=around.secretary, now=now)


def _entrust(session: Session, vault: Vault, around: Neighbourhood, *, now: datetime) -> None:
    """The elder lets her family fetch for her; a minor takes part with a guardian's consent."""
    elder, son, minor = around.cast[-1], around.cast[0], around.cast[1]
    mandate = Mandate(
        person_id=elder.id,
        delegate_id=son.id,
        acts=frozenset(Act),
        daily_limit=200,
        consent=Consent.IN_PERSON,
    )
    delegations.witness(session, mandate, me=around.secretary, now=now)
    _enrol_for(session, vault, elder, by=son, now=now)
    born = civil_day(now).replace(year=civil_day(now).year - 16, day=1).isoformat()
    personal.put_many(
        session,
        vault,
        [Datum(person_id=minor.id, field=Field.BIRTH_DATE, value=born)],
        at=now,
    )
    consenting = Consenting(
        person_id=minor.id,
        guardian_id=son.id,
        kinship=Kinship.PARENT,
        consent=Consent.PAPER,
    )
    guardians.consent(session, vault, consenting, me=around.secretary, now=now)


def _enrol_for(session: Session, vault: Vault, elder: Person, *, by: Person, now: datetime) -> None:
    """A place in what comes next, taken for somebody by their delegate."""
    coming = activities.list_activities_of(session, [elder.community_id], ending_after=now, limit=1)
    me = town.principal(session, by, on=now)
    for activity in coming:
        errand = acting.take_on(session, me, elder.id, deed=Deed.ENROL, now=now)
        joining.enrol(session, Wish(me=errand.me, activity_id=activity.id, now=now), vault=vault)
        acting.done(session, errand, deed=Deed.ENROL, about_id=activity.id, now=now)


def _upload(
    session: Session,
    vault: Vault,
    rows: Sequence[Sequence[str]],
    *,
    around: Neighbourhood,
    now: datetime,
) -> None:
    """A sheet that was checked, and waits for somebody to take it over."""
    text = "\n".join(",".join(row) for row in rows)
    sheet = importing.Sheet(content=text.encode(), kind="people", community_id=around.home)
    importing.check(session, vault, sheet, me=around.secretary, now=now)
