"""A station's photo: read with care, drawn anew, and kept small.

Whatever else was in the file (where and by whom it was taken, a second picture, a program) is not
in the one we keep: only its pixels are read.
"""

import hashlib
import io
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from app.core import audit
from app.core.db import add
from app.identity.roles import Permission, Principal
from app.organisation import queries as organisation
from app.stations import issuing, queries
from app.stations.errors import PhotoRefused
from app.stations.models import Station, StationPhoto

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE, KEPT_BYTES = 1280, 300 * 1024
QUALITIES = (82, 70, 58, 46, 34)
BEGINS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPE = "image/jpeg"


def keep(
    session: Session, content: bytes, *, me: Principal, station_id: UUID, now: datetime
) -> StationPhoto:
    """Show this photo of a station from now on."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    drawn, (width, height) = redrawn(content)
    photo = queries.get_photo(session, station_id) or StationPhoto(station_id=station_id)
    photo.content, photo.digest = drawn, hashlib.sha256(drawn).hexdigest()[:16]
    photo.width, photo.height = width, height
    photo.uploaded_by, photo.uploaded_at = me.person_id, now
    _note(session, "station.photo", station, me=me, now=now)
    return add(session, photo)


def drop(session: Session, *, me: Principal, station_id: UUID, now: datetime) -> None:
    """Show no photo of a station."""
    station = issuing.managed(session, me, station_id, to=Permission.STATION_MANAGE, lock=True)
    gone = sa.delete(StationPhoto).filter_by(station_id=station_id).returning(StationPhoto.id)
    if session.scalars(gone).all():
        _note(session, "station.photo_drop", station, me=me, now=now)


def redrawn(content: bytes) -> tuple[bytes, tuple[int, int]]:
    """The picture as a JPEG of its pixels, at most 300 kB, upright, no side over 1280.

    Raises `PhotoRefused` for what is no photo, is too large, or cannot be read to its end.
    """
    if len(content) > MOST_BYTES:
        raise PhotoRefused("照片不能超过 8 MB，请换一张或先压缩。")
    if not content.startswith(BEGINS):
        raise PhotoRefused("请上传 JPG、PNG 或 WebP 照片。")
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PhotoRefused("照片的像素太大，请用手机拍一张普通照片上传。")
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PhotoRefused("这个文件不是完整的照片，请重新选一张。") from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return _small(picture), picture.size


def _small(picture: Image.Image) -> bytes:
    """As good as fits; a picture so busy that none does is made smaller."""
    while True:
        for quality in QUALITIES:
            drawn = io.BytesIO()
            picture.save(drawn, "JPEG", quality=quality, optimize=True)
            if drawn.tell() <= KEPT_BYTES:
                return drawn.getvalue()
        picture.thumbnail((picture.width * 3 // 4, picture.height * 3 // 4))


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
