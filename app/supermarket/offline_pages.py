"""The page of a counter that works without a network, and what its terminal asks and brings."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    Response,
    jsonify,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from app.core import clock, web
from app.core.db import transaction
from app.core.errors import DomainError, NotFound, TooMany, Unavailable
from app.core.forms import id_asked, text_in, whole_in
from app.core.problems import details, shown_on
from app.identity.access import current_principal, lead_on, page_requires
from app.identity.roles import Permission
from app.supermarket import labels, offline_desk, offline_forms, offline_shown, slices
from app.supermarket.errors import ShopUnknown
from app.supermarket.models import OfflineSale, OfflineStray
from app.supermarket.offline_queries import Outcome
from app.supermarket.shops import Hand
from app.supermarket.slice_texts import Signed

bp = Blueprint("offline_pages", __name__, template_folder="templates")

WORKER = Path(web.__file__).parent / "static" / "offline-worker.js"
AT = "/counter/<uuid:shop_id>/offline"
LONGEST_REASON = 200
FINAL = "Refused-Finally"  # a header: what a terminal brings is refused as it stands
PASSING = (ShopUnknown, TooMany, Unavailable)  # of who brings it, or of the moment
ASIDE = "已转人工，请保留签字的登记纸，由另一位店长或者社区书记在“断网兑换的处理”里核对结清。"


@bp.get(AT)
@page_requires(Permission.REDEMPTION_CREATE)
def show_terminal(shop_id: UUID) -> ResponseReturnValue:
    """The page a terminal keeps: nobody's name or number is on it."""
    shop = offline_desk.shop(current_principal(), shop_id)
    return render_template("supermarket/offline.html", shop={"id": str(shop.id), "name": shop.name})


@bp.get(f"{AT}/manifest.webmanifest")
@page_requires(Permission.REDEMPTION_CREATE)
def show_manifest(shop_id: UUID) -> ResponseReturnValue:
    """What makes the page something to be installed."""
    shop = offline_desk.shop(current_principal(), shop_id)
    address = f"/counter/{shop.id}/offline"
    icon = {"src": url_for("web.static", filename="icon.svg"), "type": "image/svg+xml"}
    manifest = {
        "id": address,
        "name": f"{shop.name} 断网兑换",
        "short_name": "断网兑换",
        "lang": "zh-CN",
        "start_url": address,
        "scope": address,
        "display": "standalone",
        "theme_color": "#b3261e",
        "background_color": "#f7f3f0",
        "icons": [{**icon, "sizes": "any"}],
    }
    return jsonify(manifest), {"Content-Type": "application/manifest+json"}


@bp.get("/counter/offline-worker.js")
@page_requires(Permission.REDEMPTION_CREATE)
def show_worker() -> ResponseReturnValue:
    """What answers for the page while there is no network, served from above that page."""
    return Response(WORKER.read_bytes(), mimetype="text/javascript")


@bp.get(f"{AT}/state")
@page_requires(Permission.REDEMPTION_CREATE)
def show_state(shop_id: UUID) -> ResponseReturnValue:
    """How things stand for a terminal, and the token its forms need."""
    me = current_principal()

    def read() -> dict[str, Any]:
        found = offline_desk.state(me, shop_id, terminal=id_asked("terminal"))
        return {
            "csrf": generate_csrf(),
            "points": found.shop.offline_points,
            "slice": found.slice_id,
            "holder": found.holder,
            "waiting": found.waiting,
            "sales": [_sale(one) for one in found.sales],
        }

    return _told(read)


@bp.post(f"{AT}/slice")
@page_requires(Permission.REDEMPTION_CREATE)
def grant_slice(shop_id: UUID) -> ResponseReturnValue:
    """Hold a few points of a few people for this terminal, for today."""
    me = current_principal()
    return _told(
        lambda: _slice(
            offline_desk.grant(me, shop_id, terminal=offline_forms.needed_id("terminal"))
        )
    )


@bp.post(f"{AT}/slices/<uuid:slice_id>/return")
@page_requires(Permission.REDEMPTION_CREATE)
def return_slice(shop_id: UUID, slice_id: UUID) -> ResponseReturnValue:
    """Give back what a terminal holds: points nobody used are free again."""
    offline_desk.give_back(current_principal(), shop_id, slice_id)
    return lead_on(f"/counter/{shop_id}/offline/waiting")


@bp.post(f"{AT}/sales")
@page_requires(Permission.REDEMPTION_CREATE)
def bring_sale(shop_id: UUID) -> ResponseReturnValue:
    """Take in one sale a terminal made without a network."""
    me = current_principal()
    return _told(lambda: _sale(offline_desk.bring(me, shop_id, offline_forms.brought())))


