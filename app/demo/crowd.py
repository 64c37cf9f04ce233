"""The many people of the big demo city. All names are made up, and drawn by the seed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.db import tenant_of
from app.core.ids import new_id
from app.core.many import add_all
from app.core.vault import Vault
from app.identity import elsewhere
from app.identity import services as identity
from app.identity.elsewhere import Known
from app.identity.models import Person, StaffCredential

PREFIX = "oCityPerson"


def move_in(
    session: Session,
    document: dict[str, Any],
    communities: Sequence[UUID],
    *,
    appid: str,
    vault: Vault,
    now: datetime,
) -> None:
    """Spread the people over the communities. Elders have no phone, all others have WeChat."""
    rng = _draw(document)
    people = [
        Person(
            id=new_id(),
            display_name=_name(document, rng),
            kinds=[kind],
            community_id=communities[number % len(communities)],
            created_at=now,
        )
        for number, kind in enumerate(_kinds(document, rng))
    ]
    add_all(session, people)
    add_all(
        session,
        [
            elsewhere.row_of(
                vault,
                Known(platform="wechat", appid=appid, subject=f"{PREFIX}{number:05d}"),
                person_id=person.id,
                tenant_id=tenant_of(session),
            )
            for number, person in enumerate(people, start=1)
            if "elder" not in person.kinds
        ],
    )


def hire(
    session: Session,
    document: dict[str, Any],
    places: Mapping[str, Sequence[UUID]],
    *,
    now: datetime,
) -> None:
    """One member of staff with each role at each of its places."""
    rng = _draw(document)
    for role, word in document["staff"].items():
        for number, unit_id in enumerate(places[role], start=1):
            person = identity.register_person(
                session,
                name=_name(document, rng),
                kinds=["staff"],
                community_id=unit_id,
                now=now,
            )
            identity.employ(session, person_id=person.id, username=username(word, number))
            identity.grant_role(
                session, person_id=person.id, role=role, org_unit_id=unit_id, now=now
            )


def usernames(session: Session) -> list[str]:
    """Who of the city signs in as staff."""
    return list(session.scalars(sa.select(StaffCredential.username)))


def username(word: str, number: int) -> str:
    return f"{word}{number:02d}"


def _draw(document: dict[str, Any]) -> Random:
    return Random(f"{document['seed']}:people")  # noqa: S311 - a city to look at, not a secret


def _kinds(document: dict[str, Any], rng: Random) -> Iterator[str]:
    """What each person is, in an order in which every community gets some of each."""
    people = document["people"]
    kinds = ["in_service_member"] * people["members"] + ["resident"] * people["residents"]
    rng.shuffle(kinds)
    for kind in kinds:
        elder = kind == "resident" and rng.random() < people["elders_among_residents"]
        yield "elder" if elder else kind


def _name(document: dict[str, Any], rng: Random) -> str:
    given = rng.sample(document["given"], k=rng.choice([1, 2, 2]))
    surname: str = rng.choice(document["surnames"])
    return surname + "".join(given)
