"""A station's photo."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import audit
from app.core.db import add
from app.core.keys import Keyring
from app.core.pictures import Picture
from app.identity.photo_checks import Photos
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.stations import issuing, queries
from app.stations.errors import NO_PHOTO, PhotoUnknown
from app.stations.models import Station, StationPhoto


def keep(
    session: Session, content: bytes, *, me: Principal, station_id: UUID, now: datetime
) -> StationPhoto:
    """Show this photo of a station from now on."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    picture = Picture.of(content)
    photo = queries.get_photo(session, station_id) or StationPhoto(station_id=station_id)
    photo.show(picture, by=me.person_id, at=now)
    _note(session, "station.photo", station, me=me, now=now)
    return add(session, photo)


def drop(session: Session, *, me: Principal, station_id: UUID, now: datetime) -> None:
    """Show no photo of a station."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    gone = sa.delete(StationPhoto).filter_by(station_id=station_id).returning(StationPhoto.id)
    if session.scalars(gone).all():
        _note(session, "station.photo_drop", station, me=me, now=now)


OURS = Photos(table=StationPhoto, path="/photos", purpose="photo-check", owner="station_id")


def to_check(session: Session, keyring: Keyring, *, station_id: UUID, name: str) -> bytes:
    """The photo behind such an address, as long as it is being looked at."""
    content = OURS.to_check(session, keyring, owner_id=station_id, name=name)
    if content is None:
        raise PhotoUnknown(NO_PHOTO)
    return content


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
