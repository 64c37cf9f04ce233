"""The books of a shop over HTTP."""

from typing import Any
from uuid import UUID

from app.core import clock
from app.core.db import transaction
from app.core.http import ApiBlueprint
from app.identity.access import current_principal, require_fresh, requires
from app.identity.roles import Permission
from app.supermarket import books
from app.supermarket.book_schemas import BookAnswer, BookRequest
from app.supermarket.books import Book, Kind, Wanted
from app.supermarket.kinds import Length
from app.supermarket.spans import Span

bp = ApiBlueprint("books", __name__, description="物品捐赠簿与物品兑换簿")


@bp.post("/shops/<uuid:shop_id>/donation-registers")
@requires(Permission.BOOKS_READ)
@bp.takes(BookRequest)
@bp.gives(201, BookAnswer)
def export_donation_register(body: dict[str, Any], shop_id: UUID) -> dict[str, Any]:
    """物品捐赠簿 of a shop: every line of what was given, as its stock counts it.

    Whoever takes it has proved who they are just now; that is written down.
    """
    return {"register": _taken(Kind.DONATION, shop_id, body)}


@bp.post("/shops/<uuid:shop_id>/redemption-registers")
@requires(Permission.BOOKS_READ)
@bp.takes(BookRequest)
@bp.gives(201, BookAnswer)
def export_redemption_register(body: dict[str, Any], shop_id: UUID) -> dict[str, Any]:
    """物品兑换簿 of a shop: every line of what went for points, as stock and points count it.

    Whoever takes it has proved who they are just now; that is written down.
    """
    return {"register": _taken(Kind.REDEMPTION, shop_id, body)}


def _taken(kind: Kind, shop_id: UUID, body: dict[str, Any]) -> Book:
    me = current_principal()
    require_fresh(me)
    span = Span(length=Length(body["span"]), day=body["day"])
    wanted = Wanted(kind=kind, shop_id=shop_id, span=span)
    with transaction(me.tenant_id) as session:
        return books.export(session, wanted, form="json", me=me, now=clock.now())
