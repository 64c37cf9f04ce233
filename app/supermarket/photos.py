"""Photos of goods, and how the platform looks at them."""

from uuid import UUID

from sqlalchemy.orm import Session

from app.core.keys import Keyring
from app.identity.photo_checks import Photos
from app.supermarket.errors import ItemPhotoUnknown
from app.supermarket.models import ItemPhoto

OURS = Photos(table=ItemPhoto, path="/goods-photos", purpose="goods-photo-check", owner="item_id")
NO_PHOTO = "这种商品还没有照片。"


def to_check(session: Session, keyring: Keyring, *, item_id: UUID, name: str) -> bytes:
    """The photo behind such an address, as long as it is being looked at."""
    content = OURS.to_check(session, keyring, owner_id=item_id, name=name)
    if content is None:
        raise ItemPhotoUnknown(NO_PHOTO)
    return content
