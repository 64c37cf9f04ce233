"""The people of the demo city. All names are made up."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core.vault import Vault
from app.identity import elsewhere
from app.identity import services as identity
from app.identity.elsewhere import Known
from app.identity.models import Person, StaffCredential
from app.wechat.demo import DEMO_PREFIX

KINDS = {"residents": ("Resident", ["resident"]), "members": ("Member", ["in_service_member"])}


def move_in(
    session: Session,
    vault: Vault,
    document: dict[str, Any],
    *,
    units: Mapping[str, UUID],
    appid: str,
    now: datetime,
) -> list[Person]:
    """Residents and members with their WeChat accounts, an elder without one, and the staff."""
    home = units[document["communities"][0]]
    cast = []
    for group, (word, kinds) in KINDS.items():
        for number, name in enumerate(document[group], start=1):
            person = identity.register_person(
                session, name=name, kinds=kinds, community_id=home, now=now
            )
            subject = f"{DEMO_PREFIX}{word}{number:02d}"
            known = Known(platform="wechat", appid=appid, subject=subject)
            elsewhere.vouch(session, vault, person_id=person.id, known=known)
            cast.append(person)
    elder = identity.register_person(
        session, name=document["elder"], kinds=["elder"], community_id=home, now=now
    )
    hire(session, document, units=units, now=now)
    return [*cast, elder]


def hire(
    session: Session, document: dict[str, Any], *, units: Mapping[str, UUID], now: datetime
) -> None:
    """Take on whoever of the staff is not there yet: a later version may know more of them."""
    there = set(session.scalars(sa.select(StaffCredential.username)))
    home = units[document["communities"][0]]
    for one in document["staff"]:
        if one["username"] not in there:
            _hire(session, one, units, home=home, now=now)


def _hire(
    session: Session, one: dict[str, Any], units: Mapping[str, UUID], *, home: UUID, now: datetime
) -> None:
    person = identity.register_person(
        session, name=one["name"], kinds=["staff"], community_id=home, now=now
    )
    identity.employ(session, person_id=person.id, username=one["username"])
    identity.grant_role(
        session, person_id=person.id, role=one["role"], org_unit_id=units[one["at"]], now=now
    )
