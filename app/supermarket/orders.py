"""What is asked of the counter, and what comes of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from app.core.keys import Keyring
from app.identity.roles import Principal
from app.supermarket import labels
from app.supermarket.errors import NO_QUANTITY, QuantityWrong
from app.supermarket.models import Redemption, RedemptionLine

MOST_OF_ONE = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """So many of one item."""

    item_id: UUID
    quantity: int

    def __post_init__(self) -> None:
        if not 1 <= self.quantity <= MOST_OF_ONE:
            raise QuantityWrong(NO_QUANTITY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a manager asks the counter to do: whose code, which goods."""

    me: Principal
    shop_id: UUID
    shown: str
    wishes: tuple[Wish, ...]
    keyring: Keyring
    now: datetime

    @property
    def text(self) -> str:
        """What was shown, without the spaces in which digits are grouped."""
        return "".join(self.shown.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A completed redemption, as printed."""

    redemption: Redemption
    lines: Sequence[RedemptionLine]
    member_name: str

    @property
    def number(self) -> str:
        return labels.number(self.redemption.id)
