"""Why the counter can say no."""

from app.core.errors import Conflict, Invalid, NotFound

# Sentences that are said in more than one place.
CODE_SPENT = "这个兑换码已经用过，请居民刷新兑换码后重新出示。"
CODE_OVER = "兑换码已过期（一分钟有效），请居民刷新后重新出示。"
NO_ITEM = "有商品不属于这个兑换点，请刷新商品列表后重新选择。"
NO_QUANTITY = "数量应为 1 到 99 的整数，请修改后再提交。"


class ShopUnknown(NotFound):
    code, title = "shop_unknown", "Unknown shop"


class ItemUnknown(NotFound):
    code, title = "item_unknown", "The shop has no such item"


class ItemTwice(Invalid):
    code, title = "item_twice", "An item is listed twice"


class SoldOut(Conflict):
    code, title = "sold_out", "Sold out"


class SelfRedemption(Conflict):
    code, title = "self_redemption", "Nobody redeems for themself"


class BasketEmpty(Invalid):
    code, title = "basket_empty", "Nothing was chosen"


class QuantityWrong(Invalid):
    code, title = "quantity_wrong", "A quantity is not a whole number from 1 to 99"
