"""Closed lists of the love-supermarket: what it gives, how goods come and go, who paid for them."""

from enum import StrEnum


class ItemKind(StrEnum):
    """What is given for points: goods off the shelf, or a service that a merchant renders."""

    GOODS = "goods"
    VOUCHER = "voucher"  # 1元公益: redeemed at the merchant's


class FundSource(StrEnum):
    """Whose money it was: 市级财政, 党费, 社会资金."""

    FISCAL = "fiscal"
    PARTY_DUES = "party_dues"
    SOCIAL = "social"


class DeliveryKind(StrEnum):
    """How goods came to a shop; `opening` is what stood there when its book began."""

    OPENING = "opening"
    DONATION = "donation"
    PURCHASE = "purchase"


class DonorKind(StrEnum):
    """Who gave: somebody, or an organisation."""

    PERSON = "person"
    UNIT = "unit"


class MoveKind(StrEnum):
    """Why a quantity on hand changed. Nothing else changes it."""

    OPENING = "opening"
    DONATION = "donation"
    PURCHASE = "purchase"
    REDEMPTION = "redemption"
    RETURN = "return"
    WRITE_OFF = "write_off"
    COUNT = "count"  # the difference a count has found


class ProposalState(StrEnum):
    """What has become of a move that one person alone may not make."""

    PENDING = "pending"
    APPROVED = "approved"
    REFUSED = "refused"


class Way(StrEnum):
    """How a member shows at the counter that they want it; each is a proof of its own."""

    CODE = "code"  # the one-minute code on a phone
    CARD_PIN = "card_pin"
    PAPER = "paper"  # a card, and a signature on the receipt
    ERRAND = "errand"  # the card and PIN of whom they let fetch
    PICKUP = "pickup"  # the code of what they have reserved
    OFFLINE = "offline"  # a card and a signature, while there was no network


class QuestionState(StrEnum):
    """What a member's own phone said to a sale that is worth asking about."""

    WAITING = "waiting"
    YES = "yes"
    NO = "no"


class ReservationState(StrEnum):
    """What has become of goods that were kept for somebody."""

    OPEN = "open"
    PICKED_UP = "picked_up"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class VoucherState(StrEnum):
    """What has become of a voucher that was paid for."""

    LIVE = "live"
    USED = "used"
    RETURNED = "returned"
    EXPIRED = "expired"


class ShareState(StrEnum):
    """What has become of points that are held for a terminal without a network."""

    OPEN = "open"
    SOLD = "sold"
    RELEASED = "released"


class OfflineState(StrEnum):
    """What has become of a sale that a terminal brought when the network was back."""

    WAITING = "waiting"  # something stood in the way: for a person to see to
    BOOKED = "booked"
    CLOSED = "closed"  # the goods are gone, and no points were taken


class Fate(StrEnum):
    """Where goods go that came back: on the shelf again, or off the books as unusable."""

    SHELF = "shelf"
    WRITTEN_OFF = "written_off"


class DonationGoal(StrEnum):
    """For whom points are given away; which family it is, the community alone knows."""

    POOL = "pool"
    FAMILY = "family"


class Length(StrEnum):
    """How long a stretch of a book is."""

    DAY = "day"
    MONTH = "month"
    QUARTER = "quarter"


PROPOSED = (MoveKind.WRITE_OFF, MoveKind.COUNT)


def listed(kinds: type[StrEnum]) -> str:
    """The values of a closed list, as a check of the database has them."""
    return ", ".join(f"'{kind}'" for kind in kinds)
