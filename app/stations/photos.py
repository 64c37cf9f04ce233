"""A station's photo."""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit
from app.core.db import add, tenant_of
from app.core.keys import Keyring
from app.core.pictures import Picture
from app.core.vault import Vault
from app.identity import elsewhere
from app.identity.elsewhere import Known
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.stations import issuing, queries
from app.stations.errors import NO_PHOTO, PhotoUnknown
from app.stations.models import Station, StationPhoto
from app.wechat import services as wechat
from app.wechat.superapp import Verdict


def keep(
    session: Session, content: bytes, *, me: Principal, station_id: UUID, now: datetime
) -> StationPhoto:
    """Show this photo of a station from now on."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    picture = Picture.of(content)
    photo = queries.get_photo(session, station_id) or StationPhoto(station_id=station_id)
    photo.content, photo.digest = picture.content, picture.digest
    photo.width, photo.height = picture.width, picture.height
    photo.uploaded_by, photo.uploaded_at = me.person_id, now
    photo.asked_at = photo.trace_id = photo.verdict = None
    _note(session, "station.photo", station, me=me, now=now)
    return add(session, photo)


def drop(session: Session, *, me: Principal, station_id: UUID, now: datetime) -> None:
    """Show no photo of a station."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    gone = sa.delete(StationPhoto).filter_by(station_id=station_id).returning(StationPhoto.id)
    if session.scalars(gone).all():
        _note(session, "station.photo_drop", station, me=me, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unasked:
    """A photo about which the platform was not asked yet, and as whom it knows its uploader."""

    station_id: UUID
    digest: str
    accounts: list[Known] = field(repr=False)


def take_unasked(session: Session, vault: Vault) -> Unasked | None:
    """The photo that waits longest. Two may take the same: they ask twice, no more."""
    query = sa.select(StationPhoto.station_id, StationPhoto.digest, StationPhoto.uploaded_by)
    waiting = query.where(StationPhoto.asked_at.is_(None))
    row = session.execute(waiting.order_by(StationPhoto.id).limit(1)).first()
    if row is None:
        return None
    accounts = elsewhere.accounts_of(session, vault, row.uploaded_by)
    return Unasked(station_id=row.station_id, digest=row.digest, accounts=accounts)


def asked(session: Session, photo: Unasked, trace_id: str | None, *, now: datetime) -> None:
    """Write down that the platform was asked; what could not be handed over is not checked."""
    verdict = None if trace_id else Verdict.REVIEW.value
    same = sa.update(StationPhoto).filter_by(station_id=photo.station_id, digest=photo.digest)
    session.execute(same.values(asked_at=now, trace_id=trace_id, verdict=verdict))


def hear_verdicts(session: Session, *, now: datetime, limit: int) -> int:
    """Write down what the platform has said of photos meanwhile; of how many."""
    query = sa.select(StationPhoto.id, StationPhoto.trace_id, StationPhoto.asked_at).where(
        StationPhoto.trace_id.is_not(None), StationPhoto.verdict.is_(None)
    )
    heard = 0
    for row in session.execute(query.order_by(StationPhoto.asked_at).limit(limit)).all():
        verdict = wechat.media_verdict(
            session, trace_id=row.trace_id, asked_at=row.asked_at, now=now
        )
        if verdict is not None:
            said = sa.update(StationPhoto).filter_by(id=row.id, trace_id=row.trace_id)
            session.execute(said.values(verdict=verdict.value))
            heard += 1
    return heard


def address_to_check(keyring: Keyring, *, tenant_id: int, photo: Unasked) -> str:
    """Where the platform finds a photo while it looks at it; nobody can make up another."""
    seal = _seal(keyring, tenant_id, f"{photo.station_id}:{photo.digest}")
    return f"/photos/{tenant_id}/{photo.station_id}/{photo.digest}-{seal}.jpg"


def to_check(session: Session, keyring: Keyring, *, station_id: UUID, name: str) -> bytes:
    """The photo behind such an address, as long as it is being looked at."""
    photo = queries.get_photo(session, station_id)
    if photo is None or photo.verdict is not None:
        raise PhotoUnknown(NO_PHOTO)
    seal = _seal(keyring, tenant_of(session), f"{station_id}:{photo.digest}")
    if not hmac.compare_digest(name.encode(), f"{photo.digest}-{seal}.jpg".encode()):
        raise PhotoUnknown(NO_PHOTO)
    return photo.content


def _seal(keyring: Keyring, tenant_id: int, which: str) -> str:
    key = keyring.key("photo-check", tenant_id)
    return hmac.new(key, which.encode(), hashlib.sha256).hexdigest()[:32]


def _note(session: Session, action: str, station: Station, *, me: Principal, now: datetime) -> None:
    path = organisation.path_of(session, station.community_id)
    audit.record(
        session,
        actor=me.actor(Permission.STATION_MANAGE, path),
        action=action,
        subject=("station", station.id),
        scope=station.community_id,
        at=now,
    )
