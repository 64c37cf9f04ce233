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
from app.phones import queries, releasing, services
from app.phones.errors import ReleaseUnknown
from app.phones.models import PhoneRelease

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
        "release": queries.open_release_of(session, person_id),
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


def to_release(session: Session, vault: Vault, person_id: UUID, *, me: Principal) -> dict[str, Any]:
    """Somebody within reach whose number may have another owner by now."""
    releasing.within_reach(session, person_id, me=me)
    kept = phones.kept_of(session, vault, person_id)
    return {
        "person_id": person_id,
        "name": identity.names_of(session, {person_id})[person_id],
        "masked": kept.masked if kept and kept.verified_at else "",
    }


def releases(
    session: Session, vault: Vault, *, me: Principal, now: datetime
) -> list[dict[str, Any]]:
    """The numbers that are being let go of where the caller works."""
    found = queries.list_open_releases(session, me.units_with(Permission.PHONE_CHECK))
    return [_release(session, vault, one, me=me, now=now) for one in found]


def release(
    session: Session, vault: Vault, release_id: UUID, *, me: Principal, now: datetime
) -> dict[str, Any]:
    """One of them; another one does not exist for the caller."""
    for one in queries.list_open_releases(session, me.units_with(Permission.PHONE_CHECK)):
        if one.id == release_id:
            return _release(session, vault, one, me=me, now=now)
    raise ReleaseUnknown(releasing.GONE)


def _release(
    session: Session, vault: Vault, one: PhoneRelease, *, me: Principal, now: datetime
) -> dict[str, Any]:
    names = identity.names_of(session, {one.person_id, one.asked_by})
    kept = phones.kept_of(session, vault, one.person_id)
    return {
        "id": one.id,
        "name": names[one.person_id],
        "masked": kept.masked if kept else "",
        "asked_by": names[one.asked_by],
        "since": civil_text(one.asked_at, me.zone),
        "until": civil_text(one.due_at, me.zone),
        "reason": one.reason,
        "due": now >= one.due_at,
        "mine": one.asked_by == me.person_id,
        "own": one.person_id == me.person_id,
    }
