"""The tables of the love-supermarket."""

from app.supermarket.models.goods import Item, ItemPhoto, ItemPrice
from app.supermarket.models.sales import RedeemCode, Redemption, RedemptionLine
from app.supermarket.models.shops import Funding, Shop
from app.supermarket.models.stock import (
    Batch,
    Delivery,
    Stock,
    StockCount,
    StockCountLine,
    StockMove,
    StockProposal,
)

__all__ = [
    "Batch",
    "Delivery",
    "Funding",
    "Item",
    "ItemPhoto",
    "ItemPrice",
    "RedeemCode",
    "Redemption",
    "RedemptionLine",
    "Shop",
    "Stock",
    "StockCount",
    "StockCountLine",
    "StockMove",
    "StockProposal",
]
