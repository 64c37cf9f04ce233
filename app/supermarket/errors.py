"""Why the counter can say no."""

from app.core.errors import Conflict, Invalid, NotFound
from app.core.scans import CodeUnknown

# Sentences that are said in more than one place.
CODE_SPENT = "这个兑换码已经用过，请居民刷新兑换码后重新出示。"
CODE_OVER = "兑换码已过期（一分钟有效），请居民刷新后重新出示。"
NO_ITEM = "有商品不属于这个兑换点，请刷新商品列表后重新选择。"
NO_SHOP = "没有找到这个兑换点，请从您管理的兑换点进入。"
NO_QUANTITY = "数量应为 1 到 99 的整数，请修改后再提交。"


class ShopUnknown(NotFound):
    code, title = "shop_unknown", "Unknown shop"


class ItemUnknown(NotFound):
    code, title = "item_unknown", "The shop has no such item"


class ItemTwice(Invalid):
    code, title = "item_twice", "An item is listed twice"


class SoldOut(Conflict):
    code, title = "sold_out", "Sold out"


class BatchUnknown(NotFound):
    code, title = "batch_unknown", "Unknown batch"


class DeliveryUnknown(NotFound):
    code, title = "delivery_unknown", "Unknown delivery"


class DonorUnknown(NotFound):
    code, title = "donor_unknown", "Unknown donor"


class ItemPhotoUnknown(NotFound):
    code, title = "item_photo_unknown", "The item has no photo"


class ProposalUnknown(NotFound):
    code, title = "stock_proposal_unknown", "Unknown proposal"


class ProposalDecided(Conflict):
    code, title = "stock_proposal_decided", "Somebody has decided already"


class OwnProposal(Conflict):
    code, title = "own_stock_proposal", "Nobody approves what they proposed"


class WriteOffWrong(Invalid):
    code, title = "write_off_wrong", "A loss is not filled in right"


class CountUnknown(NotFound):
    code, title = "count_unknown", "Unknown count"


class CountWrong(Invalid):
    code, title = "count_wrong", "A count is not filled in right"


class CountMoved(Conflict):
    code, title = "count_moved", "Goods came or went while they were counted"


class CountWaits(Conflict):
    code, title = "count_waits", "An earlier difference is not decided yet"


class NotOnHand(Conflict):
    code, title = "not_on_hand", "Less is there than is to be taken off the books"


class ReturnedTwice(Conflict):
    code, title = "returned_twice", "More comes back than was taken"


class GoodsForbidden(Invalid):
    code, title = "goods_forbidden", "Such goods may not be given for points"


class ItemWrong(Invalid):
    code, title = "item_wrong", "An item cannot be like this"


class ItemTaken(Conflict):
    code, title = "item_taken", "Another item of the shop has this number"


class PriceTooSoon(Invalid):
    code, title = "price_too_soon", "A new price is said a week before"


class PriceTwice(Conflict):
    code, title = "price_twice", "That day has a price already"


class DeliveryInvalid(Invalid):
    code, title = "delivery_invalid", "What came cannot be taken in like this"


class SelfRedemption(Conflict):
    code, title = "self_redemption", "Nobody redeems for themself"


class BasketEmpty(Invalid):
    code, title = "basket_empty", "Nothing was chosen"


class QuantityWrong(Invalid):
    code, title = "quantity_wrong", "A quantity is not a whole number from 1 to 99"


class ProofWrong(Invalid):
    code, title = "proof_wrong", "One thing proves it: a code, or a card"


class CardUnknown(CodeUnknown):
    code, title = "card_unknown", "Nobody has such a card"


class ReasonMissing(Invalid):
    code, title = "till_reason_missing", "Say why there is no phone"


class PriceChanged(Conflict):
    code, title = "price_changed", "Another price than was shown"


class LimitReached(Conflict):
    code, title = "limit_reached", "As much as one manager may do for now"


class PaperTooMuch(Conflict):
    code, title = "paper_too_much", "Too much for a signature on paper"


class Declined(Conflict):
    code, title = "declined", "The member said no"


class QuestionUnknown(NotFound):
    code, title = "question_unknown", "No such question"


class QuestionOver(Conflict):
    code, title = "question_over", "The question was answered, or waited too long"


class HandoverWrong(Invalid):
    code, title = "handover_wrong", "A counter is handed over to another of its managers"


class OfflineOff(Conflict):
    code, title = "offline_off", "The shop sells nothing without a network"


class OfflineWrong(Invalid):
    code, title = "offline_wrong", "So many points cannot be set aside"


class SliceTaken(Conflict):
    code, title = "slice_taken", "Another terminal of the shop has today's slice"


class SliceUnknown(NotFound):
    code, title = "slice_unknown", "The shop has no such slice"


class SliceForged(Invalid):
    code, title = "slice_forged", "What the terminal holds is not what was signed"


class ShareUnknown(NotFound):
    code, title = "share_unknown", "The slice has no such share"


class ShareUsed(Conflict):
    code, title = "share_used", "The card was used for this slice before"


class ShareExceeded(Conflict):
    code, title = "share_exceeded", "More than was set aside"


class NonceReused(Conflict):
    code, title = "nonce_reused", "Another sale was brought under this number"


class OfflineTimeOdd(Conflict):
    code, title = "offline_time_odd", "Sold outside of the slice's day"


class OfflineSaleUnknown(NotFound):
    code, title = "offline_sale_unknown", "No such sale was brought"


class OfflineSaleDecided(Conflict):
    code, title = "offline_sale_decided", "Somebody has seen to it already"


class CloseBySecond(Conflict):
    code, title = "close_by_second", "A second person closes this"


class ShopClosed(Conflict):
    code, title = "shop_closed", "The shop is closed"


class NotRedeemable(Conflict):
    code, title = "not_redeemable", "Points of such people are only counted"


class BalanceTooLow(Conflict):
    code, title = "balance_too_low", "Too few points to begin with"


class OrderTooLarge(Conflict):
    code, title = "order_too_large", "More points than one order may take"


class QuarterUsed(Conflict):
    code, title = "quarter_used", "This quarter's share is used"


class ReservationsOff(Conflict):
    code, title = "reservations_off", "Nothing can be reserved here"


class ReservationsFull(Conflict):
    code, title = "reservations_full", "Enough is reserved already"


class ReservationUnknown(NotFound):
    code, title = "reservation_unknown", "Unknown reservation"


class ReservationOver(Conflict):
    code, title = "reservation_over", "The reservation is over"


class RedemptionUnknown(NotFound):
    code, title = "redemption_unknown", "Unknown redemption"


class ReturnTooLate(Conflict):
    code, title = "return_too_late", "The time for returns is over"


class ReturnBySecond(Conflict):
    code, title = "return_by_second", "A second person takes this back"


class ReturnWrong(Invalid):
    code, title = "return_wrong", "A return cannot be like this"


class DonationWrong(Invalid):
    code, title = "donation_wrong", "So many points cannot be given"


class BookTooLong(Invalid):
    code, title = "book_too_long", "Such a stretch of a book has too many lines"


class MerchantUnknown(NotFound):
    code, title = "merchant_unknown", "Unknown merchant"


class MerchantWrong(Invalid):
    code, title = "merchant_wrong", "A merchant is not filled in right"


class ClerkUnfit(Invalid):
    code, title = "clerk_unfit", "Not an account that may redeem vouchers there"


class VoucherUnknown(NotFound):
    code, title = "voucher_unknown", "Unknown voucher"


class VoucherSpent(Conflict):
    code, title = "voucher_spent", "The voucher was used, returned, or is over"
