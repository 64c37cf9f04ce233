"""The pages of a shop's goods: what there is, what it costs from which day on, how it looks."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.core import clock, edges, pictures
from app.core.checked_photos import RISKY
from app.core.clock import civil_day
from app.core.db import transaction
from app.core.doors import public, takes_file
from app.core.errors import DomainError, NotFound
from app.core.forms import FieldWrong, day_in, text_in, whole_in
from app.core.pictures import PhotoRefused
from app.core.problems import shown_on
from app.core.queue import ring_after_commit
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Permission
from app.supermarket import (
    categories,
    jobs,
    labels,
    offering,
    photos,
    shops,
    shown,
    stock_queries,
)
from app.supermarket.errors import ItemPhotoUnknown
from app.supermarket.goods import NOTICE, Draft
from app.supermarket.models import Item, ItemPrice
from app.supermarket.offering import NewPrice
from app.supermarket.shops import Hand

bp = Blueprint("goods_pages", __name__, template_folder="templates")

SHOPS = "/staff/shops"
FOREVER = "private, max-age=31536000, immutable"
BIGGEST = 2**63 - 1  # number of a tenant
MOST_POINTS, MOST_YUAN = 1_000_000, 100_000
BARCODE = re.compile(r"[0-9]{8}|[0-9]{12,14}")


@bp.get(f"{SHOPS}/<uuid:shop_id>/goods/new")
@page_requires(Permission.STOCK_MANAGE)
def show_new(shop_id: UUID) -> ResponseReturnValue:
    """What a new item is asked about."""
    return _new(shop_id, problem=None)


@bp.post(f"{SHOPS}/<uuid:shop_id>/goods/new")
@page_requires(Permission.STOCK_MANAGE)
def create_item(shop_id: UUID) -> ResponseReturnValue:
    """Put up something new."""
    me, now = current_principal(), clock.now()
    try:
        draft, points = _draft(), _points()
        with transaction(me.tenant_id) as session:
            item = offering.create_item(session, shop_id, draft, points=points, me=me, now=now)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_new(shop_id, problem=refusal.detail), refusal)
    return lead_on(f"/staff/goods/{item.id}")


@bp.get("/staff/goods/<uuid:item_id>")
@page_requires(Permission.STOCK_MANAGE)
def show_item(item_id: UUID) -> ResponseReturnValue:
    """An item, to be changed: what it is, its price, its photo."""
    return _item(item_id, problem=None)


@bp.post("/staff/goods/<uuid:item_id>")
@page_requires(Permission.STOCK_MANAGE)
def update_item(item_id: UUID) -> ResponseReturnValue:
    """Change what an item is."""
    me, now = current_principal(), clock.now()
    return _changed(
        item_id,
        lambda session: offering.update_item(session, item_id, _draft(), me=me, now=now),
    )


@bp.post("/staff/goods/<uuid:item_id>/price")
@page_requires(Permission.STOCK_MANAGE)
def price_item(item_id: UUID) -> ResponseReturnValue:
    """Say a new price, and from which day on."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> ItemPrice:
        price = NewPrice(points=_points(), valid_from=day_in("valid_from"))
        return offering.price_item(session, item_id, price, me=me, now=now)

    return _changed(item_id, deed)


@bp.post("/staff/goods/<uuid:item_id>/listing")
@page_requires(Permission.STOCK_MANAGE)
def set_open(item_id: UUID) -> ResponseReturnValue:
    """Take an item off the list, or put it there again."""
    me, now, closed = current_principal(), clock.now(), request.form.get("closed") == "1"
    return _changed(
        item_id,
        lambda session: offering.set_open(session, item_id, closed=closed, me=me, now=now),
    )


@bp.post("/staff/goods/<uuid:item_id>/photo")
@page_requires(Permission.STOCK_MANAGE)
@takes_file(pictures.MOST_BYTES)
def set_photo(item_id: UUID) -> ResponseReturnValue:
    """Show a photo of the item, or none."""
    me, now = current_principal(), clock.now()

    def deed(session: Session) -> object:
        if request.form.get("drop") == "1":
            offering.drop_photo(session, item_id, me=me, now=now)
            return None
        uploaded = request.files.get("photo")
        if uploaded is None or not uploaded.filename:
            raise PhotoRefused("请先选一张照片。")
        content = uploaded.stream.read(pictures.MOST_BYTES + 1)
        ring_after_commit(session, jobs.check_photos)
        return offering.show_photo(session, item_id, content, me=me, now=now)

    return _changed(item_id, deed)


