"""A person's number as they are shown it, and what waits as staff are shown it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.core.clock import civil_text
from app.core.vault import Vault
from app.identity import phones, units
from app.identity import queries as identity
from app.identity.fields import Field, masked, shown
from app.identity.roles import Permission, Principal
from app.phones import queries, services

MOST = 100


def own(session: Session, vault: Vault, *, person_id: UUID, now: datetime) -> dict[str, Any]:
    """The number on the file, what waits, and until when nothing can be redeemed."""
    claim = queries.open_claim_of(session, person_id, now=now)
    waiting = claim and {
        "masked": masked(Field.PHONE, services.read(vault, claim).number),
        "made_at": claim.made_at,
        "lapses_at": claim.lapses_at,
    }
    return {
        "number": phones.kept_of(session, vault, person_id),
        "claim": waiting,
        "cooling_until": phones.cooling_until(session, person_id, now=now),
    }


def to_check(
    session: Session, vault: Vault, *, me: Principal, now: datetime
) -> list[dict[str, Any]]:
    """What this member of staff has to check: by masked names and numbers."""
    tops = me.units_with(Permission.PHONE_CHECK)
    claims = queries.list_open(session, tops, now=now, limit=MOST)
    names = identity.names_of(session, {claim.person_id for claim in claims})
    return [
        {
            "id": claim.id,
            "person_id": claim.person_id,
            "name": names[claim.person_id],
            "own": claim.person_id == me.person_id,
            "since": civil_text(claim.made_at, me.zone),
            "until": civil_text(claim.lapses_at, me.zone),
            "masked": masked(Field.PHONE, services.read(vault, claim).number),
        }
        for claim in claims
    ]


def in_full(
    session: Session, vault: Vault, claim_id: UUID, *, me: Principal, now: datetime
) -> dict[str, Any]:
    """One of them, as who checks it needs it."""
    typed = services.show(session, vault, claim_id, me=me, now=now)
    claim = services.claim_of(session, claim_id, me=me, now=now)
    names = identity.names_of(session, {claim.person_id})
    known = phones.kept_of(session, vault, claim.person_id)
    return {
        "id": claim.id,
        "name": names[claim.person_id],
        "typed_name": typed.name,
        "number": shown(Field.PHONE, typed.number),
        "before": known.masked if known else "",
        "since": civil_text(claim.made_at, me.zone),
        "own": claim.person_id == me.person_id,
    }


def cooling(session: Session, *, me: Principal, now: datetime) -> list[dict[str, Any]]:
    """Who waits until they may redeem again."""
    below = units.below(session, me.units_with(Permission.PHONE_CHECK))
    return [
        {
            "id": person.id,
            "name": person.display_name,
            "until": civil_text(person.cooling_until, me.zone),
        }
        for person in phones.list_cooling(session, below, now=now)
        if person.cooling_until is not None
    ]