@bp.post(f"{AT}/strays")
@page_requires(Permission.REDEMPTION_CREATE)
def put_aside(shop_id: UUID) -> ResponseReturnValue:
    """Keep a sale that is refused as it stands, so that its terminal may let go of it."""
    me = current_principal()

    def keep() -> dict[str, Any]:
        told = offline_forms.told()
        kept = offline_desk.put_aside(me, shop_id, told, read=offline_forms.brought)
        return _aside(kept) if isinstance(kept, OfflineStray) else _sale(kept)

    return _told(keep)


@bp.get(f"{AT}/waiting")
@page_requires(Permission.OFFLINE_CLOSE)
def show_waiting(shop_id: UUID) -> ResponseReturnValue:
    """What a person has to see to."""
    return _waiting(shop_id, problem=None)


@bp.post(f"{AT}/sales/<uuid:sale_id>")
@page_requires(Permission.REDEMPTION_CREATE)
def try_again(shop_id: UUID, sale_id: UUID) -> ResponseReturnValue:
    """Try to book it once more."""
    me = current_principal()
    return _decided(shop_id, lambda: offline_desk.try_again(me, shop_id, sale_id))


@bp.post(f"{AT}/sales/<uuid:sale_id>/closing")
@page_requires(Permission.OFFLINE_CLOSE)
def close_sale(shop_id: UUID, sale_id: UUID) -> ResponseReturnValue:
    """Say why it is ended without points."""
    me = current_principal()
    return _decided(
        shop_id, lambda: offline_desk.close_sale(me, shop_id, sale_id, reason=_reason())
    )


@bp.post(f"{AT}/strays/<uuid:stray_id>")
@page_requires(Permission.OFFLINE_CLOSE)
def close_stray(shop_id: UUID, stray_id: UUID) -> ResponseReturnValue:
    """Say what was done about a sale that was put aside."""
    me = current_principal()
    return _decided(
        shop_id, lambda: offline_desk.close_stray(me, shop_id, stray_id, reason=_reason())
    )


@bp.post("/staff/shops/<uuid:shop_id>/offline")
@page_requires(Permission.STOCK_MANAGE)
def choose_points(shop_id: UUID) -> ResponseReturnValue:
    """How many of one person's points a terminal may hold on one day."""
    me = current_principal()
    hand = Hand(me=me, to=Permission.STOCK_MANAGE, now=clock.now())
    points = whole_in("points", most=slices.MOST_POINTS)
    with transaction(me.tenant_id) as session:
        slices.choose_points(session, shop_id, points, hand=hand)
    return lead_on(f"/staff/shops/{shop_id}")


def _reason() -> str:
    needed = "请写明为什么不扣积分就结清，例如“登记纸上是重复的一笔”。"
    return text_in("reason", most=LONGEST_REASON, needed=needed)


def _decided(
    shop_id: UUID, decide: Callable[[], OfflineSale | OfflineStray]
) -> ResponseReturnValue:
    """The list once somebody has decided, or the list with what stands in the way."""
    try:
        found = decide()
    except NotFound:
        raise
    except DomainError as refusal:
        return shown_on((_waiting(shop_id, problem=refusal.detail), refusal.status), refusal)
    if isinstance(found, OfflineSale) and found.state == "waiting":
        return _waiting(shop_id, problem=f"还是没有办成：{found.said}")
    return lead_on(f"/counter/{shop_id}/offline/waiting")


def _told(act: Callable[[], dict[str, Any]]) -> Response:
    """What a script reads, also where it is refused, and whether that is final.

    A form that is stale, or a login that is over, comes to nobody here: such things pass.
    """
    try:
        return jsonify(act())
    except DomainError as refusal:
        answer = details(refusal)
        if not isinstance(refusal, PASSING):
            answer.headers[FINAL] = "true"
        return answer


def _waiting(shop_id: UUID, *, problem: str | None) -> str:
    me = current_principal()
    found = offline_desk.waiting(me, shop_id)
    return render_template(
        "supermarket/offline_waiting.html", **offline_shown.waiting(found, me), problem=problem
    )


def _slice(signed: Signed) -> dict[str, str]:
    return {"text": signed.text, "mac": signed.mac}


def _aside(stray: OfflineStray) -> dict[str, Any]:
    """A sale that its terminal need not bring any more, as that shows it."""
    return {"nonce": str(stray.nonce), "state": "aside", "said": f"{stray.said}{ASIDE}"}


def _sale(one: Outcome) -> dict[str, Any]:
    """What became of a sale, as its terminal shows it."""
    sold = one.redemption
    return {
        "nonce": str(one.sale.nonce),
        "state": one.sale.state,
        "said": one.sale.said if one.sale.state == "waiting" else None,
        "number": labels.number(sold.id) if sold else None,
        "balance_after": sold.balance_after if sold else None,
    }
