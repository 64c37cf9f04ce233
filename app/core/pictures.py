"""A photo somebody uploads: read with care, drawn anew, and kept small.

Whatever else was in the file (where and by whom it was taken, a second picture, a program) is not
in the one we keep: only its pixels are read.
"""

import hashlib
import io
from dataclasses import dataclass
from typing import Self

from PIL import Image, ImageOps

from app.core.errors import Invalid

MOST_BYTES = 8 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE, KEPT_BYTES = 1280, 300 * 1024
QUALITIES = (82, 70, 58, 46, 34)
BEGINS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
FORMATS = ("JPEG", "PNG", "WEBP")
MEDIA_TYPE = "image/jpeg"


class PhotoRefused(Invalid):
    code, title = "photo_refused", "Not a photo we can show"


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photo as it is kept: the columns of its row."""

    content: bytes
    digest: str
    width: int
    height: int

    @classmethod
    def of(cls, uploaded: bytes) -> Self:
        """What is kept of an upload; raises `PhotoRefused`."""
        drawn, (width, height) = redrawn(uploaded)
        digest = hashlib.sha256(drawn).hexdigest()[:16]
        return cls(content=drawn, digest=digest, width=width, height=height)


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
