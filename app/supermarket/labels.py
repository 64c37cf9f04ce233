"""What a redemption is called, on its receipt and in the passbook."""

from collections.abc import Sequence
from uuid import UUID

MOST_NAMED = 5  # kinds of goods in one line of the passbook; the receipt has them all


def number(redemption_id: UUID) -> str:
    """What people read aloud when something is wrong with a redemption."""
    return redemption_id.hex[-8:].upper()


def passbook_reason(*, shop: str, redemption_id: UUID, goods: Sequence[tuple[str, int]]) -> str:
    """Where the points went: the shop, the goods, and the number that is on the receipt."""
    named = "、".join(f"{name}×{quantity}" for name, quantity in goods[:MOST_NAMED])
    rest = f"等 {len(goods)} 种商品" if len(goods) > MOST_NAMED else ""
    return f"{shop}：{named}{rest}（单号 {number(redemption_id)}）"
