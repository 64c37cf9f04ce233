"""What a redemption is called, on its receipt and in the passbook."""

from collections.abc import Sequence
from uuid import UUID

from app.supermarket.models import Delivery
from points_engine import Guard, Level

FEN_PER_YUAN = 100
NOTHING_RAISED = "还没有登记筹到的资金，请联系系统管理员登记。居民挣得的积分照常记、照常兑。"
WARNED_DAYS = 30  # before its last day something is shown as ending
MOST_NAMED = 5  # kinds of goods in one line of the passbook; the receipt has them all


def number(redemption_id: UUID) -> str:
    """What people read aloud when something is wrong with a redemption."""
    return redemption_id.hex[-8:].upper()


def goods_text(goods: Sequence[tuple[str, int]], fetched_by: str) -> str:
    """What was taken, and by whom if not by oneself."""
    named = "、".join(f"{name}×{quantity}" for name, quantity in goods[:MOST_NAMED])
    rest = f"等 {len(goods)} 种商品" if len(goods) > MOST_NAMED else ""
    return f"{named}{rest}" + (f"，{fetched_by} 代领" if fetched_by else "")


def passbook_reason(
    *, shop: str, redemption_id: UUID, goods: Sequence[tuple[str, int]], fetched_by: str = ""
) -> str:
    """Where the points went: the shop, the goods, who fetched them, the receipt's number."""
    return f"{shop}：{goods_text(goods, fetched_by)}（单号 {number(redemption_id)}）"


def yuan(fen: int) -> str:
    whole, rest = divmod(fen, FEN_PER_YUAN)
    return f"{whole:,} 元" if not rest else f"{whole:,}.{rest:02d} 元"


def budget_text(points: int, guard: Guard) -> str:
    """Points in circulation, what they will cost, and what there is for it."""
    cost = f"在外积分 {points:,} 分 ≈ 采购值 {yuan(guard.outstanding_fen)}"
    return f"{cost} / 已筹 {yuan(guard.funded_fen)}（{guard.share_percent}%）"


def budget_warning(guard: Guard) -> str:
    """What to do about it, in words; nothing while there is enough."""
    if not guard.funded_fen:
        return NOTHING_RAISED if guard.outstanding_fen else ""
    if guard.level is Level.EXCEEDED:
        return (
            "在外积分的采购值已达到筹到的资金：请先筹措资金，暂不上架新商品。"
            "居民挣得的积分照常记、照常兑。"
        )
    if guard.level is Level.WARNING:
        return f"在外积分的采购值已占筹到资金的 {guard.share_percent}%，请尽早筹措。"
    return ""


SOURCES = {"fiscal": "市级财政", "party_dues": "党费", "social": "社会资金"}
DELIVERIES = {"opening": "期初", "donation": "捐赠", "purchase": "采购"}
PROPOSALS = {"write_off": "报损", "count": "盘点差异"}
DONORS = {"person": "个人", "unit": "单位"}
LETTERS = {"opening": "期", "donation": "捐", "purchase": "购"}


def delivery_number(delivery: Delivery) -> str:
    """What stands on a receipt: 捐2026-0007."""
    return f"{LETTERS[delivery.kind]}{delivery.year}-{delivery.number:04d}"