@bp.get("/goods/<uuid:item_id>/photo")
@page_requires(Permission.SHOP_READ)
def show_photo(item_id: UUID) -> Response:
    """An item's photo. Its address says which, so that a phone asks for it once."""
    with transaction(current_principal().tenant_id) as session:
        photo = stock_queries.get_photo(session, item_id)
    if photo is None or photo.verdict == RISKY:
        raise ItemPhotoUnknown(photos.NO_PHOTO)
    answer = make_response(photo.content)
    answer.content_type = pictures.MEDIA_TYPE
    answer.set_etag(photo.digest)
    asked_for = request.args.get("v") == photo.digest
    answer.headers["Cache-Control"] = FOREVER if asked_for else "private, no-cache"
    answer.make_conditional(request)
    return answer


@bp.get("/goods-photos/<int:tenant_id>/<uuid:item_id>/<name>")
@public
def show_photo_to_check(tenant_id: int, item_id: UUID, name: str) -> Response:
    """A photo for the platform that looks at it: under an address that only we can make."""
    if tenant_id > BIGGEST:
        raise ItemPhotoUnknown(photos.NO_PHOTO)
    with transaction(tenant_id) as session:
        content = photos.to_check(session, edges.keyring(), item_id=item_id, name=name)
    answer = make_response(content)
    answer.content_type = pictures.MEDIA_TYPE
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _changed(item_id: UUID, deed: Callable[[Session], object]) -> ResponseReturnValue:
    try:
        with transaction(current_principal().tenant_id) as session:
            deed(session)
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on(_item(item_id, problem=refusal.detail), refusal)
    return lead_on(f"/staff/goods/{item_id}")


def _hand(to: Permission) -> Hand:
    return Hand(me=current_principal(), to=to, now=clock.now())


def _new(shop_id: UUID, *, problem: str | None) -> str:
    hand = _hand(Permission.STOCK_MANAGE)
    with transaction(hand.me.tenant_id) as session:
        shop = shops.managed(session, hand, shop_id)
    return render_template(
        "supermarket/item_new.html", shop=shop, said=request.form, problem=problem, **_choices()
    )


def _item(item_id: UUID, *, problem: str | None) -> str:
    hand = _hand(Permission.STOCK_MANAGE)
    today = civil_day(hand.now, hand.me.zone)
    with transaction(hand.me.tenant_id) as session:
        item, shop = shops.item_of(session, hand, item_id)
        prices = stock_queries.prices_of(session, [item.id]).get(item.id, [])
        digest = stock_queries.digests_of(session, [item.id]).get(item.id)
        risky = stock_queries.photo_is_risky(session, item.id)
    return render_template(
        "supermarket/item.html",
        shop=shop,
        item=item,
        said=request.form if problem and "sku" in request.form else _said_of(item),
        prices=[
            (f"{one.valid_from:%Y-%m-%d}", one.points, one.valid_from > today) for one in prices
        ],
        soonest=today + NOTICE,
        digest=digest,
        risky=risky,
        problem=problem,
        **_choices(),
    )


def _choices() -> dict[str, Any]:
    return {"categories": categories.names()}


def _said_of(item: Item) -> dict[str, Any]:
    """What the form says before anybody changes it."""
    return {
        **shown.item(item),
        "category": item.category,
        "value_yuan": f"{item.value_fen / labels.FEN_PER_YUAN:g}" if item.value_fen else "",
    }


def _draft() -> Draft:
    barcode = text_in("barcode", most=14) or None
    if barcode and not BARCODE.fullmatch(barcode):
        say = "条码应为 8 位或 12 到 14 位数字，没有条码就空着。"
        raise FieldWrong(say, errors={"barcode": [say]})
    return Draft(
        sku=text_in("sku", most=30, needed="请写商品编号。"),
        name=text_in("name", most=60, needed="请写商品名称。"),
        unit=text_in("unit", most=6, needed="请写单位，例如袋、瓶。"),
        category=text_in("category", most=30, needed="请选择商品类别。"),
        merchant=text_in("merchant", most=60) or None,
        barcode=barcode,
        quarter_limit=whole_in("quarter_limit", most=99) or None,
        value_fen=_fen(),
    )


def _fen() -> int | None:
    text = request.form.get("value_yuan", "").strip()
    if text and not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,2})?", text):
        say = "公允价值请写成元，例如 18 或 18.50。"
        raise FieldWrong(say, errors={"value_yuan": [say]})
    return round(float(text) * labels.FEN_PER_YUAN) or None if text else None


def _points() -> int:
    points = whole_in("points", most=MOST_POINTS)
    if not points:
        raise FieldWrong("请填写要多少积分。", errors={"points": ["必填"]})
    return points
