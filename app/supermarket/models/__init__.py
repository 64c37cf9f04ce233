"""The tables of the love-supermarket."""

from app.supermarket.models.goods import Item, ItemPhoto, ItemPrice
from app.supermarket.models.offline import OfflineSale, OfflineShare, OfflineSlice, OfflineStray
from app.supermarket.models.reservations import (
    PointsDonation,
    RedemptionReturn,
    Reservation,
    ReservationLine,
    ReservationPart,
    ReturnLine,
)
from app.supermarket.models.sales import RedeemCode, Redemption, RedemptionLine
from app.supermarket.models.shifts import Handover, SaleQuestion
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
from app.supermarket.models.vouchers import Merchant, ServiceVoucher

__all__ = [
    "Batch",
    "Delivery",
    "Funding",
    "Handover",
    "Item",
    "ItemPhoto",
    "ItemPrice",
    "Merchant",
    "OfflineSale",
    "OfflineShare",
    "OfflineSlice",
    "OfflineStray",
    "PointsDonation",
    "RedeemCode",
    "Redemption",
    "RedemptionLine",
    "RedemptionReturn",
    "Reservation",
    "ReservationLine",
    "ReservationPart",
    "ReturnLine",
    "SaleQuestion",
    "ServiceVoucher",
    "Shop",
    "Stock",
    "StockCount",
    "StockCountLine",
    "StockMove",
    "StockProposal",
]
