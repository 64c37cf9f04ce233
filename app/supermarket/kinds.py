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


PROPOSED = (MoveKind.WRITE_OFF, MoveKind.COUNT)


def listed(kinds: type[StrEnum]) -> str:
    """The values of a closed list, as a check of the database has them."""
    return ", ".join(f"'{kind}'" for kind in kinds)
